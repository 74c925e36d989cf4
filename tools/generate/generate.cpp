#include "generate.h"

#include <tbb/enumerable_thread_specific.h>
#include <tbb/global_control.h>
#include <tbb/parallel_pipeline.h>
#include <tbb/task_arena.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <thread>
#include <utility>

#include "account.h"
#include "batch.h"
#include "catalogue.h"
#include "faults.h"
#include "files.h"
#include "shards.h"

namespace outro::generate {

namespace {

/// The desired decoded bytes of a batch: large enough to hide its overhead, small enough for the caches.
constexpr std::uint64_t batch_target = std::uint64_t{2} << 20;
constexpr std::uint64_t largest_batch = 4096;

/// A run of account indices; the end of the job has none.
struct account_range {
  std::uint64_t first = 0;
  std::uint64_t last = 0;  ///< one past the end
};

/// A batch on its way through the pipeline, and the pieces that are complete with it.
struct parcel {
  std::shared_ptr<batch> made;  ///< null at the end
  std::uint64_t last = 0;       ///< the end of its accounts
  std::uint64_t bytes = 0;      ///< decoded, up to here
  std::vector<piece> pieces;
};
using parcel_pointer = std::shared_ptr<parcel>;

class job {
 public:
  job(const options& wanted, std::function<void(const progress&)> on_progress)
      : options_(wanted),
        on_progress_(std::move(on_progress)),
        catalogue_(wanted.seed, wanted.tracks, wanted.duplicate_recordings, wanted.traps),
        faults_(wanted),
        extra_(faults_.extra_documents()),
        pool_(std::make_shared<batch_pool>()),
        writers_([this] { return account_writer(options_, catalogue_, faults_); }),
        cutter_(wanted),
        shard_writer_(wanted, wanted.out / "dumps"),
        accounts_per_batch_(std::clamp<std::uint64_t>(
            batch_target / workload::of(wanted.profile).expected_bytes(), 1, largest_batch)) {}

  result run();

 private:
  failure generate(unsigned threads);
  account_range next_range(tbb::flow_control& control);
  parcel_pointer make(account_range range);
  void add_document(batch& to, account_writer& writer, const dump_request& request, dump_facts& facts) const;
  void cut(parcel& next);
  void note(const document& d, const document_place& where, std::uint64_t bytes);
  void compress(parcel& next);
  void write(const parcel& next);
  failure write_recordings_file(recordings_summary& summary) const;
  failure write_truth(const recordings_summary* recordings) const;

  /// Keeps the first failure; the pipeline then ends.
  void fail(failure why) {
    if (why.empty()) return;
    const std::lock_guard lock(failure_mutex_);
    if (failure_.empty()) failure_ = std::move(why);
    failed_.store(true, std::memory_order_relaxed);
  }

  options options_;
  std::function<void(const progress&)> on_progress_;
  catalogue catalogue_;
  fault_plan faults_;
  std::vector<extra_document> extra_;
  std::shared_ptr<batch_pool> pool_;
  tbb::enumerable_thread_specific<account_writer> writers_;
  tbb::enumerable_thread_specific<frame_compressor> compressors_;
  shard_cutter cutter_;
  shard_writer shard_writer_;
  line_file fault_lines_;
  std::uint64_t accounts_per_batch_;
  std::uint64_t next_account_ = 0;
  bool ended_ = false;
  totals totals_;
  std::mutex failure_mutex_;
  failure failure_;
  std::atomic<bool> failed_ = false;
};

account_range job::next_range(tbb::flow_control& control) {
  if (ended_ || failed_.load(std::memory_order_relaxed)) {
    control.stop();
    return {};
  }
  const std::uint64_t first = next_account_;
  next_account_ = std::min(options_.accounts, first + accounts_per_batch_);
  ended_ = first == options_.accounts;  // one more parcel, without documents, ends the last shard
  return {first, next_account_};
}

void job::add_document(batch& to, account_writer& writer, const dump_request& request,
                       dump_facts& facts) const {
  const std::size_t begin = to.text.size();
  writer.write(request, to.text, facts);
  if (request.kind != fault::truncated) to.text.put('\n');
  to.documents.push_back({to.text.size(), request.account, request.kind, facts.detail});
  to.all += facts.counts;
  if (is_dead_letter(request.kind)) return;
  to.accepted += facts.counts;
  to.accepted_bytes += to.text.size() - begin;
  to.changed += facts.changed ? 1 : 0;
}

parcel_pointer job::make(account_range range) {
  auto made = std::make_shared<parcel>();
  made->last = range.last;
  if (range.first == range.last) return made;
  made->made = pool_->take();
  account_writer& writer = writers_.local();
  dump_facts facts;
  auto extra = std::lower_bound(extra_.begin(), extra_.end(), range.first,
                                [](const extra_document& e, std::uint64_t at) { return e.before < at; });
  for (std::uint64_t account = range.first; account < range.last; ++account) {
    for (; extra != extra_.end() && extra->before == account; ++extra) {
      add_document(*made->made, writer, {extra->account, extra->kind, extra->kind == fault::duplicate_id},
                   facts);
    }
    add_document(*made->made, writer, {account, faults_.of(account), false}, facts);
  }
  return made;
}

void job::note(const document& d, const document_place& where, std::uint64_t bytes) {
  ++totals_.documents;
  totals_.bytes += bytes;
  if (d.kind == fault::none) return;
  ++totals_.faults[static_cast<std::size_t>(d.kind)];
  fail(fault_lines_.add(fault_line(options_, d, where, d.detail)));
}

void job::cut(parcel& next) {
  if (!next.made) {
    cutter_.finish(next.pieces);
    totals_.shards = cutter_.shards();
    next.bytes = totals_.bytes;
    return;
  }
  std::size_t begin = 0;
  cutter_.add(next.made, next.pieces, [&](const document& d, const document_place& where) {
    note(d, where, d.end - begin);
    begin = d.end;
  });
  totals_.all += next.made->all;
  totals_.accepted += next.made->accepted;
  totals_.accepted_bytes += next.made->accepted_bytes;
  totals_.changed += next.made->changed;
  next.bytes = totals_.bytes;
  next.made.reset();  // the pieces hold the text that is still needed
}

void job::compress(parcel& next) {
  if (options_.format != format::zst || options_.frame_size == 0) return;
  for (piece& frame : next.pieces) fail(compressors_.local().compress(frame, options_.level));
}

void job::write(const parcel& next) {
  for (const piece& p : next.pieces) {
    if (failed_.load(std::memory_order_relaxed)) return;
    fail(shard_writer_.write(p));
  }
  if (on_progress_) on_progress_({next.last, next.bytes});
}

failure job::generate(unsigned threads) {
  const tbb::global_control limit(tbb::global_control::max_allowed_parallelism, threads);
  tbb::task_arena arena(static_cast<int>(threads));
  arena.execute([&] {
    using tbb::filter_mode;
    const auto first = tbb::make_filter<void, account_range>(
        filter_mode::serial_in_order, [this](tbb::flow_control& control) { return next_range(control); });
    const auto second = tbb::make_filter<account_range, parcel_pointer>(
        filter_mode::parallel, [this](account_range range) { return make(range); });
    const auto third = tbb::make_filter<parcel_pointer, parcel_pointer>(filter_mode::serial_in_order,
                                                                        [this](parcel_pointer next) {
                                                                          cut(*next);
                                                                          return next;
                                                                        });
    const auto fourth =
        tbb::make_filter<parcel_pointer, parcel_pointer>(filter_mode::parallel, [this](parcel_pointer next) {
          compress(*next);
          return next;
        });
    const auto fifth = tbb::make_filter<parcel_pointer, void>(
        filter_mode::serial_in_order, [this](const parcel_pointer& next) { write(*next); });
    // Enough batches to fill a frame while others are being compressed.
    tbb::parallel_pipeline(std::size_t{threads} * 6 + 2, first & second & third & fourth & fifth);
  });
  return failure_;
}

failure job::write_recordings_file(recordings_summary& summary) const {
  line_file file;
  if (failure failed = file.open(options_.out / "truth" / "recordings.tsv"); !failed.empty()) return failed;
  failure failed;
  summary = write_recordings(catalogue_, options_.seed, [&](std::string_view line) {
    failed = file.add(line);
    return failed.empty();
  });
  failure also = file.close();
  return failed.empty() ? also : failed;
}

failure job::write_truth(const recordings_summary* recordings) const {
  output_file file;
  if (failure failed = file.open(options_.out / "truth.json"); !failed.empty()) return failed;
  if (failure failed = file.write(truth_json(options_, totals_, recordings)); !failed.empty()) return failed;
  return file.close();
}

result job::run() {
  result out;
  unsigned threads = options_.threads;
  if (threads == 0) threads = std::max(1U, std::thread::hardware_concurrency());
  out.error = fault_lines_.open(options_.out / "truth" / "faults.tsv");
  if (out.error.empty()) out.error = fault_lines_.add(fault_header());
  if (out.error.empty()) out.error = generate(threads);
  if (out.error.empty()) out.error = fault_lines_.close();
  totals_.bytes_written = shard_writer_.bytes_written();
  if (out.error.empty() && catalogue_.has_planted_recordings()) {
    out.error = write_recordings_file(out.recordings.emplace());
  }
  if (out.error.empty()) out.error = write_truth(out.recordings ? &*out.recordings : nullptr);
  out.found = totals_;
  return out;
}

}  // namespace

result run(const options& wanted, const std::function<void(const progress&)>& on_progress) {
  result out;
  if (auto problem = check(wanted)) {
    out.error = *problem;
    out.usage = true;
    return out;
  }
  out.error = prepare_directory(wanted.out, wanted.force, out.usage);
  if (!out.error.empty()) return out;
  return job(wanted, on_progress).run();
}

}  // namespace outro::generate
