/// @file
/// A directory that goes away with the test.
#pragma once

#include <filesystem>
#include <string_view>

#include "base/scratch_folder.h"

namespace outro::testing {

class scratch {
 public:
  [[nodiscard]] const std::filesystem::path& path() const { return folder_.path; }
  [[nodiscard]] std::filesystem::path operator/(std::string_view name) const { return path() / name; }

 private:
  scratch_folder folder_ = scratch_folder::make(std::filesystem::temp_directory_path(), "outro-test").value();
};

}  // namespace outro::testing
