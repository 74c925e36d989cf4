/// @file
/// The steps of verify, in the order in which run_verify takes them.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "jobs/verify/against.h"
#include "jobs/verify/context.h"
#include "jobs/verify/verify.h"
#include "report/progress.h"

namespace outro {

/// The verification of one directory. Its steps are called by one thread, one after another; `state` may be
/// called by any at any time.
class verification {
 public:
  /// `options` are complete, and outlive this.
  explicit verification(const verify_options& options);

  /// What is there, before anything is opened; then the ledger, if it can be read at all.
  status open();
  /// Finds the dumps and their layout; none where nothing is to be compared, or cannot be yet.
  status plan(std::optional<against_plan>& against);
  /// Everything at rest, once: the ledger beside the packs beside all other files.
  void read_everything();
  void compare(const against_plan& plan);
  /// The report with its verdict.
  verify_report finish(double seconds);

  [[nodiscard]] progress_state state(double seconds) const;

 private:
  template <class Check>
  void guarded(Check check);
  status read_ledger();
  /// Whether the ledger is what it was when it was sealed, so that what it says of its version is true.
  [[nodiscard]] bool is_sealed_ledger() const;
  [[nodiscard]] std::vector<std::string> slice_files() const;
  /// Files that no slice reads and of which a digest can be kept.
  [[nodiscard]] std::vector<const found_file*> other_files() const;
  void check_ledger();
  /// Packs side by side, as many as memory holds.
  void check_slices();
  /// The verdict: every reason against erasing the source, and the exit code.
  void judge();
  void judge_cut_runs();
  void judge_damaged_shards();

  const verify_options& options_;
  finding_list found_;
  verify_context c_;
  verify_report report_;
  std::vector<found_file> files_;
  std::unique_ptr<tbb::enumerable_thread_specific<ledger_reader>> readers_;
  std::vector<slice_row> slices_;
  std::vector<std::string> damaged_;  ///< shards, by path
  std::uint64_t unproven_ = 0;        ///< accounts
  std::uint64_t letters_ = 0;         ///< that still stand for something
  bool readable_ = false;             ///< the ledger, as far as to say what there is
  bool pipe_ = false;                 ///< the size of the dumps is not known
};

}  // namespace outro
