/// @file
/// The output directory: nobody else's, locked against a second writer, without leftovers of a crash.
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
  /// Makes OUT and its folders where they are missing, and takes the lock. Looks first: a directory that is
  /// there and is refused is left as it was, and no directory's mode is changed. Refused: one that is another
  /// user's or that others may write to (base/private_folder.h), likewise a folder or file in it, or a link
  /// in their place; one that holds anything that is not ours; one that another process writes; packs without
  /// a ledger. OUT itself may be a link, if link and target are ours.
  static result<output_directory> open(const std::filesystem::path& out);
  /// As above, but takes packs without a ledger, and makes no directory.
  static result<output_directory> open_to_rebuild(const std::filesystem::path& out);

  /// Writes the lock file back as it was, so that a process that did nothing leaves no trace. False where it
  /// was empty.
  [[nodiscard]] bool restore_lock() const;
  /// Deletes partial files: nothing else is deleted by a resume.
  [[nodiscard]] status remove_partials() const;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  [[nodiscard]] int lock_fd() const { return lock_.get(); }
  /// The state at the beginning: this process, and the suspects that the one before left.
  [[nodiscard]] const live_state& live() const { return live_; }
  [[nodiscard]] std::filesystem::path ledger_path() const { return path_ / ledger_name; }

 private:
  static result<output_directory> lock(const std::filesystem::path& out);
  output_directory(std::filesystem::path path, file_handle lock, std::string before, live_state live)
      : path_(std::move(path)), lock_(std::move(lock)), before_(std::move(before)), live_(std::move(live)) {}

  std::filesystem::path path_;
  file_handle lock_;
  std::string before_;  ///< the lock file as it was
  live_state live_;
};

/// failure::busy, with the process that holds the lock of OUT (open as `lock`) and the remedy.
status busy(const std::filesystem::path& out, int lock);

/// Whether OUT holds packs, so that no new ledger may be begun. Errors: io.
result<bool> has_packs(const std::filesystem::path& out);

}  // namespace outro
