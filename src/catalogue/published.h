/// @file
/// What of a track may be published: single values that enough accounts say, and nothing else.
///
/// Every value of a line was said by at least `least` accounts: the id; the title; the artists by those who
/// say that title; the album by those who say both; and each other value by those who say all that was
/// elected. So what one account alone says (what it typed, a private upload, an address with its number) is
/// nowhere in it, and one account decides nothing. Arrays and objects never enter, but for the texts that the
/// layout's roles read out of them. Recordings are grouped by what is published alone.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "catalogue/election.h"
#include "catalogue/object_reader.h"
#include "catalogue/table.h"

namespace outro {

struct published_track {
  catalogue_id id;
  track_counts counts;
  std::array<std::string, role_count> texts;  ///< of the roles; empty: not enough accounts say one
  bool available = true;
  std::string fields;  ///< a JSON object of single values
  track_facts facts;
};

/// Ids that stay out.
struct left_out {
  std::uint64_t rare = 0;      ///< fewer accounts have them
  std::uint64_t untitled = 0;  ///< fewer accounts say any one title

  left_out& operator+=(const left_out& o) {
    rare += o.rare;
    untitled += o.untitled;
    return *this;
  }
};

/// What a sweep needs for every track of a table.
struct publishing {
  const catalogue_table& table;
  std::span<const catalogue_run> runs;
  const fold_table& folding;
  std::uint64_t least;  ///< accounts that must say a value
};

/// Tracks `from` to `to` of a table, in order. Memory: as elect_shown, and for one track at a time the values
/// of at most 4,096 contents: of an id with more, those that most accounts say decide on other values than
/// title, artists and album. Errors: io, corrupt.
status publish_tracks(const publishing& with, std::size_t from, std::size_t to,
                      std::vector<published_track>& out, left_out& rest);

}  // namespace outro
