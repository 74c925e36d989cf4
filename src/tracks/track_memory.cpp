#include "tracks/track_memory.h"

#include <sys/mman.h>

#include <algorithm>
#include <new>

#include "account/digest_memory.h"

namespace outro {

static_assert(sizeof(known_track) == 96, "one cache line and a half, so that two lines have it");
static_assert(std::is_trivially_copyable_v<known_track>);

track_memory_sizes track_memory_for(std::uint64_t budget, bool catalogue, std::uint64_t document_bytes) {
  constexpr std::uint64_t least = 1U << 20, most = 256U << 20;  // some three million tracks
  // In dumps of any size, a new track takes twenty times as many bytes as its facts, and a hash table needs
  // some free places. The table is not larger, because getting the memory from the kernel would take a tenth
  // of a short run's time.
  constexpr std::uint64_t sparse = 14;
  // Shares are fractions of the budget (1 / n); documents need the rest. Contents are small, and each
  // forgotten one costs a description.
  constexpr std::uint64_t share = 6, contents_share = 12, most_contents = 128U << 20;
  track_memory_sizes sizes;
  sizes.tracks = std::clamp(std::min(budget / share, document_bytes / sparse), least, most);
  sizes.digests = sizes.tracks * digest_memory::object_bytes / sizeof(known_track);
  if (catalogue)
    sizes.contents = std::clamp(std::min(budget / contents_share, document_bytes / (6 * 20)), sizes.contents,
                                most_contents);
  return sizes;
}

/// The kernel provides the pages on first use; large ones, because accesses are random.
template <class T>
track_memory::zeroed<T>::zeroed(std::size_t n) : bytes(n * sizeof(T)) {
  void* p = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (p == MAP_FAILED) throw std::bad_alloc();
  (void)::madvise(p, bytes, MADV_HUGEPAGE);  // an optimisation; may be refused
  data = static_cast<T*>(p);
}

template <class T>
track_memory::zeroed<T>::~zeroed() {
  (void)::munmap(data, bytes);
}

static std::size_t sets_in(std::uint64_t bytes, std::size_t set_bytes) {
  return std::max<std::uint64_t>(bytes / set_bytes, 64);
}

hash128 content_of(sha256& hash, std::string_view id, std::string_view fields) {
  hash.update(fields);
  hash.update(id);
  return words_of(hash.finish_short());
}

track_memory::track_memory(const track_memory_sizes& bytes)
    : key_(process_key()),
      sets_(sets_in(bytes.tracks, sizeof(tags) + ways * sizeof(known_track))),
      seen_sets_(sets_in(bytes.contents, sizeof(contents))),
      tags_(sets_),
      tracks_(sets_ * ways),
      seen_(seen_sets_) {}

track_memory::~track_memory() = default;

void track_memory::prefetch_track(const hash128& object) const {
  const auto set = set_of(object);
  for (std::size_t i = 0; i < ways; ++i)
    if (has(tags_.data[set].of_way[i].load(std::memory_order_relaxed), tag_of(object))) {
      __builtin_prefetch(&tracks_.data[set * ways + i]);
    }
}

bool track_memory::find(const hash128& object, known_track& known) {
  const auto set = set_of(object);
  const tbb::spin_mutex::scoped_lock lock(locks_[set % lock_count]);
  for (std::size_t i = 0; i < ways; ++i) {
    auto& word = tags_.data[set].of_way[i];
    const auto there = word.load(std::memory_order_relaxed);
    if (!has(there, tag_of(object))) continue;
    if ((there & 2) == 0) word.store(there | 2, std::memory_order_relaxed);
    known = tracks_.data[set * ways + i];
    return true;
  }
  return false;
}

/// A full set loses a track. A few tracks are in many accounts and most are in few, so a track that was found
/// since the last replacement stays once more (the clock algorithm).
void track_memory::remember(const hash128& object, const known_track& known) {
  const auto set = set_of(object);
  const tbb::spin_mutex::scoped_lock lock(locks_[set % lock_count]);
  auto& words = tags_.data[set].of_way;
  const std::size_t first = (object.high >> 8) % ways;
  // Two threads may describe the same object at once; it takes one place even then.
  const auto may_take = [&](std::uint64_t there) { return there == 0 || has(there, tag_of(object)); };
  std::size_t way = 0;
  while (way < ways && !may_take(words[way].load(std::memory_order_relaxed))) ++way;
  for (std::size_t i = 0; way == ways && i < ways; ++i) {
    auto& word = words[(first + i) % ways];
    const auto there = word.load(std::memory_order_relaxed);
    if ((there & 2) == 0) way = (first + i) % ways;
    word.store(there & ~2ULL, std::memory_order_relaxed);
  }
  if (way == ways) way = first;
  words[way].store(tag_of(object), std::memory_order_relaxed);
  tracks_.data[set * ways + way] = known;
}

bool track_memory::seen_before(const hash128& whole) {
  const auto known = key_.of({reinterpret_cast<const char*>(&whole), sizeof whole});
  const auto content = known.low | 1;  // 0 is a free place
  auto& set = seen_.data[set_of_content(whole)].of_way;
  for (auto& way : set) {
    auto there = way.load(std::memory_order_relaxed);
    if (there == content) return true;
    // If two threads bring one content at once, one of them sees the other's, or both describe it.
    if (there == 0) return !way.compare_exchange_strong(there, content) && there == content;
  }
  set[known.high & 7].store(content, std::memory_order_relaxed);
  return false;
}

}  // namespace outro
