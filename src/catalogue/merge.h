/// @file
/// Parts of many slices -> the two files of the catalogue.
///
/// Three sweeps over the tracks in order of their ids: mark what occurs twice, group it, write. Between the
/// sweeps the table of all tracks is kept where it fits; where it does not, ids are cut into ranges, each
/// with a table of its own that is made anew for each sweep: memory stays bounded, and the work grows.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "catalogue/lines.h"
#include "catalogue/reader.h"
#include "outro/status.h"

namespace outro {

/// Makes `into`/tracks.ndjson.zst and recordings.ndjson.zst; both are durable under their names or not there.
/// The bytes are a function of the documents that count: not of memory, threads, parts or their order.
/// @param memory bytes; kept but for what is needed for tracks that share a key or an ISRC with others
/// Errors: io; corrupt with the part's name; refused where another version of Outro wrote a part.
result<catalogue_totals> write_catalogue(const std::vector<part_source>& parts,
                                         const std::filesystem::path& into, std::uint64_t memory,
                                         unsigned threads);

}  // namespace outro
