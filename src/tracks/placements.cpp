#include "tracks/placements.h"

#include <algorithm>
#include <random>

#include "tracks/judgement.h"

namespace outro {

bool placement_book::has_placement(const track_facts& t) {
  return (t.album_id != 0 || t.release != 0) && (t.disc != 0 || t.track_number != 0);
}

void placement_book::reset(std::span<const track_facts> tracks) {
  if (seed_ == 0) seed_ = std::uint64_t{std::random_device{}()} << 32 | std::random_device{}() | 1U;
  tracks_ = tracks;
  const auto n = tracks.size();
  first_.assign(n, none);
  next_.assign(n, none);
  last_.assign(n, none);
  size_.assign(n, 0);
  index_.clear();
  work_ = 0;
  for (std::uint32_t i = 0; i < n; ++i) {
    if (!has_placement(tracks[i])) continue;
    first_[i] = last_[i] = i;
    size_[i] = 1;
  }
}

/// Mixed with a seed of the process, so that no input can make the index slow.
std::uint64_t placement_book::key_of(std::uint32_t group, space kind, std::uint32_t album) const {
  auto h = (std::uint64_t{group} << 32 | album) ^ seed_;
  h = (h ^ h >> 32) * 0xd6e8feb86659fd93;
  return ((h ^ h >> 32) * 0xd6e8feb86659fd93) ^ static_cast<std::uint64_t>(kind);
}

const placement_book::numbers* placement_book::find(std::uint32_t group, space kind,
                                                    std::uint32_t album) const {
  if (album == 0) return nullptr;
  const auto found = index_.find(key_of(group, kind, album));
  return found == index_.end() ? nullptr : &found->second;
}

bool placement_book::differ(const numbers& known, const track_facts& t) {
  return (known.disc != 0 && t.disc != 0 && known.disc != t.disc) ||
         (known.track != 0 && t.track_number != 0 && known.track != t.track_number);
}

void placement_book::add(std::uint32_t group, space kind, std::uint32_t album, const track_facts& t) {
  if (album == 0) return;
  auto& known = index_[key_of(group, kind, album)];
  const auto take = [](std::uint16_t& number, std::uint16_t other) {
    if (other == 0) return;
    number = number == 0 || number == other ? other : several;
  };
  take(known.disc, t.disc);
  take(known.track, t.track_number);
}

void placement_book::index(std::uint32_t group, std::uint32_t track) {
  const auto& t = tracks_[track];
  ++work_;
  if (t.album_id != 0)
    add(group, space::by_id, t.album_id, t);
  else
    add(group, space::by_name_without_id, t.release, t);
  add(group, space::by_name, t.release, t);
}

bool placement_book::contradicts_index(std::uint32_t group, const track_facts& t) const {
  const auto clashes = [&](space kind, std::uint32_t album) {
    const auto* known = find(group, kind, album);
    return known != nullptr && differ(*known, t);
  };
  if (t.album_id == 0) return clashes(space::by_name, t.release);
  return clashes(space::by_id, t.album_id) || clashes(space::by_name_without_id, t.release);
}

bool placement_book::contradict(std::uint32_t large, std::uint32_t small) {
  const bool indexed = size_[large] > small_group;
  for (auto i = first_[small]; i != none; i = next_[i]) {
    ++work_;
    if (indexed) {
      if (contradicts_index(large, tracks_[i])) return true;
      continue;
    }
    for (auto k = first_[large]; k != none; k = next_[k]) {
      ++work_;
      if (placements_differ(tracks_[i], tracks_[k])) return true;
    }
  }
  return false;
}

void placement_book::merge(std::uint32_t large, std::uint32_t small) {
  if (first_[small] == none) return;
  const bool was_indexed = size_[large] > small_group;
  const auto all = size_[large] + size_[small];
  if (all > small_group) {
    if (!was_indexed)
      for (auto i = first_[large]; i != none; i = next_[i]) index(large, i);
    for (auto i = first_[small]; i != none; i = next_[i]) index(large, i);
  }
  if (first_[large] == none)
    first_[large] = first_[small];
  else
    next_[last_[large]] = first_[small];
  last_[large] = last_[small];
  size_[large] = all;
}

}  // namespace outro
