#include "catalogue/groups.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/bytes.h"
#include "base/json_text.h"
#include "catalogue/parallel.h"

namespace outro {

/// Every id is one track here, so its number in their order tells it from all others.
static std::uint64_t id_key_of(std::uint64_t number) {
  return number + 1;
}

void catalogue_groups::mark(const catalogue_table& table) {
  for (std::size_t i = 0; i < table.tracks(); ++i) {
    mark(table.variant_at(table.at(i).shown).prints);
  }
}

void catalogue_groups::mark(const track_prints& prints) {
  if (prints.key != 0) keys_.add(prints.key);
  if (prints.isrc != 0) codes_.add(prints.isrc);
  if (prints.edition != 0) editions_.add(prints.edition);
}

bool catalogue_groups::is_marked(const track_prints& prints) {
  return keys_.has_twice(prints.key) || codes_.has_twice(prints.isrc) || editions_.has_twice(prints.edition);
}

void catalogue_groups::take(std::uint64_t number, catalogue_id id, const track_facts& facts) {
  numbers_.push_back(number);
  facts_.push_back(facts);
  facts_.back().id = id_key_of(number);
  ids_.push_back(std::move(id));
}

status catalogue_groups::take(const catalogue_table& table, std::span<const catalogue_run> runs) {
  struct place {
    std::uint32_t run, index;
    std::size_t taken;
    bool is_status;  ///< only whether the service still has it
  };
  std::vector<place> places;
  for (std::size_t i = 0; i < table.tracks(); ++i, ++seen_) {
    const auto t = table.at(i);
    const auto& v = table.variant_at(t.shown);
    if (!is_marked(v.prints)) continue;
    const auto& status = table.variant_at(t.status);
    places.push_back({v.run, v.index, numbers_.size(), false});
    places.push_back({status.run, status.index, numbers_.size(), true});
    numbers_.push_back(seen_);
    ids_.push_back(table.id_of(v));
  }
  facts_.resize(numbers_.size());
  std::vector<std::uint8_t> available(places.size() / 2);
  const auto first = numbers_.size() - available.size();
  std::sort(places.begin(), places.end(), [](const place& a, const place& b) {
    return a.run != b.run ? a.run < b.run : a.index < b.index;
  });
  auto s = for_each_run(runs, [&](std::uint32_t run) -> status {
    auto p = std::lower_bound(places.begin(), places.end(), run,
                              [](const place& a, std::uint32_t number) { return a.run < number; });
    if (p == places.end() || p->run != run) return {};
    const auto heads = read_heads(runs[run]);
    if (!heads) return heads.error();
    for (; p != places.end() && p->run == run; ++p) {
      const auto said = facts_of((*heads)[p->index]);
      if (p->is_status) {
        available[p->taken - first] = said.available ? 1 : 0;
        continue;
      }
      auto& f = facts_[p->taken] = said;
      f.id = id_key_of(numbers_[p->taken]);
    }
    return {};
  });
  if (!s.ok()) return s;
  for (std::size_t i = 0; i < available.size(); ++i) facts_[first + i].available = available[i] != 0;
  return {};
}

void catalogue_groups::group() {
  keys_ = {};
  codes_ = {};
  editions_ = {};
  track_grouper grouper;
  members_ = grouper.group(facts_);
  doubtful_ = grouper.doubts().size();
  give_back(facts_);
  const auto n = static_cast<std::uint32_t>(members_.size());
  others_begin_.assign(n + 1, 0);
  for (std::uint32_t i = 0; i < n; ++i)
    if (members_[i].representative != i) ++others_begin_[members_[i].representative + 1];
  for (std::uint32_t i = 0; i < n; ++i) others_begin_[i + 1] += others_begin_[i];
  others_.resize(others_begin_[n]);
  auto to = others_begin_;
  for (std::uint32_t i = 0; i < n; ++i)
    if (members_[i].representative != i) others_[to[members_[i].representative]++] = i;
}

catalogue_groups::cursor::cursor(const catalogue_groups& groups, std::uint64_t from)
    : groups_(groups),
      at_(static_cast<std::size_t>(std::lower_bound(groups.numbers_.begin(), groups.numbers_.end(), from) -
                                   groups.numbers_.begin())) {}

const catalogue_id* catalogue_groups::cursor::recording(std::uint64_t number) {
  const auto& numbers = groups_.numbers_;
  while (at_ < numbers.size() && numbers[at_] < number) ++at_;
  taken_ = at_ < numbers.size() && numbers[at_] == number;
  return taken_ ? &groups_.ids_[groups_.members_[at_].representative] : nullptr;
}

bool catalogue_groups::cursor::append_others(std::string& out) const {
  if (!taken_) return true;
  const auto& g = groups_;
  if (g.members_[at_].representative != at_) return false;
  for (auto i = g.others_begin_[at_]; i < g.others_begin_[at_ + 1]; ++i) {
    const auto& m = g.members_[g.others_[i]];
    out += R"(,{"id":)";
    append_json_string(out, g.ids_[g.others_[i]].string());
    fmt::format_to(std::back_inserter(out), R"(,"rule":{},"joinedTo":)", m.rule);
    append_json_string(out, g.ids_[m.joined_to].string());
    out += '}';
  }
  return true;
}

}  // namespace outro
