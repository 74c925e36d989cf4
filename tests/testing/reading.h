/// @file
/// Reading one document in a test: padded as the framer pads it.
#pragma once

#include <string>
#include <string_view>

#include "account/walk.h"
#include "layout/load.h"

namespace outro::testing {

inline constexpr std::int64_t some_time = 1'800'000'000'000;

inline const layout& xiami() {
  static const layout rules = load_layout("xiami").value();
  return rules;
}

/// A document, its view and the verdict; the view's offsets refer to `bytes` (or to the reader's copy).
struct reading {
  explicit reading(std::string_view document, const layout& rules = xiami())
      : reader(rules, {.latest_ms = some_time}) {
    bytes.append(document);
    bytes.append("\n");
    bytes.pad();
    why = reader.read(bytes.view().substr(0, document.size()), view);
  }

  buffer bytes;
  document_reader reader;
  account_view view;
  reason why;
};

}  // namespace outro::testing
