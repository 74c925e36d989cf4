/// @file
/// What can be known before any work: whether disk, files and memory will do.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/file_system.h"
#include "base/options.h"
#include "outro/status.h"
#include "source/shards.h"

namespace outro {

/// What the job will need, next to what there is.
struct preflight_needs {
  std::uint64_t disk = 0;  ///< a rough upper bound of the output; 0 where a pipe hides the input's size
  std::uint64_t disk_free = 0;
  std::optional<mount_place> mount;         ///< of the output
  std::uint64_t files = 0;                  ///< of the output, about; 0 as above
  std::optional<std::uint64_t> files_free;  ///< nothing: there is no bound
  std::uint64_t open_files = 0;             ///< at once
  std::uint64_t open_files_usable = 0;
  std::uint64_t memory = 0;
  std::uint64_t memory_usable = 0;
  std::uint64_t longest_document = 0;  ///< that this input may hold

  /// The longest document for which the memory does, by the bound of --memory plus 8 times its size.
  [[nodiscard]] std::uint64_t longest_that_fits() const {
    return memory_usable > memory ? (memory_usable - memory) / 8 : 0;
  }
};
result<preflight_needs> needs_of(const export_options& options, const std::vector<shard>& shards,
                                 std::size_t units);

/// What there is of the output already.
struct output_written {
  std::uint64_t bytes = 0, files = 0;
};

/// Refuse what cannot end well, naming what is short and the option that overrides.
status check_memory(const preflight_needs& needs, const export_options& options);
status check_open_files(const preflight_needs& needs, const export_options& options);
/// Bytes and files (inodes).
status check_disk(const preflight_needs& needs, output_written written, const export_options& options);
/// With --existing: refuses to begin a new directory, as in a mount point whose disk is not there.
status check_existing(const preflight_needs& needs, const export_options& options);

/// "/dev/sdb1 (ext4, mounted at /data)".
std::string text_of(const std::optional<mount_place>& mount);

}  // namespace outro
