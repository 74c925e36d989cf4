#include <fmt/format.h>

#include "base/machine.h"
#include "base/output_names.h"
#include "cli/commands.h"
#include "jobs/rebuild/rebuild.h"

namespace outro {

void add_rebuild(CLI::App& app, int& exit_code) {
  auto out = std::make_shared<std::string>();
  auto* command = app.add_subcommand("rebuild", "Make a lost or damaged ledger again, from the packs alone");
  command->add_option("out", *out, "Output directory of an export")->required()->type_name("DIR");
  command->footer(fmt::format(
      R"(Names of shards, the roster and the times of runs are in no pack and are lost. No run is resumed: if
one was interrupted, the same export command now writes what was missing, as a delta. {0} keeps
its lines for all other files.
Exit codes: 0 rebuilt; 1 a pack is damaged or missing, or the ledger is rebuilt and other files are not
what {0} says; 2 refused, nothing was changed.)",
      checksums_name));
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
