/// @file
/// What the tests of layouts share: a small layout that is changed in one place, and looks into the tries.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "layout/load.h"

namespace outro {

using strings = std::vector<std::string>;

/// A small layout that the tests of refusals change in one place.
inline constexpr std::string_view small_layout = R"(format = "outro-layout/1"
service = "demo"
[account]
id = "user"
exported_at = "dumped"
[track]
paths = ["likes[].t", "lists[].items[].t"]
id = "tid"
title = "name"
[playlists]
rows = "lists[]"
name = "title"
entries = "items[]"
[[tables]]
file = "likes.csv"
rows = "likes[]"
columns = [{header = "Name", track = "title"}]
[privacy]
redact = ["apiKey"]
)";

inline layout compiled(std::string_view toml) {
  auto parsed = parse_layout(toml, "t.toml");
  EXPECT_TRUE(parsed.has_value()) << (parsed ? "" : parsed.error().message);
  return parsed ? std::move(*parsed) : layout{};
}

/// The small layout with `from` replaced by `to`.
inline std::string changed(std::string_view from, std::string_view to) {
  std::string toml(small_layout);
  const auto at = toml.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return at == std::string::npos ? toml : toml.replace(at, from.size(), to);
}

/// Expects a refusal that names the line with the mark `#!` and says `reason`.
inline void expect_refused(std::string_view from, std::string_view to, std::string_view reason) {
  const auto toml = changed(from, to);
  const auto mark = toml.find("#!");
  ASSERT_NE(mark, std::string::npos);
  const auto line = 1 + std::count(toml.begin(), toml.begin() + static_cast<std::ptrdiff_t>(mark), '\n');
  const auto parsed = parse_layout(toml, "t.toml");
  ASSERT_FALSE(parsed.has_value()) << "accepted: " << to;
  EXPECT_EQ(parsed.error().kind, failure::usage);
  const auto& message = parsed.error().message;
  EXPECT_TRUE(message.starts_with("t.toml:" + std::to_string(line) + ": ")) << message << "\nfor: " << to;
  EXPECT_NE(message.find(reason), std::string::npos) << message << "\nfor: " << to;
  EXPECT_EQ(message.find('\n'), std::string::npos) << message;
}

inline void expect_added_refused(std::string_view added, std::string_view reason) {
  expect_refused("[privacy]\n", std::string(added) + "\n[privacy]\n", reason);
}

/// The node at a path, followed independently of the compiler; fails the test where there is none.
inline layout_node node(const std::vector<layout_node>& trie, const strings& steps) {
  std::uint32_t at = 0;
  for (const auto& step : steps) {
    at = step == "[]" ? trie[at].element : layout::child(trie[at], step);
    if (at == no_index) {
      ADD_FAILURE() << "no node at " << step;
      return {};
    }
  }
  return trie[at];
}

inline std::uint32_t table_of(const layout& l, std::string_view file) {
  for (std::uint32_t t = 0; t < l.tables.size(); ++t)
    if (l.tables[t].file == file) return t;
  ADD_FAILURE() << "no table " << file;
  return 0;
}

/// Whether a node is noted in this cell of this table.
inline bool notes(const layout_node& at, std::uint32_t table, std::uint32_t cell) {
  return std::any_of(at.captures.begin(), at.captures.end(),
                     [&](const capture& c) { return c.table == table && c.cell == cell; });
}

inline strings slot_paths(const layout& l, role r) {
  strings paths;
  for (const auto slot : l.roles[static_cast<std::size_t>(r)]) paths.push_back(l.slots[slot].path);
  return paths;
}

template <class Enum>
std::uint32_t number(Enum e) {
  return static_cast<std::uint32_t>(e);
}

}  // namespace outro
