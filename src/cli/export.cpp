#include "cli/commands.h"
#include "cli/config_file.h"
#include "cli/tools.h"
#include "jobs/export/export_job.h"

namespace outro {

namespace {

void add_data(CLI::App& command, export_options& o) {
  command
      .add_option("dumps", o.dumps,
                  "Dumps, one JSON document a line, plain or .zst or .gz: files, directories (walked in "
                  "sorted order), - for standard input")
      ->required()
      ->type_name("DUMP");
  command.add_option("--out", o.out, "Output directory, on a local disk; made where it is missing")
      ->required()
      ->type_name("DIR");
  command
      .add_option("--layout", o.layout,
                  "Where the service keeps things: xiami, or a .toml file (default xiami)")
      ->type_name("NAME|FILE");
  command
      .add_option("--roster", o.roster,
                  "Every account that exists, one id a line: the summary then names the missing ones")
      ->type_name("FILE");
}

void add_settings(CLI::App& command, export_options& o) {
  command
      .add_option("--threads", o.threads, "Worker threads (default: the CPUs that this container may use)")
      ->type_name("N");
  add_size(command, "--memory", o.memory,
           "Memory to use (default: half of what this container may use, at most 4G). The process stays "
           "below this plus 8 times the largest document");
  command
      .add_option("--shards-in-flight", o.shards_in_flight,
                  "Shards read at once (default: by threads and memory, 2 to 16)")
      ->type_name("N");
  command
      .add_option("--level", o.level,
                  "zstd level, 1 to 19 (default 3; 1 to 4 are tuned for archives, 1 to 3 alike; decides "
                  "output bytes)")
      ->type_name("N");
  add_size(command, "--slice", o.slice,
           "Bytes of JSON in a pack, the unit of resuming (1K to 16G, default 256M; decides output bytes)");
  add_size(command, "--max-document", o.max_document,
           "Longer documents become dead letters (default 512M, at most 1G)");
  command
      .add_option("--io", o.io, "auto, uring or threads (default auto: io_uring where the kernel allows it)")
      ->check(CLI::IsMember({"auto", "uring", "threads"}));
  add_catalogue_switch(
      command, [&o](bool with) { o.catalogue = with; },
      "Write OUT/catalogue: every track and recording, without personal data (default; the first run of a "
      "directory decides)");
}

void add_conditions(CLI::App& command, export_options& o) {
  add_time(
      command, "--deadline", o.deadline_ms,
      "When the run has to be finished, as 2021-03-05T00:00:00+08:00: progress, log and status page show "
      "the projected finish and the headroom (time left over time needed), and warn below 1.5. Not for "
      "standard input, whose size is unknown");
  command.add_flag("--abort-if-late", o.abort_if_late,
                   "Stop in order, with exit code 4, once it is sure that the deadline will be missed");
  add_config_file(command);
  command
      .add_option("--shrink-warn", o.shrink_warn,
                  "Warn of a newer dump that lost at least this share of the playlist entries, favourites or "
                  "listens that the account's current one has (default 0.5)")
      ->type_name("SHARE");
  command
      .add_option("--abandon-run", o.abandon_run,
                  "End an unfinished run, whose dumps or options are no longer what they were, as it is, and "
                  "begin a new one. What it wrote stays; `outro verify` then wants --accept-cut-run for it")
      ->type_name("RUN");
  command.add_flag("--ignore-preflight", o.ignore_preflight,
                   "Go on although disk, inodes, open files or memory look too small");
  command.add_flag("--existing", o.existing,
                   "Refuse to begin a new directory: for one that is on a disk of its own, which may not be "
                   "mounted");
  command.add_flag("--ignore-clock", o.ignore_clock,
                   "Go on although the clock is behind the dumps: those that are more than a day ahead of it "
                   "become dead letters");
}

void add_reports(CLI::App& command, export_options& o) {
  command
      .add_option("--status", o.status_address,
                  "Serve a status page, /status.json, /metrics (Prometheus) and /healthz on this address, "
                  "which must be this machine's own: 127.0.0.1:PORT, or :0 for any free port")
      ->type_name("ADDRESS");
  command.add_flag("--json", o.json,
                   "Log (standard error) and summary (standard output) as JSON, one object a line");
  command
      .add_option_function<std::string>(
          "--log", [&o](const std::string& format) { o.log_json = format == "json"; },
          "text or json: one object a line on standard error, each with a message id that README.md "
          "explains (default text)")
      ->check(CLI::IsMember({"text", "json"}))
      ->type_name("FORMAT");
  command.add_flag("--profile", o.profile, "Say at the end where the CPU time went, by stage");
  command.add_flag("--quiet", o.quiet, "No progress, only warnings, errors and the summary");
}

int run(export_options& o) {
  o.program = "/proc/self/exe";
  o.command = command_line();
  const auto outcome = run_export(o);
  // A log in JSON has the failure already.
  const bool is_reported = outcome.failure.ok() || o.json || o.log_json;
  return is_reported ? outcome.exit_code : report(outcome.failure);
}

}  // namespace

void add_export(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<export_options>();
  auto* command = app.add_subcommand(
      "export", "Write one archive per account; also resumes a run, and adds a delta to a finished one");
  add_data(*command, *options);
  add_settings(*command, *options);
  add_conditions(*command, *options);
  add_reports(*command, *options);
  command->add_option("--test-crash-on", options->crash_on)->group("");  // see export_options
  command->footer(
      R"(The same command resumes an interrupted run; over a finished one, with newer dumps, it writes only what
changed. Sizes are binary: 1K is 1024 bytes.
Exit codes: 0 all archived; 1 failed, run it again; 2 refused, nothing was changed; 3 finished with dead
letters, damaged shards or missing accounts; 4 stopped by --abort-if-late; 130, 143 stopped by a signal, run it
again.)");
  command->callback([options, &exit_code] { exit_code = run(*options); });
}

}  // namespace outro
