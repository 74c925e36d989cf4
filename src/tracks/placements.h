/// @file
/// Where the tracks of groups stand on their albums, so that no two of a group have other numbers on one
/// album.
#pragma once

#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

#include "tracks/track_facts.h"

namespace outro {

/// Groups are named by the index of one of their tracks. Small groups are compared pair by pair; larger ones
/// have an index, and merging moves the smaller into the larger one: n log n for n tracks.
class placement_book {
 public:
  /// Every track is a group of its own.
  void reset(std::span<const track_facts> tracks);

  [[nodiscard]] std::uint32_t size_of(std::uint32_t group) const { return size_[group]; }
  /// Whether a track of `small` contradicts one of `large`, which is at least as large.
  [[nodiscard]] bool contradict(std::uint32_t large, std::uint32_t small);
  /// Adds the tracks of `small` to `large`, which is at least as large.
  void merge(std::uint32_t large, std::uint32_t small);

  /// Comparisons and moves so far.
  [[nodiscard]] std::uint64_t work() const { return work_; }

 private:
  /// The numbers of a group on one album; `several` of them contradict every other number.
  struct numbers {
    std::uint16_t disc = 0, track = 0;
  };
  static constexpr std::uint16_t several = 0xffff;
  enum class space : std::uint8_t { by_id, by_name_without_id, by_name };

  static bool has_placement(const track_facts& t);
  static bool differ(const numbers& known, const track_facts& t);
  [[nodiscard]] std::uint64_t key_of(std::uint32_t group, space kind, std::uint32_t album) const;
  [[nodiscard]] const numbers* find(std::uint32_t group, space kind, std::uint32_t album) const;
  void add(std::uint32_t group, space kind, std::uint32_t album, const track_facts& t);
  void index(std::uint32_t group, std::uint32_t track);
  [[nodiscard]] bool contradicts_index(std::uint32_t group, const track_facts& t) const;

  static constexpr std::uint32_t none = 0xffffffff;
  static constexpr std::uint32_t small_group = 8;

  std::span<const track_facts> tracks_;
  std::vector<std::uint32_t> first_, last_, next_, size_;  ///< lists of the tracks with a placement, by group
  std::unordered_map<std::uint64_t, numbers> index_;
  std::uint64_t seed_ = 0;
  std::uint64_t work_ = 0;
};

}  // namespace outro
