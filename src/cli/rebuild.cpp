#include "jobs/rebuild/rebuild.h"
#include "base/machine.h"
#include "cli/commands.h"

namespace outro {

void add_rebuild(CLI::App& app, int& exit_code) {
  auto out = std::make_shared<std::string>();
  auto* command = app.add_subcommand("rebuild", "Make a lost or damaged ledger anew, from the packs alone");
  command->add_option("out", *out, "Output directory of an export")->required()->type_name("DIR");
  command->footer(
      "Names of shards, the roster and the times of runs are in no pack and are lost. No run is\n"
      "resumed: if one was interrupted, the same export command now writes what it had left over, as a\n"
      "delta. SHA256SUMS keeps what it says of all other files.\n"
      "Exit codes: 0 rebuilt; 1 a pack is damaged or missing, or the ledger is rebuilt and other files\n"
      "are not what SHA256SUMS says; 2 refused, nothing was changed.");
  command->callback([out, &exit_code] {
    forbid_core_dumps();
    const auto rebuilt = rebuild_ledger(*out);
    if (!rebuilt) {
      exit_code = report(rebuilt.error());
      return;
    }
    (void)std::fputs(rebuild_text(*out, *rebuilt).c_str(), stdout);
    (void)std::fputs(rebuild_warnings(*rebuilt).c_str(), stderr);
    if (rebuilt->changed.count > 0) exit_code = 1;
  });
}

}  // namespace outro
