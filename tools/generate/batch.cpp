#include "batch.h"

namespace outro::generate {

namespace {
/// A batch that once held a huge document is not worth keeping.
constexpr std::size_t largest_kept = std::size_t{16} << 20;
}  // namespace

std::shared_ptr<batch> batch_pool::take() {
  std::unique_ptr<batch> fresh;
  {
    const std::lock_guard lock(mutex_);
    if (!free_.empty()) {
      fresh = std::move(free_.back());
      free_.pop_back();
    }
  }
  if (!fresh) fresh = std::make_unique<batch>();
  return {fresh.release(),
          [pool = shared_from_this()](batch* used) { pool->give_back(std::unique_ptr<batch>(used)); }};
}

void batch_pool::give_back(std::unique_ptr<batch> used) {
  if (used->text.capacity() > largest_kept) return;
  used->text.clear();
  used->documents.clear();
  used->all = {};
  used->accepted = {};
  used->accepted_bytes = 0;
  used->changed = 0;
  const std::lock_guard lock(mutex_);
  free_.push_back(std::move(used));
}

}  // namespace outro::generate
