#include "jobs/verify/verify.h"
#include "base/standard_streams.h"
#include "cli/commands.h"
#include "cli/tools.h"

namespace outro {

void add_verify(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<verify_options>();
  auto* command = app.add_subcommand(
      "verify", "Re-read everything that an export left, and say whether the source may be erased");
  command->add_option("out", options->out, "Output directory of an export")->required()->type_name("DIR");
  command
      ->add_option("--against", options->against,
                   "Dumps to compare with, byte for byte: files, directories, - for standard input")
      ->type_name("DUMP");
  command->add_option("--layout", options->layout, "To read the dumps: what the export used (default xiami)")
      ->type_name("NAME|FILE");
  command
      ->add_option("--threads", options->threads, "Threads (default: the CPUs that this container may use)")
      ->type_name("N");
  add_size(*command, "--memory", options->memory,
           "Memory to use (default: half of what this container may use, at most 4G)");
  command->add_flag("--accept-dead-letters", options->accept_dead_letters,
                    "Dead letters are no reason to keep the source");
  command
      ->add_option_function<std::vector<std::string>>(
          "--accept-damaged-shard",
          [options](const std::vector<std::string>& names) {
            for (const auto& name : names) {
              const auto id = parse_shard_id(name);
              if (!id) throw CLI::ValidationError("--accept-damaged-shard", id.error().message);
              options->accepted_shards.push_back(*id);
            }
          },
          "This damaged shard is no reason either: what it held is elsewhere. Once for each shard, as the "
          "report "
          "names it; it says what nobody can know")
      ->type_name("RUN/UNIT/SHARD")
      ->allow_extra_args(false);
  command
      ->add_option("--accept-cut-run", options->accepted_cut_runs,
                   "Nor is this run, which lost packs before its ledger was rebuilt: all of its dumps were "
                   "exported again")
      ->type_name("RUN")
      ->allow_extra_args(false);
  command->add_flag("--json", options->json,
                    "Progress (standard error) and report (standard output) as JSON, one object a line");
  command->add_flag("--quiet", options->quiet, "No progress, only the report");
  command->footer(R"(Changes nothing. The last line is SAFE TO ERASE SOURCE: yes or no, with the reasons.
Exit codes: 0 yes; 1 no, the directory is damaged; 2 refused; 3 no, although the directory is intact.)");
  command->callback([options, &exit_code] {
    forbid_core_dumps();
    outlive_readers();
    const auto verified = run_verify(*options);
    if (!verified) {
      exit_code = report(verified.error());
      return;
    }
    const auto written = write_result(options->json ? verify_json(*verified) + "\n" : verify_text(*verified));
    exit_code = written.ok() ? verified->exit_code : report(written);
  });
}

}  // namespace outro
