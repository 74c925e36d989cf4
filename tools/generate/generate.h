/// The whole job: dumps and truth, from options.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "options.h"
#include "recordings.h"
#include "truth.h"

namespace outro::generate {

struct progress {
  std::uint64_t accounts = 0;  ///< done
  std::uint64_t bytes = 0;     ///< decoded
};

struct result {
  std::string error;   ///< empty when all went well
  bool usage = false;  ///< the error is in the options: nothing was written
  totals found;
  std::optional<recordings_summary> recordings;
};

/// Writes DIR/dumps, DIR/truth and DIR/truth.json; the last appears only when all the rest is complete.
/// `on_progress` may be empty; it is called by one thread at a time.
result run(const options& wanted, const std::function<void(const progress&)>& on_progress);

}  // namespace outro::generate
