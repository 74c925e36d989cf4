/// @file
/// What fuzz targets share. A target is one file with LLVMFuzzerTestOneInput and no main: libFuzzer brings
/// one (preset `fuzz`), and replay.cpp another, which the ordinary tests run over seeds and regressions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "base/bytes.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace outro::fuzzing {

/// Ends the process where a promise does not hold, so that the fuzzer keeps the input.
inline void must(bool holds, const char* promise) {
  if (holds) return;
  (void)std::fprintf(stderr, "broken promise: %s\n", promise);
  std::abort();
}

/// An input whose first bytes choose how the rest is used.
class choices {
 public:
  choices(const std::uint8_t* data, std::size_t size) : rest_(reinterpret_cast<const char*>(data), size) {}

  /// The next byte; 0 where there is none.
  std::uint8_t byte() {
    if (rest_.empty()) return 0;
    const auto value = static_cast<std::uint8_t>(rest_.front());
    rest_.remove_prefix(1);
    return value;
  }
  /// What no choice has taken.
  [[nodiscard]] std::string_view rest() const { return rest_; }

 private:
  std::string_view rest_;
};

/// Sizes of reads: fixed where the choice is small, else varied by a generator that starts from it.
class read_sizes {
 public:
  explicit read_sizes(std::uint8_t choice) : state_(choice), fixed_(choice < 64 ? choice + 1U : 0) {}

  std::size_t next() {
    if (fixed_ > 0) return fixed_;
    state_ = state_ * 6364136223846793005ULL + 1442695040888963407ULL;
    return 1 + (state_ >> 33) % 97;
  }

 private:
  std::uint64_t state_;
  std::size_t fixed_;
};

/// A document as the framer hands it on: a line feed behind it, and readable bytes behind that.
inline buffer padded(std::string_view document) {
  buffer bytes;
  bytes.append(document);
  bytes.append("\n");
  bytes.pad();
  return bytes;
}

}  // namespace outro::fuzzing
