#include "layout/section.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <utility>

namespace outro {

static std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i + 1);
    for (std::size_t j = 0; j < b.size(); ++j) {
      const auto replaced = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

std::string suggestion(std::string_view written, std::span<const std::string_view> names) {
  constexpr std::size_t longest_name = 32;
  if (written.size() <= longest_name) {
    const std::string_view* nearest = nullptr;
    std::size_t least = (written.size() + 2) / 3 + 1;  // at a larger distance it is another word, not a slip
    for (const auto& name : names)
      if (const auto distance = edit_distance(written, name); distance < least) {
        least = distance;
        nearest = &name;
      }
    if (nearest != nullptr) return fmt::format("; did you mean {}?", quoted(*nearest));
  }
  std::string all = "; known are";
  for (const auto& name : names) all.append(&name == names.data() ? " " : ", ").append(name);
  return all;
}

static std::uint32_t line_of(const toml::source_region& region) {
  return std::max<std::uint32_t>(1, region.begin.line);
}

static std::string_view type_name(const toml::node& node) {
  switch (node.type()) {
    case toml::node_type::table:
      return "a table";
    case toml::node_type::array:
      return "a list";
    case toml::node_type::string:
      return "a string";
    case toml::node_type::integer:
      return "an integer";
    case toml::node_type::floating_point:
      return "a float";
    case toml::node_type::boolean:
      return "a boolean";
    default:
      return "a date or time";
  }
}

[[noreturn]] static void wrong_type(const toml::node& node, const std::string& what,
                                    std::string_view wanted) {
  refuse(line_of(node.source()), fmt::format("{} must be {}, not {}", what, wanted, type_name(node)));
}

section::section(const toml::table& table, std::string name, std::span<const std::string_view> known_keys)
    : table_(&table), name_(std::move(name)) {
  // The table keeps its keys sorted; the reader of the message expects the first in the file.
  const toml::key* unknown = nullptr;
  for (const auto& [key, value] : table)
    if (std::find(known_keys.begin(), known_keys.end(), key.str()) == known_keys.end())
      if (unknown == nullptr || line_of(key.source()) < line_of(unknown->source())) unknown = &key;
  if (unknown != nullptr)
    refuse(line_of(unknown->source()), fmt::format("unknown key {} in {}{}", quoted(unknown->str()), name_,
                                                   suggestion(unknown->str(), known_keys)));
}

std::uint32_t section::line() const {
  return line_of(table_->source());
}

std::string section::called(std::string_view key) const {
  return fmt::format("{} of {}", quoted(key), name_);
}

std::optional<placed_text> section::text(std::string_view key) const {
  const auto* node = table_->get(key);
  if (node == nullptr) return std::nullopt;
  const auto* string = node->as_string();
  if (string == nullptr) wrong_type(*node, called(key), "a string");
  return placed_text{string->get(), line_of(node->source())};
}

placed_text section::required_text(std::string_view key) const {
  auto found = text(key);
  if (!found) refuse(line(), fmt::format("{} is missing in {}", quoted(key), name_));
  return std::move(*found);
}

static placed_text text_of(const toml::node& node, const std::string& what, bool integers) {
  if (const auto* string = node.as_string()) return {string->get(), line_of(node.source())};
  const auto* integer = node.as_integer();
  if (!integers || integer == nullptr)
    wrong_type(node, what, integers ? "strings or integers" : "a string or a list of strings");
  return {std::to_string(integer->get()), line_of(node.source())};
}

std::vector<placed_text> section::list(std::string_view key, bool integers) const {
  std::vector<placed_text> found;
  const auto* node = table_->get(key);
  if (node == nullptr) return found;
  if (const auto* array = node->as_array()) {
    for (const auto& element : *array) found.push_back(text_of(element, called(key), integers));
  } else {
    found.push_back(text_of(*node, called(key), integers));
  }
  return found;
}

std::vector<placed_text> section::texts(std::string_view key) const {
  return list(key, false);
}

std::vector<placed_text> section::texts_or_integers(std::string_view key) const {
  return list(key, true);
}

bool section::flag(std::string_view key) const {
  const auto* node = table_->get(key);
  if (node == nullptr) return false;
  const auto* boolean = node->as_boolean();
  if (boolean == nullptr) wrong_type(*node, called(key), "true or false");
  return boolean->get();
}

std::optional<section> section::child(std::string_view key,
                                      std::span<const std::string_view> known_keys) const {
  const auto* node = table_->get(key);
  if (node == nullptr) return std::nullopt;
  const auto* table = node->as_table();
  if (table == nullptr) wrong_type(*node, called(key), "a table");
  return section(*table, fmt::format("[{}]", key), known_keys);
}

section section::required_child(std::string_view key, std::span<const std::string_view> known_keys) const {
  auto found = child(key, known_keys);
  if (!found) refuse(line(), fmt::format("the table [{}] is missing", key));
  return *found;
}

std::vector<section> section::children(std::string_view key, const std::string& name,
                                       std::span<const std::string_view> known_keys) const {
  std::vector<section> found;
  const auto* node = table_->get(key);
  if (node == nullptr) return found;
  const auto* array = node->as_array();
  if (array == nullptr) wrong_type(*node, called(key), "a list of tables");
  for (const auto& element : *array) {
    const auto* table = element.as_table();
    if (table == nullptr) wrong_type(element, called(key), "a list of tables");
    found.emplace_back(*table, name, known_keys);
  }
  return found;
}

}  // namespace outro
