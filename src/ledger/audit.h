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

/// Accounts with archives of unproven documents only. Looks them up by the index of the finished runs, up to
/// `last_run`.
std::uint64_t unproven_accounts(ledger& books, std::uint32_t last_run);

/// A damaged shard is mended by a later run that read a shard of the same path whole. Shards of a rebuilt
/// ledger have no path, so none of its shards ever counts as mended.
///
/// Damaged shards that are not mended, in order of path.
std::vector<shard_place> unmended_shards(ledger& books);
/// Dead letters, but for those behind the proven end of a mended shard: their documents came with the later
/// run.
std::uint64_t letters_outside_mended_shards(ledger& books);
/// Dead letters, but for those behind the proven end of any damaged shard.
std::uint64_t letters_outside_damaged_shards(ledger& books);

}  // namespace outro
