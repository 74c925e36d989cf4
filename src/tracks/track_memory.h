/// @file
/// A cache of track objects' facts for a run: accounts repeat the same objects many times.
///
/// Every entry is a pure function of the object's bytes. A forgotten entry is computed again, and no archive
/// or catalogue depends on what was forgotten.
#pragma once

#include <tbb/spin_mutex.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "base/keyed_hash.h"
#include "tracks/track_facts.h"

namespace outro {

/// The entry of one object.
struct known_track {
  track_facts facts;
  hash128 content;  ///< see content_of; empty: no id, or no catalogue
};

/// What stands for an id together with the fields that the catalogue has for it, in all processes and parts:
/// SHA-256, cut to 16 bytes, because what is counted of one content is told of its text. With a hash that can
/// be forged, one account could have its own text told of the tracks of all others.
/// @param fields one JSON object, which tells its own end, so that no other id and fields give the same bytes
hash128 content_of(sha256& hash, std::string_view id, std::string_view fields);

/// Sizes of the tables, in bytes.
struct track_memory_sizes {
  std::uint64_t tracks = 1U << 20;  ///< 104 for each object
  /// 8 for each; a forgotten content is described again, in another part of the catalogue.
  std::uint64_t contents = 1U << 16;
  /// Not of this memory but of the one for digests of the same objects (account/digest_memory.h).
  std::uint64_t digests = 1U << 19;

  [[nodiscard]] std::uint64_t sum() const { return tracks + contents + digests; }
};

/// Shares of a budget, limited to what a run's documents can fill.
/// @param catalogue whether seen_before will be used
track_memory_sizes track_memory_for(std::uint64_t budget, bool catalogue,
                                    std::uint64_t document_bytes = ~0ULL);

/// Shared by all workers; every member function may be called from any thread.
class track_memory {
 public:
  /// Uses at most this much memory, growing as it fills, in addition to the Unicode tables.
  explicit track_memory(const track_memory_sizes& bytes);
  ~track_memory();

  [[nodiscard]] const fold_table& folding() const { return folding_; }

  /// An object's key is its keyed hash (account_view::row_hashes), so that no dump can be made to collide.
  ///
  /// Start loading what `find` will read into the processor's cache. Call prefetch_tags for all objects, then
  /// prefetch_track for all.
  void prefetch_tags(const hash128& object) const { __builtin_prefetch(&tags_.data[set_of(object)]); }
  void prefetch_track(const hash128& object) const;
  bool find(const hash128& object, known_track& known);
  void remember(const hash128& object, const known_track& known);

  /// Whether this content was asked about before. May wrongly say no, but never wrongly yes.
  bool seen_before(const hash128& content);
  void prefetch_content(const hash128& content) const {
    __builtin_prefetch(&seen_.data[set_of_content(content)]);
  }

 private:
  static constexpr std::size_t ways = 4;
  static constexpr std::size_t lock_count = 1024;
  /// Parts of the keys in a set: compared first, and usually nothing else is.
  struct tags {
    std::atomic<std::uint64_t> of_way[ways];  ///< prefetching reads it without the lock
  };
  /// Contents that were described, by 64 bits that depend on the process's key: a false match would leave a
  /// content without any description, and the merge would fail; so nobody may be able to make one.
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
  [[nodiscard]] std::size_t set_of_content(const hash128& content) const {
    return place(key_.place_of(content.low), seen_sets_);
  }
  /// Maps a hash to one of `n` places (below 2^32) by its highest bits.
  static std::size_t place(std::uint64_t hash, std::size_t n) { return (hash >> 32) * n >> 32; }
  /// Bit 0: the place is taken. Bit 1: the entry was found since a search for a place passed it.
  static std::uint64_t tag_of(const hash128& object) { return (object.high & ~3ULL) | 1; }
  static bool has(std::uint64_t word, std::uint64_t tag) { return (word & ~2ULL) == tag; }

  const hash_key& key_;
  fold_table folding_;
  std::size_t sets_, seen_sets_;
  zeroed<tags> tags_;
  zeroed<known_track> tracks_;  ///< `ways` for each set
  zeroed<contents> seen_;
  /// Each is held while a few words are copied; spinning costs less than a system call.
  std::vector<tbb::spin_mutex> locks_{lock_count};
};

}  // namespace outro
