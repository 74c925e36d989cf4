#include "tracks/artist_set.h"

#include <xxhash.h>

#include <algorithm>

#include "tracks/word_lists.h"

namespace outro {

namespace {

bool is_letter(char32_t c) {
  return fold_table::is_letter(c);
}

std::u32string letters_of(std::u32string_view text) {
  std::u32string letters;
  append_letters(text, letters);
  return letters;
}

/// Whether a slash is part of a name, as in "AC/DC": no space around it, and one or two Latin letters on
/// either side that fill the piece.
bool is_within_name(std::u32string_view text, std::size_t slash) {
  std::size_t left = slash, right = slash + 1;
  while (left > 0 && is_letter(text[left - 1])) --left;
  while (right < text.size() && is_letter(text[right])) ++right;
  const bool latin =
      (left < slash && text[slash - 1] < 0x80) && (right > slash + 1 && text[slash + 1] < 0x80);
  const bool whole = (left == 0 || text[left - 1] == ',' || text[left - 1] == '/') &&
                     (right == text.size() || text[right] == ',' || text[right] == '/');
  return latin && whole && slash - left <= 2 && right - slash - 1 <= 2;
}

/// Whether "the " follows, after any number of spaces.
bool article_follows(std::u32string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  return text.starts_with(U"the ");
}

}  // namespace

artist_splitter::artist_splitter(const fold_table& table) : table_(table) {
  for (const auto& name : words_of(word_lists::names_with_separators)) {
    auto letters = letters_of(name.word);
    longest_whole_ = std::max(longest_whole_, letters.size());
    whole_names_.insert(std::move(letters));
  }
  for (const auto& nobody : words_of(word_lists::nobodies)) {
    const auto& letters = *nobodies_.insert(letters_of(nobody.word)).first;
    nobody_begins_.add(letters.front());
  }
  for (auto& joining : words_of(word_lists::joining_words)) joining_words_.push_back(std::move(joining.word));
}

/// The end of the separator at `at`, or `at` if there is none.
std::size_t artist_splitter::separator_end(std::u32string_view text, std::size_t at, bool guests) const {
  const auto c = text[at];
  if (c == ';' || c == '|') return at + 1;
  if (c == ',' || c == '&') return article_follows(text.substr(at + 1)) ? at : at + 1;
  if (c == '/') return is_within_name(text, at) ? at : at + 1;
  if (c != ' ' && c != '(') return at;
  const auto after = text.substr(at + 1);
  const auto is_word = [&](std::u32string_view word) {
    return after.starts_with(word) && after.size() > word.size() && after[word.size()] == ' ';
  };
  for (const auto& word : joining_words_)
    if (is_word(word)) return at + 1 + word.size() + 1;
  if (guests && is_word(U"and") && !after.starts_with(U"and the ")) return at + 5;
  return at;
}

void artist_splitter::find_cuts(std::u32string_view credit, bool guests) {
  cuts_.clear();
  for (std::size_t at = 0; at < credit.size();) {
    const auto end = is_letter(credit[at]) ? at : separator_end(credit, at, guests);
    if (end > at) cuts_.emplace_back(at, end);
    // A space at the end of one separator may begin the next one.
    at = std::max(at + 1, end > at && credit[end - 1] == ' ' ? end - 1 : end);
  }
}

/// The number of the cut that ends the name that begins at `begin`: `next`, or a later one if several pieces
/// together are a known name. The longest such name counts.
std::size_t artist_splitter::skip_cuts_of_name(std::u32string_view credit, std::size_t begin,
                                               std::size_t next) {
  constexpr std::size_t most_cuts = 6;
  auto last = next;
  for (auto joined = next; joined < std::min(next + most_cuts, cuts_.size()); ++joined) {
    const auto end = joined + 1 < cuts_.size() ? cuts_[joined + 1].first : credit.size();
    // A slash after a space always separates.
    if (const auto cut = cuts_[joined].first; credit[cut] == '/' && cut > 0 && credit[cut - 1] == ' ') break;
    if (end - begin > 4 * longest_whole_) break;
    letters_.clear();
    append_letters(credit.substr(begin, end - begin), letters_);
    if (letters_.size() <= longest_whole_ && whole_names_.contains(letters_)) last = joined + 1;
  }
  return last;
}

void artist_splitter::add_name(std::u32string_view name, bool has_traditional,
                               std::vector<std::uint64_t>& set) {
  // Text in brackets explains the name: another spelling, a role, a country.
  if (const auto bracket = name.find(U'('); bracket != name.npos && bracket > 0) {
    letters_.clear();
    append_letters(name.substr(0, bracket), letters_);
    if (!letters_.empty()) name = name.substr(0, bracket);
  }
  while (!name.empty() && !is_letter(name.front())) name.remove_prefix(1);
  if (name.starts_with(U"the ")) name.remove_prefix(4);
  letters_.clear();
  append_letters(name, letters_);
  if (has_traditional) simplify(table_, letters_);
  if (letters_.empty() || (nobody_begins_.may_have(letters_.front()) && nobodies_.contains(letters_))) return;
  if (keeps_names_) names_.push_back(letters_);
  set.push_back(XXH3_64bits(letters_.data(), letters_.size() * sizeof(char32_t)));
}

void artist_splitter::add(std::u32string_view credit, bool has_traditional, bool guests,
                          std::vector<std::uint64_t>& set) {
  find_cuts(credit, guests);
  std::size_t begin = 0;
  for (std::size_t next = 0; next <= cuts_.size(); ++next) {
    next = skip_cuts_of_name(credit, begin, next);
    const auto end = next < cuts_.size() ? cuts_[next].first : credit.size();
    if (end > begin) add_name(credit.substr(begin, end - begin), has_traditional, set);
    if (next < cuts_.size()) begin = std::max(begin, cuts_[next].second);
  }
}

void sort_unique(std::vector<std::uint64_t>& set) {
  std::sort(set.begin(), set.end());
  set.erase(std::unique(set.begin(), set.end()), set.end());
}

}  // namespace outro
