#include "cli/sample.h"

#include "base/utf8.h"
#include "frame/framer.h"
#include "source/shard_reader.h"
#include "source/shards.h"

namespace outro {

namespace {

constexpr std::size_t decode_bytes = 1U << 20;

class sampler {
 public:
  sampler(std::vector<shard> shards, std::uint64_t limit,
          const std::function<void(std::string_view, reason)>& each)
      : shards_(std::move(shards)), limit_(limit), each_(each), framer_(framing_limits{}) {}

  result<sample_end> run() {
    for (const auto& s : shards_) {
      if (full()) break;
      if (auto read = read_shard(s); !read.ok()) return read;
    }
    if (!full()) framer_.end_unit();
    take();
    return std::move(end_);
  }

 private:
  [[nodiscard]] bool full() const { return end_.documents >= limit_; }

  status read_shard(const shard& s) {
    // Names do not bind: whoever only looks at a file needs no verdict on its name.
    auto reader = shard_reader::open(s, {});
    if (!reader) return reader.error();
    while (!full()) {
      const auto room = framer_.room(decode_bytes).first(decode_bytes);
      const auto n = reader->read(room);
      if (!n) return n.error();
      if (*n == 0) break;
      framer_.filled(*n);
      take();
    }
    if (!full()) framer_.end_shard(reader->damage(), reader->proven_end());
    return {};
  }

  void take() {
    for (const auto& b : framer_.take()) {
      for (const auto& d : b.documents) {
        if (full()) return;
        ++end_.documents;
        each_(b.bytes.view().substr(d.begin, d.length), reason::none);
      }
      if (!b.piece.empty() && b.piece.front().last && !full()) ++end_.documents, each_({}, reason::too_large);
      for (const auto& e : b.end)
        for (const auto& s : e.shards)
          if (!s.damage.empty())
            end_.damaged.push_back(shown(shards_.at(s.shard).path.native()) + ": " + s.damage);
    }
  }

  std::vector<shard> shards_;
  std::uint64_t limit_;
  const std::function<void(std::string_view, reason)>& each_;
  framer framer_;
  sample_end end_;
};

}  // namespace

result<sample_end> read_sample(const std::string& dump, std::uint64_t limit,
                               const std::function<void(std::string_view document, reason why)>& each) {
  std::uint64_t hidden = 0;
  auto shards = find_shards({dump}, hidden);
  if (!shards) return shards.error();
  return sampler(std::move(*shards), limit, each).run();
}

}  // namespace outro
