#include "testing/failing_new.h"

#include <pthread.h>

#include <atomic>
#include <cstdlib>
#include <limits>
#include <new>

namespace outro::testing {

static constexpr std::size_t never = std::numeric_limits<std::size_t>::max();

static std::atomic<std::size_t> least{never}, first{0};
static std::atomic<bool> of_one_thread{false};
static std::atomic<pthread_t> the_thread{};

failing_new::failing_new(std::size_t at_least, on threads) {
  first = 0;
  the_thread = ::pthread_self();
  of_one_thread = threads == on::this_thread;
  least = at_least;
}

failing_new::~failing_new() {
  least = never;
}

std::size_t failing_new::first_failed() const {
  return first;
}

static bool must_fail(std::size_t bytes) {
  if (bytes < least.load(std::memory_order_acquire)) return false;
  const bool is_the_thread = ::pthread_equal(::pthread_self(), the_thread.load()) != 0;
  if (is_the_thread != of_one_thread.load()) return false;
  std::size_t none = 0;
  first.compare_exchange_strong(none, bytes);
  return true;
}

}  // namespace outro::testing

void* operator new(std::size_t bytes) {
  if (outro::testing::must_fail(bytes)) throw std::bad_alloc();
  void* const p = std::malloc(bytes > 0 ? bytes : 1);
  if (p == nullptr) throw std::bad_alloc();
  return p;
}

// Both kinds of new, so that what one of them gave is never freed by a sanitizer's own delete, or the other
// way.
void* operator new(std::size_t bytes, const std::nothrow_t&) noexcept {
  return outro::testing::must_fail(bytes) ? nullptr : std::malloc(bytes > 0 ? bytes : 1);
}

void operator delete(void* p) noexcept {
  std::free(p);
}

void operator delete(void* p, std::size_t) noexcept {
  std::free(p);
}
