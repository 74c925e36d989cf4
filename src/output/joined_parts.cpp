#include "output/joined_parts.h"

#include <algorithm>
#include <map>
#include <optional>
#include <tuple>

#include "base/keyed_hash.h"
#include "output/catalogue_parts.h"

namespace outro {

namespace {

/// An account's current archive in one of the directories.
struct holding {
  hash128 account;  ///< by the key of the process, so that no id can be made to be taken for another
  bool proven;
  std::optional<std::int64_t> exported_at;
  digest128 digest, content;
  std::uint32_t part, index;

  /// The greatest of an account counts. The place comes last: it decides only between the same dumps.
  [[nodiscard]] auto order() const { return std::tie(proven, exported_at, digest, content, part, index); }
};

/// Where the parts of each slice are in the joined list.
using slice_places = std::map<slice_id, std::uint32_t>;

status collect(ledger& books, const slice_places& places, std::pair<std::uint64_t, std::uint64_t> share,
               std::vector<holding>& found) {
  return books.for_each_current([&](const document_row& d) {
    const auto account = process_key().of(d.record.account);
    if (account.high % share.second != share.first) return true;
    if (const auto part = places.find(d.slice); part != places.end())
      found.push_back({account, d.proven, d.record.exported_at, d.record.digest, d.record.content_digest,
                       part->second, static_cast<std::uint32_t>(d.index)});
    return true;
  });
}

void leave_out(part_source& part, std::uint64_t document) {
  if (part.current.empty()) part.current.assign(part.documents, true);
  if (document < part.current.size()) part.current[document] = false;
}

/// Leaves out all archives of an account but one.
void count_once(std::vector<holding>& found, std::vector<part_source>& parts) {
  std::sort(found.begin(), found.end(), [](const holding& a, const holding& b) {
    return a.account != b.account ? a.account < b.account : a.order() < b.order();
  });
  for (std::size_t i = 0; i + 1 < found.size(); ++i)
    if (found[i].account == found[i + 1].account) leave_out(parts[found[i].part], found[i].index);
}

}  // namespace

result<std::vector<part_source>> joined_parts(std::vector<opened_output>& outputs, std::uint64_t memory) {
  std::vector<part_source> parts;
  std::vector<slice_places> places;
  std::uint64_t accounts = 0;
  for (auto& o : outputs) {
    auto more = catalogue_parts(o.path, o.books);
    if (!more) return more.error();
    auto& of_slice = places.emplace_back();
    auto at = static_cast<std::uint32_t>(parts.size());
    for (const auto& s : o.books.slices()) of_slice[s.id] = at++;  // `catalogue_parts` is in their order
    std::move(more->begin(), more->end(), std::back_inserter(parts));
    accounts += o.books.current_accounts();
  }
  if (outputs.size() == 1) return parts;
  const auto shares = accounts / std::max<std::uint64_t>(memory / sizeof(holding), 1) + 1;
  for (std::uint64_t share = 0; share < shares; ++share) {
    std::vector<holding> found;
    found.reserve(accounts / shares + 1);
    for (std::size_t i = 0; i < outputs.size(); ++i)
      if (auto s = collect(outputs[i].books, places[i], {share, shares}, found); !s.ok()) return s;
    count_once(found, parts);
  }
  return parts;
}

}  // namespace outro
