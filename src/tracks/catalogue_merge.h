/// @file
/// Parts of many slices -> tracks in order of their ids, and from these the two files of the catalogue.
///
/// Memory: a few bytes a track for finding candidates of grouping, all facts of those, and the counts of one
/// part at a time that holds documents which are not current. At most `most_open` parts are open at once;
/// more are merged in steps.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "outro/status.h"
#include "tracks/catalogue_part.h"

namespace outro {

/// A part, and which documents of its slice count.
struct part_source {
  std::filesystem::path path;
  std::vector<bool> current;  ///< by document; empty: every written one
};

/// One track id with all that was seen under it.
struct merged_track {
  struct variant {
    std::uint64_t content = 0, newest = 0;
    track_counts counts;
    bool described = false;
    track_facts facts;
    std::string_view fields;
  };
  catalogue_id id;
  track_counts counts;
  std::vector<variant> variants;  ///< the newest first; at least one
};

struct catalogue_totals {
  std::uint64_t tracks = 0;
  std::uint64_t recordings = 0;
  std::uint64_t conflicts = 0;  ///< ids with several contents
};

/// Writes tracks.ndjson.zst and recordings.ndjson.zst into `into`; both are durable under their names or not
/// there. Errors: io; corrupt with the part's name.
result<catalogue_totals> write_catalogue(std::vector<part_source> parts, const std::filesystem::path& into);

}  // namespace outro
