#include "source/repair.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "source/reading_end.h"
#include "source/shard_reader.h"

namespace outro {

std::string name_of(const shard_id& id) {
  return fmt::format("{}/{}/{}", id.run, id.unit, std::uint64_t{id.number} + 1);
}

result<shard_id> parse_shard_id(std::string_view text) {
  std::array<std::uint32_t, 3> numbers{};
  const char* at = text.data();
  const char* const end = at + text.size();
  bool good = true;
  for (std::size_t i = 0; i < numbers.size() && good; ++i) {
    if (i > 0) good = at != end && *at++ == '/';
    const auto read = std::from_chars(at, end, numbers[i]);
    good = good && read.ec == std::errc{} && numbers[i] > 0;
    at = read.ptr;
  }
  if (good && at == end) return shard_id{numbers[0], numbers[1], numbers[2] - 1};
  return fail(failure::usage,
              "a shard is named RUN/UNIT/SHARD, three numbers from 1, such as 1/1/1; `outro "
              "verify` and `outro list --shards` show them");
}

namespace {

/// Whether some bytes hold a whole document: a line feed behind anything but white space. They come in
/// pieces.
class document_watch {
 public:
  void update(std::string_view bytes) {
    constexpr std::string_view mark = "\xef\xbb\xbf";
    for (const char c : bytes) {
      if (has_document_) return;
      if (at_ < mark.size() && c == mark[at_] && marked_ == at_) {
        ++marked_;
      } else if (c == '\n') {
        has_document_ = inked_;
      } else if (c != ' ' && c != '\t' && c != '\r') {
        inked_ = true;
      }
      ++at_;
    }
  }
  [[nodiscard]] bool has_document() const { return has_document_; }

 private:
  std::uint64_t at_ = 0, marked_ = 0;  ///< bytes seen; of them, at the front, those of a byte-order mark
  bool inked_ = false, has_document_ = false;
};

/// SHA-256 of a number of bytes that come in pieces, of which more may follow.
class prefix_hash {
 public:
  explicit prefix_hash(std::uint64_t length) : left_(length) {}
  void update(std::string_view bytes) {
    const auto n = std::min<std::uint64_t>(left_, bytes.size());
    hash_.update(bytes.substr(0, n));
    document_.update(bytes.substr(0, n));
    left_ -= n;
  }
  /// Empty where the bytes were too few, or hold no whole document.
  [[nodiscard]] std::string finish() {
    return left_ == 0 && document_.has_document() ? hash_.finish_hex() : std::string();
  }

 private:
  std::uint64_t left_;
  sha256 hash_;
  document_watch document_;
};

}  // namespace

result<shard_remains> read_remains(const shard& damaged, const decoded_extent& extent) {
  if (damaged.is_pipe || damaged.path == "-") return fail(failure::usage, "a pipe cannot be read again");
  auto reader = shard_reader::open(damaged, {.only_files = true});
  if (!reader) return reader.error();
  prefix_hash decoded(extent.decoded), proven(extent.proven);
  std::string room(2U << 20, '\0');  // as an export decodes: what a damaged frame yields depends on it
  for (;;) {
    const auto n = reader->read(room);
    if (!n) return n.error();
    if (*n == 0) break;
    decoded.update({room.data(), *n});
    proven.update({room.data(), *n});
  }
  if (reader->damage().starts_with(changed_mark)) return shard_remains{};
  return shard_remains{decoded.finish(), proven.finish()};
}

std::vector<repair_finder::beginning> repair_finder::beginnings_of(
    const std::vector<damaged_shard>& damaged) {
  std::vector<beginning> all;
  for (const auto& d : damaged) {
    if (!d.remains.decoded.empty())
      all.push_back({d.extent.decoded, d.remains.decoded, d.id, d.extent.decoded});
    if (!d.remains.proven.empty()) all.push_back({d.extent.proven, d.remains.proven, d.id, d.extent.decoded});
  }
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.length < b.length; });
  return all;
}

void repair_finder::update(std::string_view bytes) {
  total_ += bytes.size();
  while (!wanted_.empty()) {
    const auto n = std::min<std::uint64_t>(wanted_.front().length - seen_, bytes.size());
    if (n > 0) {
      take_open();
      last_ = bytes[n - 1];
    }
    hash_.update(bytes.substr(0, n));
    bytes.remove_prefix(n);
    seen_ += n;
    if (seen_ < wanted_.front().length) return;
    compare();
  }
  if (!bytes.empty()) take_open();
}

/// More bytes follow, so the beginnings that end within a document do not end the shard.
void repair_finder::take_open() {
  found_.insert(found_.end(), open_.begin(), open_.end());
  open_.clear();
}

/// Takes those off that have the length of what was seen.
void repair_finder::compare() {
  const auto digest = hash_.hex_so_far();
  while (!wanted_.empty() && wanted_.front().length == seen_) {
    if (wanted_.front().sha256 == digest) (last_ == '\n' ? found_ : open_).push_back(&wanted_.front());
    wanted_ = wanted_.subspan(1);
  }
}

std::vector<shard_id> repair_finder::found() const {
  std::vector<shard_id> sorted;
  for (const auto* b : found_)
    if (total_ >= b->least) sorted.push_back(b->of);
  std::sort(sorted.begin(), sorted.end());
  sorted.erase(std::unique(sorted.begin(), sorted.end()), sorted.end());
  return sorted;
}

}  // namespace outro
