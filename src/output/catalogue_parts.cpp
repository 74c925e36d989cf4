#include "output/catalogue_parts.h"

#include <fmt/format.h>

#include <map>

#include "base/file.h"
#include "base/output_names.h"
#include "base/private_folder.h"
#include "base/utf8.h"
#include "pack/slice_id.h"

namespace outro {

result<std::vector<part_source>> catalogue_parts(const std::filesystem::path& out, ledger& books) {
  std::vector<part_source> parts;
  std::map<slice_id, std::size_t> at;
  const auto slices = books.slices();
  const auto all = books.books_of(0);
  const bool superseded =
      all.by_outcome[static_cast<std::size_t>(outcome::written)] != books.current_accounts();
  for (const auto& s : slices) {
    at[s.id] = parts.size();
    parts.push_back({part_path(out, s.id), s.documents, {}});
    if (superseded) parts.back().current.resize(s.documents);
  }
  if (!superseded) return parts;
  auto s = books.for_each_current([&](const document_row& d) {
    const auto part = at.find(d.slice);
    if (part != at.end() && d.index < parts[part->second].current.size())
      parts[part->second].current[d.index] = true;
    return true;
  });
  if (!s.ok()) return s;
  return parts;
}

result<bool> keeps_catalogue(const std::filesystem::path& out) {
  return is_folder(out / parts_folder);
}

status check_catalogue(const std::filesystem::path& out, std::optional<bool> asked) {
  const auto kept = keeps_catalogue(out);
  if (!kept) return fail(failure::refused, kept.error().message);
  const auto begun = is_there(out / ledger_name);
  if (!begun) return fail(failure::refused, begun.error().message);
  const bool keeps = *kept;
  if (!*begun || keeps == asked.value_or(keeps)) return {};
  return fail(
      failure::refused,
      keeps ? fmt::format("{} was begun with a catalogue, which needs this run too; leave "
                          "--no-catalogue out, or export to a new directory",
                          shown(out.native()))
            : fmt::format("{} was begun with --no-catalogue, so it has no parts of earlier slices; leave "
                          "--catalogue out, or export to a new directory",
                          shown(out.native())));
}

result<bool> decide_catalogue(const std::filesystem::path& out, bool fresh, std::optional<bool> asked) {
  const auto parts = out / parts_folder;
  const auto keeps = keeps_catalogue(out);
  if (!keeps || *keeps || !fresh || !asked.value_or(true)) return keeps;
  for (const auto& folder : {out / catalogue_folder, parts})
    if (auto s = make_private_directory(folder); !s.ok()) return s;
  for (const auto& folder : {out / catalogue_folder, out})
    if (auto s = sync_directory(folder); !s.ok()) return s;
  return true;
}

}  // namespace outro
