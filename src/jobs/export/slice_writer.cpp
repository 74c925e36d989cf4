#include "jobs/export/slice_writer.h"

#include <malloc.h>

#include <algorithm>
#include <span>
#include <vector>

#include "archive/tar.h"
#include "base/output_names.h"
#include "jobs/export/block_work.h"
#include "output/partial_file.h"

namespace outro {

namespace {

/// Of a slice of more, the records take some megabytes.
constexpr std::size_t many_documents = 16'384;

/// One slice from its first block to its commit.
class slice_writer {
 public:
  slice_writer(pipeline& job, slice_id id, std::uint64_t begin)
      : job_(job),
        pack_(file(job, pack_path(job.facts.out, id))),
        letters_(file(job, letters_path(job.facts.out, id))),
        part_(file(job, part_path(job.facts.out, id))) {
    record_.id = id;
    record_.units = job.facts.units;
    record_.begin = begin;
    record_.recipe = job.facts.recipe;
  }

  /// Blocks that follow one another.
  asio::awaitable<void> append(std::span<const std::shared_ptr<pending_block>> blocks) {
    std::vector<std::string_view> archives, letters;
    auto pack_end = pack_.size(), letters_end = letters_.size();
    for (const auto& block : blocks) {
      auto& b = block->output;
      place(b, pack_end, letters_end);
      archives.push_back(b.archives.view());
      letters.push_back(b.letters.view());
      pack_end += b.archives.size();
      letters_end += b.letters.size();
      frames_.insert(frames_.end(), b.frames.begin(), b.frames.end());
      record_.totals += b.totals;
      count(b);
      documents_ += b.documents.size();
      std::move(b.documents.begin(), b.documents.end(), std::back_inserter(record_.documents));
      catalogue_.append(std::move(b.catalogue));
    }
    co_await pack_.append(std::move(archives));
    co_await letters_.append(std::move(letters));
    if (catalogue_.bytes() >= catalogue_run_bytes) co_await append_catalogue_run();
  }

  /// Writes the record and the seek table, makes the files durable, and commits the slice to the ledger.
  asio::awaitable<void> commit(slice_end end) {
    record_.end = std::move(end);
    if (frames_.empty()) co_await append_empty_tar();
    std::string tail;
    co_await compute(
        job_.on.pool, job_.on.io,
        [&] {
          tail = encode(record_);
          frames_.push_back({static_cast<std::uint32_t>(tail.size()), 0, checksum_of_nothing()});
          tail += encode(frames_);
        },
        urgency::first);
    co_await pack_.append(tail);
    if (job_.facts.catalogue) co_await commit_part();
    co_await letters_.commit();
    co_await pack_.commit();
    if (job_.on.failure.failed()) co_return;
    // Beyond this point every file of the slice is durable.
    const slice_commit row{.record = std::move(record_),
                           .pack_bytes = pack_.size(),
                           .pack_sha256 = pack_.sha256(),
                           .letters_bytes = letters_.size(),
                           .letters_sha256 = letters_.sha256(),
                           .pace = job_.monitor.pace()};
    job_.on.failure.set(
        co_await run_on(job_.on.ledger_thread, [&] { return job_.on.books.commit_slice(row); }));
    if (!job_.on.failure.failed()) job_.monitor.slice_committed(row.record.id);
  }

  [[nodiscard]] std::size_t documents() const { return documents_; }

 private:
  static partial_file file(pipeline& job, std::filesystem::path path) {
    return {job.on.for_files(), job.on.failure, job.limits.disk, job.monitor.counts.stages, std::move(path)};
  }

  /// Where the block's archives and dead letters lie in the slice's files, of which so much is there already.
  void place(block_result& b, std::uint64_t pack_end, std::uint64_t letters_end) {
    const bool ends_oversize = oversize_begun_ && !b.documents.empty();
    for (auto& d : b.documents) {
      if (d.outcome == outcome::written) d.stored_offset += pack_end;
      if (d.outcome == outcome::dead_letter) d.stored_offset += letters_end;
      if (ends_oversize) {  // its earlier pieces came in blocks of their own
        d.stored_bytes += letters_end - oversize_begin_;
        d.stored_offset = oversize_begin_;
      }
    }
    if (b.documents.empty() && b.letters.size() > 0 && !oversize_begun_) {
      oversize_begun_ = true;
      oversize_begin_ = letters_end;
    } else if (ends_oversize) {
      oversize_begun_ = false;
    }
  }

  asio::awaitable<void> append_catalogue_run() {
    std::string run;
    co_await compute(
        job_.on.pool, job_.on.io,
        [&] {
          stage_clock clock(job_.monitor.counts.stages);
          run = encode_catalogue_run(catalogue_, record_.id, part_.size() == 0 ? job_.facts.layout : "");
          clock.lap(stage::note);
        },
        urgency::first);
    co_await part_.append(run);
  }

  /// What the catalogue needs of the slice is durable before the slice is committed.
  asio::awaitable<void> commit_part() {
    if (catalogue_.documents > 0 || part_.size() == 0) co_await append_catalogue_run();
    co_await part_.commit();
    if (!job_.on.failure.failed())
      job_.part_sums.emplace_back(part_name(name_of(record_.id)), part_.sha256());
  }

  /// So that every pack is a tar that tar(1) can list, a slice without archives holds an empty one.
  asio::awaitable<void> append_empty_tar() {
    const std::string tar(2 * tar_block, '\0');
    buffer frame;
    frame_encoder(1).append(tar, frame);
    frames_.push_back({static_cast<std::uint32_t>(frame.size()), static_cast<std::uint32_t>(tar.size()),
                       static_cast<std::uint32_t>(XXH64(tar.data(), tar.size(), 0))});
    co_await pack_.append(frame.view());
  }

  void count(const block_result& b) {
    auto& c = job_.monitor.counts;
    for (const auto& d : b.documents) {
      ++c.documents;
      c.decoded_bytes += d.length;
      c.document_sizes.add(d.length);
      switch (d.outcome) {
        case outcome::written:
          ++c.written;
          c.archive_sizes.add(d.stored_bytes);
          break;
        case outcome::unchanged:
          ++c.unchanged;
          break;
        case outcome::dead_letter:
          ++c.dead_letters;
          ++c.dead_by_reason[static_cast<std::size_t>(d.reason)];
          break;
      }
    }
    c.output_bytes += b.archives.size() + b.letters.size();
    c.known += b.known;
    for (const auto& d : b.documents) {
      if (d.is_older) ++c.older;
      if (d.volatile_only) ++c.volatile_only;
      if (d.outcome == outcome::written && d.kept_percent <= job_.facts.shrunk_percent)
        job_.monitor.account_shrank(d);
    }
    if (b.older) job_.monitor.dates_went_back(b.older->offered, b.older->current);
  }

  pipeline& job_;
  partial_file pack_, letters_, part_;
  slice_record record_;
  catalogue_notes catalogue_;
  std::vector<seek_entry> frames_;
  std::size_t documents_ = 0;
  bool oversize_begun_ = false;
  std::uint64_t oversize_begin_ = 0;
};

}  // namespace

asio::awaitable<void> write_unit(pipeline& job, const unit& u, unit_progress from,
                                 std::shared_ptr<block_queue> queue) {
  try {
    std::unique_ptr<slice_writer> slice;
    auto number = from.slices;
    auto begin = from.end;
    // Whatever is done goes at once, so that writing does not fall behind: up to the end of a slice.
    std::vector<std::shared_ptr<pending_block>> blocks;
    while (auto b = co_await queue->pop([&] { return job.on.failure.failed(); })) {
      for (; b; b = blocks.back()->input.end.empty() ? queue->pop_done() : nullptr) blocks.push_back(b);
      if (!slice)
        slice = std::make_unique<slice_writer>(job, slice_id{job.facts.run, u.number, ++number}, begin);
      for (const auto& done : blocks) done->recorded = std::min(done->reserved, record_bytes(done->output));
      co_await slice->append(blocks);
      job.monitor.counts.blocks_unwritten -= blocks.size();
      if (auto& end = blocks.back()->input.end; !end.empty()) {
        begin = end.front().offset;
        co_await slice->commit(std::move(end.front()));
        const bool has_many_records = slice->documents() > many_documents;
        slice.reset();
        // In small pieces, between others' memory: by itself little of it would go back to the system.
        if (has_many_records) (void)::malloc_trim(0);
        job.limits.budget.release_retained(u.number);
      }
      for (const auto& done : blocks) {
        done->output = {};
        const auto kept = slice ? done->recorded : 0;
        job.limits.budget.retain(u.number, kept);
        job.limits.budget.release(u.number, done->reserved - kept);
      }
      blocks.clear();
    }
  } catch (const std::exception& e) {
    job.on.failure.set(failure_of(e));
  }
}

}  // namespace outro
