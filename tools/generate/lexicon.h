/// The words that titles, names and users' texts are made of.
///
/// Titles look like real ones and rarely repeat: they are spread over about a million combinations for each
/// language, so that two tracks of one artist hardly ever share one.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "rng.h"
#include "script.h"

namespace outro::generate {

class lexicon {
 public:
  lexicon();

  /// Appends a title. Reads a fixed number of values from `random`, whatever the script.
  void append_title(std::string& out, script in, random_stream& random) const;
  /// Appends a shorter name of a release.
  void append_album(std::string& out, script in, random_stream& random) const;
  /// Appends the name of a person or a group.
  void append_artist(std::string& out, script in, random_stream& random) const;

 private:
  struct word_set {
    std::vector<std::string> first;
    std::vector<std::string> link;
    std::vector<std::string> second;
    std::vector<std::string> tail;
    std::vector<std::string> surname;
    std::vector<std::string> given;
    std::vector<std::string> group;
  };

  [[nodiscard]] const word_set& words(script in) const { return sets_[static_cast<std::size_t>(in)]; }

  std::array<word_set, 4> sets_;
};

/// Pieces of users' texts: already the inside of a JSON string, with the escapes that real dumps hold.
namespace phrases {
std::string_view note(random_stream& random);
std::string_view comment(random_stream& random);
std::string_view description(random_stream& random);
std::string_view collect_name(random_stream& random);
std::string_view nick_name(random_stream& random);
std::string_view tag(random_stream& random);
std::string_view source_of_song(random_stream& random);
std::string_view province(random_stream& random);
std::string_view city(random_stream& random);
}  // namespace phrases

}  // namespace outro::generate
