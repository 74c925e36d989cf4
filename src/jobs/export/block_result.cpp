#include "jobs/export/block_result.h"

#include <algorithm>

namespace outro {

document_counts counts_of(const layout& rules, const account_view& view) {
  const auto count = [](std::size_t n) { return static_cast<std::uint32_t>(n); };
  document_counts c;
  c.entries = count(view.tables[entry_table].count());
  for (std::size_t t = entry_table + 1; t < view.tables.size(); ++t) {
    const auto& columns = rules.tables[t].columns;
    const bool of_tracks = std::any_of(columns.begin(), columns.end(), [](const column& col) {
      return col.from == column::source::track_role;
    });
    if (t == rules.listen_table)
      c.listens = count(view.tables[t].count());
    else if (of_tracks)
      c.favourites += count(view.tables[t].count());
  }
  return c;
}

std::uint64_t record_bytes(const block_result& b) {
  std::uint64_t bytes = 0;
  for (const auto& d : b.documents) bytes += 2 * (sizeof d + d.account.size()) + 128;
  return bytes;
}

std::uint64_t result_bytes(const block_result& b) {
  return record_bytes(b) + b.archives.size() + b.letters.size() + b.frames.size() * 2 * sizeof(seek_entry) +
         3 * b.catalogue.bytes();
}

std::uint64_t counted_bytes(const block_result& r) {
  const auto& c = r.catalogue;
  return r.documents.capacity() * sizeof(document_record) + r.frames.capacity() * sizeof(seek_entry) +
         c.described.capacity() * sizeof(description_head) + c.lists.capacity() + c.text.capacity();
}

result_mark::result_mark(const block_result& r)
    : documents_(r.documents.size()),
      frames_(r.frames.size()),
      archives_(r.archives.size()),
      letters_(r.letters.size()),
      totals_(r.totals),
      known_(r.known),
      older_(r.older),
      noted_(r.catalogue.documents),
      uses_(r.catalogue.uses),
      described_(r.catalogue.described.size()),
      lists_(r.catalogue.lists.size()),
      text_(r.catalogue.text.size()) {}

void result_mark::take_back(block_result& r) const {
  r.documents.resize(documents_);
  r.frames.resize(frames_);
  r.archives.resize(archives_);
  r.letters.resize(letters_);
  r.totals = totals_;
  r.known = known_;
  r.older = older_;
  r.catalogue.documents = noted_;
  r.catalogue.uses = uses_;
  r.catalogue.described.resize(described_);
  r.catalogue.lists.resize(lists_);
  r.catalogue.text.resize(text_);
}

}  // namespace outro
