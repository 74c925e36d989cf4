#include "job/unit_reader.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <chrono>
#include <new>
#include <optional>

#include "base/units.h"
#include "job/compute.h"
#include "job/trial.h"
#include "source/decoder.h"

namespace outro {

namespace {

/// Bytes asked of a shard at a time; the next ones are read while these are decoded.
constexpr std::size_t read_bytes = 512U << 10;
/// Decoded bytes that one task makes before it lets others in.
constexpr std::size_t decode_bytes = 1U << 20;
constexpr int pipe_bytes = 1 << 20;  ///< what anybody may ask for

/// A raw read that is under way or done.
struct read_ahead {
  std::vector<char> bytes = std::vector<char>(read_bytes);
  std::size_t size = 0;
  bool done = true;
};

status failure_of(const std::exception& e) {
  if (dynamic_cast<const std::bad_alloc*>(&e) != nullptr)
    return fail(failure::io, "out of memory; lower --memory, --threads or --max-document, then run again");
  return fail(failure::bug, e.what());
}

class unit_reader {
 public:
  unit_reader(job_context& job, const unit& u, unit_progress from, std::shared_ptr<block_queue> queue)
      : job_(job),
        unit_(u),
        from_(from),
        queue_(std::move(queue)),
        framer_(job.limits),
        arrived_(job.io),
        slice_(from.slices + 1) {
    framer_.resume_from(from.end);
  }

  asio::awaitable<void> run() {
    for (const auto& s : unit_.shards) {
      if (job_.failure.failed()) co_return;
      co_await read_shard(s);
    }
    if (job_.failure.failed()) co_return;
    framer_.end_unit();
    hand_on(true);
  }

 private:
  asio::awaitable<void> read_shard(const shard& s) {
    auto opened = open(s);
    if (!opened) {
      job_.failure.set(opened.error());
      co_return;
    }
    const int fd = opened->get();
    const auto began = std::chrono::steady_clock::now();
    path_ = s.path;
    offset_ = s.path == "-" && ::lseek(fd, 0, SEEK_CUR) > 0
                  ? static_cast<std::uint64_t>(::lseek(fd, 0, SEEK_CUR))
                  : 0;
    read_ahead* now = &buffers_[0];
    read_ahead* next = &buffers_[1];
    start(fd, *now);
    std::optional<decoder> decode;
    for (;;) {
      while (!now->done) co_await arrived_.wait();
      if (job_.failure.failed()) co_return;
      const bool ended = now->size == 0;
      if (!ended) start(fd, *next);
      std::string_view raw(now->bytes.data(), now->size);
      if (!decode) {
        decode.emplace(compression_of(raw));
        // Its first bytes are gone, or all of them: what is left is no JSON, and nothing must pass for an
        // empty shard.
        if (decode->kind() == compression::plain && is_named_compressed(s.path))
          decode->refuse(s.path.extension().string().substr(1) + ": not such a file from its first byte on");
      }
      co_await decode_all(*decode, raw, ended);
      if (job_.failure.failed() || !decode->damage().empty() || ended) {
        while (!next->done) co_await arrived_.wait();  // its buffer must outlive it
        break;
      }
      std::swap(now, next);
    }
    if (job_.failure.failed()) co_return;
    decode->finish();
    if (!decode->damage().empty())
      job_.log.say(message_id::shard_damaged, s.path.string() + ": " + decode->damage(),
                   {{"shard", s.path.string()}, {"damage", decode->damage()}});
    job_.watch.shard_read(s.path.string(), offset_,
                          std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count());
    framer_.end_shard(decode->damage(), decode->proven_end());
    hand_on();
  }

  static result<file_handle> open(const shard& s) {
    auto file = s.path == "-" ? result<file_handle>(file_handle(::dup(0))) : open_to_read(s.path);
    // Hints, both: whoever fills the pipe need not wait so often.
    if (file && s.is_pipe) (void)::fcntl(file->get(), F_SETPIPE_SZ, pipe_bytes);
    if (file && !s.is_pipe) (void)::posix_fadvise(file->get(), 0, 0, POSIX_FADV_SEQUENTIAL);
    return file;
  }

  void start(int fd, read_ahead& into) {
    into.done = false;
    spawn(read_one(fd, into));
  }

  asio::awaitable<void> read_one(int fd, read_ahead& into) {
    // A chunk is full but at the shard's end, so that what a decoder sees depends on the shard alone.
    into.size = 0;
    while (into.size < read_bytes) {
      const auto n = co_await job_.engine.read(fd, offset_, into.bytes.data() + into.size,
                                               read_bytes - into.size, path_);
      if (!n) job_.failure.set(n.error());
      if (!n || *n == 0) break;
      into.size += *n;
      offset_ += *n;
      job_.counts.input_bytes += *n;
    }
    into.done = true;
    arrived_.open();
  }

  /// Decodes a chunk, in tasks that each fill a block or use the chunk up.
  asio::awaitable<void> decode_all(decoder& decode, std::string_view raw, bool ended) {
    try {
      for (bool full = true; (!raw.empty() || (full && !ended)) && decode.damage().empty();) {
        co_await reserve();
        if (job_.failure.failed()) co_return;
        co_await compute(job_.pool, job_.io, [&] {
          stage_clock clock(job_.counts.stages);
          const auto room = framer_.room(decode_bytes).first(decode_bytes);
          const auto n = decode.decode(raw, room);
          clock.lap(stage::decode);
          full = n == room.size();
          framer_.filled(n);
          job_.counts.framed_bytes += n;
          clock.lap(stage::frame);
        });
        hand_on();
        while (framer_.has_more()) {
          co_await reserve();
          if (job_.failure.failed()) co_return;
          co_await compute(job_.pool, job_.io, [&] {
            stage_clock clock(job_.counts.stages);
            framer_.filled(0);
            clock.lap(stage::frame);
          });
          hand_on();
        }
      }
    } catch (const std::exception& e) {
      job_.failure.set(failure_of(e));
    }
  }

  /// Twice the block's bytes: its own, and what becomes of them until it is written.
  asio::awaitable<void> reserve() {
    const auto need = 2 * framer_.memory_for(decode_bytes);
    if (need <= reserved_) co_return;
    co_await job_.budget.reserve(unit_.number, reserved_, need - reserved_);
    reserved_ = need;
  }

  /// What an earlier process committed must still be what the shards hold; told before anything new is made.
  void check_resumed(bool at_end) {
    if (from_.end == 0 || checked_) return;
    const auto& digest = framer_.resumed_digest();
    if (digest.empty() && !at_end) return;
    checked_ = true;
    if (!digest.empty() && digest.front() == from_.digest) return;
    job_.failure.set(fail(failure::refused,
                          "unit " + std::to_string(unit_.number) + " (" + unit_.shards.front().path.string() +
                              (unit_.shards.size() > 1 ? " and following" : "") +
                              ") is not what it was when its first " + format_size(from_.end) +
                              " were exported; restore the shard, or export to a new directory"));
  }

  /// Queues the blocks that are complete, each with its share of the budget and its work under way.
  void hand_on(bool at_end = false) {
    check_resumed(at_end);
    for (auto& b : framer_.take()) {
      if (job_.failure.failed()) return;
      auto pending = std::make_shared<pending_block>();
      pending->input = std::move(b);
      pending->suspect = enter_slice(pending->input);
      pending->reserved = std::min<std::uint64_t>(reserved_, 2 * pending->input.bytes.capacity());
      reserved_ -= pending->reserved;
      queue_->push(pending);
      ++job_.counts.blocks_waiting;
      spawn(work_on(job_, pending, queue_));
    }
  }

  /// Tells the live state where the reader is; whether the block's slice is a suspect.
  bool enter_slice(const block& b) {
    const slice_place place{job_.run, unit_.number, slice_};
    if (!slice_begun_) job_.live.slice_begins(place);
    slice_begun_ = b.end.empty();
    job_.live.slice_reads(place, path_.string(), framer_.unit_bytes());
    if (!b.end.empty()) ++slice_;
    return job_.live.is_suspect(place);
  }

  void spawn(asio::awaitable<void> coroutine) {
    asio::co_spawn(job_.io, std::move(coroutine), [](const std::exception_ptr& e) {
      if (e) std::rethrow_exception(e);
    });
  }

  /// The work on one block; in a delta run, earlier archives are looked up first.
  static asio::awaitable<void> work_on(job_context& job, std::shared_ptr<pending_block> b,
                                       std::shared_ptr<block_queue> queue) {
    try {
      std::vector<bool> crashing;
      if (b->suspect) crashing = co_await try_apart(job, b->input);
      std::vector<std::optional<known_archive>> known;
      if (job.run > 1 && !b->input.documents.empty()) known = co_await look_up(job, b->input, crashing);
      if (!job.failure.failed())
        co_await compute(job.pool, job.io, [&] {
          stage_clock clock(job.counts.stages);
          b->output = job.workers.local().work(b->input, clock, known, crashing);
          b->input.bytes = {};
        });
    } catch (const std::exception& e) {
      job.failure.set(failure_of(e));
    }
    --job.counts.blocks_waiting;
    ++job.counts.blocks_unwritten;
    b->done = true;
    queue->notify();
  }

  /// The documents of a suspect slice, each tried in a process of its own.
  static asio::awaitable<std::vector<bool>> try_apart(job_context& job, const block& input) {
    std::vector<bool> crashing;
    job.failure.set(co_await job.engine.blocking([&]() -> status {
      auto found = find_crashing(input, job.trial, job.stop_trials);
      if (!found) return found.error();
      crashing = std::move(*found);
      return {};
    }));
    co_return crashing;
  }

  static asio::awaitable<std::vector<std::optional<known_archive>>> look_up(
      job_context& job, const block& input, const std::vector<bool>& crashing) {
    std::vector<std::string> accounts;
    co_await compute(job.pool, job.io, [&] { accounts = job.workers.local().accounts_of(input, crashing); });
    co_return co_await run_on(job.ledger_thread, [&] {
      // Sorted, so that neighbours in the index are read once.
      std::vector<std::size_t> order(accounts.size());
      for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
      std::sort(order.begin(), order.end(), [&](auto a, auto b) { return accounts[a] < accounts[b]; });
      std::vector<std::string> sorted;
      for (const auto i : order) sorted.push_back(accounts[i]);
      const auto rows = job.books.newest_before(job.run, sorted);
      std::vector<std::optional<known_archive>> known(accounts.size());
      for (std::size_t k = 0; k < rows.size(); ++k)
        if (const auto& r = rows[k]; r && !sorted[k].empty())
          known[order[k]] = known_archive{r->record.exported_at, r->record.content_digest, r->proven,
                                          job.same_recipe.at(r->run - 1)};
      return known;
    });
  }

  job_context& job_;
  const unit& unit_;
  unit_progress from_;
  std::shared_ptr<block_queue> queue_;
  framer framer_;
  gate arrived_;
  std::array<read_ahead, 2> buffers_;  ///< kept from shard to shard
  std::filesystem::path path_;
  std::uint64_t offset_ = 0;
  std::uint64_t reserved_ = 0;  ///< of the budget, by the unfinished block
  bool checked_ = false;
  std::uint32_t slice_;       ///< that the next block belongs to
  bool slice_begun_ = false;  ///< a block of it was handed on
};

}  // namespace

asio::awaitable<void> read_unit(job_context& job, const unit& u, unit_progress from,
                                std::shared_ptr<block_queue> queue) {
  unit_reader reader(job, u, from, queue);
  try {
    co_await reader.run();
  } catch (const std::exception& e) {
    job.failure.set(failure_of(e));
  }
  queue->close();
}

}  // namespace outro
