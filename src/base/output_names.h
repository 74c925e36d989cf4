/// @file
/// The name and kind of everything in an output directory, relative to it and with '/' between folders.
/// Nobody else spells such a name: a test looks for it.
///
///     OUT/ledger.sqlite       while it is open also -wal, -shm, -journal
///     OUT/packs/              r0001-u000001-s0001.tar.zst
///     OUT/dead-letters/       r0001-u000001-s0001.ndjson.zst
///     OUT/catalogue/          tracks.ndjson.zst, recordings.ndjson.zst
///     OUT/catalogue/parts/    r0001-u000001-s0001.part
///     OUT/SHA256SUMS, OUT/summary.json, OUT/report.html, OUT/lock
///     *.partial               half-written, of any of these
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace outro {

inline constexpr std::string_view ledger_name = "ledger.sqlite";
inline constexpr std::string_view checksums_name = "SHA256SUMS";
inline constexpr std::string_view summary_name = "summary.json";
inline constexpr std::string_view report_name = "report.html";
inline constexpr std::string_view lock_name = "lock";

inline constexpr std::string_view packs_folder = "packs";
inline constexpr std::string_view letters_folder = "dead-letters";
inline constexpr std::string_view catalogue_folder = "catalogue";
inline constexpr std::string_view parts_folder = "catalogue/parts";
/// Every folder of an output directory; one comes before those inside it.
inline constexpr std::array<std::string_view, 4> output_folders = {packs_folder, letters_folder,
                                                                   catalogue_folder, parts_folder};

/// Of a catalogue, in whatever folder it lies.
inline constexpr std::string_view tracks_name = "tracks.ndjson.zst";
inline constexpr std::string_view recordings_name = "recordings.ndjson.zst";

/// Behind the name of an archive, and of a pack of archives.
inline constexpr std::string_view archive_suffix = ".tar.zst";

/// What SQLite keeps beside an open database, as suffixes of its name.
inline constexpr std::array<std::string_view, 3> database_suffixes = {"-wal", "-shm", "-journal"};
/// The write-ahead log of the ledger: with bytes in it, the ledger was not closed.
inline constexpr std::string_view ledger_log_name = "ledger.sqlite-wal";

/// `slice`: what its files share, see pack/slice_id.h.
std::string pack_name(std::string_view slice);
std::string letters_name(std::string_view slice);
std::string part_name(std::string_view slice);

/// A file while it is written; it gets its own name once it is durable.
std::filesystem::path partial_path(const std::filesystem::path& path);

enum class output_kind : std::uint8_t {
  ledger,
  ledger_companion,  ///< what SQLite keeps beside it
  pack,
  letters,
  part,       ///< of the catalogue, by slice
  catalogue,  ///< any other file in its folder
  checksums,
  summary,
  report,
  lock,
  folder,
  partial,  ///< half-written, of whatever kind
  unknown   ///< not Outro's
};

/// What stands under a name relative to the output directory. In the folders of packs and dead letters every
/// name counts; whether it is that of a slice is for the ledger to say.
output_kind kind_of_output(std::string_view name);

/// Whether SHA256SUMS has no line for it: it changes or vanishes with every use.
bool is_unlisted(output_kind kind);

}  // namespace outro
