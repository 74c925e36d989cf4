/// @file
/// Counts over the whole ledger that say whether its tables agree, and what of the input is not archived.
/// What must hold of them, and what to do where it does not, is for verify to say.
#pragma once

#include <cstdint>
#include <vector>

#include "ledger/ledger.h"

namespace outro {

/// Documents with a value that no writer of ours makes.
std::uint64_t impossible_documents(ledger& books);
std::uint64_t count_documents(ledger& books);
/// As many documents as the slices say that they hold.
std::uint64_t count_documents_of_slices(ledger& books);
/// Documents that are called proven or unproven against what their shard says, or that have no shard.
std::uint64_t wrong_proofs(ledger& books);
/// Shards without an end in runs that must have read them: not in `open_run`, nor in runs that were cut
/// short.
std::uint64_t unread_shards(ledger& books, std::uint32_t open_run);
std::uint64_t count_units(ledger& books, std::uint32_t run);

/// Repairs that no writer of ours claims: by a damaged shard, of one that was not damaged, that left nothing
/// to be recognised by, or that is not of an earlier run.
std::uint64_t wrong_repairs(ledger& books);

/// A damaged shard that keeps nothing back any more: it is repaired, or somebody vouches for it.
struct mended_shard {
  shard_id id;
  bool repaired = true;
};

/// What is kept back by all that lies behind the proven ends of damaged shards, but for those that are
/// mended.
class kept_back {
 public:
  /// Puts the shards where queries can name them. The ledger must outlive this, and have one such at a time.
  /// Throws where the disk for temporary tables is full.
  kept_back(ledger& books, const std::vector<mended_shard>& mended);

  /// Accounts with archives of unproven documents only. Looks them up by the index of the finished runs.
  [[nodiscard]] std::uint64_t accounts() const;
  /// Dead letters, but those whose document came with a repair.
  [[nodiscard]] std::uint64_t letters() const;

 private:
  ledger& books_;
};

}  // namespace outro
