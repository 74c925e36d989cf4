/// @file
/// Reads parts of the catalogue: their runs, and the lists, heads and texts of a run. Files are not trusted:
/// bytes are checked before they are returned. Any thread may read any run.
///
/// If there are few parts, their files stay open. If there are many, each read opens its file, so that the
/// number of open files is bounded.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "catalogue/part.h"
#include "outro/status.h"

namespace outro {

/// A part, and which documents of its slice are current.
struct part_source {
  std::filesystem::path path;
  std::uint64_t documents = 0;  ///< of the slice
  std::vector<bool> current;    ///< by document; empty: every written document
};

/// The layouts that parts were written with, by their TOML: most parts have the same.
using known_layouts = std::map<std::string, std::shared_ptr<const layout>, std::less<>>;

/// Where a run is, and which documents of its slice it is about.
struct catalogue_run {
  const part_source* part = nullptr;
  std::shared_ptr<const layout> rules;  ///< what the fields of its descriptions mean
  std::shared_ptr<file_handle> file;    ///< null: each read opens it
  catalogue_run_head head;
  std::uint64_t first_document = 0;
  std::uint64_t at = 0, lists_at = 0, heads_at = 0, text_at = 0;  ///< in the file
};

/// The runs of a part, which must outlive them. Errors: io; corrupt; refused if another version of Outro
/// wrote it.
result<std::vector<catalogue_run>> runs_of(const part_source& part, bool stays_open, known_layouts& layouts);

/// One track of one document.
struct catalogue_use {
  hash128 content;
  std::uint64_t entries, listens;
  bool counts_account;
};

/// The lists of a run: document after document.
class use_reader {
 public:
  /// Reads all lists of a run and checks their digest. Errors: io, corrupt.
  static result<use_reader> open(const catalogue_run& run);

  /// The uses of the next current document; empty at the end, or if the run is damaged (see `ok`).
  std::span<const catalogue_use> next();
  [[nodiscard]] std::uint64_t time() const { return time_; }  ///< of that document: 2 + exportedAt, or 1
  [[nodiscard]] bool ok() const { return ok_; }

 private:
  const catalogue_run* run_ = nullptr;
  std::string bytes_;
  std::string_view rest_;
  std::vector<catalogue_use> uses_;
  std::uint64_t document_ = 0, time_ = 0, seen_ = 0;
  bool ok_ = true;
};

/// Heads `from` to `to` of a run. Their digest is checked only if all are read. Errors: io, corrupt.
result<std::vector<description_head>> read_heads(const catalogue_run& run, std::uint64_t from,
                                                 std::uint64_t to);
inline result<std::vector<description_head>> read_heads(const catalogue_run& run) {
  return read_heads(run, 0, run.head.described);
}

/// Bytes of a run's texts. Errors: io, corrupt.
result<std::string> read_texts(const catalogue_run& run, std::uint64_t begin, std::uint64_t length);

/// A failure that says what was lost, and the two remedies.
status lost_part(const std::string& what);
/// The failure of a damaged part.
status damaged_part(const catalogue_run& run);

}  // namespace outro
