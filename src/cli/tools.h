/// @file
/// What several commands need: standard output with every write checked, and text for terminals.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/machine.h"
#include "outro/status.h"

namespace outro {

/// Standard output. The first failure sticks and is told by `close`.
class standard_output {
 public:
  void write(std::string_view text);
  [[nodiscard]] bool ok() const { return failure_.ok(); }
  /// Writes what is left. Call it once, at the end.
  status close();

 private:
  std::string buffer_;
  status failure_;
};

/// The command line of this process, as it was given.
std::vector<std::string> command_line();

/// An instant in ISO 8601, or empty.
std::string iso8601(std::optional<std::int64_t> ms);

/// Text filled with spaces up to a width in code points; numbers stand at the right.
std::string left(std::string_view text, std::size_t width);
std::string right(std::string_view text, std::size_t width);

}  // namespace outro
