#include "tracks/track_memory.h"

#include <sys/mman.h>

#include <algorithm>
#include <bit>
#include <new>
#include <random>

namespace outro {

static_assert(sizeof(known_track) == 64, "one line of the processor's cache");
static_assert(std::is_trivially_copyable_v<known_track>);

std::uint64_t track_memory_for(std::uint64_t budget, std::uint64_t document_bytes) {
  constexpr std::uint64_t least = 1U << 20, most = 256U << 20;  // some three million tracks
  constexpr std::uint64_t share = 6;                            // of the budget; the documents need the rest
  constexpr std::uint64_t sparse = 10;  // a track that is new takes ten times its facts in a dump
  return std::clamp(std::min(budget / share, document_bytes / sparse), least, most);
}

/// Zeroed memory that takes no room until it is touched, and then in large pages: it is touched at random.
template <class T>
track_memory::zeroed<T>::zeroed(std::size_t n) : bytes(n * sizeof(T)) {
  void* p = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (p == MAP_FAILED) throw std::bad_alloc();
  (void)::madvise(p, bytes, MADV_HUGEPAGE);  // only faster where it is granted
  data = static_cast<T*>(p);
}

template <class T>
track_memory::zeroed<T>::~zeroed() {
  (void)::munmap(data, bytes);
}

static std::size_t sets_in(std::uint64_t bytes, std::size_t set_bytes) {
  return std::max<std::uint64_t>(bytes / set_bytes, 64);
}

/// A track takes 72 bytes, and its content 8 more; contents forgotten are described twice.
static constexpr std::uint64_t seen_share = 8;

std::uint64_t content_of(std::uint64_t id, std::string_view fields) {
  const auto hash = XXH3_64bits_withSeed(fields.data(), fields.size(), id);
  return hash == 0 ? 1 : hash;
}

track_memory::track_memory(std::uint64_t bytes, bool contents_too)
    : seed_(std::random_device{}()),
      sets_(sets_in(bytes - (contents_too ? bytes / seen_share : 0),
                    sizeof(tags) + ways * sizeof(known_track))),
      seen_sets_(sets_in(contents_too ? bytes / seen_share : 0, sizeof(contents))),
      tags_(sets_),
      tracks_(sets_ * ways),
      seen_(seen_sets_) {}

track_memory::~track_memory() = default;

hash128 track_memory::name_of(std::string_view object) const {
  const auto h = XXH3_128bits_withSeed(object.data(), object.size(), seed_);
  return {h.high64, h.low64};
}

void track_memory::prefetch_track(const hash128& object) const {
  const auto set = set_of(object);
  for (std::size_t i = 0; i < ways; ++i)
    if (tags_.data[set].of_way[i].load(std::memory_order_relaxed) == tag_of(object)) {
      __builtin_prefetch(&tracks_.data[set * ways + i]);
    }
}

bool track_memory::find(const hash128& object, known_track& known) {
  const auto set = set_of(object);
  const tbb::spin_mutex::scoped_lock lock(locks_[set % lock_count]);
  for (std::size_t i = 0; i < ways; ++i)
    if (tags_.data[set].of_way[i].load(std::memory_order_relaxed) == tag_of(object))
      return known = tracks_.data[set * ways + i], true;
  return false;
}

void track_memory::remember(const hash128& object, const known_track& known) {
  const auto set = set_of(object);
  const tbb::spin_mutex::scoped_lock lock(locks_[set % lock_count]);
  auto& tags = tags_.data[set].of_way;
  std::size_t way = (object.high >> 8) % ways;
  for (std::size_t i = 0; i < ways; ++i)
    if (tags[i].load(std::memory_order_relaxed) == 0) {
      way = i;
      break;
    }
  tags[way].store(tag_of(object), std::memory_order_relaxed);
  tracks_.data[set * ways + way] = known;
}

bool track_memory::seen_before(std::uint64_t content) {
  auto& set = seen_.data[place(content, seen_sets_)].of_way;
  for (auto& way : set) {
    auto there = way.load(std::memory_order_relaxed);
    if (there == content) return true;
    // Of two threads that come with one content at once, one sees the other's, or both describe it.
    if (there == 0) return !way.compare_exchange_strong(there, content) && there == content;
  }
  set[content & 7].store(content, std::memory_order_relaxed);
  return false;
}

}  // namespace outro
