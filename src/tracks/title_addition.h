/// @file
/// Where additions to a title begin and end: brackets, dashes and tildes.
#pragma once

#include <cstddef>
#include <string_view>

namespace outro {

/// An addition: its length with its marks, and its inside. The length is 0 if there is none.
struct addition {
  std::size_t length = 0;
  std::u32string_view inside;
};

/// The addition that begins at `at`. Before the title's name, only a bracket begins one.
addition addition_at(std::u32string_view title, std::size_t at, bool after_name);

}  // namespace outro
