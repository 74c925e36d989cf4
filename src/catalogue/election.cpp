#include "catalogue/election.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "base/keyed_hash.h"

namespace outro {

namespace {

/// Calls `each` with every run of ballots that have the same `key`; sorts them by it.
template <class Key, class Each>
void for_each_group(std::span<ballot> ballots, Key key, Each each) {
  std::sort(ballots.begin(), ballots.end(), [&](const ballot& a, const ballot& b) {
    return std::pair(key(a), a.content) < std::pair(key(b), b.content);
  });
  for (std::size_t i = 0; i < ballots.size();) {
    const auto begin = i;
    while (i < ballots.size() && key(ballots[i]) == key(ballots[begin])) ++i;
    each(ballots.subspan(begin, i - begin));
  }
}

/// How new a status is: by times of dumps, then by voices.
struct status_rank {
  std::uint64_t accounts = 0, newest = 0, second = 0;
};

}  // namespace

std::uint64_t text_hash(std::string_view text) {
  if (text.empty()) return 0;
  const auto hash = process_key().of(text).low;
  return hash == 0 ? 1 : hash;
}

rank& rank::operator+=(const rank& o) {
  accounts += o.accounts;
  const auto later = std::max(std::pair(newest, content), std::pair(o.newest, o.content));
  newest = later.first;
  content = later.second;
  return *this;
}

elected elect(std::span<ballot> ballots, std::uint64_t least) {
  elected result{ballots, {}};
  for (std::size_t q = 0; q < elected_texts; ++q) {
    std::span<ballot> winner;
    rank most;
    const auto said = [q](const ballot& b) { return b.texts[q]; };
    for_each_group(result.by, said, [&](std::span<ballot> group) {
      if (said(group.front()) == 0) return;
      rank r;
      for (const auto& b : group) r += rank_of(b);
      if (r <= most) return;
      most = r;
      winner = group;
    });
    if (most.accounts < least) continue;
    result.decided[q] = true;
    result.by = winner;
  }
  return result;
}

const ballot& most_held(std::span<const ballot> ballots) {
  return *std::max_element(ballots.begin(), ballots.end(),
                           [](const ballot& a, const ballot& b) { return rank_of(a) < rank_of(b); });
}

const ballot* newest_status(std::span<ballot> ballots, std::uint64_t least) {
  const ballot* winner = nullptr;
  std::tuple<std::uint64_t, std::uint64_t, std::uint64_t, hash128> best;
  for_each_group(
      ballots, [](const ballot& b) { return b.status; },
      [&](std::span<ballot> group) {
        if (group.front().status == 0) return;
        status_rank r;
        for (const auto& b : group) {
          r.accounts += b.accounts;
          r.second = std::max({r.second, b.second, std::min(r.newest, b.newest)});
          r.newest = std::max(r.newest, b.newest);
        }
        const auto& newest =
            *std::max_element(group.begin(), group.end(), [](const ballot& a, const ballot& b) {
              return std::pair(a.newest, a.content) < std::pair(b.newest, b.content);
            });
        const auto deciding = least > 1 ? r.second : r.newest;
        const std::tuple made(deciding, r.newest, r.accounts, newest.content);
        if (r.accounts < least || (winner != nullptr && made <= best)) return;
        winner = &newest;
        best = made;
      });
  return winner;
}

}  // namespace outro
