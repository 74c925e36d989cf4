#include "output/partial_file.h"

#include <algorithm>

#include "base/machine.h"
#include "base/units.h"
#include "base/compute.h"

namespace outro {

/// Written at once, and a multiple of every disk's block, and a large page. A slice has up to three files, of
/// which mostly one grows fast.
static constexpr std::size_t write_bytes = 2U << 20;
static constexpr std::size_t hashed_bytes = 16U << 10;  ///< at once: stays in the fastest cache

bool growing_file::keeps_reserve(std::uint64_t more) {
  if (job_.disk_reserve == 0) return true;
  const auto free = free_disk(job_.out);
  if (free >= job_.disk_reserve + more) return true;
  job_.failure.set(fail(failure::io, "the disk of " + job_.out.string() + " has " + format_size(free) +
                                         " left, and " + format_size(job_.disk_reserve) +
                                         " are kept in reserve; free some space, then run the same command "
                                         "again (--ignore-preflight goes on)"));
  return false;
}

status growing_file::begin() {
  auto created = create_private(partial_);
  if (!created) return created.error();
  file_ = std::move(*created);
  pass_page_cache(file_.get());
  gathered_ = make_aligned(write_bytes);
  return {};
}

/// Hashed and gathered by one thread at once, for what is read a second time is in its cache. Takes off
/// `pieces`, from `next` on, until they are used up or enough is gathered.
void growing_file::gather(std::vector<std::string_view>& pieces, std::size_t& next) {
  while (next < pieces.size() && gathered_bytes_ < write_bytes) {
    auto& bytes = pieces[next];
    const auto some = bytes.substr(0, std::min(write_bytes - gathered_bytes_, hashed_bytes));
    hash_.update(some);
    std::copy(some.begin(), some.end(), gathered_.get() + gathered_bytes_);
    gathered_bytes_ += some.size();
    bytes.remove_prefix(some.size());
    if (bytes.empty()) ++next;
  }
}

asio::awaitable<void> growing_file::append(std::vector<std::string_view> pieces) {
  std::erase_if(pieces, [](auto p) { return p.empty(); });
  std::uint64_t more = 0;
  for (const auto p : pieces) more += p.size();
  if (more == 0 || job_.failure.failed() || !keeps_reserve(more)) co_return;
  if (!file_.is_open())
    if (auto s = begin(); !s.ok()) {
      job_.failure.set(std::move(s));
      co_return;
    }
  size_ += more;
  for (std::size_t next = 0; next < pieces.size() && !job_.failure.failed();) {
    co_await compute(
        job_.pool, job_.io,
        [&] {
          stage_clock clock(job_.counts.stages);
          gather(pieces, next);
          clock.lap(stage::hash);
        },
        urgency::first);
    if (gathered_bytes_ == write_bytes) co_await write_gathered();
  }
}

asio::awaitable<void> growing_file::write_gathered() {
  const std::string_view bytes(gathered_.get(), gathered_bytes_);
  // Only the first write tells whether the file system means what it said when the file was opened.
  if (!std::exchange(tried_, true))
    job_.failure.set(
        co_await job_.engine.blocking([&] { return write_or_use_page_cache(file_.get(), bytes, partial_); }));
  else
    job_.failure.set(co_await job_.engine.write(file_.get(), written_, bytes, partial_));
  written_ += bytes.size();
  gathered_bytes_ = 0;
}

asio::awaitable<void> growing_file::seal() {
  if (size_ == 0 || job_.failure.failed()) co_return;
  use_page_cache(file_.get());
  tried_ = true;
  if (gathered_bytes_ > 0) co_await write_gathered();
  if (job_.failure.failed()) co_return;
  job_.failure.set(
      co_await job_.engine.blocking([this] { return settle_file(std::move(file_), partial_, path_); }));
  if (!job_.failure.failed()) sha256_ = hash_.finish_hex();
}

}  // namespace outro
