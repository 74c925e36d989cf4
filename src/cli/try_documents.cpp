#include <unistd.h>

#include <csignal>

#include "layout/load.h"
#include "base/machine.h"
#include "cli/commands.h"
#include "jobs/export/crash_probe.h"

namespace outro {

namespace {

struct trial_options {
  std::string layout, crash_on;
  std::int64_t latest_ms = 0;
  int level = 3;
};

status try_documents(const trial_options& options) {
  forbid_core_dumps();
  // What stops the job closes the socket; what a terminal sends to both must not look like a crash.
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) (void)std::signal(number, SIG_IGN);
  auto rules = load_layout(options.layout);
  if (!rules) return rules.error();
  worker w(*rules, {.latest_ms = options.latest_ms}, options.level, "trial",
           std::make_shared<track_memory>(track_memory_sizes{}), true, options.crash_on);
  return serve_trials(STDIN_FILENO, w);
}

}  // namespace

void add_try_documents(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<trial_options>();
  auto* command =
      app.add_subcommand("try-documents", "Archive what comes on a socket, to see whether it crashes");
  command->group("");
  command->add_option("--layout", options->layout)->required();
  command->add_option("--latest", options->latest_ms)->required();
  command->add_option("--level", options->level)->required();
  command->add_option("--crash-on", options->crash_on);
  command->callback([options, &exit_code] { exit_code = report(try_documents(*options)); });
}

}  // namespace outro
