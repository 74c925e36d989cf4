/// @file
/// Numbers and weak words of a title: what tells the parts of a work apart, and titles that tell little.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "tracks/code_point_filter.h"

namespace outro {

/// What the words of a title say by their kind.
struct title_words {
  std::uint16_t numbers = 0;  ///< hash of the numbers and Roman numerals, in order; 0: none
  bool weak = false;  ///< nothing but words that many recordings have, such as "Intro" and "I. Allegro"
};

/// Reads the words of titles. Holds scratch memory; one per thread.
class title_word_reader {
 public:
  title_word_reader();

  /// Reads a folded title without its additions. Spells "Pt." and "Part", "Vol." and "Volume" alike, and a
  /// Roman numeral behind them as a number.
  title_words read(std::u32string& title);

 private:
  enum class weakness : std::uint8_t { none, filler, title };
  [[nodiscard]] weakness weakness_of(std::u32string_view word) const;

  std::unordered_map<std::u32string, bool> weak_;  ///< whether the word makes a weak title by itself
  code_point_filter weak_starts_;
  std::size_t longest_weak_ = 0;
  std::u32string scratch_;
};

/// 64 bits of the pairs of neighbours in a name: similar names share most of them.
std::uint64_t sketch_of(std::u32string_view letters);
/// The share of the shorter name's pairs that the other has as well.
double similarity_of(std::uint64_t a, std::uint64_t b);

/// The scripts of a name, as bits. Digits are of all.
namespace script {
inline constexpr std::uint8_t latin = 1;
inline constexpr std::uint8_t han = 2;
inline constexpr std::uint8_t kana = 4;
inline constexpr std::uint8_t hangul = 8;
inline constexpr std::uint8_t other = 16;
}  // namespace script
std::uint8_t scripts_of(std::u32string_view letters);

}  // namespace outro
