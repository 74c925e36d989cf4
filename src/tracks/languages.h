/// @file
/// Languages of a track, as a set of bits.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace outro {

/// The languages that a text may mean; 0: it says nothing. Two sets that share no language contradict.
using language_set = std::uint16_t;

/// Whether two tracks are in different languages for certain.
inline constexpr bool languages_differ(language_set a, language_set b) {
  return a != 0 && b != 0 && (a & b) == 0;
}

/// Reads names and codes of languages. Immutable once made.
class language_reader {
 public:
  language_reader();

  /// The languages of a folded and simplified text: names or codes with anything between them. A name that
  /// nobody knows counts if nothing else is known, so that it differs from what is.
  [[nodiscard]] language_set of_text(std::u32string_view text) const;
  /// The language with this name, or 0. Not of codes, which may be words as well.
  [[nodiscard]] language_set named(std::u32string_view letters) const;
  /// The names alone.
  [[nodiscard]] const std::vector<std::pair<std::u32string, language_set>>& names() const { return names_; }

 private:
  std::unordered_map<std::u32string, language_set> known_;
  std::vector<std::pair<std::u32string, language_set>> names_;
};

/// "mandarin+english"; empty for none.
std::string name_of_languages(language_set languages);

}  // namespace outro
