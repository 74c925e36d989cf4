/// @file
/// A table of folded code points, made with ICU once.
///
/// ICU's normaliser and transliterators take a microsecond for each text, and transliterators are not
/// thread-safe, so the table keeps their results for single code points. Code points that may combine with
/// their neighbours (combining marks, half-width voiced kana) have the flag `composes`; ICU folds a text with
/// them as a whole.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace outro {

/// One code point after NFKC and case folding: the code point, or an index, and flags above it.
namespace folded {
inline constexpr std::uint32_t code_mask = 0x1fffff;
inline constexpr std::uint32_t drop = 1U << 21;      ///< zero width, variation selectors, controls
inline constexpr std::uint32_t expand = 1U << 22;    ///< the code is an index of `expansions`
inline constexpr std::uint32_t composes = 1U << 23;  ///< may combine with its neighbour
inline constexpr std::uint32_t kana = 1U << 24;
inline constexpr std::uint32_t han = 1U << 25;         ///< has another simplified form
inline constexpr std::uint32_t accented = 1U << 26;    ///< a Latin letter with marks
inline constexpr std::uint32_t vietnamese = 1U << 27;  ///< a letter that only Vietnamese has
}  // namespace folded

/// Immutable, and shared by all threads. Building it takes about 50 ms, in ICU.
class fold_table {
 public:
  /// Throws std::runtime_error if ICU's data is missing.
  fold_table();

  /// Folds punctuation to one ASCII character of its kind: ( ) - ~ ' " & / ; , | space, and `.` for every
  /// other mark or symbol. So ASCII letters and digits, `$`, and all code points from U+0080 on are letters.
  [[nodiscard]] std::uint32_t fold(char32_t c) const { return c < bmp_.size() ? bmp_[c] : fold_rare(c); }
  [[nodiscard]] std::u32string_view expansion(std::uint32_t entry) const {
    return expansions_[entry & folded::code_mask];
  }
  /// The simplified form of a traditional Chinese character, or the character.
  [[nodiscard]] char32_t simplified(char32_t c) const {
    return c >= first_han && c - first_han < simplified_.size() ? simplified_[c - first_han] : c;
  }
  /// An accented Latin letter without its marks; any other code point as it is.
  [[nodiscard]] char32_t without_marks(char32_t c) const {
    return c < without_marks_.size() && without_marks_[c] != 0 ? without_marks_[c] : c;
  }

  static bool is_letter(char32_t c) {
    return c >= 0x80 || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '$';
  }

 private:
  static constexpr char32_t first_han = 0x3400;

  void read_simplified();
  void read_latin();
  void read_folding();
  [[nodiscard]] std::uint32_t fold_rare(char32_t c) const;
  std::uint32_t entry_of(char32_t c);

  std::vector<std::uint32_t> bmp_;
  std::vector<std::u32string> expansions_;
  std::vector<char32_t> simplified_;
  std::vector<char32_t> without_marks_;
};

/// NFKC with case folding of a whole text (UTF-8), by ICU.
std::string fold_by_icu(std::string_view text);

}  // namespace outro
