/// @file
/// What a worker thread does with a block: every document becomes an archive or a dead letter.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "account/walk.h"
#include "archive/archive_writer.h"
#include "base/stage_clock.h"
#include "frame/block.h"
#include "pack/seek_table.h"
#include "pack/slice_record.h"
#include "catalogue/part.h"

namespace outro {

/// All that came of one block, in order; offsets in the records count from the block's own begin.
struct block_result {
  std::vector<document_record> documents;
  std::vector<seek_entry> frames;  ///< one for each written archive
  buffer archives;                 ///< the frames, one after another
  buffer letters;                  ///< frames of dead letters
  slice_totals totals;
  catalogue_notes catalogue;  ///< of the documents, in order; empty where no catalogue is asked for
};

/// What an earlier run has of an account, as far as it decides what to do with a new dump.
struct known_archive {
  std::optional<std::int64_t> exported_at;
  digest128 content_digest;
  bool proven = true;
  bool same_recipe = true;
};

/// The contexts and scratch memory of one thread. In the steady state nothing is allocated.
class worker {
 public:
  /// `memory`: of the tracks that the run has seen, shared by its workers. `catalogue`, `crash_on`: see
  /// export_options.
  worker(const layout& rules, version_limits limits, int level, const std::string& recipe_id,
         std::shared_ptr<track_memory> memory, bool catalogue = false, std::string crash_on = {});

  /// The accounts of a block's documents ("" for dead letters), so that earlier archives can be looked up.
  /// `crashing`: by document, those that must not be touched; empty: none.
  std::vector<std::string> accounts_of(const block& input, const std::vector<bool>& crashing = {});

  /// Archives a block. `known`: by document, what `accounts_of` led to; empty in a first run. `crashing`: by
  /// document, those that become dead letters unread; empty: none.
  block_result work(const block& input, stage_clock& clock,
                    const std::vector<std::optional<known_archive>>& known = {},
                    const std::vector<bool>& crashing = {});

 private:
  reason read(std::string_view document);
  void archive(const framed_document& place, std::string_view bytes, stage_clock& clock,
               const std::optional<known_archive>& known, block_result& out);
  void bury(document_record record, std::string_view bytes, block_result& out);
  /// Tells the catalogue that a document has no archive.
  void skip_note(block_result& out) const;
  void bury_piece(const block& input, block_result& out);

  document_reader reader_;
  account_view view_;
  archive_writer archives_;
  catalogue_noter noter_;
  bool catalogue_;
  frame_encoder letters_;
  std::string crash_on_;
};

}  // namespace outro
