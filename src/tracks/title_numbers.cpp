#include "tracks/title_numbers.h"

#include <algorithm>
#include <array>
#include <bit>
#include <utility>

#include "tracks/fold_table.h"
#include "tracks/word_lists.h"

namespace outro {

namespace {

bool is_digit(char32_t c) {
  return c >= '0' && c <= '9';
}

/// The value of a Roman numeral up to 39, or 0.
unsigned roman(std::u32string_view word) {
  constexpr std::size_t longest = 6;
  if (word.empty() || word.size() > longest || word[0] >= 0x80) return 0;
  unsigned value = 0, before = 0;
  for (auto c = word.rbegin(); c != word.rend(); ++c) {
    const unsigned digit = *c == 'i' ? 1 : *c == 'v' ? 5 : *c == 'x' ? 10 : 0;
    if (digit == 0) return 0;
    value = digit < before ? value - digit : value + digit;
    before = std::max(before, digit);
  }
  // Only what is spelt as a numeral: "iv" and not "iiii", "xiv" and not "vx".
  static constexpr std::array<std::u32string_view, 10> ones = {U"",  U"i",  U"ii",  U"iii",  U"iv",
                                                               U"v", U"vi", U"vii", U"viii", U"ix"};
  if (value == 0 || value > 39) return 0;
  const std::u32string spelt = std::u32string(value / 10, U'x') + std::u32string(ones[value % 10]);
  return spelt == word ? value : 0;
}

/// How words that number the parts of a work are spelt here, or nothing.
std::u32string_view part_word(std::u32string_view word) {
  static constexpr std::array<std::pair<std::u32string_view, std::u32string_view>, 6> words = {
      {{U"pt", U"part"},
       {U"part", U"part"},
       {U"vol", U"vol"},
       {U"volume", U"vol"},
       {U"no", U"no"},
       {U"nr", U"no"}}};
  if (word[0] != 'p' && word[0] != 'v' && word[0] != 'n') return {};
  for (const auto& [spelling, meaning] : words)
    if (word == spelling) return meaning;
  return {};
}

std::u32string digits_of(unsigned value) {
  std::u32string digits;
  for (const char c : std::to_string(value)) digits += static_cast<char32_t>(c);
  return digits;
}

/// The next word of `text` from `at`: letters of one kind, digits or others.
std::u32string_view word_at(std::u32string_view text, std::size_t at) {
  auto end = at;
  while (end < text.size() && fold_table::is_letter(text[end]) && is_digit(text[end]) == is_digit(text[at]))
    ++end;
  return text.substr(at, end - at);
}

void add_number(std::uint64_t& hash, unsigned value) {
  hash = (hash ^ value) * 0x9e3779b97f4a7c15;
  hash ^= hash >> 29;
}

unsigned decimal(std::u32string_view digits) {
  unsigned value = 0;
  for (const auto c : digits) value = value * 10 + static_cast<unsigned>(c - '0');
  return value;
}

}  // namespace

title_word_reader::title_word_reader() {
  for (auto& listed : words_of(word_lists::weak_words)) {
    weak_starts_.add(listed.word.front());
    longest_weak_ = std::max(longest_weak_, listed.word.size());
    weak_.emplace(std::move(listed.word), listed.meaning == "title");
  }
}

title_word_reader::weakness title_word_reader::weakness_of(std::u32string_view word) const {
  if (word.size() > longest_weak_ || !weak_starts_.may_have(word.front())) return weakness::none;
  const auto known = weak_.find(std::u32string(word));
  if (known == weak_.end()) return weakness::none;
  return known->second ? weakness::title : weakness::filler;
}

title_words title_word_reader::read(std::u32string& title) {
  title_words found;
  bool all_weak = true, any_weak = false, after_part = false;
  std::uint64_t hash = 0;
  std::size_t copied = 0;  // the title up to here is in `scratch_`, respelt; 0: nothing is respelt
  scratch_.clear();
  const auto respell = [&](std::u32string_view word, std::u32string_view spelling) {
    const auto begin = static_cast<std::size_t>(word.data() - title.data());
    scratch_.append(title, copied, begin - copied).append(spelling);
    copied = begin + word.size();
  };
  for (std::size_t at = 0; at < title.size();) {
    if (!fold_table::is_letter(title[at])) {
      ++at;
      continue;
    }
    const auto word = word_at(title, at);
    const auto end = at + word.size();
    const bool before_dot = end < title.size() && title[end] == '.';
    at = end;
    if (is_digit(word.front())) {
      add_number(hash, decimal(word));
      after_part = false;
      continue;
    }
    // "I" and "X" are words as well: alone they count behind "Part" or before a dot or colon.
    if (const auto value = roman(word); value != 0 && (word.size() > 1 || after_part || before_dot)) {
      add_number(hash, value);
      if (after_part) respell(word, digits_of(value));
      after_part = false;
      continue;
    }
    const auto part = part_word(word);
    if (!part.empty() && part != word) respell(word, part);
    after_part = !part.empty();
    const auto weak = all_weak ? weakness_of(word) : weakness::none;
    any_weak |= weak == weakness::title;
    all_weak &= weak != weakness::none;
  }
  if (copied > 0) {
    scratch_.append(title, copied);
    std::swap(title, scratch_);
  }
  found.numbers = static_cast<std::uint16_t>(hash >> 48 | (hash != 0 ? 1U : 0U));
  found.weak = all_weak && any_weak;
  return found;
}

std::uint64_t sketch_of(std::u32string_view letters) {
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < letters.size(); ++i) {
    // A name of one letter has itself alone.
    if (i + 1 == letters.size() && i > 0) break;
    const std::uint64_t pair =
        std::uint64_t{letters[i]} << 21 | (i + 1 < letters.size() ? letters[i + 1] : 0U);
    bits |= 1ULL << (pair * 0x9e3779b97f4a7c15 >> 58);
  }
  return bits;
}

double similarity_of(std::uint64_t a, std::uint64_t b) {
  const auto least = std::min(std::popcount(a), std::popcount(b));
  return least == 0 ? 0 : static_cast<double>(std::popcount(a & b)) / least;
}

std::uint8_t scripts_of(std::u32string_view letters) {
  unsigned found = 0;
  for (const auto c : letters) {
    if (c < 0x250)
      found |= is_digit(c) || c == ' ' ? 0U : script::latin;
    else if ((c >= 0x3400 && c < 0xa000) || c >= 0x20000)
      found |= script::han;
    else if (c >= 0x3041 && c <= 0x30ff)
      found |= script::kana;
    else if ((c >= 0xac00 && c < 0xd7a4) || (c >= 0x1100 && c < 0x1200) || (c >= 0x3130 && c < 0x3190))
      found |= script::hangul;
    else
      found |= script::other;
  }
  return static_cast<std::uint8_t>(found);
}

}  // namespace outro
