#include "jobs/forecast/tune.h"

#include <fmt/format.h>

#include "base/new_file.h"
#include "base/standard_streams.h"
#include "base/units.h"
#include "base/utf8.h"
#include "cli/commands.h"
#include "cli/tools.h"
#include "cli/tune_report.h"
#include "report/progress.h"

namespace outro {

namespace {

struct tune_command {
  tune_options options;
  std::filesystem::path write;
  bool json = false, quiet = false;
};

/// The line of progress on standard error: rewritten on a terminal, one for each step elsewhere.
class tune_line {
 public:
  explicit tune_line(bool quiet) : quiet_(quiet) {}
  ~tune_line() { line_.clear(); }
  tune_line(const tune_line&) = delete;
  tune_line& operator=(const tune_line&) = delete;

  void show(const tune_progress& p) {
    const bool terminal = line_.is_possible();
    if (quiet_ || (!terminal && p.step == last_)) return;
    if (!terminal && p.step.starts_with("pair") && last_.starts_with("pair")) return;
    last_ = p.step;
    const auto run = p.planned > 0 ? fmt::format(", run {} of {}", p.done + 1, p.planned) : std::string();
    const auto text = fmt::format("tune: {}{} · {} of about {}", p.step, run, format_duration(p.seconds),
                                  format_duration(p.limit));
    if (terminal)
      line_.show(text);
    else
      fmt::print(stderr, "{}\n", text);
  }

 private:
  bool quiet_;
  terminal_line line_;
  std::string last_;
};

status run(tune_command command) {
  forbid_core_dumps();
  outlive_readers();
  auto& options = command.options;
  options.program = "/proc/self/exe";
  if (options.work.empty()) options.work = temporary_folder();
  result<tune_outcome> found = tune_outcome{};
  {
    tune_line line(command.quiet);
    found = run_tune(options, [&](const tune_progress& p) { line.show(p); });
  }
  if (!found) return found.error();
  auto text = command.json ? json_of(*found) : text_of(*found, options.output_growth);
  if (!command.write.empty()) {
    if (auto written = write_new_file(command.write, config_of(*found, options.output_growth), true);
        !written.ok())
      return written;
    if (!command.json)
      text += fmt::format("Written: {}, for outro export --config\n", shown(command.write.native()));
  }
  return write_result(text);
}

void add_grid(CLI::App& command, tune_options& o) {
  const auto list = [&](const char* name, auto& values, const char* help) {
    return command.add_option(name, values, help)->delimiter(',')->type_name("LIST");
  };
  list("--threads", o.threads,
       "Worker threads to try, such as 4,8,16 (default: half the CPUs, all, one more)")
      ->check(CLI::Range(1, 1024));
  list("--level", o.levels, "zstd levels to try (default 3,4,6)")->check(CLI::Range(1, 19));
  list("--shards-in-flight", o.shards_in_flight,
       "Shards read at once to try (default: half of export's, it, twice it)")
      ->check(CLI::Range(1, 256));
  list("--io", o.engines, "Engines to try (default: those the kernel allows)")
      ->check(CLI::IsMember({"uring", "threads"}));
}

void add_measuring(CLI::App& command, tune_options& o) {
  command.add_option("--layout", o.layout, "As for export (default xiami)")->type_name("NAME|FILE");
  add_size(command, "--memory", o.memory, "Memory of each trial run, as for export");
  add_size(command, "--sample", o.sample, "Decoded bytes to sample (default: 64M for each CPU)");
  command.add_option("--time", o.seconds, "Seconds to measure for, about (default 60)")
      ->type_name("SECONDS")
      ->check(CLI::Range(0.0, 86400.0));
  command
      .add_option("--output-growth", o.output_growth,
                  "How much larger than the default's an output may be, as a share (default 0.02)")
      ->type_name("SHARE")
      ->check(CLI::Range(0.0, 10.0));
}

}  // namespace

void add_tune(CLI::App& app, int& exit_code) {
  auto given = std::make_shared<tune_command>();
  auto* command = app.add_subcommand(
      "tune",
      "Measure threads, levels, shards in flight and io engines on a sample of your dumps, and recommend");
  command->add_option("dumps", given->options.dumps, "Dumps, as for export: files and directories")
      ->required()
      ->type_name("DUMP");
  command->add_option("--work", given->options.work, work_help)
      ->type_name("DIR")
      ->check(CLI::ExistingDirectory);
  add_grid(*command, given->options);
  add_measuring(*command, given->options);
  command->add_option("--write", given->write, "Write what was found for `outro export --config`")
      ->type_name("FILE");
  command->add_flag("--json", given->json, "One JSON object");
  command->add_flag("--quiet", given->quiet, "No progress");
  command->footer(
      R"(Every setting is measured by real exports of the sample, interleaved; after each round the slower
half drops out. The last one left is then measured against the default in fresh pairs, which alone
decide: it is recommended only where the whole 95 % interval of its gain is above 1 %. On a busy
machine, or with too little --time, there may be no recommendation; the file that --write makes then
changes nothing.
The sample is personal data: it lies in a folder of mode 0700 and is removed at the end, also where a
signal stops the command.
Exit codes: 0 measured; 1 failed; 2 refused; 130, 143 stopped by a signal.)");
  command->callback([given, &exit_code] { exit_code = report(run(*given)); });
}

}  // namespace outro
