/// @file
/// Texts as keys see them: width, case, brackets, dashes, quotes and invisible characters evened out.
#pragma once

#include <string>
#include <string_view>

#include "tracks/fold_table.h"

namespace outro {

/// Longer texts are cut before they are folded; no title comes near.
inline constexpr std::size_t max_folded_bytes = 4096;

/// A folded text: code points as fold_table has them (letters, or one ASCII mark for each kind of mark).
struct folded_text {
  std::u32string points;
  bool has_kana = false;
  bool has_traditional = false;  ///< characters that Chinese has simplified; Japanese uses many of them
};

/// Folds `text` (UTF-8) into `out`: NFKC and case folding; accents go unless the text is Vietnamese, where
/// they tell words apart. Kana is never converted: katakana and hiragana stay what they are.
void fold(const fold_table& table, std::string_view text, folded_text& out);

/// Traditional Chinese to simplified, unless there is kana, for then it is Japanese.
void simplify(const fold_table& table, std::u32string& points);
/// As above, for a text just folded.
void simplify(const fold_table& table, folded_text& text);

/// Appends the letters of `text` to a key: what remains of a title when spelling is taken out. Marks between
/// two digits become a space ("1.5" is not "15"), and `&` becomes "and".
void append_letters(std::u32string_view text, std::u32string& key);

}  // namespace outro
