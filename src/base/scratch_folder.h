/// @file
/// A folder for personal data during a measurement.
#pragma once

#include <stdlib.h>

#include <cerrno>
#include <filesystem>
#include <string>
#include <utility>

#include "base/file.h"

namespace outro {

/// A new private folder (0700), removed with everything in it on destruction.
class scratch_folder {
 public:
  static result<scratch_folder> make(const std::filesystem::path& where, const std::string& name) {
    auto path = (where / (name + "-XXXXXX")).string();
    if (::mkdtemp(path.data()) == nullptr) return io_failure("make a folder in", where, errno);
    return scratch_folder(path);
  }
  scratch_folder(scratch_folder&& other) noexcept : path(std::exchange(other.path, {})) {}
  scratch_folder& operator=(scratch_folder&&) = delete;
  ~scratch_folder() {
    std::error_code ignored;
    if (!path.empty()) std::filesystem::remove_all(path, ignored);
  }

  std::filesystem::path path;

 private:
  explicit scratch_folder(std::filesystem::path made) : path(std::move(made)) {}
};

}  // namespace outro
