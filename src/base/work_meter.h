/// @file
/// Counts the memory that the work on one thing allocates, and refuses what goes beyond its share.
///
/// What a hostile document takes cannot be told from its size: notes, tables and tars grow with what is in
/// it. So it is not estimated but counted, allocation by allocation, and work that outgrows its share ends
/// with bad_alloc, as if there were no more memory; whoever gave the share may then wait for a larger one.
///
/// Counted are `new`, where the program replaces it (cli/metered_new.cpp does for `outro`), and the memory of
/// `buffer`. Memory of C libraries is not: it does not grow with a document.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <new>

namespace outro {

/// Counts for the calling thread from its construction to its destruction, on that thread. They nest; the
/// inner one counts alone.
class work_meter {
 public:
  static constexpr std::int64_t no_limit = std::numeric_limits<std::int64_t>::max();

  /// @param used bytes that the work holds already, on other threads too; kept up to date. Memory that was
  /// allocated elsewhere and is freed here makes it fall, even below 0.
  /// @param limit more than this is refused
  explicit work_meter(std::int64_t& used, std::int64_t limit = no_limit)
      : used_(used), limit_(limit), outer_(current_) {
    current_ = this;
  }
  ~work_meter() { current_ = outer_; }
  work_meter(const work_meter&) = delete;
  work_meter& operator=(const work_meter&) = delete;

  /// Nothing is refused from here on: what failed is taken back.
  void lift() { limit_ = no_limit; }
  /// Whether the limit was in the way of an allocation.
  [[nodiscard]] bool has_refused() const { return refused_; }

  /// What the calling thread allocates counts nowhere while this lives.
  class pause {
   public:
    pause() : outer_(current_) { current_ = nullptr; }
    ~pause() { current_ = outer_; }
    pause(const pause&) = delete;
    pause& operator=(const pause&) = delete;

   private:
    work_meter* outer_;
  };

  /// Throws bad_alloc where so many bytes more are too many. For allocators.
  static void ask(std::size_t bytes) {
    if (current_ != nullptr) current_->check(bytes);
  }
  /// An allocation became larger or smaller by so much. For allocators.
  static void count(std::int64_t bytes) {
    if (current_ != nullptr) current_->used_ += bytes;
  }
  [[nodiscard]] static bool is_counting() { return current_ != nullptr; }

 private:
  void check(std::size_t bytes) {
    if (used_ <= limit_ && bytes <= static_cast<std::uint64_t>(limit_ - used_)) return;
    refused_ = true;
    throw std::bad_alloc();
  }

  std::int64_t& used_;
  std::int64_t limit_;
  bool refused_ = false;
  work_meter* outer_;
  /// An allocator is not told for whom it works, so each thread has to know.
  static inline constinit thread_local work_meter* current_ = nullptr;
};

/// As realloc and free, counted. Throws bad_alloc.
void* metered_realloc(void* p, std::size_t bytes);
void metered_free(void* p) noexcept;

}  // namespace outro
