#include "tracks/word_lists.h"

#include <gtest/gtest.h>
#include <simdjson.h>
#include <unicode/normalizer2.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <set>

#include "base/digest.h"
#include "testing/tracks_testing.h"
#include "tracks/recordings.h"
#include "tracks/version_words.h"

namespace outro {
namespace {

using testing::folding;

const std::filesystem::path data_folder = OUTRO_SOURCE_DIR "/src/tracks/data";

std::string utf8(std::u32string_view points) {
  icu::UnicodeString text;
  for (const auto c : points) text.append(static_cast<UChar32>(c));
  std::string bytes;
  text.toUTF8String(bytes);
  return bytes;
}

std::u32string folded(std::u32string_view word) {
  folded_text text;
  fold(folding(), utf8(word), text);
  return text.points;
}

std::u32string letters_of(std::u32string_view text) {
  std::u32string letters;
  append_letters(text, letters);
  return letters;
}

std::u32string simplified(std::u32string_view word) {
  std::u32string text(word);
  simplify(folding(), text);
  return text;
}

// What the rules compare members with, by list.

bool has_folded_letters(std::u32string_view name) {
  return !letters_of(name).empty() && letters_of(folded(name)) == letters_of(name) &&
         std::none_of(name.begin(), name.end(), [](char32_t c) { return c >= 'A' && c <= 'Z'; });
}

bool is_name_in_simplified_letters(std::u32string_view name) {
  return has_folded_letters(name) && simplified(name) == name && !name.starts_with(U"the ") &&
         name.find(U'(') == name.npos;
}

bool is_folded_word(std::u32string_view word) {
  return folded(word) == word && word.find(U' ') == word.npos;
}

bool is_letters_and_single_spaces(std::u32string_view word) {
  return folded(word) == word && word.find(U"  ") == word.npos &&
         std::all_of(word.begin(), word.end(),
                     [](char32_t c) { return c == ' ' || fold_table::is_letter(c); });
}

bool is_simplified_phrase(std::u32string_view word) {
  return is_letters_and_single_spaces(word) && simplified(word) == word;
}

bool is_letters(std::u32string_view word) {
  return is_letters_and_single_spaces(word) && word.find(U' ') == word.npos;
}

bool is_meaning(std::string_view meaning) {
  return version_named(meaning) != 0 || meaning == "remaster" || meaning == "format" || meaning == "nothing";
}

bool is_version(std::string_view meaning) {
  return version_named(meaning) != 0;
}

bool is_absent(std::string_view meaning) {
  return meaning.empty();
}

bool is_language(std::string_view meaning) {
  return !meaning.empty();  // language_reader refuses those that it does not know
}

bool is_weakness(std::string_view meaning) {
  return meaning == "title" || meaning == "filler";
}

struct list_case {
  std::string file;
  std::string_view text;
  bool (*accepts)(std::u32string_view word);
  bool (*accepts_meaning)(std::string_view meaning);
  std::size_t members;
  std::string digest;  ///< XXH3-128 of the members' lines
};

std::vector<list_case> all_lists() {
  return {
      {"album_endings.txt", word_lists::album_endings, is_letters_and_single_spaces, is_absent, 37,
       "3d5cba7d256c4a334f730ff53002dd7c"},
      {"album_words.tsv", word_lists::album_words, is_simplified_phrase, is_version, 32,
       "6f4505dd63423bc13ca94eee417bad43"},
      {"generic_words.txt", word_lists::generic_words, is_letters, is_absent, 28,
       "7200a91029e0b4253b65bf52821f67cf"},
      {"joining_words.txt", word_lists::joining_words, is_folded_word, is_absent, 11,
       "5d720bb2600bd27352a52ba4e48692f9"},
      {"languages.tsv", word_lists::languages, is_letters, is_language, 113,
       "54398254bdd0d2b3055e7f26a13d5912"},
      {"names_with_separators.txt", word_lists::names_with_separators, has_folded_letters, is_absent, 88,
       "77a03fe042b78c73bdd5775339aa576e"},
      {"nobodies.txt", word_lists::nobodies, is_name_in_simplified_letters, is_absent, 20,
       "411b4c75c5296cf7ea37f69ac87439a9"},
      {"title_endings.tsv", word_lists::title_endings, is_letters_and_single_spaces, is_meaning, 78,
       "35b48491d802baba90f8e8c49a0fb85b"},
      {"version_words.tsv", word_lists::version_words, is_letters_and_single_spaces, is_meaning, 321,
       "29b71e64cfb7ad331387a120d6016485"},
      {"weak_words.tsv", word_lists::weak_words, is_letters, is_weakness, 147,
       "b40208d7957aa0ed55fc7b85d6a60a67"},
  };
}

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    lines.emplace_back(text.substr(0, text.find('\n')));
    text.remove_prefix(std::min(lines.back().size() + 1, text.size()));
  }
  return lines;
}

bool is_comment(const std::string& line) {
  return line.starts_with('#');
}

/// The members' lines, without the comments.
std::string members_of(std::string_view text) {
  std::string members;
  for (const auto& line : lines_of(text))
    if (!is_comment(line)) members += line + "\n";
  return members;
}

bool is_nfc(std::string_view text) {
  UErrorCode error = U_ZERO_ERROR;
  const auto* nfc = icu::Normalizer2::getNFCInstance(error);
  return nfc->isNormalizedUTF8(icu::StringPiece(text.data(), static_cast<int32_t>(text.size())), error) != 0;
}

std::string fault_of_file(std::string_view text) {
  if (!simdjson::validate_utf8(text.data(), text.size())) return "not UTF-8";
  if (!is_nfc(text)) return "not in normal form C";
  if (!text.ends_with('\n')) return "no line end at the end";
  const auto lines = lines_of(text);
  const auto members = std::find_if_not(lines.begin(), lines.end(), is_comment);
  for (const auto* header : {"# Source: ", "# Applies: ", "# To add: "})
    if (std::none_of(lines.begin(), members, [&](const auto& line) {
          return line.starts_with(header) && line.size() > std::string_view(header).size();
        }))
      return std::string("no line begins with ") + header;
  if (std::any_of(members, lines.end(), is_comment)) return "a comment after the first member";
  for (auto line = members; line != lines.end(); ++line)
    if (line != members && *(line - 1) >= *line) return "not sorted: " + *line;
  return {};
}

/// What is wrong with a list, or nothing.
std::string fault_of(std::string_view text, const list_case& list) {
  if (auto fault = fault_of_file(text); !fault.empty()) return fault;
  std::set<std::u32string> seen;
  for (const auto& [word, meaning] : words_of(text)) {
    if (!list.accepts_meaning(meaning)) return "unknown meaning: " + std::string(meaning);
    if (word.empty() || word.front() == ' ' || word.back() == ' ') return "a space too many: " + utf8(word);
    if (!list.accepts(word)) return "not as the rules compare it: " + utf8(word);
    if (!seen.insert(word).second) return "twice: " + utf8(word);
  }
  return seen.empty() ? "no members" : "";
}

const std::string header = "# Source: a test.\n# Applies: here.\n# To add: write a line.\n";

std::string fault_of_members(const std::string& members, const std::string& file) {
  const auto lists = all_lists();
  const auto list = std::find_if(lists.begin(), lists.end(), [&](const auto& l) { return l.file == file; });
  return fault_of(header + members, *list);
}

TEST(word_lists, every_file_has_a_source_and_sorted_members_as_the_rules_compare_them) {
  for (const auto& list : all_lists()) EXPECT_EQ(fault_of(list.text, list), "") << list.file;
}

TEST(word_lists, every_data_file_is_compiled_in_as_it_is) {
  std::set<std::string> files, expected = {"embed.cpp.in"};
  for (const auto& entry : std::filesystem::directory_iterator(data_folder))
    files.insert(entry.path().filename().string());
  for (const auto& list : all_lists()) {
    expected.insert(list.file);
    std::ifstream file(data_folder / list.file, std::ios::binary);
    EXPECT_EQ(std::string(std::istreambuf_iterator<char>(file), {}), list.text) << list.file;
  }
  EXPECT_EQ(files, expected);
}

TEST(word_lists, members_change_only_with_the_version_of_the_rules) {
  EXPECT_EQ(recording_rules, 4);
  for (const auto& list : all_lists()) {
    EXPECT_EQ(words_of(list.text).size(), list.members) << list.file;
    const auto hash = XXH3_128bits(members_of(list.text).data(), members_of(list.text).size());
    char digest[33];
    (void)std::snprintf(digest, sizeof digest, "%016llx%016llx", static_cast<unsigned long long>(hash.high64),
                        static_cast<unsigned long long>(hash.low64));
    EXPECT_EQ(digest, list.digest) << list.file << ": raise recording_rules and renew the digest";
  }
}

TEST(word_lists, traditional_words_have_a_simplified_form_in_the_list) {
  for (const auto text : {word_lists::version_words, word_lists::title_endings}) {
    std::set<std::u32string> words;
    for (const auto& listed : words_of(text)) words.insert(listed.word);
    for (const auto& word : words) EXPECT_TRUE(words.contains(simplified(word))) << utf8(word);
  }
}

TEST(word_lists, a_sound_file_passes) {
  EXPECT_EQ(fault_of_members("ac/dc\nsam & dave\n", "names_with_separators.txt"), "");
  EXPECT_EQ(fault_of_members("live\tlive\nnothing\tost\n", "version_words.tsv"), "");
}

TEST(word_lists, a_file_without_its_header_is_recognised) {
  const auto list = all_lists().front();
  for (const auto* missing : {"# Source: a test.\n", "# Applies: here.\n", "# To add: write a line.\n"}) {
    auto text = header + "live\tlive at\n";
    text.erase(text.find(missing), std::string_view(missing).size());
    EXPECT_NE(fault_of(text, list), "") << missing;
  }
  EXPECT_NE(fault_of("# Source: \n# Applies: here.\n# To add: so.\nlive\tlive at\n", list), "");
}

TEST(word_lists, a_bad_member_is_recognised) {
  const auto* const names = "names_with_separators.txt";
  for (const auto& [members, file] : std::vector<std::pair<std::string, std::string>>{
           {"", names},                                         // no member
           {"sam & dave\nac/dc\n", names},                      // not sorted
           {"ac/dc\nac/dc\n", names},                           // twice
           {"live\tost\nnothing\tost\n", "version_words.tsv"},  // twice, with two meanings
           {"ac/dc", names},                                    // no line end
           {"ac/dc\r\n", "joining_words.txt"},                  // a carriage return
           {"ac/dc \n", names},                                 // a space at the end
           {"ac/dc\n# and\nsam & dave\n", names},               // a comment between
           {"AC/DC\n", names},                                  // upper case
           {"ａｃ/dc\n", names},                                // full width
           {"beyonce\u0301 & jay-z\n", names},                  // not composed
           {"beyoncé & jay-z\n", names},                        // `fold` removes the accent
           {"ac/\xff\n", names},                                // not UTF-8
           {"群星 (華語)\n", "nobodies.txt"},                   // brackets
           {"華語群星\n", "nobodies.txt"},                      // traditional
           {"feat. by\n", "joining_words.txt"},                 // two words
           {"full-length\n", "generic_words.txt"},              // a mark
           {"live\tlive  at\n", "album_words.tsv"},             // two spaces
           {"live\t現場\n", "album_words.tsv"},                 // traditional
           {"remaster\tremastered\n", "album_words.tsv"},       // no version
           {"alive\tlive\n", "version_words.tsv"},              // an unknown meaning
           {"live\n", "version_words.tsv"},                     // no meaning
           {"live\tlive\n", "generic_words.txt"},               // a meaning where there is none
       }) {
    EXPECT_NE(fault_of_members(members, file), "") << members;
  }
}

TEST(word_lists, an_unknown_meaning_is_refused) {
  EXPECT_THROW((void)version_words_of("alive\tlive\n"), std::invalid_argument);
  EXPECT_THROW((void)version_words_of("live\n"), std::invalid_argument);
}

TEST(word_lists, the_longest_version_words_come_first) {
  const auto words = version_words_of("live\tlive\nremix\tremix\n# not a word\ntv size\ttv size\n");
  ASSERT_EQ(words.size(), 3U);
  EXPECT_EQ(words[0].text, U"tv size");
  EXPECT_EQ(words[1].versions, version::remix);
  EXPECT_EQ(words[2].text, U"live");
}

}  // namespace
}  // namespace outro
