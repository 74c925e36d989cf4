/// @file
/// The lists of names and words that the rules of this folder use: the files of src/tracks/data, compiled in.
///
/// A list is UTF-8 text with one member a line. In a .tsv, the member's meaning and a tab come first.
/// Comments (lines that begin with `#`) say where the list is from, when it applies and how to add to it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace outro {

/// The text of each file.
namespace word_lists {
extern const std::string_view album_endings;
extern const std::string_view album_words;
extern const std::string_view generic_words;
extern const std::string_view joining_words;
extern const std::string_view languages;
extern const std::string_view names_with_separators;
extern const std::string_view nobodies;
extern const std::string_view title_endings;
extern const std::string_view version_words;
extern const std::string_view weak_words;
}  // namespace word_lists

struct listed_word {
  std::u32string word;
  std::string_view meaning;  ///< a view into the list's text; empty in a .txt
};

/// The members of a list (valid UTF-8), in their order.
std::vector<listed_word> words_of(std::string_view list);

}  // namespace outro
