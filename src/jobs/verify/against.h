/// @file
/// Verify against the dumps: every document of the source is in the ledger, and comes back byte for byte.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "jobs/verify/context.h"
#include "jobs/verify/verify.h"
#include "layout/layout.h"
#include "outro/status.h"
#include "source/input.h"
#include "source/shards.h"

namespace outro {

/// By what a document is read, so that it is judged as its run did.
struct comparison_rules {
  layout rules;
  std::uint64_t max_document = 0;  ///< the largest of the runs' limits
  std::int64_t latest_ms = 0;      ///< a day after the last run began
};

/// Those of the runs that used the layout of the options. Errors: usage; refused where none did.
result<comparison_rules> rules_of_runs(const verify_options& options, const std::vector<run_row>& runs);

/// What is compared, decided before any work.
struct against_plan : comparison_rules {
  std::vector<unit> units;
  std::vector<shard_id> accepted_shards;  ///< whose documents are counted where the dumps don't hold them
  left_out hidden;                        ///< as an export leaves it out
};

/// Finds the dumps and the layout. Errors: usage; refused where no run used this layout.
result<against_plan> plan_against(const verify_options& options, const std::vector<run_row>& runs);

/// Reads the dumps again by the rules of the export, and looks up every document.
against_counts compare_with_dumps(verify_context& context, const against_plan& plan,
                                  const std::vector<slice_row>& slices);

}  // namespace outro
