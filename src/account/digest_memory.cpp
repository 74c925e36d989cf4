#include "account/digest_memory.h"

#include <sys/mman.h>

#include <algorithm>
#include <new>
#include <utility>

namespace outro {

void digest_memory::unmapper::operator()(set* sets) const {
  (void)::munmap(sets, bytes);
}

digest_memory::digest_memory(std::uint64_t bytes)
    : count_(std::clamp<std::uint64_t>(bytes / sizeof(set), 64, 0xffffffff)) {
  static_assert(sizeof(set) == 2 * object_bytes);
  const auto size = count_ * sizeof(set);
  void* p = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (p == MAP_FAILED) throw std::bad_alloc();
  (void)::madvise(p, size, MADV_HUGEPAGE);  // a refusal costs speed only
  sets_ = {static_cast<set*>(p), unmapper{size}};
}

bool digest_memory::find(const hash128& object, digest128& digest) {
  const auto number = set_of(object);
  const tbb::spin_mutex::scoped_lock lock(locks_[number % locks_.size()]);
  auto& [first, second] = sets_.get()[number].entries;
  if (first.object != object) {
    if (second.object != object) return false;
    std::swap(first, second);
  }
  digest = first.digest;
  return true;
}

void digest_memory::remember(const hash128& object, const digest128& digest) {
  const auto number = set_of(object);
  const tbb::spin_mutex::scoped_lock lock(locks_[number % locks_.size()]);
  auto& [first, second] = sets_.get()[number].entries;
  (first.object.empty() || first.object == object ? first : second) = {object, digest};
}

}  // namespace outro
