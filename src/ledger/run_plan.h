/// @file
/// The plan of a run: what there is to do of it, by what the ledger says.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "ledger/ledger.h"
#include "source/shards.h"

namespace outro {

struct run_plan {
  run_row run;
  std::vector<unit> units;
  std::map<std::uint32_t, unit_progress> done;  ///< by unit; of an earlier process
  bool finished = false;                        ///< the same command was carried out before
  bool is_new = false;                          ///< a run begins with it
  std::uint32_t abandons = 0;                   ///< the unfinished run that ends as cut before; 0: none

  /// How far a unit was committed by earlier processes.
  [[nodiscard]] unit_progress progress_of(std::uint32_t unit) const {
    const auto found = done.find(unit);
    return found == done.end() ? unit_progress{} : found->second;
  }
};

}  // namespace outro
