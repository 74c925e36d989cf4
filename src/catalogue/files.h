/// @file
/// Writes the two files of a catalogue: takes lines, and compresses many of them into each frame.
#pragma once

#include <zstd.h>

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "base/bytes.h"
#include "base/file.h"
#include "base/output_names.h"
#include "catalogue/lines.h"
#include "outro/status.h"

namespace outro {

/// Tracks in a frame: part of the format, so that bytes are the same.
inline constexpr std::size_t catalogue_frame_tracks = 8192;

/// Compresses frames of lines. One per thread. Throws bad_alloc, and std::runtime_error where zstd fails.
class line_compressor {
 public:
  line_compressor();
  /// One frame; without lines an empty string, unless `even_if_empty`.
  std::string compress(std::string_view lines, bool even_if_empty = false);

 private:
  struct freer {
    void operator()(ZSTD_CCtx* c) const { ZSTD_freeCCtx(c); }
  };
  std::unique_ptr<ZSTD_CCtx, freer> context_;
  buffer frame_;  ///< kept, because fresh memory costs more than what is done in it
};

/// A file that gets its name when it is closed, durably.
class catalogue_file {
 public:
  explicit catalogue_file(std::filesystem::path path)
      : path_(std::move(path)), partial_(partial_path(path_)) {}
  status open();
  status append(std::string_view bytes) { return write_all(file_.get(), bytes, partial_); }
  status close() { return commit_file(std::move(file_), partial_, path_); }

 private:
  std::filesystem::path path_, partial_;
  file_handle file_;
};

class catalogue_files {
 public:
  explicit catalogue_files(const std::filesystem::path& into)
      : tracks_(into / tracks_name), recordings_(into / recordings_name) {}

  status open();
  /// Appends a table's tracks, on all threads of the current arena.
  status write(const catalogue_table& table, std::span<const catalogue_run> runs,
               const catalogue_groups& groups);
  status close();
  [[nodiscard]] const catalogue_totals& totals() const { return totals_; }

 private:
  status append(const std::string& tracks, const std::string& recordings);

  catalogue_file tracks_, recordings_;
  catalogue_lines pending_;  ///< the lines of the frame that is not full yet
  std::uint64_t first_ = 0;  ///< number of the next table's first track
  catalogue_totals totals_;
};

}  // namespace outro
