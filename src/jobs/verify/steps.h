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

/// The verification of one directory. One thread calls its steps, one after another; any thread may call
/// `state` at any time.
class verification {
 public:
  /// `options` are complete, and outlive this.
  explicit verification(const verify_options& options);

  /// Lists the files, then opens the ledger. Error: refused, where the ledger is of another version.
  status open();
  /// Finds the dumps and their layout. `against` stays empty where there is nothing to compare, or no ledger
  /// to compare with yet.
  status plan(std::optional<against_plan>& against);
  /// Reads every file once: the ledger, the packs and all other files at the same time.
  void read_everything();
  void compare(const against_plan& plan);
  /// Finds which dead letters keep nothing back any more, once everything is read (settled.h).
  void settle_letters();
  /// The report with its verdict.
  verify_report finish(double seconds);

  [[nodiscard]] progress_state state(double seconds) const;
  /// Documents that have just become slow, by the shards in `units` (those of the dumps) and the packs.
  /// Called by one thread, about twice a second.
  std::vector<slow_document> newly_slow(const std::vector<unit>& units, std::int64_t now_ms);

 private:
  template <class Check>
  void guarded(Check check);
  status read_ledger();
  /// Whether SHA256SUMS has the ledger's digest, so that the version that the ledger names is no damage.
  [[nodiscard]] bool is_sealed_ledger() const;
  /// Whether the ledger is what SHA256SUMS says, but for having been opened by an export that went no
  /// further.
  [[nodiscard]] bool was_left_unbegun() const;
  [[nodiscard]] std::vector<std::string> slice_files() const;
  /// Files that are not of slices and that SHA256SUMS lists.
  [[nodiscard]] std::vector<const found_file*> other_files() const;
  void check_ledger();
  /// As many packs at a time as memory holds.
  void check_slices();
  /// The verdict: every reason against erasing the source, and the exit code.
  void judge();
  void judge_cut_runs();
  void judge_damaged_shards();
  void judge_accepted_shard(const damaged_row& shard);
  [[nodiscard]] bool is_accepted(const shard_id& id) const;
  void judge_comparison();

  const verify_options& options_;
  finding_list found_;
  verify_context c_;
  verify_report report_;
  std::vector<found_file> files_;
  std::unique_ptr<tbb::enumerable_thread_specific<ledger_reader>> readers_;
  std::vector<slice_row> slices_;
  slow_watch comparing_, restoring_;
  std::vector<damaged_row> damaged_;
  std::uint64_t unproven_ = 0;  ///< accounts
  std::uint64_t letters_ = 0;   ///< dead letters, but those whose document came with a repair, or is settled
  bool readable_ = false;       ///< the ledger says which runs and slices there are
  bool pipe_ = false;           ///< the size of the dumps is not known
};

}  // namespace outro
