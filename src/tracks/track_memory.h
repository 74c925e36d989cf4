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

/// What a run remembers, in bytes.
struct track_memory_sizes {
  std::uint64_t tracks = 1U << 20;  ///< 72 for each object
  std::uint64_t contents =
      1U << 16;  ///< 8 for each; what is forgotten is described again, in some other part

  [[nodiscard]] std::uint64_t sum() const { return tracks + contents; }
};

/// Shares of a budget, and not more than a run's documents can fill.
/// @param catalogue whether contents will be asked for
track_memory_sizes track_memory_for(std::uint64_t budget, bool catalogue,
                                    std::uint64_t document_bytes = ~0ULL);

/// Shared by all workers; every member function may be called from any thread.
class track_memory {
 public:
  /// Takes at most so many bytes, by and by, beside the tables of Unicode.
  explicit track_memory(const track_memory_sizes& bytes);
  ~track_memory();

  [[nodiscard]] const fold_table& folding() const { return folding_; }

  /// An object is remembered under its XXH3-128 with this seed: another for each process, so that no dump can
  /// aim at it.
  [[nodiscard]] std::uint64_t seed() const { return seed_; }
  /// Begin to fetch what `find` will read: first for every object, then, some time later, again for every
  /// one.
  void prefetch_tags(const hash128& object) const { __builtin_prefetch(&tags_.data[set_of(object)]); }
  void prefetch_track(const hash128& object) const;
  bool find(const hash128& object, known_track& known);
  void remember(const hash128& object, const known_track& known);

  /// Whether this content was asked for before; sometimes it says no although it was, never the other way.
  bool seen_before(std::uint64_t content);
  void prefetch_content(std::uint64_t content) const {
    __builtin_prefetch(&seen_.data[place(content, seen_sets_)]);
  }

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
  /// Bit 0 says that there is something, bit 1 that it was found again since the last look at it.
  static std::uint64_t tag_of(const hash128& object) { return (object.high & ~3ULL) | 1; }
  static bool has(std::uint64_t word, std::uint64_t tag) { return (word & ~2ULL) == tag; }

  fold_table folding_;
  std::uint64_t seed_;
  std::size_t sets_, seen_sets_;
  zeroed<tags> tags_;
  zeroed<known_track> tracks_;  ///< `ways` for each set
  zeroed<contents> seen_;
  /// Held for a copy of a few words: waiting for it by turning costs less than asking the kernel.
  std::vector<tbb::spin_mutex> locks_{lock_count};
};

}  // namespace outro
