#include "cli/sample.h"

#include <optional>

#include "base/file.h"
#include "frame/framer.h"
#include "source/decoder.h"
#include "source/shards.h"

namespace outro {

namespace {

constexpr std::size_t read_bytes = 512U << 10, decode_bytes = 1U << 20;

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
    auto file = s.path == "-" ? result<file_handle>(file_handle(::dup(STDIN_FILENO))) : open_to_read(s.path);
    if (!file) return file.error();
    std::vector<char> bytes(read_bytes);
    std::optional<decoder> decode;
    for (bool ended = false; !ended && !full();) {
      const auto n = read_full(file->get(), bytes.data(), bytes.size(), s.path);
      if (!n) return n.error();
      ended = *n == 0;
      std::string_view raw(bytes.data(), *n);
      if (!decode) decode.emplace(compression_of(raw));
      for (bool more = true; (!raw.empty() || (more && !ended)) && decode->damage().empty() && !full();) {
        const auto room = framer_.room(decode_bytes).first(decode_bytes);
        const auto made = decode->decode(raw, room);
        more = made == room.size();
        framer_.filled(made);
        take();
      }
      if (!decode->damage().empty()) break;
    }
    decode->finish();
    if (!full()) framer_.end_shard(decode->damage(), decode->proven_end());
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
          if (!s.damage.empty()) end_.damaged.push_back(shards_.at(s.shard).path.string() + ": " + s.damage);
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
