#include "job/rebuild.h"
#include "base/machine.h"
#include "cli/commands.h"

namespace outro {

void add_rebuild(CLI::App& app, int& exit_code) {
  auto out = std::make_shared<std::string>();
  auto* command = app.add_subcommand("rebuild", "Make a lost or damaged ledger anew, from the packs alone");
  command->add_option("out", *out, "Output directory of an export")->required()->type_name("DIR");
  command->footer(
      "Names of shards, the roster and the times of runs are in no pack and are lost. Every run counts as\n"
      "finished: if one was interrupted, the same export command now writes what it had left over, as a "
      "delta.\n"
      "Exit codes: 0 rebuilt; 1 a pack is damaged or missing; 2 refused.");
  command->callback([out, &exit_code] {
    forbid_core_dumps();
    const auto rebuilt = rebuild_ledger(*out);
    if (!rebuilt) {
      exit_code = report(rebuilt.error());
      return;
    }
    std::printf("%s/ledger.sqlite is rebuilt: %s runs, %s slices, %s documents, %s accounts\n", out->c_str(),
                format_count(rebuilt->runs).c_str(), format_count(rebuilt->slices).c_str(),
                format_count(rebuilt->documents).c_str(), format_count(rebuilt->accounts).c_str());
  });
}

}  // namespace outro
