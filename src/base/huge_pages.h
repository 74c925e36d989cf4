/// @file
/// Memory for large tables that are looked up at random, in large pages where the kernel grants them: most of
/// what such a look-up costs is finding the page.
#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <cstdlib>
#include <limits>
#include <new>

namespace outro {

/// An allocator for containers. Small ones take ordinary memory.
template <class T>
struct huge_page_allocator {
  using value_type = T;
  static constexpr std::size_t page = 2U << 20;

  huge_page_allocator() = default;
  template <class U>
  huge_page_allocator(const huge_page_allocator<U>&) {}  // NOLINT(google-explicit-constructor)

  T* allocate(std::size_t n) {
    if (n > (std::numeric_limits<std::size_t>::max() - page) / sizeof(T)) throw std::bad_alloc();
    const auto bytes = n * sizeof(T);
    const bool large = bytes >= 2 * page;
    void* p = large ? std::aligned_alloc(page, (bytes + page - 1) / page * page)  // NOLINT
                    : std::malloc(bytes);                                         // NOLINT
    if (p == nullptr) throw std::bad_alloc();
    if (large) (void)::madvise(p, bytes, MADV_HUGEPAGE);  // only faster where it is granted
    return static_cast<T*>(p);
  }
  void deallocate(T* p, std::size_t) { std::free(p); }  // NOLINT

  bool operator==(const huge_page_allocator&) const = default;
};

}  // namespace outro
