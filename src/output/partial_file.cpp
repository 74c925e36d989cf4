#include "output/partial_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/file_system.h"
#include "base/machine.h"
#include "base/output_names.h"
#include "base/units.h"
#include "base/utf8.h"

namespace outro {

/// Bytes of one write: a large page, and a multiple of every disk's block. A slice has up to three files, of
/// which mostly one grows fast.
static constexpr std::size_t write_bytes = 2U << 20;
static constexpr std::size_t hashed_bytes = 16U << 10;  ///< at once: stays in the fastest cache

partial_file::partial_file(executors on, failure_slot& failure, const space_reserve& reserve,
                           stage_times& hash_time, std::filesystem::path path)
    : on_(on),
      failure_(failure),
      reserve_(reserve),
      hash_time_(hash_time),
      path_(std::move(path)),
      partial_(partial_path(path_)) {}

bool partial_file::keeps_reserve(std::uint64_t more) {
  if (reserve_.bytes == 0) return true;
  const auto free = free_disk(reserve_.folder);
  if (free >= reserve_.bytes + more) return true;
  failure_.set(
      fail(failure::io,
           fmt::format("the disk of {} has {} left, and {} are kept in reserve; free some space, then "
                       "run the same command again (--ignore-preflight goes on)",
                       shown(reserve_.folder.native()), format_size(free), format_size(reserve_.bytes))));
  return false;
}

status partial_file::create() {
  auto created = create_private(partial_);
  if (!created) return created.error();
  file_ = std::move(*created);
  use_direct_io(file_.get());
  gathered_ = make_aligned(write_bytes);
  return {};
}

/// Hashes and copies small parts in turn, so that the copy reads from the cache. Takes off `pieces`, from
/// `next` on, until they are used up or enough is gathered.
void partial_file::gather(std::vector<std::string_view>& pieces, std::size_t& next) {
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

asio::awaitable<void> partial_file::append(std::vector<std::string_view> pieces) {
  std::erase_if(pieces, [](auto p) { return p.empty(); });
  std::uint64_t more = 0;
  for (const auto p : pieces) more += p.size();
  if (more == 0 || failure_.failed() || !keeps_reserve(more)) co_return;
  if (!file_.is_open())
    if (auto s = create(); !s.ok()) {
      failure_.set(std::move(s));
      co_return;
    }
  size_ += more;
  for (std::size_t next = 0; next < pieces.size() && !failure_.failed();) {
    co_await compute(
        on_.pool, on_.io,
        [&] {
          stage_clock clock(hash_time_);
          gather(pieces, next);
          clock.lap(stage::hash);
        },
        urgency::first);
    if (gathered_bytes_ == write_bytes) co_await write_gathered();
  }
}

asio::awaitable<void> partial_file::write_gathered() {
  const std::string_view bytes(gathered_.get(), gathered_bytes_);
  // Some file systems accept O_DIRECT and then refuse the write, so the first write may fall back.
  if (!std::exchange(tried_direct_, true))
    failure_.set(
        co_await on_.engine.blocking([&] { return write_direct_or_cached(file_.get(), bytes, partial_); }));
  else
    failure_.set(co_await on_.engine.write(file_.get(), written_, bytes, partial_));
  written_ += bytes.size();
  gathered_bytes_ = 0;
}

asio::awaitable<void> partial_file::commit() {
  if (size_ == 0 || failure_.failed()) co_return;
  use_cached_io(file_.get());
  tried_direct_ = true;
  if (gathered_bytes_ > 0) co_await write_gathered();
  if (failure_.failed()) co_return;
  failure_.set(
      co_await on_.engine.blocking([this] { return commit_file(std::move(file_), partial_, path_); }));
  if (!failure_.failed()) sha256_ = hash_.finish_hex();
}

}  // namespace outro
