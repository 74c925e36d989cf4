#include "tracks/part_reader.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>

#include "base/bytes.h"
#include "base/file.h"
#include "tracks/varint.h"

namespace outro {

static status damaged(const std::filesystem::path& path) {
  return fail(failure::corrupt, path.string() + " is damaged; restore it from a copy");
}

static constexpr std::size_t digest_bytes = 16;

/// Reads the whole part once with calls whose errors are told: what a mapping cannot read ends the process.
static status check_digest(int fd, std::uint64_t size, const std::filesystem::path& path) {
  if (size < digest_bytes) return damaged(path);
  running_digest digest;
  for (std::uint64_t at = 0; at < size - digest_bytes;) {
    const auto n = std::min<std::uint64_t>(1U << 20, size - digest_bytes - at);
    const auto bytes = read_at(fd, at, n, path);
    if (!bytes) return bytes.error();
    if (bytes->size() != n) return damaged(path);
    digest.update(*bytes);
    at += n;
  }
  const auto written = read_at(fd, size - digest_bytes, digest_bytes, path);
  if (!written) return written.error();
  return digest.value().view() == *written ? status{} : damaged(path);
}

part_reader::~part_reader() {
  if (!mapped_.empty()) (void)::munmap(const_cast<char*>(mapped_.data()), mapped_.size());
}

result<std::unique_ptr<part_reader>> part_reader::open(const part_source& source) {
  const auto file = open_to_read(source.path);
  if (!file) return file.error();
  struct stat info {};
  if (::fstat(file->get(), &info) != 0) return io_failure("stat", source.path, errno);
  std::unique_ptr<part_reader> reader(new part_reader);
  const auto size = static_cast<std::size_t>(info.st_size);
  if (size == 0) return damaged(source.path);
  if (auto s = check_digest(file->get(), size, source.path); !s.ok()) return s;
  void* p = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file->get(), 0);
  if (p == MAP_FAILED) return io_failure("map", source.path, errno);
  reader->mapped_ = {static_cast<const char*>(p), size};
  if (auto s = reader->read_head(source.path); !s.ok()) return s;
  const auto counted = std::count(source.current.begin(), source.current.end(), true);
  if (!source.current.empty() && static_cast<std::uint64_t>(counted) != reader->head_.written)
    reader->recount(source.current);
  if (!reader->ok_) return damaged(source.path);
  return reader;
}

status part_reader::read_head(const std::filesystem::path& path) {
  if (mapped_.size() < digest_bytes) return damaged(path);
  field_reader in(mapped_.substr(0, mapped_.size() - digest_bytes));
  if (in.get_bytes(4) != "OTCP") return damaged(path);
  if (in.get<std::uint32_t>() != catalogue_part_version)
    return fail(failure::refused, path.string() + " was written by another version of Outro; use that one");
  head_.run = in.get<std::uint32_t>(), head_.unit = in.get<std::uint32_t>(),
  head_.slice = in.get<std::uint32_t>();
  head_.documents = in.get<std::uint64_t>(), head_.written = in.get<std::uint64_t>();
  head_.records = in.get<std::uint64_t>();
  const auto records = in.get<std::uint64_t>(), lists = in.get<std::uint64_t>();
  rest_ = in.get_bytes(records);
  lists_ = in.get_bytes(lists);
  return in.ok() && in.left() == 0 && head_.records <= records ? status{} : damaged(path);
}

/// Counts again, over the documents that count alone.
void part_reader::recount(const std::vector<bool>& current) {
  counts_.resize(head_.records);
  while (!lists_.empty() && ok_) {
    const auto document = take_varint(lists_, ok_);
    const auto n = take_varint(lists_, ok_);
    const bool counts = document < current.size() && current[document];
    const auto time = take_varint(lists_, ok_);
    std::uint64_t record = 0;
    for (std::uint64_t i = 0; i < n && ok_; ++i) {
      record += take_varint(lists_, ok_);
      const auto entries = take_varint(lists_, ok_), listens = take_varint(lists_, ok_);
      if (!ok_ || record >= counts_.size()) return void(ok_ = false);
      if (!counts) continue;
      auto& c = counts_[record];
      c.accounts += entries & 1, c.entries += static_cast<std::uint32_t>(entries >> 1);
      c.listens += static_cast<std::uint32_t>(listens);
      c.newest = std::max(c.newest, time);
    }
  }
}

bool part_reader::next() {
  if (rest_.empty() || !ok_) return false;
  auto& r = record_;
  const auto id = take_varint(rest_, ok_);
  const auto bytes = [&](std::uint64_t n) {
    if (n > rest_.size()) return ok_ = false, std::string_view();
    const auto taken = rest_.substr(0, n);
    rest_.remove_prefix(n);
    return taken;
  };
  if ((id & 1) == 0) {
    last_number_ += id >> 1;
    r.id = {last_number_, {}};
  } else {
    const auto text = bytes(id >> 1);
    r.id = {order_of_id(text), text};
  }
  const auto content = bytes(6);
  r.content = 0;
  for (std::size_t i = 0; i < content.size(); ++i)
    r.content |= static_cast<std::uint64_t>(static_cast<unsigned char>(content[i])) << (8 * i);
  const auto accounts = take_varint(rest_, ok_);
  r.described = (accounts & 1) != 0;
  r.counts.accounts = accounts >> 1;
  r.counts.entries = take_varint(rest_, ok_);
  r.counts.listens = take_varint(rest_, ok_);
  r.newest = take_varint(rest_, ok_);
  r.facts = {};
  r.fields = {};
  if (r.described) {
    constexpr std::size_t facts_bytes = 8 * 3 + 4 * 3 + 2 + 1;
    field_reader in(bytes(facts_bytes));
    auto& f = r.facts;
    f.key.high = in.get<std::uint64_t>(), f.key.low = in.get<std::uint64_t>(),
    f.isrc = in.get<std::uint64_t>();
    f.duration_ms = in.get<std::uint32_t>(), f.remarks = in.get<std::uint32_t>(),
    f.album = in.get<std::uint32_t>();
    f.versions = in.get<version_set>();
    const auto flags = in.get<std::uint8_t>();
    f.available = (flags & 1) != 0, f.named = (flags & 2) != 0;
    f.id_order = r.id.order;
    r.fields = bytes(take_varint(rest_, ok_));
  }
  if (!counts_.empty()) {
    if (index_ >= counts_.size()) return ok_ = false;
    const auto& c = counts_[index_];
    r.counts = {c.accounts, c.entries, c.listens};
    r.newest = c.newest;
  }
  ++index_;
  return ok_;
}

}  // namespace outro
