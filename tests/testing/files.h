/// @file
/// What is in a file, as a string to compare.
#pragma once

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace outro::testing {

/// The bytes of a file; of one that is not there, none.
inline std::string read_bytes(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace outro::testing
