/// @file
/// What the page cache holds of a file.
#pragma once

#include <gtest/gtest.h>
#include <sys/mman.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/file.h"

namespace outro::testing {

inline std::size_t cached_bytes(const std::string& path) {
  const auto file = open_to_read(path).value();
  const auto size = std::filesystem::file_size(path);
  void* const at = ::mmap(nullptr, size, PROT_READ, MAP_SHARED, file.get(), 0);
  EXPECT_NE(at, MAP_FAILED);
  std::vector<unsigned char> pages((size + disk_alignment - 1) / disk_alignment);
  EXPECT_EQ(::mincore(at, size, pages.data()), 0);
  EXPECT_EQ(::munmap(at, size), 0);
  return disk_alignment * static_cast<std::size_t>(std::count_if(
                              pages.begin(), pages.end(), [](unsigned char p) { return (p & 1) != 0; }));
}

}  // namespace outro::testing
