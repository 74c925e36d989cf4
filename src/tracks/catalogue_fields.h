/// @file
/// The part of a track object that may enter the catalogue: what the layout allows, and nothing else.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "layout/layout.h"

namespace outro {

/// Picks fields. One per thread, for it holds scratch memory.
class catalogue_fields {
 public:
  explicit catalogue_fields(const layout& rules);

  /// Appends a JSON object with the allowed top-level keys of a checked track object: bytes of keys and
  /// values as they are, in their order.
  void append(std::string_view object, std::string& out);

 private:
  std::vector<std::vector<std::string_view>> allowed_;  ///< keys by length
  std::string key_;
};

}  // namespace outro
