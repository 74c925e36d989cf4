/// @file
/// The CPU time of a whole process: by stage, and outside of all stages.
#pragma once

#include <array>
#include <boost/json/object.hpp>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/stage_clock.h"

namespace outro {

struct cpu_profile {
  double prepare = 0;                                 ///< seconds: before the first unit
  double wait = 0;                                    ///< the io_context's thread (Asio)
  double ledger = 0;                                  ///< the ledger's thread
  double catalogue = 0;                               ///< the merge of its parts
  double finish = 0;                                  ///< index, checksums
  double total = 0;                                   ///< of the process
  std::array<std::uint64_t, stage_count> stage_ns{};  ///< CPU nanoseconds by stage
};

/// Every row with its seconds, "rest" (io_uring's kernel workers, syncs, oneTBB) last.
std::vector<std::pair<std::string, double>> rows_of(const cpu_profile& p);

std::string profile_text(const cpu_profile& p);
boost::json::object profile_object(const cpu_profile& p);

}  // namespace outro
