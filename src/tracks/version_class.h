/// @file
/// Which version of a song a title names: studio, live, remix, instrumental, ...
///
/// Two tracks of different versions are different recordings, even if everything else is equal. Mastering
/// does not make a version: "2011 Remaster" is the same performance.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tracks/code_point_filter.h"
#include "tracks/languages.h"
#include "tracks/normalise.h"
#include "tracks/title_numbers.h"
#include "tracks/version_words.h"

namespace outro {

/// What a title says, apart from spelling.
struct title_parts {
  std::u32string name;    ///< letters of the title without its known additions
  std::u32string detail;  ///< letters that distinguish versions of one kind ("alanwalker" of a remix)
  std::vector<std::u32string> remarks;  ///< other details: a mix, the place of a concert; sorted
  std::vector<std::u32string> guests;   ///< as written after "feat."
  version_set versions = 0;
  language_set languages = 0;     ///< that the title names: "(Japanese Version)"
  std::uint16_t master_year = 0;  ///< of another master; 0: none is named
  bool remastered = false;
  title_words words;
};

/// What an album's name says of its tracks, whose titles often do not repeat it.
struct album_parts {
  version_set versions = 0;
  language_set languages = 0;
};

/// Splits titles into their parts. One per thread, because it holds scratch memory.
class title_reader {
 public:
  title_reader();

  /// Reads a folded title into `out`. The name of a title like "(Live)" is its addition.
  void read(const fold_table& table, const folded_text& title, title_parts& out);

  /// What an album's name gives its tracks.
  album_parts read_album(const fold_table& table, const folded_text& album);

 private:
  /// The known words of an addition.
  struct findings {
    version_set versions = 0;
    language_set languages = 0;
    std::vector<std::u32string_view> remarks;  ///< formats
    bool remastered = false;
    bool nothing = false;  ///< there was a word that says nothing about the recording
  };

  void read_addition(const fold_table& table, std::u32string_view addition, title_parts& out,
                     unsigned depth = 0);
  void space_words(const fold_table& table, std::u32string_view part);
  void read_part(const fold_table& table, std::u32string_view part, title_parts& out, findings& all,
                 std::u32string& unknown);
  findings find_words(std::u32string& text) const;
  void add_language_words();
  language_set language_of(std::u32string_view rest) const;
  void append_specific(std::u32string_view text, std::u32string& out) const;
  static void cut_guests(std::u32string& text, bool in_brackets, title_parts& out);
  [[nodiscard]] const version_word* tail_of(std::u32string_view text) const;
  [[nodiscard]] bool has_additions(std::u32string_view text) const;
  void cut_tail(title_parts& out);

  std::vector<version_word> words_, tails_;                ///< longest first
  std::array<std::vector<std::uint16_t>, 256> starts_;     ///< words by their first code point
  std::array<std::vector<std::uint16_t>, 256> tail_ends_;  ///< tails by their last code point
  code_point_filter tail_pairs_;                           ///< of their last two code points, see pair_of
  std::vector<version_word> album_words_;
  std::array<std::vector<std::uint16_t>, 256> album_starts_;  ///< album words by their first code point
  code_point_filter album_filter_;                            ///< of those
  language_reader languages_;
  title_word_reader title_words_;
  std::vector<std::u32string> generic_;
  std::u32string base_, spaced_;
  title_parts of_album_;
};

}  // namespace outro
