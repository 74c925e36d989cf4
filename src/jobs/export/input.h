/// @file
/// What an export reads, found and looked at before anything is written.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/io_engine.h"
#include "jobs/export/clock_evidence.h"
#include "jobs/export/preflight.h"
#include "jobs/export/settings.h"
#include "outro/status.h"
#include "source/input.h"
#include "source/shards.h"

namespace outro {

struct export_input {
  std::vector<unit> units;
  std::size_t shard_count = 0;
  left_out hidden;        ///< entries of directories
  bool has_pipe = false;  ///< its bytes cannot be read twice, and nobody knows how many there are
  preflight_needs needs;
  clock_evidence clock;
  std::vector<std::string> roster;  ///< every account that exists; empty: none was given
  std::unique_ptr<io_engine> engine;
};

/// Finds the shards, reads the roster, and checks everything that can be known before any work. Writes
/// nothing. Errors: usage and refused.
result<export_input> check_input(const export_settings& settings);

}  // namespace outro
