/// @file
/// The output directory: made private, locked against a second writer, cleaned of what a crash left.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/output_names.h"
#include "output/live_writer.h"
#include "outro/status.h"

namespace outro {

/// Holds the lock while it lives. The lock is the kernel's (flock), so a dead process never holds one.
class output_directory {
 public:
  /// Makes OUT and its folders where they are missing, and takes the lock. Refused: a directory that holds
  /// anything that is not ours, one that another process writes, packs without a ledger.
  static result<output_directory> open(const std::filesystem::path& out);
  /// As above, but takes packs without a ledger, and makes nothing where nothing is.
  static result<output_directory> open_to_rebuild(const std::filesystem::path& out);

  /// Writes back what the lock said when it was taken: of a process that did nothing, nothing is told. False
  /// where it said nothing.
  [[nodiscard]] bool restore_lock() const;
  /// Deletes *.partial: the only thing that a resume deletes.
  [[nodiscard]] status remove_partials() const;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  [[nodiscard]] int lock_fd() const { return lock_.get(); }
  /// What this process begins with: itself, and the suspects that the one before left.
  [[nodiscard]] const live_state& live() const { return live_; }
  [[nodiscard]] std::filesystem::path ledger_path() const { return path_ / ledger_name; }

 private:
  static result<output_directory> lock(const std::filesystem::path& out);
  output_directory(std::filesystem::path path, file_handle lock, std::string before, live_state live)
      : path_(std::move(path)), lock_(std::move(lock)), before_(std::move(before)), live_(std::move(live)) {}

  std::filesystem::path path_;
  file_handle lock_;
  std::string before_;  ///< what the lock said
  live_state live_;
};

/// Another process has the lock of OUT, open as `lock`: which one, and what to do. failure::busy.
status busy(const std::filesystem::path& out, int lock);

/// Whether OUT holds packs, and so cannot be begun anew. Errors: io.
result<bool> has_packs(const std::filesystem::path& out);

}  // namespace outro
