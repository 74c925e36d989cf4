/// @file
/// What a worker thread does with a block: every document becomes an archive or a dead letter.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "account/walk.h"
#include "archive/archive_writer.h"
#include "base/stage_clock.h"
#include "base/work_meter.h"
#include "catalogue/part.h"
#include "frame/block.h"
#include "jobs/export/block_result.h"
#include "ledger/rows.h"
#include "pack/seek_table.h"
#include "pack/slice_record.h"
#include "report/documents_in_work.h"

namespace outro {

/// One document that was walked, and is kept until the ledger has said what is known of its account.
struct walked_document {
  outro::reason reason = outro::reason::none;
  account_view view;
  buffer redacted;  ///< the bytes that the view refers to, where something was redacted
};

struct worker_settings {
  version_limits limits;
  int level = 3;
  std::string recipe_id;
  bool catalogue = false;                            ///< notes for it are made
  std::string crash_on;                              ///< see export_options
  std::shared_ptr<digest_memory> digests = nullptr;  ///< shared by the workers of a run; null: there is none
  /// Where each worker notes its document; shared likewise.
  std::shared_ptr<documents_in_work> in_work = std::make_shared<documents_in_work>();
  /// For tests, see export_options.
  std::function<void(std::string_view)> before_document{};
};

/// How far a block is worked on, and with how much memory.
struct block_progress {
  std::uint32_t unit = 0;     ///< of the block
  std::size_t next = 0;       ///< the document that comes next
  std::uint64_t granted = 0;  ///< bytes of the budget, beyond free_work, for one document after another
  std::uint64_t spare = 0;    ///< likewise: what the block's own reservation leaves for its work
  std::int64_t used = 0;      ///< bytes that the work has allocated and not freed (base/work_meter.h)
  /// Not 0: `next` needs so many. Or it found no memory, and is to be tried again when nobody is before it.
  std::uint64_t wanted = 0;
  bool wants_first = false;
  bool is_first = false;  ///< this is that second try
  /// Called, if set, with what a huge document needs of `granted` once that is known.
  std::function<void(std::uint64_t)> needs{};

  /// Nothing stands in the way of `next`.
  [[nodiscard]] bool goes_on() const { return wanted == 0 && !wants_first; }
};

/// What the work on one document (see account/work_limit.h) may take without asking. Every thread has it, and
/// as much again for the scratch memory that it keeps.
inline constexpr std::uint64_t free_work = 4U << 20;

/// What a block may allocate, counted and not estimated, before it asks for more of the budget.
constexpr std::int64_t share_of(const block_progress& at) {
  if (at.is_first || at.granted >= (1ULL << 40)) return work_meter::no_limit;
  return static_cast<std::int64_t>(2 * free_work + at.spare + at.granted);
}

/// The contexts and scratch memory of one thread.
class worker {
 public:
  /// `memory`: of the tracks that the run has seen, shared by its workers. `rules` outlives the worker.
  worker(const layout& rules, worker_settings settings, std::shared_ptr<track_memory> memory);

  /// Archives a block of a first run, in which no account is known: each document is walked and archived
  /// before the next one, so that in the steady state nothing is allocated. Returns at the block's end, or
  /// before a document that `at` says to need more memory: call again when it is there.
  /// `ends`: by document, why it becomes a dead letter unread; none, or an empty list: it is read.
  void archive(const block& input, block_progress& at, stage_clock& clock, block_result& out,
               const std::vector<reason>& ends = {});

  /// A delta takes the same work in two steps, with the ledger asked between them. First documents are
  /// walked, once: identity, date, digests, and all that archiving takes. From `at` on, as many as there is
  /// memory for; none where `at` says that the first one needs more. `input` outlives the result.
  std::vector<walked_document> walk(const block& input, block_progress& at, stage_clock& clock,
                                    const std::vector<reason>& ends = {});
  /// Then what is to be written is archived; `at` moves from the first of them to their end, or as far as
  /// memory allows. `earlier`: by walked document, what the ledger has of it.
  void archive(const block& input, std::size_t first, const std::vector<walked_document>& walked,
               const std::vector<earlier_document>& earlier, block_progress& at, stage_clock& clock,
               block_result& out);

 private:
  reason read(std::string_view document, account_view& view);
  template <class Work>
  void attempt(const block& input, block_progress& at, stage_clock& clock, block_result& out, Work work);
  void finish(document_record record, std::string_view bytes, const account_view& view, block_progress& at,
              stage_clock& clock, block_result& out);
  void write_archive(document_record record, std::string_view bytes, const account_view& view,
                     block_progress& at, stage_clock& clock, block_result& out);
  void write_dead_letter(document_record record, std::string_view bytes, block_result& out);
  void write_dead_piece(const block& input, block_result& out);
  void release();
  void keep_bounded_scratch(std::int64_t grown, const block_result& out, std::uint64_t out_before);
  /// Notes for the catalogue that a document has no archive.
  void skip_note(block_result& out) const;

  const layout& rules_;
  std::string crash_on_;
  std::function<void(std::string_view)> before_document_;
  std::shared_ptr<documents_in_work> in_work_;
  document_in_work& mine_;  ///< of these
  bool catalogue_;
  document_reader reader_;
  account_view view_;
  archive_writer archives_;
  catalogue_noter noter_;
  frame_encoder letters_;
  /// The view that the writer has seen last, while what is new in it is not noted yet; else null.
  const account_view* unnoted_ = nullptr;
  std::int64_t scratch_ = 0;  ///< bytes that the thread keeps from document to document
};

/// The account is known where the whole document was read and names one; empty otherwise.
std::string account_of(reason why, const account_view& view);

}  // namespace outro
