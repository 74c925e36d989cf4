/// @file
/// Merges the parts of many slices into the two files of the complete catalogue, which is private: it holds
/// all that any current document says of tracks. publish.h makes the one to share.
///
/// Three sweeps over the tracks in the order of their ids (sweep.h): mark keys and ISRCs that occur twice,
/// group their tracks, write. Title, artists and album are what most accounts say (election.h).
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "catalogue/lines.h"
#include "catalogue/reader.h"
#include "outro/status.h"

namespace outro {

/// Makes `into`/tracks.ndjson.zst and recordings.ndjson.zst, and README.txt beside them, each durable under
/// its name or absent. The bytes are a function of the current documents, independent of memory, threads, and
/// the parts' number and order.
/// @param memory bytes; tracks that share a key or an ISRC with others may take more
/// Errors: io; corrupt with the part's name; refused if another version of Outro wrote a part.
result<catalogue_totals> write_catalogue(const std::vector<part_source>& parts,
                                         const std::filesystem::path& into, std::uint64_t memory,
                                         unsigned threads);

}  // namespace outro
