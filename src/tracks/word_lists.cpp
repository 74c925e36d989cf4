#include "tracks/word_lists.h"

#include <algorithm>

#include "base/utf8.h"

namespace outro {

std::vector<listed_word> words_of(std::string_view list) {
  std::vector<listed_word> words;
  while (!list.empty()) {
    auto line = list.substr(0, list.find('\n'));
    list.remove_prefix(std::min(line.size() + 1, list.size()));
    if (line.empty() || line.front() == '#') continue;
    listed_word listed;
    if (const auto tab = line.find('\t'); tab != line.npos) {
      listed.meaning = line.substr(0, tab);
      line.remove_prefix(tab + 1);
    }
    while (!line.empty()) listed.word += take_code_point(line);
    words.push_back(std::move(listed));
  }
  return words;
}

}  // namespace outro
