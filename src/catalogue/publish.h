/// @file
/// Merges parts into a catalogue that may be shared: what published.h lets through, in two files.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "catalogue/published.h"
#include "catalogue/reader.h"
#include "outro/status.h"

namespace outro {

struct publishing_totals {
  std::uint64_t tracks = 0;
  std::uint64_t recordings = 0;
  left_out rest;
};

/// Makes `into`/tracks.ndjson.zst, recordings.ndjson.zst and README.txt, each durable under its name or
/// absent. The bytes are a function of the current documents and of `least`, as those of write_catalogue are
/// of the documents.
/// @param least accounts that must say a value; at least 1
/// @param memory bytes; tracks that share a key or an ISRC with others may take more
/// Errors: io; corrupt with the part's name; refused if another version of Outro wrote a part.
result<publishing_totals> publish_catalogue(const std::vector<part_source>& parts,
                                            const std::filesystem::path& into, std::uint64_t least,
                                            std::uint64_t memory, unsigned threads);

}  // namespace outro
