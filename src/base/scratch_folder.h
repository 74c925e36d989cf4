/// @file
/// A folder for personal data during a measurement.
#pragma once

#include <filesystem>
#include <string>
#include <utility>

#include "base/file.h"

namespace outro {

/// A new private folder (0700), removed with everything in it on destruction. It is locked (flock) while it
/// lives, so that one whose process was killed can be told from one in use.
class scratch_folder {
 public:
  static result<scratch_folder> make(const std::filesystem::path& where, const std::string& name);
  scratch_folder(scratch_folder&& other) noexcept
      : path(std::exchange(other.path, {})), lock_(std::move(other.lock_)) {}
  scratch_folder& operator=(scratch_folder&&) = delete;
  ~scratch_folder();

  std::filesystem::path path;

 private:
  scratch_folder(std::filesystem::path made, file_handle lock)
      : path(std::move(made)), lock_(std::move(lock)) {}

  file_handle lock_;
};

/// Removes what killed processes left of `scratch_folder::make(where, name)`: folders of this name that are
/// ours, that hold something, and that no process has locked. Returns how many. Others are left alone.
std::size_t remove_abandoned(const std::filesystem::path& where, const std::string& name);

}  // namespace outro
