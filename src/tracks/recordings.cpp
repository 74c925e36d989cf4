#include "tracks/recordings.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <numeric>

#include "account/value_text.h"
#include "base/bytes.h"
#include "base/keyed_hash.h"

namespace outro {

recording_finder::recording_finder(const layout& rules, std::shared_ptr<track_memory> memory, bool catalogue)
    : rules_(rules),
      memory_(std::move(memory)),
      describer_(memory_->folding()),
      allowed_(rules),
      catalogue_(catalogue) {}

known_track recording_finder::describe(const account_view& view, std::uint32_t row) {
  std::uint64_t lone = 0;
  const auto text = [&](role r) {
    return role_text(view, rules_, row, r, texts_[static_cast<std::size_t>(r)], lone);
  };
  track_text track;
  track.id = text(role::id);
  track.title = text(role::title);
  track.artists = text(role::artists);
  track.album = text(role::album);
  track.isrc = text(role::isrc);
  track.disc = text(role::disc);
  track.track_number = text(role::track_number);
  track.album_id = text(role::album_id);
  track.language = text(role::track_language);
  track.trusted_id = rules_.trusted_id;
  if (const auto length = text(role::duration); !length.empty()) {
    std::uint64_t units = 0;
    const auto [end, error] = std::from_chars(length.data(), length.data() + length.size(), units);
    const bool whole = error == std::errc{} && end == length.data() + length.size();
    if (whole && units < 0xffffffff / rules_.duration_ms_per_unit)
      track.duration_ms = static_cast<std::uint32_t>(units) * rules_.duration_ms_per_unit;
  }
  const auto status = text(role::availability);
  track.available =
      std::find(rules_.delisted.begin(), rules_.delisted.end(), status) == rules_.delisted.end();
  known_track known{describer_.describe(track), {}};
  if (known.facts.id == 0 || !catalogue_) return known;
  const auto begin = fields.size();
  allowed_.append(view.row_bytes(row), fields);
  known.content = content_of(sha_, track.id, std::string_view(fields).substr(begin));
  memory_->prefetch_content(known.content);
  news.push_back({row, begin, fields.size() - begin});
  return known;
}

/// Finds the rows that share an id, ISRC or key with another row. Most rows do not, and need no grouping.
void recording_finder::find_repeated() {
  const auto n = static_cast<std::uint32_t>(tracks.size());
  const auto size = std::bit_ceil(std::max<std::size_t>(3 * 2 * n, 64));
  slots_.assign(size, 0);
  is_repeated_.assign(n, false);
  repeated_.clear();
  // One hash table for keys of all three kinds; `same` compares only keys of one kind.
  const auto put = [&](std::uint32_t row, std::uint64_t key, auto same) {
    for (auto at = process_key().place_of(key) & (size - 1);; at = (at + 1) & (size - 1)) {
      if (slots_[at] == 0) {
        slots_[at] = row + 1;
        return;
      }
      const auto other = slots_[at] - 1;
      if (other != row && same(tracks[other].facts)) {
        is_repeated_[row] = is_repeated_[other] = true;
        return;
      }
    }
  };
  for (std::uint32_t row = 0; row < n; ++row) {
    const auto& t = tracks[row].facts;
    if (t.id != 0) put(row, t.id, [&](const auto& o) { return o.id == t.id; });
    if (t.isrc != 0) put(row, t.isrc ^ 0x5bd1e995, [&](const auto& o) { return o.isrc == t.isrc; });
    // One name has all keys of rule 2, and versions that may be doubtful.
    if (!t.key.empty())
      put(row, t.key.name, [&](const auto& o) { return !o.key.empty() && o.key.name == t.key.name; });
  }
  for (std::uint32_t row = 0; row < n; ++row)
    if (is_repeated_[row]) repeated_.push_back(row);
}

void recording_finder::number_recordings() {
  for (std::uint32_t row = 0; row < of_row.size(); ++row)
    if (of_row[row] != no_index) of_row[row] = of_row[row] == row ? count++ : of_row[of_row[row]];
}

void recording_finder::find(const account_view& view) {
  const auto n = static_cast<std::uint32_t>(view.rows.size());
  count = doubtful = conflicting_ids = 0;
  news.clear();
  fields.clear();
  tracks.resize(n);
  // In passes, so that memory accesses of many rows overlap.
  const auto& names = view.row_hashes;
  for (const auto& name : names) memory_->prefetch_tags(name);
  for (const auto& name : names) memory_->prefetch_track(name);
  for (std::uint32_t row = 0; row < n; ++row) {
    if (memory_->find(names[row], tracks[row])) continue;
    tracks[row] = describe(view, row);
    memory_->remember(names[row], tracks[row]);
  }
  std::erase_if(news, [&](const new_fields& f) { return memory_->seen_before(tracks[f.row].content); });
  of_row.resize(n);
  for (std::uint32_t row = 0; row < n; ++row)
    of_row[row] = tracks[row].facts.id == 0 && !tracks[row].facts.named ? no_index : row;
  same_id_.resize(n);
  same_code_.resize(n);
  std::iota(same_id_.begin(), same_id_.end(), 0);
  std::iota(same_code_.begin(), same_code_.end(), 0);
  find_repeated();
  // Larger scratch, of one huge account, is given back before its tables are made.
  constexpr std::size_t kept = 1U << 18;
  if (slots_.size() > kept) give_back(slots_);
  if (!repeated_.empty()) {
    facts_.clear();
    for (const auto row : repeated_) facts_.push_back(tracks[row].facts);
    const auto& groups = grouper_.group(facts_);
    doubtful = static_cast<std::uint32_t>(grouper_.doubts().size());
    conflicting_ids = grouper_.conflicting_ids();
    // The first row of a group gives it its number, even if another row represents it.
    std::vector<std::uint32_t> first(repeated_.size(), no_index), by_id(first), by_code(first);
    const auto first_of = [&](std::vector<std::uint32_t>& firsts, std::uint32_t group, std::uint32_t row) {
      return firsts[group] == no_index ? firsts[group] = row : firsts[group];
    };
    for (std::uint32_t i = 0; i < repeated_.size(); ++i) {
      const auto row = repeated_[i];
      if (of_row[row] != no_index) of_row[row] = first_of(first, groups[i].representative, row);
      same_id_[row] = first_of(by_id, grouper_.group_by_rules_to(0)[i], row);
      same_code_[row] = first_of(by_code, grouper_.group_by_rules_to(1)[i], row);
    }
  }
  number_recordings();
}

void recording_finder::release() {
  for (auto* numbers : {&of_row, &repeated_, &slots_, &same_id_, &same_code_}) give_back(*numbers);
  give_back(tracks);
  give_back(news);
  give_back(fields);
  give_back(is_repeated_);
  give_back(facts_);
  for (auto& text : texts_) give_back(text);
  grouper_ = {};
}

unsigned recording_finder::rule_between(std::uint32_t a, std::uint32_t b) const {
  if (same_id_[a] == same_id_[b]) return 0;
  return same_code_[a] == same_code_[b] ? 1 : 2;
}

}  // namespace outro
