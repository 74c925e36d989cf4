/// @file
/// Memory in large pages, where the kernel grants them: for large tables with random look-ups, whose main
/// cost is finding the page, and for the buffers of direct I/O.
#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <cstdlib>
#include <limits>
#include <new>

namespace outro {

inline constexpr std::size_t huge_page = 2U << 20;

/// At least `bytes`, rounded up to whole large pages; not zeroed, freed by free(). Throws bad_alloc.
inline void* allocate_huge(std::size_t bytes) {
  if (bytes > std::numeric_limits<std::size_t>::max() - huge_page) throw std::bad_alloc();
  void* p = std::aligned_alloc(huge_page, (bytes + huge_page - 1) / huge_page * huge_page);  // NOLINT
  if (p == nullptr) throw std::bad_alloc();
  (void)::madvise(p, bytes, MADV_HUGEPAGE);  // a refusal costs speed only
  return p;
}

/// An allocator for containers. Small ones take ordinary memory.
template <class T>
struct huge_page_allocator {
  using value_type = T;

  huge_page_allocator() = default;
  template <class U>
  huge_page_allocator(const huge_page_allocator<U>&) {}  // NOLINT(google-explicit-constructor)

  T* allocate(std::size_t n) {
    if (n > (std::numeric_limits<std::size_t>::max() - huge_page) / sizeof(T)) throw std::bad_alloc();
    const auto bytes = n * sizeof(T);
    if (bytes >= 2 * huge_page) return static_cast<T*>(allocate_huge(bytes));
    void* p = std::malloc(bytes);  // NOLINT
    if (p == nullptr) throw std::bad_alloc();
    return static_cast<T*>(p);
  }
  void deallocate(T* p, std::size_t) { std::free(p); }  // NOLINT

  bool operator==(const huge_page_allocator&) const = default;
};

}  // namespace outro
