/// @file
/// The input of the benchmarks: dumps of the standard workload, generated once for a process.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "frame/block.h"

namespace outro::bench {

struct sample {
  std::string plain;  ///< newline-delimited dumps
  std::string zst;    ///< the same, as the generator compresses it
  block framed;       ///< the same, framed and padded
};

/// About 40 MB of the standard workload, seed 1. Ends the process where it cannot be made.
const sample& standard_sample();

inline std::string_view document(const sample& s, std::size_t i) {
  const auto& d = s.framed.documents[i];
  return s.framed.bytes.view().substr(d.begin, d.length);
}

}  // namespace outro::bench
