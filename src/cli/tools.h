/// @file
/// What several commands need: standard output with every write checked, and text for terminals.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/machine.h"
#include "outro/status.h"

namespace outro {

/// Standard output. `close` returns the first failure.
class standard_output {
 public:
  void write(std::string_view text);
  [[nodiscard]] bool ok() const { return failure_.ok(); }
  /// Writes what is there.
  void flush();
  /// Writes what is left. Call it once, at the end.
  status close();

 private:
  std::string buffer_;
  status failure_;
};

/// The command line of this process, as it was given.
std::vector<std::string> command_line();

/// Where a measurement keeps its temporary data by default: TMPDIR or /tmp.
std::filesystem::path temporary_folder();
inline constexpr const char* work_help =
    "Where the sample and the outputs of trial runs are kept meanwhile, best on the disk of the real output "
    "(default: TMPDIR or /tmp)";

/// --account ID, and --account-json for an id that no command line can hold. Both give the id to `take`; the
/// group that they are in is returned.
CLI::Option_group* add_account(CLI::App& command, const std::function<void(const std::string&)>& take);

/// An instant in ISO 8601, or empty.
std::string iso8601(std::optional<std::int64_t> ms);

/// Text padded with spaces to a width in code points: on its right (`left`), or on its left for numbers.
std::string left(std::string_view text, std::size_t width);
std::string right(std::string_view text, std::size_t width);

}  // namespace outro
