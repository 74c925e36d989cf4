#include "tracks/catalogue_part.h"

#include <algorithm>
#include <tuple>

#include "account/value_text.h"
#include "base/bytes.h"
#include "tracks/varint.h"

namespace outro {

void catalogue_notes::append(catalogue_notes&& other) {
  const auto documents = static_cast<std::uint32_t>(written.size());
  const auto text_at = text.size();
  for (auto& u : other.uses) {
    u.document += documents;
    u.text_begin += static_cast<std::uint32_t>(text_at);
    uses.push_back(u);
  }
  for (auto& d : other.described) {
    d.id_begin += static_cast<std::uint32_t>(text_at);
    d.fields_begin += text_at;
    described.push_back(d);
  }
  text.append(other.text);
  exported_at.insert(exported_at.end(), other.exported_at.begin(), other.exported_at.end());
  written.insert(written.end(), other.written.begin(), other.written.end());
  other = {};
}

void catalogue_noter::skip(catalogue_notes& notes) {
  notes.written.push_back(false);
  notes.exported_at.push_back(0);
}

void catalogue_noter::note(const account_view& view, const recording_finder& found, catalogue_notes& notes) {
  const auto n = view.rows.size();
  const auto document = static_cast<std::uint32_t>(notes.written.size());
  notes.written.push_back(true);
  notes.exported_at.push_back(view.exported_at ? 2 + static_cast<std::uint64_t>(*view.exported_at) : 1);
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

  // One account counts once for an id, whatever objects it has under it: rows of one id side by side.
  rows_.clear();
  for (std::uint32_t row = 0; row < n; ++row)
    if (found.tracks[row].facts.id != 0) rows_.emplace_back(found.tracks[row].facts.id, row);
  std::sort(rows_.begin(), rows_.end());
  std::uint64_t lone = 0;
  const auto put_id = [&](std::uint32_t row) {
    const auto id = role_text(view, rules_, row, role::id, scratch_, lone);
    const auto begin = notes.text.size();
    notes.text.append(id);
    return std::pair(static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(id.size()));
  };
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    const auto row = rows_[i].second;
    const auto& t = found.tracks[row];
    catalogue_notes::use use{
        t.facts.id_order, t.content, document, entries_[row],
        listens_[row],    0,         0,        i == 0 || rows_[i - 1].first != rows_[i].first};
    if (t.facts.id_order >> 63 != 0) std::tie(use.text_begin, use.text_length) = put_id(row);
    notes.uses.push_back(use);
  }
  const auto fields_at = notes.text.size();
  notes.text.append(found.fields);
  for (const auto& news : found.news) {
    const auto& t = found.tracks[news.row];
    catalogue_notes::news d{t.facts.id_order,
                            t.content,
                            t.facts,
                            0,
                            0,
                            fields_at + news.begin,
                            static_cast<std::uint32_t>(news.length)};
    if (t.facts.id_order >> 63 != 0) std::tie(d.id_begin, d.id_length) = put_id(news.row);
    notes.described.push_back(d);
  }
}

void append_record(std::string& out, const catalogue_record& r, std::uint64_t& last_number) {
  if (r.id.is_number()) {
    put_varint(out, (r.id.order - last_number) << 1);
    last_number = r.id.order;
  } else {
    put_varint(out, r.id.text.size() << 1 | 1);
    out.append(r.id.text);
  }
  for (int i = 0; i < 6; ++i) out += static_cast<char>(r.content >> (8 * i));
  put_varint(out, r.counts.accounts << 1 | (r.described ? 1U : 0U));
  put_varint(out, r.counts.entries);
  put_varint(out, r.counts.listens);
  put_varint(out, r.newest);
  if (!r.described) return;
  const auto& f = r.facts;
  put(out, f.key.high), put(out, f.key.low), put(out, f.isrc);
  put(out, f.duration_ms), put(out, f.remarks), put(out, f.album), put(out, f.versions);
  put(out, static_cast<std::uint8_t>((f.available ? 1 : 0) | (f.named ? 2 : 0)));
  put_varint(out, r.fields.size());
  out.append(r.fields);
}

std::string wrap_catalogue_part(const catalogue_part_head& head, std::string_view records,
                                std::string_view uses) {
  std::string out;
  out.reserve(records.size() + uses.size() + 128);
  out.append("OTCP");
  put(out, catalogue_part_version);
  put(out, head.run), put(out, head.unit), put(out, head.slice);
  put(out, head.documents), put(out, head.written);
  put(out, head.records);
  put(out, static_cast<std::uint64_t>(records.size()));
  put(out, static_cast<std::uint64_t>(uses.size()));
  out.append(records).append(uses);
  out.append(digest_of(out).view());
  return out;
}

namespace {

struct place {
  std::uint64_t order, content;
  std::uint32_t index;
};

/// Sorts indices of uses or descriptions by id and content.
template <class Items, class Text>
std::vector<place> sorted(const Items& items, Text text_of) {
  std::vector<place> places;
  places.reserve(items.size());
  for (std::uint32_t i = 0; i < items.size(); ++i) places.push_back({items[i].order, items[i].content, i});
  std::sort(places.begin(), places.end(), [&](const place& a, const place& b) {
    if (a.order != b.order) return a.order < b.order;
    if (a.order >> 63 != 0)
      if (const auto c = text_of(items[a.index]).compare(text_of(items[b.index])); c != 0) return c < 0;
    return a.content != b.content ? a.content < b.content : a.index < b.index;
  });
  return places;
}

}  // namespace

std::string encode_catalogue_part(const catalogue_notes& notes, std::uint32_t run, std::uint32_t unit,
                                  std::uint32_t slice) {
  const std::string_view text = notes.text;
  const auto use_text = [&](const auto& u) { return text.substr(u.text_begin, u.text_length); };
  const auto news_text = [&](const auto& d) { return text.substr(d.id_begin, d.id_length); };
  const auto uses = sorted(notes.uses, use_text);
  const auto news = sorted(notes.described, news_text);

  catalogue_part_head head{run, unit, slice, notes.written.size(), 0, 0};
  for (const bool w : notes.written) head.written += w ? 1 : 0;
  std::string records, lists;
  records.reserve(notes.text.size() + uses.size() * 16);
  std::vector<std::uint32_t> record_of(notes.uses.size());
  std::uint64_t last_number = 0;
  auto described = news.begin();
  for (std::size_t i = 0; i < uses.size();) {
    const auto& first = notes.uses[uses[i].index];
    catalogue_record r;
    r.id = {first.order, use_text(first)};
    r.content = first.content;
    for (; i < uses.size(); ++i) {
      const auto& u = notes.uses[uses[i].index];
      if (u.order != first.order || u.content != first.content || use_text(u) != r.id.text) break;
      r.counts += {u.first_of_id ? 1U : 0U, u.entries, u.listens};
      r.newest = std::max(r.newest, notes.exported_at[u.document]);
      record_of[uses[i].index] = static_cast<std::uint32_t>(head.records);
    }
    // Every description belongs to a use: both come from the same row.
    for (; described != news.end(); ++described) {
      const auto& d = notes.described[described->index];
      if (d.order != r.id.order || d.content != r.content || news_text(d) != r.id.text) break;
      r.described = true;
      r.facts = d.facts;
      r.fields = text.substr(d.fields_begin, d.fields_length);
    }
    append_record(records, r, last_number);
    ++head.records;
  }
  // Uses lie by document as they came.
  std::vector<std::pair<std::uint32_t, std::uint32_t>> of_document;
  for (std::size_t begin = 0; begin < notes.uses.size();) {
    const auto document = notes.uses[begin].document;
    of_document.clear();
    auto end = begin;
    for (; end < notes.uses.size() && notes.uses[end].document == document; ++end)
      of_document.emplace_back(record_of[end], static_cast<std::uint32_t>(end));
    std::sort(of_document.begin(), of_document.end());
    put_varint(lists, document);
    put_varint(lists, of_document.size());
    put_varint(lists, notes.exported_at[document]);
    std::uint32_t last = 0;
    for (const auto& [record, index] : of_document) {
      const auto& u = notes.uses[index];
      put_varint(lists, record - last);
      put_varint(lists, static_cast<std::uint64_t>(u.entries) << 1 | (u.first_of_id ? 1U : 0U));
      put_varint(lists, u.listens);
      last = record;
    }
    begin = end;
  }
  return wrap_catalogue_part(head, records, lists);
}

}  // namespace outro
