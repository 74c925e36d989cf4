// What rebuild says, apart from how it came to it.
#include "base/plural.h"
#include "jobs/rebuild/rebuild.h"

namespace outro {

std::string rebuild_text(const std::filesystem::path& out, const rebuild_report& r) {
  std::string text = (out / "ledger.sqlite").string() + " is rebuilt: " + plural(r.runs, "run") + ", " +
                     plural(r.slices, "slice") + ", " + plural(r.documents, "document") + ", " +
                     plural(r.accounts, "account") +
                     "\nNot in the packs, and lost with the old ledger: the roster, the names of shards, and "
                     "when runs began.\nGive --roster again with the next export.\n";
  for (const auto run : r.cut_runs)
    text += "The packs do not show that run " + std::to_string(run) +
            " was finished: run its export command again, which writes what is missing.\n";
  return text;
}

std::string rebuild_warnings(const rebuild_report& r) {
  const auto& changed = r.changed;
  if (changed.count == 0) return {};
  std::string text;
  for (const auto& file : changed.kept) text += "outro: warning: " + file + "\n";
  if (changed.count > changed.kept.size())
    text += "and " + format_count(changed.count - changed.kept.size()) + " more\n";
  return text + "outro: the ledger is rebuilt, but " +
         (changed.count == 1 ? "this file is" : "these files are") +
         " damaged; `outro verify` says what to do\n";
}

}  // namespace outro
