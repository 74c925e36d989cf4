#include "job/rebuild.h"
#include "base/machine.h"
#include "cli/commands.h"

namespace outro {

static void warn_of(const changed_files& changed) {
  for (const auto& file : changed.kept) std::fprintf(stderr, "outro: warning: %s\n", file.c_str());
  if (changed.count > changed.kept.size())
    std::fprintf(stderr, "and %s more\n", format_count(changed.count - changed.kept.size()).c_str());
  if (changed.count > 0)
    std::fputs("outro: the ledger is rebuilt, but these files are damaged; `outro verify` says what to do\n",
               stderr);
}

void add_rebuild(CLI::App& app, int& exit_code) {
  auto out = std::make_shared<std::string>();
  auto* command = app.add_subcommand("rebuild", "Make a lost or damaged ledger anew, from the packs alone");
  command->add_option("out", *out, "Output directory of an export")->required()->type_name("DIR");
  command->footer(
      "Names of shards, the roster and the times of runs are in no pack and are lost. No run is resumed: if "
      "one\n"
      "was interrupted, the same export command now writes what it had left over, as a delta. SHA256SUMS "
      "keeps\n"
      "what it says of all other files.\n"
      "Exit codes: 0 rebuilt; 1 a pack is damaged or missing, or the ledger is rebuilt and other files are "
      "not\n"
      "what SHA256SUMS says; 2 refused, nothing was changed.");
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
    std::puts(
        "Not in the packs, and lost with the old ledger: the roster, the names of shards, and when runs "
        "began.\nGive --roster again with the next export.");
    for (const auto run : rebuilt->cut_runs)
      std::printf(
          "The packs do not show that run %u was finished: run its export command again, which writes what "
          "is "
          "missing.\n",
          run);
    warn_of(rebuilt->changed);
    if (rebuilt->changed.count > 0) exit_code = 1;
  });
}

}  // namespace outro
