#include "catalogue/table.h"

#include <tbb/parallel_for.h>
#include <tbb/parallel_sort.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <mutex>
#include <tuple>

#include "base/bytes.h"
#include "catalogue/parallel.h"

namespace outro {

namespace {

constexpr std::uint64_t is_text = catalogue_id::no_number;

catalogue_id id_of_head(const description_head& h, std::string_view texts) {
  if (h.has_number()) return {h.id, {}};
  return {is_text, std::string(texts.substr(h.text_begin, h.id_length))};
}

bool is_in(const catalogue_id& id, const id_range& range) {
  return (!range.from || id >= *range.from) && (!range.to || id < *range.to);
}

std::uint32_t print_of(std::uint64_t hash) {
  return hash == 0 ? 0 : static_cast<std::uint32_t>(hash * 0x9e3779b97f4a7c15 >> 32) | 1;
}

/// Sets a number that other threads raise too to at least `value`; returns what it was.
std::uint64_t raise(std::uint64_t& number, std::uint64_t value) {
  constexpr auto relaxed = std::memory_order_relaxed;
  const std::atomic_ref shared(number);
  auto before = shared.load(relaxed);
  while (before < value && !shared.compare_exchange_weak(before, value, relaxed)) {
  }
  return before;
}

}  // namespace

track_prints prints_of(const track_facts& facts) {
  return {print_of(facts.key.song), print_of(facts.isrc), print_of(facts.edition())};
}

std::string_view catalogue_table::text_at(std::uint64_t id) const {
  const auto at = static_cast<std::size_t>(id & ~is_text);
  std::uint32_t length = 0;
  std::memcpy(&length, texts_.data() + at, sizeof length);
  return std::string_view(texts_).substr(at + sizeof length, length);
}

bool catalogue_table::same_id(const variant& a, const variant& b) const {
  if (a.id == b.id) return true;
  return (a.id & b.id & is_text) != 0 && text_at(a.id) == text_at(b.id);
}

bool catalogue_table::before(const variant& a, const variant& b) const {
  if ((a.id & b.id & is_text) != 0) {
    if (const auto c = text_at(a.id).compare(text_at(b.id)); c != 0) return c < 0;
  } else if (a.id != b.id) {
    return a.id < b.id;
  }
  return std::tie(a.content, a.run, a.index) < std::tie(b.content, b.run, b.index);
}

catalogue_id catalogue_table::id_of(const variant& v) const {
  if ((v.id & is_text) == 0) return {v.id, {}};
  return {is_text, std::string(text_at(v.id))};
}

status catalogue_table::collect(std::span<const catalogue_run> runs, const id_range& range) {
  std::mutex adding;
  return for_each_run(runs, [&](std::uint32_t number) -> status {
    const auto& run = runs[number];
    auto heads = read_heads(run);
    if (!heads) return heads.error();
    const bool named =
        std::any_of(heads->begin(), heads->end(), [](const auto& h) { return h.id_length > 0; });
    auto texts = named ? read_texts(run, 0, run.head.text_bytes) : result<std::string>(std::string());
    if (!texts) return texts.error();
    std::vector<variant> found;
    found.reserve(heads->size());
    std::string ids;
    for (std::uint32_t i = 0; i < heads->size(); ++i) {
      const auto& h = (*heads)[i];
      if (h.has_number() != (h.id_length == 0)) return damaged_part(run);
      const auto id = id_of_head(h, *texts);
      if (!is_in(id, range)) continue;
      variant v{id.number, h.content, number, i, prints_of(facts_of(h))};
      if (!h.has_number()) {
        v.id |= ids.size();
        put_text(ids, id.text);
      }
      found.push_back(v);
    }
    const std::lock_guard lock(adding);
    for (auto& v : found)
      if ((v.id & is_text) != 0) v.id += texts_.size();
    texts_ += ids;
    variants_.insert(variants_.end(), found.begin(), found.end());
    return {};
  });
}

void catalogue_table::index() {
  tbb::parallel_sort(variants_.begin(), variants_.end(),
                     [this](const variant& a, const variant& b) { return before(a, b); });
  const auto last = std::unique(
      variants_.begin(), variants_.end(),
      [this](const variant& a, const variant& b) { return a.content == b.content && same_id(a, b); });
  variants_.erase(last, variants_.end());
  tallies_.assign(variants_.size(), {});
  slots_.assign(std::bit_ceil(variants_.size() + variants_.size() / 2 + 64), 0);
  const auto mask = slots_.size() - 1;
  for (std::uint32_t i = 0; i < variants_.size(); ++i) {
    auto at = key_.place_of(variants_[i].content.low) & mask;
    while (slots_[at] != 0) at = (at + 1) & mask;
    slots_[at] = i + 1;
  }
}

void catalogue_table::count_uses(std::span<const catalogue_use> uses, std::uint64_t time) {
  // In passes, so that memory accesses of many uses overlap.
  constexpr std::size_t batch = 128;
  std::array<std::size_t, batch> places;
  constexpr auto relaxed = std::memory_order_relaxed;
  const auto mask = slots_.size() - 1;
  std::uint64_t matched = 0;
  for (; !uses.empty(); uses = uses.subspan(std::min(batch, uses.size()))) {
    const auto these = uses.first(std::min(batch, uses.size()));
    for (std::size_t i = 0; i < these.size(); ++i) {
      places[i] = key_.place_of(these[i].content.low) & mask;
      __builtin_prefetch(&slots_[places[i]]);
    }
    for (std::size_t i = 0; i < these.size(); ++i)
      if (const auto slot = slots_[places[i]]; slot != 0) {
        __builtin_prefetch(&variants_[slot - 1].content);
        __builtin_prefetch(&tallies_[slot - 1], 1);
      }
    for (std::size_t i = 0; i < these.size(); ++i) {
      const auto& u = these[i];
      auto at = places[i];
      while (slots_[at] != 0 && variants_[slots_[at] - 1].content != u.content) at = (at + 1) & mask;
      if (slots_[at] == 0) continue;
      ++matched;
      auto& t = tallies_[slots_[at] - 1];
      if (u.entries != 0) std::atomic_ref(t.entries).fetch_add(u.entries, relaxed);
      if (u.listens != 0) std::atomic_ref(t.listens).fetch_add(u.listens, relaxed);
      if (!u.counts_account) {
        std::atomic_ref(t.beside).store(1, relaxed);
        continue;
      }
      std::atomic_ref(t.accounts).fetch_add(1, relaxed);
      // Whatever the order, each time but the greatest is the lesser of such a pair once.
      raise(t.second, std::min(raise(t.newest, time), time));
    }
  }
  matched_ += matched;
}

status catalogue_table::count(std::span<const catalogue_run> runs) {
  return for_each_run(runs, [&](std::uint32_t number) -> status {
    auto reader = use_reader::open(runs[number]);
    if (!reader) return reader.error();
    std::uint64_t uses = 0;
    for (auto some = reader->next(); !some.empty(); some = reader->next()) {
      uses += some.size();
      count_uses(some, reader->time());
    }
    uses_ += uses;
    return reader->ok() ? status{} : damaged_part(runs[number]);
  });
}

void catalogue_table::find_tracks() {
  starts_.clear();
  for (std::uint32_t i = 0; i < variants_.size();) {
    const auto begin = i;
    bool occurs = false;
    for (; i < variants_.size() && same_id(variants_[begin], variants_[i]); ++i)
      occurs = occurs || tallies_[i].occurs();
    if (occurs) starts_.push_back(begin);
  }
  shown_.assign(starts_.size(), {});
}

status catalogue_table::load(std::span<const catalogue_run> runs, const id_range& range) {
  variants_.clear();
  texts_.clear();
  uses_ = matched_ = 0;
  if (auto s = collect(runs, range); !s.ok()) return s;
  index();
  if (auto s = count(runs); !s.ok()) return s;
  find_tracks();
  return {};
}

catalogue_table::track catalogue_table::at(std::size_t number) const {
  const auto shown = shown_[number];
  track t{starts_[number], starts_[number], shown.variant, shown.status, 0, {}};
  for (; t.end < variants_.size() && same_id(variants_[t.begin], variants_[t.end]); ++t.end) {
    const auto& n = tallies_[t.end];
    t.variants += n.occurs() ? 1 : 0;
    t.counts.accounts += n.accounts;
    t.counts.entries += n.entries;
    t.counts.listens += n.listens;
  }
  return t;
}

}  // namespace outro
