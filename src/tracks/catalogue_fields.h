/// @file
/// The fields of a track object that may be in the catalogue: those that the layout allows, and no others.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "layout/layout.h"

namespace outro {

/// Picks fields. One per thread, because it holds scratch memory.
class catalogue_fields {
 public:
  explicit catalogue_fields(const layout& rules);

  /// Appends a JSON object with the allowed top-level keys of a checked track object, in their order. The
  /// bytes of keys and values are unchanged.
  void append(std::string_view object, std::string& out);

 private:
  std::vector<std::vector<std::string_view>> allowed_;  ///< keys by length
  std::string key_;
};

}  // namespace outro
