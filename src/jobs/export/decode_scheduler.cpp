#include "jobs/export/decode_scheduler.h"

namespace outro {

bool decode_scheduler::may_decode(std::uint32_t unit) const {
  if (stopped_) return true;
  const bool first_in_line = waiting_.empty() || *waiting_.begin() >= unit;
  const bool ahead_enough = blocks_ > 2 * threads_;
  // Somebody would be idle, or soon will be.
  const bool starved = blocks_ + decoding_ < threads_ + threads_ / 4;
  return first_in_line && !ahead_enough && (decoding_ == 0 || starved);
}

asio::awaitable<void> decode_scheduler::wait(std::uint32_t unit) {
  if (may_decode(unit)) co_return;
  const auto place = waiting_.insert(unit);
  while (!may_decode(unit)) co_await changed_.wait();
  waiting_.erase(place);
  changed_.notify();  // the next in line may go as well
}

void decode_scheduler::block_ends() {
  --blocks_;
  changed_.notify();
}

void decode_scheduler::stop() {
  stopped_ = true;
  changed_.notify();
}

}  // namespace outro
