/// @file
/// What is remembered of track objects through a run: accounts hold far more of them than there are.
///
/// Everything remembered is a pure function of the object's bytes, so that what is forgotten is computed
/// again and nothing that is written depends on it.
#pragma once

#include <tbb/spin_mutex.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "tracks/track_facts.h"

namespace outro {

/// What is remembered of one object.
struct known_track {
  track_facts facts;
  std::uint64_t content = 0;  ///< of id and catalogue fields (content_of); 0 where there is no id
};

/// What identifies an id together with the fields that stand under it in the catalogue; never 0.
/// @param id hash of the id, as in track_facts
std::uint64_t content_of(std::uint64_t id, std::string_view fields);

/// Shared by all workers; every member function may be called from any thread.
class track_memory {
 public:
  /// Takes at most `bytes`, by and by, beside the tables of Unicode.
  /// @param contents some of it is for `seen_before`, which is asked of a catalogue's contents only
  track_memory(std::uint64_t bytes, bool contents);
  ~track_memory();

  [[nodiscard]] const fold_table& folding() const { return folding_; }

  /// What an object is remembered under. Seeded for each process, so that no dump can aim at it.
  [[nodiscard]] hash128 name_of(std::string_view object) const;
  /// Begin to fetch what `find` will read: first for every object, then, some time later, again for every
  /// one.
  void prefetch_tags(const hash128& object) const { __builtin_prefetch(&tags_.data[set_of(object)]); }
  void prefetch_track(const hash128& object) const;
  bool find(const hash128& object, known_track& known);
  void remember(const hash128& object, const known_track& known);

  /// Whether this content was asked for before; sometimes it says no although it was, never the other way.
  bool seen_before(std::uint64_t content);

 private:
  static constexpr std::size_t ways = 4;
  static constexpr std::size_t lock_count = 1024;
  /// Parts of the names that a set holds: looked at first, and most often alone.
  struct tags {
    std::atomic<std::uint64_t> of_way[ways];  ///< read without the lock by those who only guess
  };
  /// Contents that were described: whole, for a description that is nowhere ends the merge.
  struct alignas(64) contents {
    std::atomic<std::uint64_t> of_way[8];
  };
  template <class T>
  struct zeroed {
    explicit zeroed(std::size_t n);
    ~zeroed();
    zeroed(const zeroed&) = delete;
    zeroed& operator=(const zeroed&) = delete;
    T* data;
    std::size_t bytes;
  };

  [[nodiscard]] std::size_t set_of(const hash128& object) const { return place(object.low, sets_); }
  /// Spreads a hash over `n` places, fewer than 2^32, by its highest bits.
  static std::size_t place(std::uint64_t hash, std::size_t n) { return (hash >> 32) * n >> 32; }
  static std::uint64_t tag_of(const hash128& object) { return object.high | 1; }

  fold_table folding_;
  std::uint64_t seed_;
  std::size_t sets_, seen_sets_;
  zeroed<tags> tags_;
  zeroed<known_track> tracks_;  ///< `ways` for each set
  zeroed<contents> seen_;
  /// Held for a copy of a few words: waiting for it by turning costs less than asking the kernel.
  std::vector<tbb::spin_mutex> locks_{lock_count};
};

/// What a run remembers tracks in: a part of a budget in bytes, and not more than its documents can fill.
std::uint64_t track_memory_for(std::uint64_t budget, std::uint64_t document_bytes = ~0ULL);

}  // namespace outro
