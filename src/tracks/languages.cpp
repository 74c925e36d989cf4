#include "tracks/languages.h"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>

#include "tracks/fold_table.h"
#include "tracks/word_lists.h"

namespace outro {

namespace {

/// The languages by their bits.
constexpr std::array<std::string_view, 14> bits = {
    "mandarin", "cantonese", "hokkien", "english",    "japanese", "korean", "french",
    "german",   "spanish",   "italian", "portuguese", "russian",  "thai",   "vietnamese"};
/// All kinds of Chinese: a text that says no more may mean any of them.
constexpr language_set chinese = 7;
/// Two bits for all languages that no list knows.
constexpr unsigned first_unknown_bit = 14;

language_set meaning_of(std::string_view name) {
  if (name == "chinese") return chinese;
  if (name == "none") return 0;
  const auto found = std::find(bits.begin(), bits.end(), name);
  if (found == bits.end()) throw std::invalid_argument("\"" + std::string(name) + "\" is no language");
  return static_cast<language_set>(1U << (found - bits.begin()));
}

/// Latin codes are words of other languages too ("it", "no").
bool is_name(std::u32string_view word) {
  constexpr std::size_t shortest = 5;
  return word.front() >= 0x80 || word.size() >= shortest;
}

}  // namespace

language_reader::language_reader() {
  for (auto& listed : words_of(word_lists::languages)) {
    const auto meaning = meaning_of(listed.meaning);
    if (meaning != 0 && is_name(listed.word)) names_.emplace_back(listed.word, meaning);
    known_.emplace(std::move(listed.word), meaning);
  }
}

language_set language_reader::of_text(std::u32string_view text) const {
  language_set found = 0, unknown = 0;
  while (!text.empty()) {
    std::size_t end = 0;
    while (end < text.size() && fold_table::is_letter(text[end])) ++end;
    if (end > 0) {
      const std::u32string word(text.substr(0, end));
      if (const auto known = known_.find(word); known != known_.end())
        found |= known->second;
      else
        unknown = static_cast<language_set>(1U << (first_unknown_bit + word.back() % 2));
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return found != 0 ? found : unknown;
}

language_set language_reader::named(std::u32string_view letters) const {
  if (letters.empty() || !is_name(letters)) return 0;
  const auto known = known_.find(std::u32string(letters));
  return known == known_.end() ? language_set{0} : known->second;
}

std::string name_of_languages(language_set languages) {
  std::string text;
  for (std::size_t i = 0; i < bits.size(); ++i)
    if ((languages >> i & 1U) != 0) text.append(text.empty() ? "" : "+").append(bits[i]);
  if (languages >> first_unknown_bit != 0) text.append(text.empty() ? "" : "+").append("another");
  return text;
}

}  // namespace outro
