/// @file
/// Large allocations that fail for real: `operator new` throws where a test asks for it. A test program that
/// uses it has failing_new.cpp among its sources.
#pragma once

#include <cstddef>
#include <cstdint>

namespace outro::testing {

/// While it lives, every allocation of at least so many bytes throws bad_alloc, on the threads chosen. One at
/// a time. What is allocated by malloc, as buffers of documents are, is not seen.
class failing_new {
 public:
  enum class on : std::uint8_t { this_thread, other_threads };

  failing_new(std::size_t at_least, on threads);
  ~failing_new();
  failing_new(const failing_new&) = delete;
  failing_new& operator=(const failing_new&) = delete;

  /// Bytes of the allocation that failed first; 0: none did. A test that counts on a certain one looks at it.
  [[nodiscard]] std::size_t first_failed() const;
};

}  // namespace outro::testing
