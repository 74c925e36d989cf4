#include "tracks/version_words.h"

#include <algorithm>
#include <stdexcept>

#include "tracks/word_lists.h"

namespace outro {

static remark remark_named(std::string_view name) {
  if (name == "remaster") return remark::remaster;
  if (name == "format") return remark::format;
  if (name == "nothing") return remark::nothing;
  return remark::none;
}

std::vector<version_word> version_words_of(std::string_view list) {
  std::vector<version_word> words;
  for (auto& [text, meaning] : words_of(list)) {
    words.push_back({std::move(text), version_named(meaning), remark_named(meaning), 0});
    if (words.back().versions == 0 && words.back().kind == remark::none)
      throw std::invalid_argument("\"" + std::string(meaning) + "\" is neither a version nor a remark");
  }
  std::stable_sort(words.begin(), words.end(), [](const version_word& a, const version_word& b) {
    return a.text.size() > b.text.size();
  });
  return words;
}

}  // namespace outro
