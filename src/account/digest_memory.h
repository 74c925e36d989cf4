/// @file
/// Digests of track objects that the process has made: accounts repeat the same objects many times, and a
/// SHA-256 of each of them every time would be a tenth of an export.
///
/// An object is known by its keyed hash (base/keyed_hash.h), so that nobody can write one that passes for
/// another. What is forgotten is made again: no digest depends on what is here.
#pragma once

#include <tbb/spin_mutex.h>

#include <array>
#include <cstdint>
#include <memory>

#include "base/digest.h"

namespace outro {

/// Of one layout, which says what is cut out of an object before its digest is made. Shared by all readers of
/// a run; every member function may be called from any thread.
class digest_memory {
 public:
  static constexpr std::uint64_t object_bytes = 32;  ///< memory for each object

  /// Uses at most this much memory, which the kernel gives as it fills. Throws bad_alloc.
  explicit digest_memory(std::uint64_t bytes);

  /// Starts loading what `find` will read into the processor's cache.
  void prefetch(const hash128& object) const { __builtin_prefetch(&sets_.get()[set_of(object)]); }
  bool find(const hash128& object, digest128& digest);
  void remember(const hash128& object, const digest128& digest);

 private:
  struct entry {
    hash128 object;  ///< empty: the place is free
    digest128 digest;
  };
  /// One cache line. What was found goes first, and the last one gives way to what is new: so objects of many
  /// accounts stay, and the many of one account pass by.
  struct alignas(64) set {
    std::array<entry, 2> entries;
  };
  struct unmapper {
    std::size_t bytes;
    void operator()(set* sets) const;
  };

  [[nodiscard]] std::size_t set_of(const hash128& object) const { return (object.low >> 32) * count_ >> 32; }

  std::size_t count_;
  std::unique_ptr<set, unmapper> sets_;
  std::array<tbb::spin_mutex, 1024> locks_;  ///< each is held while a few words are copied
};

}  // namespace outro
