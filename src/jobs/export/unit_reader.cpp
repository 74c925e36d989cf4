#include "jobs/export/unit_reader.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <boost/json.hpp>
#include <chrono>
#include <optional>
#include <span>

#include "base/bytes.h"
#include "base/units.h"
#include "base/utf8.h"
#include "jobs/export/block_work.h"
#include "source/decoder.h"
#include "source/reading_end.h"

namespace outro {

namespace {

/// Bytes asked of a shard at a time; the next ones are read while these are decoded.
constexpr std::size_t read_bytes = 512U << 10;
constexpr std::size_t room_bytes = 2U << 20;  ///< for two of them: a large page
/// Decoded bytes that one task makes before it lets others in.
constexpr std::size_t decode_bytes = 2U << 20;
constexpr std::size_t least_room = 128U << 10;
constexpr int pipe_bytes = 1 << 20;  ///< what anybody may ask for

/// Shards from this size on are read with direct I/O: what is read once need not be kept, and finding pages
/// for it costs about a second of CPU a gigabyte (bench/README.md). Smaller ones gain by the kernel's
/// read-ahead.
constexpr std::uint64_t least_direct = 2 * read_bytes;

/// A raw read that is under way or done.
struct read_ahead {
  char* bytes;
  std::size_t size = 0;
  bool done = true;
};

class unit_reader {
 public:
  unit_reader(pipeline& job, const unit& u, unit_progress from, std::shared_ptr<block_queue> queue)
      : job_(job),
        unit_(u),
        from_(from),
        queue_(std::move(queue)),
        framer_(job.limits.framing),
        arrived_(job.on.io),
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
    auto opened = open(s);
    if (!opened) {
      job_.on.failure.set(opened.error());
      co_return;
    }
    const int fd = opened->get();
    const auto began = std::chrono::steady_clock::now();
    path_ = s.path;
    may_be_direct_ = s.path != "-" && !s.is_pipe && s.size >= least_direct;
    is_direct_ = false;
    offset_ = s.path == "-" && ::lseek(fd, 0, SEEK_CUR) > 0
                  ? static_cast<std::uint64_t>(::lseek(fd, 0, SEEK_CUR))
                  : 0;
    std::optional<decoder> decode;
    repairs_.emplace(job_.facts.wanted);
    start(fd, buffers_[0]);
    while (!buffers_[0].done) co_await arrived_.wait();
    if (job_.on.failure.failed()) co_return;
    const std::string_view first(buffers_[0].bytes, buffers_[0].size);
    decode.emplace(compression_of(first));
    if (auto damage = damage_by_name(s.path, decode->kind()); !damage.empty())
      decode->refuse(std::move(damage));
    decode->allow(window_ = 0);
    if (decode->kind() == compression::plain)
      co_await read_plain(fd, *decode, first);
    else
      co_await read_compressed(fd, *decode);
    if (job_.on.failure.failed()) co_return;
    auto end = end_of_reading(*decode, s, fd, offset_);
    job_.monitor.shard_read(s.path.string(), offset_,
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
    read_ahead* now = &buffers_[0];
    read_ahead* next = &buffers_[1];
    for (;;) {
      while (!now->done) co_await arrived_.wait();
      if (job_.on.failure.failed()) co_return;
      const bool ended = now->size == 0;
      if (!ended) start(fd, *next);
      co_await decode_all(decode, {now->bytes, now->size}, ended);
      if (job_.on.failure.failed() || !decode.damage().empty() || ended) {
        while (!next->done) co_await arrived_.wait();  // its buffer must outlive it
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
      n = co_await fill(fd, room);
      if (job_.on.failure.failed()) co_return;
      decode.passed(n);
      co_await frame(n, room.data());
    }
  }

  static result<file_handle> open(const shard& s) {
    auto file = s.path == "-" ? result<file_handle>(file_handle(::dup(0))) : open_to_read(s.path);
    // Hints, both: what fills the pipe need not wait so often.
    if (file && s.is_pipe) (void)::fcntl(file->get(), F_SETPIPE_SZ, pipe_bytes);
    if (file && !s.is_pipe) (void)::posix_fadvise(file->get(), 0, 0, POSIX_FADV_SEQUENTIAL);
    return file;
  }

  void start(int fd, read_ahead& into) {
    into.done = false;
    spawn(read_one(fd, into));
  }

  asio::awaitable<void> read_one(int fd, read_ahead& into) {
    into.size = co_await fill(fd, {into.bytes, read_bytes});
    into.done = true;
    arrived_.notify();
  }

  /// Bytes read: as many as asked for but at the shard's end, so that what a decoder sees depends on the
  /// shard alone.
  asio::awaitable<std::size_t> fill(int fd, std::span<char> room) {
    std::size_t filled = 0;
    while (filled < room.size()) {
      choose_direct_io(fd, room.subspan(filled));
      const auto n =
          co_await job_.on.engine.read(fd, offset_, room.data() + filled, room.size() - filled, path_);
      if (!n) job_.on.failure.set(n.error());
      if (!n || *n == 0) break;
      filled += *n;
      offset_ += *n;
      job_.monitor.counts.input_bytes += *n;
    }
    co_return filled;
  }

  /// Direct I/O where address, offset and size are aligned: not right before the end, nor behind the rest of
  /// a line.
  void choose_direct_io(int fd, std::span<char> room) {
    const auto is_aligned = [](std::uint64_t n) { return n % disk_alignment == 0; };
    const bool direct = may_be_direct_ && is_aligned(reinterpret_cast<std::uintptr_t>(room.data())) &&
                        is_aligned(offset_) && is_aligned(room.size());
    if (direct == is_direct_) return;
    is_direct_ = direct;
    if (direct)
      use_direct_io(fd);
    else
      use_cached_io(fd);
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
    job_.on.failure.set(fail(
        failure::refused,
        fmt::format("unit {} ({}{}) is not what it was when its first {} were exported; restore the shard, "
                    "or export to a new directory",
                    unit_.number, shown(unit_.shards.front().path.native()),
                    unit_.shards.size() > 1 ? " and following" : "", format_size(from_.end))));
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
      spawn(work_on(job_, unit_.number, pending, queue_));
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

  void spawn(asio::awaitable<void> coroutine) {
    asio::co_spawn(job_.on.io, std::move(coroutine), [](const std::exception_ptr& e) {
      if (e) std::rethrow_exception(e);
    });
  }

  pipeline& job_;
  const unit& unit_;
  unit_progress from_;
  std::shared_ptr<block_queue> queue_;
  framer framer_;
  condition arrived_;
  aligned_bytes room_ = make_aligned(room_bytes);  ///< kept from shard to shard
  std::array<read_ahead, 2> buffers_{{{room_.get()}, {room_.get() + read_bytes}}};
  std::optional<repair_finder> repairs_;  ///< that the shard may be
  std::filesystem::path path_;
  std::uint64_t offset_ = 0;
  bool may_be_direct_ = false;  ///< the shard is large enough to gain by it
  bool is_direct_ = false;
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
