#include "tracks/grouping.h"

#include <algorithm>
#include <numeric>
#include <tuple>

namespace outro {

namespace {

/// Marks a group that holds several valid ISRCs already (one id with conflicting metadata).
constexpr std::uint64_t several = ~0ULL;

/// Order of representatives, the best first. The last fields make the order total, so that it does not depend
/// on the order of the tracks.
auto rank(const track_facts& t) {
  return std::tuple(!t.available, t.isrc == 0, t.id == 0, t.id_order, t.id, t.duration_ms, t.isrc, t.key,
                    t.album, t.remarks, t.versions);
}

auto by_length(const track_facts& t) {
  return std::tuple(t.key, t.duration_ms, t.id_order, t.id, t.isrc, t.album, t.remarks, !t.available);
}

}  // namespace

bool are_near(const track_facts& a, const track_facts& b) {
  if (a.duration_ms == 0 || b.duration_ms == 0) return false;
  const auto apart =
      a.duration_ms > b.duration_ms ? a.duration_ms - b.duration_ms : b.duration_ms - a.duration_ms;
  if (a.remarks != b.remarks) return apart <= near_despite_remarks_ms;
  return apart <= (a.album != 0 && a.album == b.album ? near_on_album_ms : near_ms);
}

std::uint32_t track_grouper::root(std::uint32_t i) {
  while (parent_[i] != i) i = parent_[i] = parent_[parent_[i]];
  return i;
}

bool track_grouper::join(std::uint32_t a, std::uint32_t b, std::uint8_t rule) {
  const auto x = root(a), y = root(b);
  if (x == y) return false;
  auto& into = isrc_[x];
  const auto other = isrc_[y];
  if (rule == 2 && into != 0 && other != 0 && (into != other || into == several)) return false;
  into = into == 0 || into == other ? other : other == 0 ? into : several;
  parent_[y] = x;
  merges_.push_back({a, b, rule});
  return true;
}

/// Sorts by `less` and joins neighbours that are `same`.
template <class Less, class Same>
void track_grouper::join_equal(Less less, Same same, std::uint8_t rule) {
  std::sort(order_.begin(), order_.end(), less);
  for (std::size_t i = 1; i < order_.size(); ++i)
    if (same(order_[i - 1], order_[i])) join(order_[i - 1], order_[i], rule);
}

void track_grouper::join_similar(std::span<const track_facts> tracks) {
  std::sort(order_.begin(), order_.end(),
            [&](auto a, auto b) { return by_length(tracks[a]) < by_length(tracks[b]); });
  std::vector<bool> taken(order_.size());
  for (std::size_t first = 0; first < order_.size(); ++first) {
    const auto& leader = tracks[order_[first]];
    if (leader.key.empty() || leader.duration_ms == 0 || taken[first]) continue;
    for (auto i = first + 1; i < order_.size(); ++i) {
      const auto& other = tracks[order_[i]];
      if (other.key != leader.key || other.duration_ms - leader.duration_ms > near_on_album_ms) break;
      if (taken[i] || !are_near(leader, other)) continue;
      if (join(order_[first], order_[i], 2) || root(order_[first]) == root(order_[i])) taken[i] = true;
    }
  }
}

void track_grouper::note_groups(unsigned rule) {
  by_rules_[rule].clear();
  for (std::uint32_t i = 0; i < parent_.size(); ++i) by_rules_[rule].push_back(root(i));
}

const std::vector<membership>& track_grouper::group(std::span<const track_facts> tracks) {
  const auto n = tracks.size();
  parent_.resize(n);
  order_.resize(n);
  std::iota(parent_.begin(), parent_.end(), 0);
  std::iota(order_.begin(), order_.end(), 0);
  isrc_.clear();
  for (const auto& t : tracks) isrc_.push_back(t.isrc);
  merges_.clear();
  result_.assign(n, {});

  const auto at = [&](std::uint32_t i) -> const track_facts& { return tracks[i]; };
  join_equal(
      [&](auto a, auto b) { return std::tuple(at(a).id, rank(at(a))) < std::tuple(at(b).id, rank(at(b))); },
      [&](auto a, auto b) { return at(a).id != 0 && at(a).id == at(b).id; }, 0);
  note_groups(0);
  join_equal(
      [&](auto a, auto b) {
        return std::tuple(at(a).isrc, at(a).versions, rank(at(a))) <
               std::tuple(at(b).isrc, at(b).versions, rank(at(b)));
      },
      [&](auto a, auto b) {
        return at(a).isrc != 0 && at(a).isrc == at(b).isrc && at(a).versions == at(b).versions;
      },
      1);
  note_groups(1);
  join_similar(tracks);
  explain(tracks);
  return result_;
}

/// The merges are the edges of a forest. With each tree's representative as its root, every other track has
/// one edge towards the root.
void track_grouper::explain(std::span<const track_facts> tracks) {
  const auto n = static_cast<std::uint32_t>(tracks.size());
  std::vector<std::vector<merge>> edges(merges_.empty() ? 0 : n);
  for (const auto& m : merges_) {
    edges[m.a].push_back(m);
    edges[m.b].push_back({m.b, m.a, m.rule});
  }
  std::vector<std::uint32_t> best(n, n);
  for (std::uint32_t i = 0; i < n; ++i) {
    auto& b = best[root(i)];
    if (b == n || rank(tracks[i]) < rank(tracks[b])) b = i;
  }
  std::vector<std::uint32_t> open;
  for (std::uint32_t i = 0; i < n; ++i) {
    if (best[root(i)] != i) continue;
    result_[i] = {i, i, membership::no_rule};
    if (edges.empty()) continue;
    open.assign(1, i);
    while (!open.empty()) {
      const auto at = open.back();
      open.pop_back();
      for (const auto& e : edges[at]) {
        const auto to = e.a == at ? e.b : e.a;
        if (to == result_[at].joined_to) continue;
        result_[to] = {i, at, e.rule};
        open.push_back(to);
      }
    }
  }
}

}  // namespace outro
