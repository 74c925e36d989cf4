/// @file
/// The words by which titles name versions, in the languages of the service's catalogue.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tracks/languages.h"
#include "tracks/version_set.h"

namespace outro {

/// What a word says apart from a version.
enum class remark : std::uint8_t {
  none,
  remaster,  ///< another master of the same performance; all such words are one remark
  format,    ///< mono, single and the like, of the same performance; each word is a remark of its own
  nothing    ///< an occasion or a source, which says nothing about the recording
};

struct version_word {
  std::u32string text;
  version_set versions = 0;
  remark kind = remark::none;
  language_set languages = 0;
};

/// The words of a .tsv of src/tracks/data (see word_lists.h), the longest first.
/// Throws std::invalid_argument for a meaning that is neither a version's name nor a remark's.
std::vector<version_word> version_words_of(std::string_view list);

}  // namespace outro
