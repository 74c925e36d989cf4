/// @file
/// The fields of a track object that may be in the catalogue: those that the layout allows, and no others.
#pragma once

#include <string>
#include <string_view>

#include "layout/key_table.h"
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
  key_table allowed_;
  std::string key_;
};

}  // namespace outro
