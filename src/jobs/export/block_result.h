/// @file
/// All that came of one block, its size, and how to take back what a document began to add.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "account/account_view.h"
#include "base/bytes.h"
#include "catalogue/part.h"
#include "ledger/rows.h"
#include "pack/seek_table.h"
#include "pack/slice_record.h"

namespace outro {

/// Two dates of an account that contradict the order in which its dumps came.
struct dates_in_reverse {
  std::int64_t offered = 0, current = 0;  ///< ms since 1970
};

/// All that came of one block, in order; offsets in the records count from the block's own begin.
struct block_result {
  std::vector<document_record> documents;
  std::vector<seek_entry> frames;  ///< one for each written archive
  buffer archives;                 ///< the frames, one after another
  buffer letters;                  ///< frames of dead letters
  slice_totals totals;
  std::uint64_t known = 0;                ///< documents whose account an earlier run has
  std::optional<dates_in_reverse> older;  ///< of one that is older than what is current
  catalogue_notes catalogue;  ///< of the documents, in order; empty where no catalogue is asked for
};

/// What a document has of each kind, for the ledger.
document_counts counts_of(const layout& rules, const account_view& view);

/// What the records of a block's documents take until their slice is committed: in a vector that grows, and
/// in the text of the slice's record.
std::uint64_t record_bytes(const block_result& b);
/// And all that came of the block until it is written; notes for the catalogue are copied on their way.
std::uint64_t result_bytes(const block_result& b);
/// What a meter (base/work_meter.h) has counted of it: all but the frames, and names of a few letters.
std::uint64_t counted_bytes(const block_result& b);

/// How much a block's result holds, so that what a document began to add can be taken back.
class result_mark {
 public:
  explicit result_mark(const block_result& r);
  void take_back(block_result& r) const;

 private:
  std::size_t documents_, frames_, archives_, letters_;
  slice_totals totals_;
  std::uint64_t known_;
  std::optional<dates_in_reverse> older_;
  std::uint64_t noted_, uses_;
  std::size_t described_, lists_, text_;
};

}  // namespace outro
