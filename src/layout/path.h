/// @file
/// Paths of a layout: their syntax, and the trie that they are compiled into.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "layout/layout.h"

namespace outro {

/// Why a layout is refused, and the line at fault. An exception, because the TOML parser throws as well and
/// every level of the reader would only pass a status on; parse_layout turns both into a status.
class layout_error : public std::runtime_error {
 public:
  layout_error(std::uint32_t line, const std::string& reason) : std::runtime_error(reason), line_(line) {}
  [[nodiscard]] std::uint32_t line() const { return line_; }

 private:
  std::uint32_t line_;
};

[[noreturn]] void refuse(std::uint32_t line, const std::string& reason);

/// A text for a one-line message: in quotes, cut after 80 bytes, control characters replaced.
std::string quoted(std::string_view text);

/// A text of the TOML, and its line.
struct placed_text {
  std::string text;
  std::uint32_t line = 1;
};

/// The steps of a path: keys, and `element_step` for every element of an array.
using layout_path = std::vector<std::string>;
inline constexpr std::string_view element_step = "[]";

/// The most steps of a path from the root of a document.
inline constexpr std::size_t max_path_steps = 16;

/// A path with at least one key. Throws layout_error.
layout_path parse_path(const placed_text& path);
/// A path relative to something, where "." is the thing itself (no steps). Throws layout_error.
layout_path parse_relative_path(const placed_text& path);

/// `back` appended to `front`; refuses a path that is too deep.
layout_path joined(const layout_path& front, const layout_path& back, std::uint32_t line);
std::string path_text(const layout_path& path);
bool is_prefix(const layout_path& front, const layout_path& whole);
bool has_element_step(const layout_path& path, std::size_t from = 0);

/// The node at a path, made if there is none yet. Node 0 must exist.
std::uint32_t node_at(std::vector<layout_node>& trie, const layout_path& path);

}  // namespace outro
