#include "tracks/grouping.h"

#include <algorithm>
#include <numeric>
#include <tuple>
#include <utility>

namespace outro {

namespace {

/// Marks a group that holds several valid ISRCs already (one id with conflicting metadata).
constexpr std::uint64_t several = ~0ULL;

/// How many of its neighbours a track is compared with. Tracks of one key and almost one length that all
/// contradict each other are rare; what lies beyond is not joined.
constexpr std::size_t neighbours = 8;

/// In place of a rule: pairs are compared for doubts alone.
constexpr std::uint8_t doubts_only = no_rule - 1;

/// A total order of facts, by id first.
auto rank(const track_facts& t) {
  return std::tuple(t.id == 0, t.id, t.duration_ms, t.isrc, t.key, t.album, t.release, t.album_id, t.disc,
                    t.track_number,
                    std::tuple(t.remarks, t.lead, t.detail, t.versions, t.told, t.languages, t.numbers,
                               t.master_year, t.artists, t.sketch, t.scripts,
                               std::tuple(bool{t.available}, bool{t.named}, bool{t.trusted_id}, bool{t.weak},
                                          bool{t.remastered})));
}

/// Order of representatives, the best first; equals follow their ranks.
auto fitness(const track_facts& t) {
  return std::tuple(!t.available, t.isrc == 0);
}

}  // namespace

std::uint32_t track_grouper::root(std::uint32_t i) {
  while (parent_[i] != i) i = parent_[i] = parent_[parent_[i]];
  return i;
}

std::uint32_t track_grouper::cluster(std::uint32_t i) {
  while (cluster_[i] != i) i = cluster_[i] = cluster_[cluster_[i]];
  return i;
}

/// Joins the groups of two tracks, which are not one yet.
void track_grouper::join(std::uint32_t a, std::uint32_t b, std::uint8_t rule) {
  auto x = root(a), y = root(b);
  if (placements_.size_of(x) < placements_.size_of(y)) std::swap(x, y);
  auto& into = groups_[x];
  const auto& other = groups_[y];
  if (into.isrc == 0 || other.isrc == into.isrc)
    into.isrc = other.isrc;
  else if (other.isrc != 0)
    into.isrc = several;
  // What all members that tell a language have in common; a contradiction was joined by its id.
  if (into.languages == 0 || (into.languages & other.languages) != 0)
    into.languages = into.languages == 0 ? other.languages : into.languages & other.languages;
  placements_.merge(x, y);
  parent_[y] = x;
  merges_.push_back({a, b, rule});
}

/// What keeps two groups apart, though two of their tracks would join.
contradiction track_grouper::between_groups(std::uint32_t x, std::uint32_t y, std::uint8_t rule) {
  const auto& a = groups_[x];
  const auto& b = groups_[y];
  if (rule == 2 && a.isrc != 0 && b.isrc != 0 && (a.isrc != b.isrc || a.isrc == several))
    return contradiction::isrc;
  if (languages_differ(a.languages, b.languages)) return contradiction::language;
  const bool x_larger = placements_.size_of(x) >= placements_.size_of(y);
  if (placements_.contradict(x_larger ? x : y, x_larger ? y : x)) return contradiction::placement;
  return contradiction::none;
}

void track_grouper::start(std::span<const track_facts> tracks) {
  const auto n = tracks.size();
  tracks_ = tracks;
  parent_.resize(n);
  order_.resize(n);
  place_.resize(n);
  std::iota(parent_.begin(), parent_.end(), 0);
  std::iota(order_.begin(), order_.end(), 0);
  std::sort(order_.begin(), order_.end(), [&](auto a, auto b) { return rank(tracks[a]) < rank(tracks[b]); });
  for (std::uint32_t i = 0; i < n; ++i) place_[order_[i]] = i;
  groups_.clear();
  for (const auto& t : tracks) groups_.push_back({t.isrc, t.languages});
  placements_.reset(tracks);
  merges_.clear();
  doubts_.clear();
  result_.assign(n, {});
  conflicting_ids_ = 0;
  comparisons_ = 0;
}

/// Rule 0. Tracks of one id are neighbours in the order.
void track_grouper::join_ids() {
  bool conflicts = false;
  for (std::size_t i = 1; i < order_.size(); ++i) {
    const auto& a = tracks_[order_[i - 1]];
    const auto& b = tracks_[order_[i]];
    if (b.id == 0 || a.id != b.id || !a.trusted_id || !b.trusted_id) {
      conflicts = false;
      continue;
    }
    if (!conflicts && a.key.name != b.key.name && a.key.name != 0 && b.key.name != 0) {
      conflicts = true;
      ++conflicting_ids_;
    }
    join(order_[i - 1], order_[i], 0);
  }
}

/// Joins tracks of equal facts, which are interchangeable, and keeps one of them each.
void track_grouper::join_twins() {
  nodes_.clear();
  for (std::size_t i = 0; i < order_.size(); ++i) {
    const auto here = order_[i];
    if (i > 0 && tracks_[order_[i - 1]] == tracks_[here]) {
      const auto rule = judge(tracks_[order_[i - 1]], tracks_[here]).rule;
      ++comparisons_;
      if (rule == 1 || rule == 2) join(order_[i - 1], here, rule);
      if (rule != no_rule) continue;
    }
    nodes_.push_back(here);
  }
}

/// Sorts the nodes by `key` and compares each with the next few in its bucket.
template <class Key, class InBucket>
void track_grouper::look_at_neighbours(Key key, InBucket in_bucket, std::uint8_t rule) {
  sorted_.clear();
  for (const auto i : nodes_)
    if (in_bucket(tracks_[i], tracks_[i])) sorted_.push_back(i);
  std::sort(sorted_.begin(), sorted_.end(), [&](auto a, auto b) {
    return std::tuple(key(tracks_[a]), place_[a]) < std::tuple(key(tracks_[b]), place_[b]);
  });
  for (std::size_t i = 0; i < sorted_.size(); ++i)
    for (auto k = i + 1; k < std::min(i + 1 + neighbours, sorted_.size()); ++k) {
      const auto& a = tracks_[sorted_[i]];
      const auto& b = tracks_[sorted_[k]];
      if (!in_bucket(a, b)) break;
      ++comparisons_;
      const auto found = judge(a, b);
      if (found.kept_apart != contradiction::none)
        doubts_.push_back({sorted_[i], sorted_[k], found.kept_apart});
      if (found.rule != rule) continue;
      const auto [first, second] = std::minmax(place_[sorted_[i]], place_[sorted_[k]]);
      edges_.push_back({length_gap(a, b), std::min(a.duration_ms, b.duration_ms), first, second});
    }
}

void track_grouper::find_edges_by_isrc() {
  const auto one_code = [](const track_facts& a, const track_facts& b) {
    return a.isrc != 0 && a.isrc == b.isrc;
  };
  edges_.clear();
  look_at_neighbours([](const track_facts& t) { return std::tuple(t.isrc, t.duration_ms); }, one_code, 1);
  // Tracks of one title may lie far apart where many share a code.
  look_at_neighbours([](const track_facts& t) { return std::tuple(t.isrc, t.key.name, t.duration_ms); },
                     one_code, 1);
}

void track_grouper::find_edges_by_key() {
  const auto one_take = [](const track_facts& a, const track_facts& b) {
    return !a.key.empty() && a.duration_ms != 0 && a.key == b.key && length_gap(a, b) <= near_on_album_ms;
  };
  const auto one_edition = [](const track_facts& a, const track_facts& b) {
    return a.edition() != 0 && a.duration_ms != 0 && a.edition() == b.edition() && a.key.take == b.key.take &&
           a.lead == b.lead && length_gap(a, b) <= near_despite_credits_ms;
  };
  const auto one_song = [](const track_facts& a, const track_facts& b) {
    return !a.key.empty() && a.duration_ms != 0 && a.key.song == b.key.song &&
           length_gap(a, b) <= near_on_album_ms;
  };
  edges_.clear();
  look_at_neighbours([](const track_facts& t) { return std::tuple(t.key.song, t.key.take, t.duration_ms); },
                     one_take, 2);
  look_at_neighbours(
      [](const track_facts& t) { return std::tuple(t.edition(), t.key.take, t.lead, t.duration_ms); },
      one_edition, 2);
  // Versions that only albums tell apart are no neighbours above.
  look_at_neighbours([](const track_facts& t) { return std::tuple(t.key.song, t.duration_ms); }, one_song,
                     doubts_only);
}

void track_grouper::join_edges(std::uint8_t rule) {
  std::sort(edges_.begin(), edges_.end());
  edges_.erase(std::unique(edges_.begin(), edges_.end()), edges_.end());
  cluster_.resize(tracks_.size());
  std::iota(cluster_.begin(), cluster_.end(), 0);
  spans_.clear();
  if (edges_.empty()) return;
  for (const auto& t : tracks_) spans_.push_back(length_span::of(t));
  for (const auto& e : edges_) {
    const auto a = order_[e.first], b = order_[e.second];
    const auto p = cluster(a), q = cluster(b);
    if (p == q) continue;
    const auto all = spans_[p].with(spans_[q]);
    const bool known = spans_[p].shortest != 0 && spans_[q].shortest != 0;
    if (known && (rule == 1 ? all.longest - all.shortest > near_by_isrc_ms : !all.fits())) continue;
    const auto x = root(a), y = root(b);
    if (x != y) {
      if (const auto why = between_groups(x, y, rule); why != contradiction::none) {
        doubts_.push_back({a, b, why});
        continue;
      }
      join(a, b, rule);
    }
    cluster_[q] = p;
    spans_[p] = all;
  }
}

void track_grouper::note_groups(unsigned rule) {
  by_rules_[rule].clear();
  for (std::uint32_t i = 0; i < parent_.size(); ++i) by_rules_[rule].push_back(root(i));
}

const std::vector<membership>& track_grouper::group(std::span<const track_facts> tracks) {
  start(tracks);
  join_ids();
  note_groups(0);
  join_twins();
  find_edges_by_isrc();
  join_edges(1);
  note_groups(1);
  find_edges_by_key();
  join_edges(2);
  explain();
  settle_doubts();
  return result_;
}

/// The merges are the edges of a forest. With each tree's representative as its root, every other track has
/// one edge towards the root.
void track_grouper::explain() {
  const auto n = static_cast<std::uint32_t>(tracks_.size());
  std::vector<std::vector<merge>> edges(merges_.empty() ? 0 : n);
  for (const auto& m : merges_) {
    edges[m.a].push_back(m);
    edges[m.b].push_back({m.b, m.a, m.rule});
  }
  std::vector<std::uint32_t> best(n, n);
  for (const auto i : order_) {
    auto& b = best[root(i)];
    if (b == n || fitness(tracks_[i]) < fitness(tracks_[b])) b = i;
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

/// Keeps one doubt for each pair of recordings that are still apart.
void track_grouper::settle_doubts() {
  const auto of = [&](std::uint32_t i) { return place_[result_[i].representative]; };
  std::erase_if(doubts_, [&](const doubt& d) { return of(d.a) == of(d.b); });
  const auto pair_of = [&](const doubt& d) { return std::pair(of(d.a), of(d.b)); };
  for (auto& d : doubts_)
    if (of(d.a) > of(d.b)) std::swap(d.a, d.b);
  std::sort(doubts_.begin(), doubts_.end(), [&](const doubt& a, const doubt& b) {
    return std::tuple(pair_of(a), a.why, place_[a.a], place_[a.b]) <
           std::tuple(pair_of(b), b.why, place_[b.a], place_[b.b]);
  });
  doubts_.erase(std::unique(doubts_.begin(), doubts_.end(),
                            [&](const doubt& a, const doubt& b) { return pair_of(a) == pair_of(b); }),
                doubts_.end());
}

}  // namespace outro
