/// @file
/// The file system that a path lies on, or would lie on: its device, and what is free.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace outro {

/// The path itself, or its nearest parent that is there.
std::filesystem::path nearest_existing(const std::filesystem::path& path);

/// Where something is mounted; see proc_pid_mountinfo(5).
struct mount_place {
  std::string device;  ///< "/dev/sdb1", "tmpfs"
  std::string point;   ///< "/data"
  std::string type;    ///< "ext4"
};

/// The mount that holds `nearest_existing(path)`; nothing where /proc is not there to ask.
std::optional<mount_place> mount_of(const std::filesystem::path& path);
/// The same, of the text of a mountinfo file; `path` is absolute, and no link is in it.
std::optional<mount_place> mount_in(const std::string& mountinfo, const std::filesystem::path& path);

/// Bytes free to this user on the file system that holds `nearest_existing(path)`; 0 where it cannot be
/// asked.
std::uint64_t free_disk(const std::filesystem::path& path);

/// How many files may still be made there; nothing where the file system has no such bound (Btrfs, XFS
/// mostly).
std::optional<std::uint64_t> free_files(const std::filesystem::path& path);

}  // namespace outro
