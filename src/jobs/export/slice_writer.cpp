#include "jobs/export/slice_writer.h"

#include <span>
#include <vector>

#include "archive/tar.h"
#include "base/output_names.h"
#include "base/compute.h"
#include "output/partial_file.h"

namespace outro {

namespace {

/// One slice from its first block to its commit.
class slice_writer {
 public:
  slice_writer(job_context& job, slice_id id, std::uint64_t begin)
      : job_(job),
        pack_(job, pack_path(job.out, id)),
        letters_(job, letters_path(job.out, id)),
        part_(job, part_path(job.out, id)) {
    record_.id = id;
    record_.begin = begin;
    record_.recipe = job.recipe;
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
      std::move(b.documents.begin(), b.documents.end(), std::back_inserter(record_.documents));
      catalogue_.append(std::move(b.catalogue));
    }
    co_await pack_.append(std::move(archives));
    co_await letters_.append(std::move(letters));
    if (catalogue_.bytes() >= catalogue_run_bytes) co_await append_catalogue_run();
  }

  /// Writes the record and the seek table, makes the files durable, and tells the ledger.
  asio::awaitable<void> seal(slice_end end) {
    record_.end = std::move(end);
    if (frames_.empty()) co_await append_empty_tar();
    std::string tail;
    co_await compute(
        job_.pool, job_.io,
        [&] {
          tail = encode(record_);
          frames_.push_back({static_cast<std::uint32_t>(tail.size()), 0, checksum_of_nothing()});
          tail += encode(frames_);
        },
        urgency::first);
    co_await pack_.append(tail);
    if (job_.catalogue) co_await seal_catalogue();
    co_await letters_.seal();
    co_await pack_.seal();
    if (job_.failure.failed()) co_return;
    slice_commit commit{std::move(record_), pack_.size(),      pack_.sha256(),
                        letters_.size(),    letters_.sha256(), job_.ahead.pace_now()};
    job_.failure.set(co_await run_on(job_.ledger_thread, [&] { return job_.books.commit_slice(commit); }));
    if (job_.failure.failed()) co_return;
    ++job_.counts.slices;
    job_.live.slice_committed(commit.record.id);
  }

 private:
  /// Where the block's archives and dead letters lie in the slice's files, of which so much is there already.
  void place(block_result& b, std::uint64_t pack_end, std::uint64_t letters_end) {
    const bool ends_oversize = oversize_begun_ && !b.documents.empty();
    for (auto& d : b.documents) {
      if (d.what == outcome::written) d.stored_offset += pack_end;
      if (d.what == outcome::dead_letter) d.stored_offset += letters_end;
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
        job_.pool, job_.io,
        [&] {
          stage_clock clock(job_.counts.stages);
          run = encode_catalogue_run(catalogue_, {record_.id.run, record_.id.unit, record_.id.number});
          clock.lap(stage::note);
        },
        urgency::first);
    co_await part_.append(run);
  }

  /// What the slice tells the catalogue, durable before the slice is committed.
  asio::awaitable<void> seal_catalogue() {
    if (catalogue_.documents > 0 || part_.size() == 0) co_await append_catalogue_run();
    co_await part_.seal();
    if (!job_.failure.failed())
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
    auto& c = job_.counts;
    for (const auto& d : b.documents) {
      ++c.documents;
      c.decoded_bytes += d.length;
      c.document_sizes.add(d.length);
      switch (d.what) {
        case outcome::written:
          ++c.written;
          c.archive_sizes.add(d.stored_bytes);
          break;
        case outcome::unchanged:
          ++c.unchanged;
          break;
        case outcome::older:
          ++c.older;
          break;
        case outcome::dead_letter:
          ++c.dead_letters;
          ++c.dead_by_reason[static_cast<std::size_t>(d.why)];
          break;
      }
    }
    c.output_bytes += b.archives.size() + b.letters.size();
  }

  job_context& job_;
  growing_file pack_, letters_, part_;
  slice_record record_;
  catalogue_notes catalogue_;
  std::vector<seek_entry> frames_;
  bool oversize_begun_ = false;
  std::uint64_t oversize_begin_ = 0;
};

}  // namespace

asio::awaitable<void> write_unit(job_context& job, const unit& u, unit_progress from,
                                 std::shared_ptr<block_queue> queue) {
  try {
    std::unique_ptr<slice_writer> slice;
    auto number = from.slices;
    auto begin = from.end;
    // Whatever is done goes at once, so that writing does not fall behind: up to the end of a slice.
    std::vector<std::shared_ptr<pending_block>> blocks;
    while (auto b = co_await queue->pop([&] { return job.failure.failed(); })) {
      for (; b; b = blocks.back()->input.end.empty() ? queue->pop_done() : nullptr) blocks.push_back(b);
      if (!slice) slice = std::make_unique<slice_writer>(job, slice_id{job.run, u.number, ++number}, begin);
      co_await slice->append(blocks);
      job.counts.blocks_unwritten -= blocks.size();
      if (auto& end = blocks.back()->input.end; !end.empty()) {
        begin = end.front().offset;
        co_await slice->seal(std::move(end.front()));
        slice.reset();
      }
      for (const auto& done : blocks) {
        done->output = {};
        job.budget.release(u.number, done->reserved);
      }
      blocks.clear();
    }
  } catch (const std::exception& e) {
    job.failure.set(fail(failure::bug, e.what()));
  }
}

}  // namespace outro
