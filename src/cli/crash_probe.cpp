#include <unistd.h>

#include <csignal>

#include "base/machine.h"
#include "cli/commands.h"
#include "jobs/export/crash_probe.h"
#include "layout/load.h"

namespace outro {

namespace {

struct crash_probe_options {
  std::string layout, crash_on;
  std::int64_t latest_ms = 0;
  int level = 3;
};

status crash_probe(const crash_probe_options& options) {
  forbid_core_dumps();
  // What stops the job closes the socket; what a terminal sends to both must not look like a crash.
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) (void)std::signal(number, SIG_IGN);
  auto rules = load_layout(options.layout);
  if (!rules) return rules.error();
  worker w(*rules,
           {.limits = {.latest_ms = options.latest_ms},
            .level = options.level,
            .recipe_id = "crash probe",
            .catalogue = true,
            .crash_on = options.crash_on},
           std::make_shared<track_memory>(track_memory_sizes{}));
  return serve_crash_probe(STDIN_FILENO, w);
}

}  // namespace

void add_crash_probe(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<crash_probe_options>();
  auto* command =
      app.add_subcommand("crash-probe", "Archive what comes on a socket, to see whether it crashes");
  command->group("");
  command->add_option("--layout", options->layout)->required();
  command->add_option("--latest", options->latest_ms)->required();
  command->add_option("--level", options->level)->required();
  command->add_option("--crash-on", options->crash_on);
  command->callback([options, &exit_code] { exit_code = report(crash_probe(*options)); });
}

}  // namespace outro
