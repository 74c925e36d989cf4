#include "job/catalogue.h"

#include <map>
#include <tuple>

#include "job/slice_writer.h"

namespace outro {

result<std::vector<part_source>> catalogue_parts(const std::filesystem::path& out, ledger& books) {
  std::vector<part_source> parts;
  std::map<std::tuple<std::uint32_t, std::uint32_t, std::uint32_t>, std::size_t> at;
  const auto slices = books.slices();
  const auto all = books.books_of(0);
  const bool superseded =
      all.by_outcome[static_cast<std::size_t>(outcome::written)] != books.current_accounts();
  for (const auto& s : slices) {
    at[{s.run, s.unit, s.slice}] = parts.size();
    parts.push_back({catalogue_part_path(out, s.run, s.unit, s.slice), {}});
    if (superseded) parts.back().current.resize(s.documents);
  }
  if (!superseded) return parts;
  auto s = books.for_each_current([&](const document_row& d) {
    const auto part = at.find({d.run, d.unit, d.slice});
    if (part != at.end() && d.index < parts[part->second].current.size())
      parts[part->second].current[d.index] = true;
    return true;
  });
  if (!s.ok()) return s;
  return parts;
}

}  // namespace outro
