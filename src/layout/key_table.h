/// @file
/// Finds a text among a few keys; looked up for every key of every document.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace outro {

inline constexpr std::uint32_t no_index = 0xffffffff;

/// A key with a meaning at its place.
struct known_key {
  std::string name;
  std::uint32_t child = no_index;  ///< the node of the trie that it leads to
  bool is_redacted = false;
};

/// A hash table of fixed size with lists: most keys of a document are not in it and hit an empty place.
/// Read-only after construction, and so thread-safe.
class key_table {
 public:
  key_table() = default;
  key_table(std::span<const std::pair<std::string, std::uint32_t>> children,
            std::span<const std::string> redacted);

  /// The key, or null.
  [[nodiscard]] const known_key* find(std::string_view text) const {
    for (auto i = first_[place_of(text)]; i != none; i = next_[i])
      if (const auto& known = keys_[i]; equal(known.name, text)) return &known;
    return nullptr;
  }

 private:
  static constexpr std::size_t places = 64;
  static constexpr std::uint32_t none = no_index;

  static constexpr std::array<std::uint32_t, places> nothing() {
    std::array<std::uint32_t, places> a{};
    a.fill(none);
    return a;
  }

  /// First byte, last byte and length mostly differ between the keys of one object.
  static std::size_t place_of(std::string_view text) {
    if (text.empty()) return 0;
    const auto first = static_cast<unsigned char>(text.front()),
               last = static_cast<unsigned char>(text.back());
    return (text.size() + 7U * first + 29U * last) % places;
  }
  /// Without a call of memcmp, which costs more than comparing a short key.
  static bool equal(std::string_view a, std::string_view b) {
    if (a.size() != b.size()) return false;
    if (a.size() < 8 || a.size() > 16) return a == b;
    return word(a, 0) == word(b, 0) && word(a, a.size() - 8) == word(b, a.size() - 8);
  }
  static std::uint64_t word(std::string_view text, std::size_t at) {
    std::uint64_t w;
    std::memcpy(&w, text.data() + at, sizeof w);
    return w;
  }

  std::vector<known_key> keys_;
  std::array<std::uint32_t, places> first_ = nothing();  ///< of the keys with this hash
  std::vector<std::uint32_t> next_;                      ///< by key: the next one with its hash
};

}  // namespace outro
