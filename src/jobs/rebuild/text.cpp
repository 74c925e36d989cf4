// What rebuild says on standard output and standard error.
#include <fmt/format.h>

#include "base/output_names.h"
#include "base/plural.h"
#include "base/utf8.h"
#include "jobs/rebuild/rebuild.h"

namespace outro {

std::string rebuild_text(const std::filesystem::path& out, const rebuild_report& r) {
  auto text =
      fmt::format(R"({} is rebuilt: {}, {}, {}, {}
Not in the packs, and lost with the old ledger: the roster, the names of shards, and when runs began.
Give --roster again with the next export.
)",
                  shown((out / ledger_name).native()), plural(r.runs, "run"), plural(r.slices, "slice"),
                  plural(r.documents, "document"), plural(r.accounts, "account"));
  for (const auto run : r.cut_runs)
    text += fmt::format(
        "The packs do not show that run {} was finished: run its export command again, which writes what is "
        "missing.\n",
        run);
  return text;
}

std::string rebuild_warnings(const rebuild_report& r) {
  const auto& changed = r.changed;
  if (changed.count == 0) return {};
  std::string text;
  for (const auto& file : changed.kept) text += fmt::format("outro: warning: {}\n", file);
  if (changed.count > changed.kept.size())
    text += fmt::format("and {} more\n", format_count(changed.count - changed.kept.size()));
  return text + fmt::format("outro: the ledger is rebuilt, but {} damaged; `outro verify` says what to do\n",
                            changed.count == 1 ? "this file is" : "these files are");
}

}  // namespace outro
