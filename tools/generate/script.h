/// Writing systems: the spellings under which one title turns up on different releases.
///
/// All of them are undone by Unicode NFKC with case folding, or by mapping traditional to simplified Chinese:
/// two spellings made here name the same title.
#pragma once

#include <string>
#include <string_view>

namespace outro::generate {

enum class script { simplified, traditional, japanese, english };

/// Simplified to traditional Chinese, for the characters of the word lists; others stay.
std::string to_traditional(std::string_view text);
/// ASCII to full-width forms (U+FF01..U+FF5E, U+3000).
std::string to_full_width(std::string_view text);
/// Katakana to half-width forms; hiragana and kanji stay.
std::string to_half_width_kana(std::string_view text);
std::string to_upper_ascii(std::string_view text);
std::string to_lower_ascii(std::string_view text);

}  // namespace outro::generate
