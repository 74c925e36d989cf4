#include "jobs/export/unit_reader.h"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <chrono>
#include <optional>

#include "base/bytes.h"
#include "base/units.h"
#include "base/utf8.h"
#include "jobs/export/block_work.h"
#include "jobs/export/plan_run.h"
#include "jobs/export/shard_bytes.h"
#include "source/decoder.h"
#include "source/reading_end.h"

namespace outro {

namespace {

/// Decoded bytes that one task makes before it lets others in.
constexpr std::size_t decode_bytes = 2U << 20;
constexpr std::size_t least_room = 128U << 10;

class unit_reader {
 public:
  unit_reader(pipeline& job, const unit& u, unit_progress from, std::shared_ptr<block_queue> queue)
      : job_(job),
        unit_(u),
        from_(from),
        queue_(std::move(queue)),
        framer_(job.limits.framing),
        bytes_(job),
        slice_(from.slices + 1) {
    framer_.resume_from(from.end);
  }

  asio::awaitable<void> run() {
    for (const auto& s : unit_.shards) {
      if (job_.on.failure.failed()) co_return;
      co_await read_shard(s);
    }
    if (job_.on.failure.failed()) co_return;
    framer_.end_unit();
    queue_blocks(true);
  }

 private:
  asio::awaitable<void> read_shard(const shard& s) {
    auto opened = shard_bytes::open(s);
    if (!opened) {
      job_.on.failure.set(opened.error());
      co_return;
    }
    const int fd = opened->get();
    const auto began = std::chrono::steady_clock::now();
    path_ = s.path;
    bytes_.begin(s, fd);
    std::optional<decoder> decode;
    repairs_.emplace(job_.facts.wanted);
    bytes_.start(fd, bytes_.ahead()[0]);
    co_await bytes_.wait(bytes_.ahead()[0]);
    if (job_.on.failure.failed()) co_return;
    const std::string_view first(bytes_.ahead()[0].bytes, bytes_.ahead()[0].size);
    decode.emplace(compression_of(first));
    if (auto damage = damage_by_name(s.path, decode->kind()); !damage.empty())
      decode->refuse(std::move(damage));
    decode->allow(window_ = 0);
    if (decode->kind() == compression::plain)
      co_await read_plain(fd, *decode, first);
    else
      co_await read_compressed(fd, *decode);
    if (job_.on.failure.failed()) co_return;
    auto end = end_of_reading(*decode, s, fd, bytes_.offset());
    job_.monitor.shard_read(s.path.string(), bytes_.offset(),
                            std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count());
    // Reading it again takes the memory of the windows that this reading had.
    const auto decoded = decode->produced();
    decode.reset();
    co_await end_shard(s, decoded, std::move(end));
    job_.limits.budget.release_windows(unit_.number);
  }

  /// A damaged shard is read again for what it can be recognised by; one that is whole may repair others.
  asio::awaitable<void> end_shard(const shard& s, std::uint64_t decoded, reading_end end) {
    if (end.damage.empty()) {
      auto repairs = repairs_->found();
      for (const auto& id : repairs)
        job_.monitor.log.say(
            message_id::shard_repaired,
            fmt::format("{} makes good shard {}, which was damaged", shown(s.path.native()), name_of(id)),
            {{"shard", s.path.string()}, {"repaired", name_of(id)}});
      framer_.end_shard({}, end.proven_end, {}, std::move(repairs));
      queue_blocks();
      co_return;
    }
    shard_remains remains;
    const auto read = co_await job_.on.engine.blocking([&]() -> status {
      if (end.damage.starts_with(changed_mark))
        return fail(failure::usage, "what it held before is not known");
      auto again = read_remains(s, {decoded, end.proven_end});
      if (!again) return again.error();
      remains = std::move(*again);
      return {};
    });
    std::string note;
    if (!read.ok() || remains == shard_remains{})
      note = fmt::format("; no later shard can be recognised as its repair ({})",
                         !read.ok() ? read.message : "it holds no whole document that reads the same twice");
    job_.monitor.log.say(message_id::shard_damaged, shown(s.path.native()) + ": " + end.damage + note,
                         {{"shard", s.path.string()}, {"damage", end.damage}});
    framer_.end_shard(std::move(end.damage), end.proven_end, std::move(remains));
    queue_blocks();
  }

  /// From the first chunk on: one is decoded while the next one is read.
  asio::awaitable<void> read_compressed(int fd, decoder& decode) {
    read_ahead* now = &bytes_.ahead()[0];
    read_ahead* next = &bytes_.ahead()[1];
    for (;;) {
      co_await bytes_.wait(*now);
      if (job_.on.failure.failed()) co_return;
      const bool ended = now->size == 0;
      if (!ended) bytes_.start(fd, *next);
      co_await decode_all(decode, {now->bytes, now->size}, ended);
      if (job_.on.failure.failed() || !decode.damage().empty() || ended) {
        co_await bytes_.wait(*next);  // its buffer must outlive it
        co_return;
      }
      std::swap(now, next);
    }
  }

  /// Behind the first chunk nothing is to be decoded, so bytes are read to where they are framed.
  asio::awaitable<void> read_plain(int fd, decoder& decode, std::string_view first) {
    co_await decode_all(decode, first, first.empty());
    for (std::size_t n = first.size(); n > 0 && decode.damage().empty();) {
      co_await reserve();
      if (job_.on.failure.failed()) co_return;
      const auto room = framer_.room(decode_bytes).first(decode_bytes);
      n = co_await bytes_.fill(fd, room);
      if (job_.on.failure.failed()) co_return;
      decode.passed(n);
      co_await frame(n, room.data());
    }
  }

  /// Decodes a chunk, in tasks that each fill a block or use the chunk up.
  asio::awaitable<void> decode_all(decoder& decode, std::string_view raw, bool ended) {
    try {
      for (bool full = true; (!raw.empty() || (full && !ended)) && decode.damage().empty();) {
        co_await reserve();
        co_await in_turn([&](stage_clock& clock) {
          // What is left of a block is filled first: to make room for more would copy it.
          auto room = framer_.room(least_room);
          room = room.first(std::min(room.size(), decode_bytes));
          const auto n = decode.decode(raw, room);
          clock.lap(stage::decode);
          full = n == room.size();
          repairs_->update({room.data(), n});
          take_in(n);
        });
        if (job_.on.failure.failed()) co_return;
        co_await serve_window(decode);
        if (job_.on.failure.failed()) co_return;
        if (framer_.has_more()) {
          co_await reserve();
          co_await frame(0, nullptr);
          if (job_.on.failure.failed()) co_return;
        }
      }
    } catch (const std::exception& e) {
      job_.on.failure.set(failure_of(e));
    }
  }

  /// Gets the memory of the window that the next frame needs. zstd keeps the largest one for the frames
  /// behind it.
  asio::awaitable<void> serve_window(decoder& decode) {
    const auto wants = decode.wants();
    if (wants == 0) co_return;
    co_await job_.limits.budget.reserve_window(unit_.number, wants - window_);
    window_ = wants;
    decode.allow(window_);
  }

  /// Frames `n` bytes that were put into the framer's room, and what it had left of those before.
  asio::awaitable<void> frame(std::size_t n, const char* bytes) {
    for (;;) {
      co_await in_turn([&](stage_clock&) {
        repairs_->update({bytes, n});
        take_in(n);
      });
      if (job_.on.failure.failed()) co_return;
      if (!framer_.has_more()) co_return;
      n = 0;
      co_await reserve();
    }
  }

  /// Runs `work` on the pool's threads when it is this unit's turn, and queues the blocks that it completes.
  template <class Work>
  asio::awaitable<void> in_turn(Work work) {
    co_await job_.limits.scheduler.wait(unit_.number);
    if (job_.on.failure.failed()) co_return;
    const decode_scheduler::turn turn(job_.limits.scheduler);
    co_await compute(job_.on.pool, job_.on.io, [&] {
      stage_clock clock(job_.monitor.counts.stages);
      work(clock);
      clock.lap(stage::frame);
    });
    queue_blocks();
  }

  void take_in(std::size_t n) {
    framer_.filled(n);
    job_.monitor.counts.framed_bytes += n;
  }

  /// Twice the block's bytes: its own, and what becomes of them until it is written.
  asio::awaitable<void> reserve() {
    const auto need = 2 * framer_.memory_for(decode_bytes);
    if (need <= reserved_) co_return;
    co_await job_.limits.budget.reserve(unit_.number, reserved_, need - reserved_);
    reserved_ = need;
  }

  /// What an earlier process committed must still be what the shards hold. Checked before anything new is
  /// made.
  void check_resumed(bool at_end) {
    if (from_.end == 0 || checked_) return;
    const auto& digest = framer_.resumed_digest();
    if (digest.empty() && !at_end) return;
    checked_ = true;
    if (!digest.empty() && digest.front() == from_.digest) return;
    job_.on.failure.set(
        fail(failure::refused,
             fmt::format(
                 "unit {} ({}{}) is not what it was when its first {} were exported; restore the shard and "
                 "run the same command again, {}",
                 unit_.number, shown(unit_.shards.front().path.native()),
                 unit_.shards.size() > 1 ? " and following" : "", format_size(from_.end),
                 ways_out(job_.facts.run))));
  }

  /// Queues the blocks that are complete, each with its share of the budget and its work under way.
  void queue_blocks(bool at_end = false) {
    check_resumed(at_end);
    for (auto& b : framer_.take()) {
      if (job_.on.failure.failed()) return;
      auto pending = std::make_shared<pending_block>();
      pending->input = std::move(b);
      pending->suspect = enter_slice(pending->input);
      pending->reserved = std::min<std::uint64_t>(reserved_, 2 * pending->input.bytes.capacity());
      reserved_ -= pending->reserved;
      queue_->push(pending);
      ++job_.monitor.counts.blocks_waiting;
      job_.limits.scheduler.block_begins();
      spawn(job_, work_on(job_, unit_.number, pending, queue_));
    }
  }

  /// Tells the live state where the reader is; whether the block's slice is a suspect.
  bool enter_slice(const block& b) {
    const slice_id id{job_.facts.run, unit_.number, slice_};
    if (!slice_begun_) job_.monitor.slice_begins(id);
    slice_begun_ = b.end.empty();
    job_.monitor.slice_reads(id, path_.string(), framer_.unit_bytes());
    if (!b.end.empty()) ++slice_;
    return job_.monitor.is_suspect(id);
  }

  pipeline& job_;
  const unit& unit_;
  unit_progress from_;
  std::shared_ptr<block_queue> queue_;
  framer framer_;
  shard_bytes bytes_;
  std::optional<repair_finder> repairs_;  ///< that the shard may be
  std::filesystem::path path_;
  std::uint64_t reserved_ = 0;  ///< of the budget, by the unfinished block
  std::uint64_t window_ = 0;    ///< likewise, by the shard's decoder
  bool checked_ = false;
  std::uint32_t slice_;       ///< that the next block belongs to
  bool slice_begun_ = false;  ///< a block of it was queued
};

}  // namespace

asio::awaitable<void> read_unit(pipeline& job, const unit& u, unit_progress from,
                                std::shared_ptr<block_queue> queue) {
  unit_reader reader(job, u, from, queue);
  try {
    co_await reader.run();
  } catch (const std::exception& e) {
    job.on.failure.set(failure_of(e));
  }
  queue->close();
}

}  // namespace outro
