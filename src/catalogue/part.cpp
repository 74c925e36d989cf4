#include "catalogue/part.h"

#include <algorithm>
#include <bit>
#include <tuple>

#include "account/value_text.h"
#include "base/bytes.h"
#include "catalogue/varint.h"

namespace outro {

void catalogue_notes::append(catalogue_notes&& other) {
  if (documents == 0 && bytes() == 0) return std::swap(*this, other);
  const auto text_begin = static_cast<std::uint32_t>(text.size());
  for (auto& d : other.described) {
    d.text_begin += text_begin;
    described.push_back(d);
  }
  documents += other.documents;
  uses += other.uses;
  lists.append(other.lists);
  text.append(other.text);
  other.release();
}

catalogue_noter::catalogue_noter(const layout& rules) : rules_(rules), key_(process_key()) {}

/// An account has one voice for an id, whatever rules say of rows that share one.
void catalogue_noter::find_firsts(const recording_finder& found) {
  const auto& tracks = found.tracks;
  const auto size = std::bit_ceil(std::max<std::size_t>(2 * tracks.size(), 64));
  slots_.assign(size, 0);
  first_.assign(tracks.size(), 0);
  for (std::size_t row = 0; row < tracks.size(); ++row) {
    const auto id = tracks[row].facts.id;
    if (id == 0) continue;
    auto at = key_.place_of(id) & (size - 1);
    while (slots_[at] != 0 && slots_[at] != id) at = (at + 1) & (size - 1);
    first_[row] = slots_[at] == 0 ? 1 : 0;
    slots_[at] = id;
  }
}

void catalogue_noter::skip(catalogue_notes& notes) {
  ++notes.documents;
  put_varint(notes.lists, 0);
}

void catalogue_noter::note(const account_view& view, const recording_finder& found, catalogue_notes& notes) {
  const auto n = view.rows.size();
  entries_.assign(n, 0);
  listens_.assign(n, 0);
  const auto tally = [&](std::uint32_t table, std::vector<std::uint32_t>& counts) {
    if (table == no_index) return;
    const auto& rows = view.tables[table];
    for (std::size_t i = 0; i < rows.cells.size(); i += rows.width)
      if (rows.cells[i] != 0) ++counts[rows.cells[i] - 1];
  };
  tally(entry_table, entries_);
  tally(rules_.listen_table, listens_);

  std::uint64_t tracks = 0;
  for (const auto& t : found.tracks) tracks += t.facts.id != 0 ? 1 : 0;
  ++notes.documents;
  notes.uses += tracks;
  put_varint(notes.lists, tracks);
  if (tracks == 0) return;
  describe(view, found, notes);
  find_firsts(found);
  put_varint(notes.lists, view.exported_at ? 2 + static_cast<std::uint64_t>(*view.exported_at) : 1);
  // Written in place, because this happens for every row of every account.
  constexpr std::size_t most_bytes = sizeof(hash128) + 2 * 5;
  const auto begin = notes.lists.size();
  notes.lists.resize(begin + tracks * most_bytes);
  char* to = notes.lists.data() + begin;
  for (std::uint32_t row = 0; row < n; ++row) {
    const auto& t = found.tracks[row];
    if (t.facts.id == 0) continue;
    std::memcpy(to, &t.content, sizeof t.content);
    to += sizeof t.content;
    // An account counts once for an id, even if it has several objects with it.
    to = put_varint(to, static_cast<std::uint64_t>(entries_[row]) << 1 | first_[row]);
    to = put_varint(to, listens_[row]);
  }
  notes.lists.resize(static_cast<std::size_t>(to - notes.lists.data()));
}

void catalogue_noter::describe(const account_view& view, const recording_finder& found,
                               catalogue_notes& notes) {
  std::uint64_t lone = 0;
  // Growing by doubling would take twice as much of one huge account.
  constexpr std::size_t many = 1U << 14;
  if (found.news.size() > many) notes.described.reserve(notes.described.size() + found.news.size());
  for (const auto& news : found.news) {
    const auto& t = found.tracks[news.row];
    auto head = head_of(t.facts);
    head.content = t.content;
    head.text_begin = static_cast<std::uint32_t>(notes.text.size());
    head.fields_length = static_cast<std::uint32_t>(news.length);
    if (!head.has_number()) {
      const auto id = role_text(view, rules_, news.row, role::id, scratch_, lone);
      head.id_length = static_cast<std::uint32_t>(id.size());
      notes.text.append(id);
    }
    notes.text.append(found.fields, news.begin, news.length);
    head.check = check_of(head.content, std::string_view(notes.text).substr(head.text_begin));
    notes.described.push_back(head);
  }
}

namespace {

/// Indexes of the descriptions in the catalogue's order: ids that are numbers by value, then all others by
/// bytes.
std::vector<std::uint32_t> in_order(const catalogue_notes& notes) {
  struct place {
    std::uint64_t id;
    std::uint32_t index;
  };
  std::vector<place> places;
  places.reserve(notes.described.size());
  for (const auto& d : notes.described) places.push_back({d.id, static_cast<std::uint32_t>(places.size())});
  std::sort(places.begin(), places.end(), [&](const place& a, const place& b) {
    if (a.id != b.id) return a.id < b.id;
    const auto &x = notes.described[a.index], &y = notes.described[b.index];
    const auto id_of = [&](const description_head& d) {
      return std::string_view(notes.text).substr(d.text_begin, d.id_length);
    };
    if (!x.has_number())
      if (const auto c = id_of(x).compare(id_of(y)); c != 0) return c < 0;
    return std::tie(x.content, a.index) < std::tie(y.content, b.index);
  });
  std::vector<std::uint32_t> order;
  order.reserve(places.size());
  for (const auto& p : places) order.push_back(p.index);
  return order;
}

}  // namespace

void catalogue_notes::release() {
  documents = uses = 0;
  give_back(lists);
  give_back(described);
  give_back(text);
}

std::string encode_catalogue_run(catalogue_notes& notes, slice_id slice, std::string_view layout_source) {
  std::string out;
  out.reserve(catalogue_run_head::bytes + layout_source.size() + notes.lists.size() + notes.text.size() +
              notes.described.size() * sizeof(description_head) + 2 * sizeof(hash128));
  out.append("OTCP");
  put(out, catalogue_part_version);
  put(out, slice.run);
  put(out, slice.unit);
  put(out, slice.number);
  put(out, notes.documents);
  put(out, notes.uses);
  put(out, static_cast<std::uint64_t>(notes.described.size()));
  put(out, static_cast<std::uint64_t>(layout_source.size()));
  put(out, static_cast<std::uint64_t>(notes.lists.size()));
  put(out, static_cast<std::uint64_t>(notes.text.size()));
  out.append(layout_source);
  out.append(notes.lists);
  out.append(digest_of(out).view());
  const auto heads_at = out.size();
  const auto order = in_order(notes);
  std::uint32_t text_begin = 0;
  for (const auto i : order) {
    auto head = notes.described[i];
    head.text_begin = text_begin;
    text_begin += static_cast<std::uint32_t>(head.text_length());
    put(out, head);
  }
  out.append(digest_of(std::string_view(out).substr(heads_at)).view());
  for (const auto i : order) {
    const auto& d = notes.described[i];
    out.append(notes.text, d.text_begin, d.text_length());
  }
  // The notes of one huge account are not kept for the next run.
  if (notes.bytes() > 2 * catalogue_run_bytes) notes.release();
  notes.documents = notes.uses = 0;
  notes.lists.clear();
  notes.described.clear();
  notes.text.clear();
  return out;
}

}  // namespace outro
