/// @file
/// The name and kind of everything in an output directory, relative to it and with '/' between folders.
/// No other file spells such a name; a test checks that.
///
///     OUT/ledger.sqlite       while it is open also -wal, -shm, -journal
///     OUT/packs/              r0001-u000001-s0001.tar.zst
///     OUT/dead-letters/       r0001-u000001-s0001.ndjson.zst
///     OUT/catalogue/          tracks.ndjson.zst, recordings.ndjson.zst, README.txt
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
/// Every folder of an output directory, parents first.
inline constexpr std::array<std::string_view, 4> output_folders = {packs_folder, letters_folder,
                                                                   catalogue_folder, parts_folder};

/// The files of a catalogue, in any folder.
inline constexpr std::string_view tracks_name = "tracks.ndjson.zst";
inline constexpr std::string_view recordings_name = "recordings.ndjson.zst";
inline constexpr std::string_view catalogue_readme_name = "README.txt";

/// The suffix of an archive's name, and of a pack's.
inline constexpr std::string_view archive_suffix = ".tar.zst";

/// SQLite keeps files next to an open database; these suffixes follow its name.
inline constexpr std::array<std::string_view, 3> database_suffixes = {"-wal", "-shm", "-journal"};
/// The ledger's write-ahead log; one that is not empty was left by a process that did not close the ledger.
inline constexpr std::string_view ledger_log_name = "ledger.sqlite-wal";

/// `slice`: the name that a slice's files share, see pack/slice_id.h.
std::string pack_name(std::string_view slice);
std::string letters_name(std::string_view slice);
std::string part_name(std::string_view slice);

/// What a file system keeps in its root: fsck's, and often nobody else may look into it. In OUT, or among the
/// dumps, it is nobody's data.
inline constexpr std::string_view lost_found_name = "lost+found";

/// The name of a file while it is written; it gets its own name once it is durable.
std::filesystem::path partial_path(const std::filesystem::path& path);

enum class output_kind : std::uint8_t {
  ledger,
  ledger_companion,  ///< SQLite's files next to it
  pack,
  letters,
  part,       ///< of the catalogue, by slice
  catalogue,  ///< any other file in its folder
  checksums,
  summary,
  report,
  lock,
  folder,
  partial,      ///< half-written, of any kind
  file_system,  ///< lost+found
  unknown       ///< not Outro's
};

/// The kind of a name relative to the output directory. In the folders of packs and dead letters every name
/// counts; only the ledger knows whether it belongs to a slice.
output_kind kind_of_output(std::string_view name);

/// Whether SHA256SUMS leaves it out, because it changes or vanishes with every use.
bool is_unlisted(output_kind kind);

}  // namespace outro
