#include <fmt/format.h>

#include "base/machine.h"
#include "base/output_names.h"
#include "base/standard_streams.h"
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
    outlive_readers();
    const auto rebuilt = rebuild_ledger(*out);
    if (!rebuilt) {
      exit_code = report(rebuilt.error());
      return;
    }
    const auto written = write_result(rebuild_text(*out, *rebuilt));
    (void)std::fputs(rebuild_warnings(*rebuilt).c_str(), stderr);
    exit_code = rebuilt->changed.count > 0 ? 1 : report(written);
  });
}

}  // namespace outro
