/// @file
/// Typed access to the TOML of a layout: every wrong type and unknown key is refused with its line.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "layout/path.h"
#include "layout/toml_parser.h"

namespace outro {

/// The name nearest to `written`, as "; did you mean …?", or all names where none is near.
std::string suggestion(std::string_view written, std::span<const std::string_view> names);

/// One table of the TOML. Refers to the parsed document, which must outlive it.
/// All of its functions throw layout_error.
class section {
 public:
  /// `name` is what messages call it: "[track]". Refuses keys that are not known.
  section(const toml::table& table, std::string name, std::span<const std::string_view> known_keys);

  [[nodiscard]] std::uint32_t line() const;
  [[nodiscard]] bool has(std::string_view key) const { return table_->contains(key); }

  [[nodiscard]] std::optional<placed_text> text(std::string_view key) const;
  [[nodiscard]] placed_text required_text(std::string_view key) const;
  /// A text or a list of texts; none where the key is absent.
  [[nodiscard]] std::vector<placed_text> texts(std::string_view key) const;
  /// The same, where integers count as their texts.
  [[nodiscard]] std::vector<placed_text> texts_or_integers(std::string_view key) const;
  [[nodiscard]] bool flag(std::string_view key) const;  ///< false where absent

  [[nodiscard]] std::optional<section> child(std::string_view key,
                                             std::span<const std::string_view> known_keys) const;
  [[nodiscard]] section required_child(std::string_view key,
                                       std::span<const std::string_view> known_keys) const;
  /// The tables of a list of tables; none where the key is absent. `name` as in the constructor.
  [[nodiscard]] std::vector<section> children(std::string_view key, const std::string& name,
                                              std::span<const std::string_view> known_keys) const;

 private:
  [[nodiscard]] std::vector<placed_text> list(std::string_view key, bool integers) const;
  [[nodiscard]] std::string called(std::string_view key) const;

  const toml::table* table_;
  std::string name_;
};

}  // namespace outro
