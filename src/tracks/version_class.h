/// @file
/// Which version of a song a title names: studio, live, remix, instrumental, ...
///
/// Two tracks of different versions are different recordings, however alike all else is. Mastering is no
/// version: "2011 Remaster" is the same performance.
#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tracks/normalise.h"

namespace outro {

/// A set of what a title says; 0 is the studio recording.
using version_set = std::uint16_t;
namespace version {
inline constexpr version_set live = 1;
inline constexpr version_set remix = 2;
inline constexpr version_set instrumental = 4;  ///< karaoke, off vocal, 伴奏
inline constexpr version_set acoustic = 8;
inline constexpr version_set demo = 16;
inline constexpr version_set cover = 32;
inline constexpr version_set edit = 64;  ///< cut: radio edit, short version
inline constexpr version_set extended = 128;
inline constexpr version_set tv_size = 256;
inline constexpr version_set sped_up = 512;
inline constexpr version_set slowed = 1024;
inline constexpr version_set a_cappella = 2048;
inline constexpr version_set clean = 4096;  ///< words taken out
}  // namespace version

/// "live+remix", or "studio".
std::string name_of_versions(version_set versions);

/// What a title says, apart from spelling.
struct title_parts {
  std::u32string name;    ///< letters of the title without what follows; unknown additions stay in it
  std::u32string detail;  ///< letters that tell versions of one kind apart ("alanwalker" of a remix)
  std::vector<std::u32string> remarks;  ///< what does not: mastering, the place of a concert; sorted
  std::vector<std::u32string> guests;   ///< as written behind "feat."
  version_set versions = 0;
};

enum class remark : std::uint8_t;

/// Takes titles apart. One per thread, for it holds scratch memory.
class title_reader {
 public:
  title_reader();

  /// Reads a folded title into `out`. A title that is nothing but an addition ("(Live)") has it as its name.
  void read(const fold_table& table, const folded_text& title, title_parts& out);

  /// What an album's name says of its tracks, whose titles often do not say it again.
  version_set versions_of_album(const fold_table& table, const folded_text& album);

 private:
  struct version_word {
    std::u32string text;
    version_set versions;
    remark kind;
  };
  /// What the words of an addition said.
  struct told {
    version_set versions = 0;
    std::vector<std::u32string_view> mastering;
    bool nothing = false;
  };

  std::size_t addition_at(std::u32string_view title, std::size_t at, std::u32string_view& inside) const;
  void read_addition(const fold_table& table, std::u32string_view addition, title_parts& out);
  void read_part(const fold_table& table, std::u32string_view part, title_parts& out, told& all,
                 std::u32string& unknown);
  told find_words(std::u32string& text) const;
  void append_specific(std::u32string_view text, std::u32string& out) const;
  static void cut_guests(std::u32string& text, bool in_brackets, title_parts& out);
  void cut_tail(title_parts& out);

  std::vector<version_word> words_, tails_;             ///< longest first
  std::array<std::vector<std::uint16_t>, 256> starts_;  ///< words by their first code point
  std::bitset<256> tail_ends_;                          ///< last code points of tails
  std::vector<std::u32string> generic_;
  std::u32string base_, spaced_;
  title_parts of_album_;
};

}  // namespace outro
