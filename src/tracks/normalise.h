/// @file
/// Normalisation of texts for keys: width, case, brackets, dashes, quotes and invisible characters do not
/// matter.
#pragma once

#include <string>
#include <string_view>

#include "tracks/fold_table.h"

namespace outro {

/// Longer texts are cut before they are folded; titles are far shorter.
inline constexpr std::size_t max_folded_bytes = 4096;

/// A folded text: code points as fold_table has them (letters, or one ASCII mark for each kind of mark).
struct folded_text {
  std::u32string points;
  bool has_kana = false;
  bool has_traditional = false;  ///< has characters that simplified Chinese replaces; Japanese has them too
};

/// Folds `text` (UTF-8) into `out`: NFKC and case folding. Accents are removed unless the text is Vietnamese,
/// where they distinguish words. Katakana and hiragana are not converted into each other.
void fold(const fold_table& table, std::string_view text, folded_text& out);

/// Converts traditional Chinese to simplified. A text with kana is Japanese and stays as it is.
void simplify(const fold_table& table, std::u32string& points);
/// The same for a text just folded.
void simplify(const fold_table& table, folded_text& text);

/// Appends the letters of `text` to a key, without spaces and marks. Marks between two digits become one
/// space ("1.5" is not "15"), and `&` becomes "and".
void append_letters(std::u32string_view text, std::u32string& key);

}  // namespace outro
