#include "jobs/histories/shards.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <fstream>

#include "testing/compressed.h"

namespace outro::histories {

namespace fs = std::filesystem;
using testing::gzip_member;
using testing::zstd_frame;

namespace {

bool is_zstd(packing p) {
  return p == packing::zstd_frame || p == packing::zstd_frames;
}

/// Where the first frame or member of two ends: behind half of the lines.
std::size_t middle_of(std::string_view text) {
  const auto lines = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
  std::size_t at = 0;
  for (std::size_t i = 0; i < lines / 2; ++i) at = text.find('\n', at) + 1;
  return at;
}

std::string packed_as(packing p, std::string_view text) {
  const auto head = text.substr(0, middle_of(text)), tail = text.substr(middle_of(text));
  switch (p) {
    case packing::plain:
      break;
    case packing::zstd_frame:
      return zstd_frame(text);
    case packing::zstd_frames:
      return zstd_frame(head) + zstd_frame(tail);
    case packing::gzip_member:
      return gzip_member(text);
    case packing::gzip_members:
      return gzip_member(head) + gzip_member(tail);
  }
  return std::string(text);
}

/// Whether a file that ends here looks whole: between two frames or members.
bool is_boundary(const shard_file& s, std::size_t at) {
  if (s.packed != packing::zstd_frames && s.packed != packing::gzip_members) return false;
  const auto head = std::string_view(s.text).substr(0, middle_of(s.text));
  return at == (is_zstd(s.packed) ? zstd_frame(head) : gzip_member(head)).size();
}

}  // namespace

std::string shard_file::name() const {
  const auto suffix = packed == packing::plain ? "" : is_zstd(packed) ? ".zst" : ".gz";
  return (hidden ? "." : "") + stem + ".ndjson" + suffix;
}

std::vector<std::string> documents_of(std::string_view text) {
  std::vector<std::string> documents;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    if (end > 0) documents.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return documents;
}

shard_folder::shard_folder(fs::path folder) : folder_(std::move(folder)) {
  fs::create_directories(folder_);
}

shard_file* shard_folder::pick(const command& c) {
  return files_.empty() ? nullptr : &files_[c.a % files_.size()];
}

void shard_folder::store(shard_file& s, std::string bytes) {
  s.stored = std::move(bytes);
  const auto path = path_of(s);
  std::ofstream(path, std::ios::binary).write(s.stored.data(), static_cast<std::streamsize>(s.stored.size()));
  // Clocks of file systems tick slowly; that two writes within a tick look the same is known.
  const timespec at{1'700'000'000 + ++writes_, 0};
  const timespec times[] = {at, at};
  ::utimensat(AT_FDCWD, path.c_str(), times, 0);
}

/// Moves a shard to a name, over what has it.
void shard_folder::take_name(shard_file& s, std::string stem, packing packed, bool hidden) {
  fs::remove(path_of(s));
  s.stem = std::move(stem);
  s.packed = packed;
  s.hidden = hidden;
  const auto name = s.name();
  const auto moved = s;
  std::erase_if(files_, [&](const shard_file& f) { return f.name() == name; });
  files_.push_back(moved);
  store(files_.back(), moved.stored);
}

void shard_folder::put(const command& c) {
  shard_file s;
  s.stem = "s" + std::to_string(c.a % 4);
  s.packed = static_cast<packing>(c.b % 5);
  bool first = true;
  for (const auto& d : c.documents) {
    s.text += text_of(d, first ? ++nonce_ : 0) + "\n";
    first = false;
  }
  s.first = s.text;
  s.stored = packed_as(s.packed, s.text);
  files_.push_back(s);
  take_name(files_.back(), s.stem, s.packed, false);
}

void shard_folder::cut(const command& c) {
  auto* s = pick(c);
  if (s == nullptr || s->stored.size() < 2) return;
  auto end = 1 + (s->stored.size() - 1) * (c.b % 1000) / 1000;
  if (s->packed == packing::plain) {
    // Of a plain shard nobody sees it: it stands for what is left.
    s->text.resize(s->text.rfind('\n', end) == std::string::npos ? 0 : s->text.rfind('\n', end) + 1);
    return store(*s, s->text);
  }
  if (is_boundary(*s, end)) --end;
  s->broken = true;
  store(*s, s->stored.substr(0, end));
}

void shard_folder::flip(const command& c) {
  auto* s = pick(c);
  if (s == nullptr || s->packed == packing::plain || s->stored.empty()) return;
  auto bytes = s->stored;
  auto& byte = bytes[bytes.size() * (c.b % 1000) / 1000];
  byte = static_cast<char>(byte ^ (1 << c.c % 8));
  s->broken = true;
  store(*s, bytes);
}

void shard_folder::empty(const command& c) {
  auto* s = pick(c);
  if (s == nullptr) return;
  s->broken = s->packed != packing::plain;
  if (!s->broken) s->text.clear();
  store(*s, "");
}

void shard_folder::restore(const command& c) {
  auto* s = pick(c);
  if (s == nullptr) return;
  const auto to = static_cast<packing>(c.b % 5);
  s->text = s->first;
  s->broken = false;
  fs::remove(path_of(*s));
  s->stored = packed_as(to, s->text);
  take_name(*s, c.c % 2 == 0 ? s->stem : s->stem + "-again", to, false);
}

void shard_folder::rename(const command& c) {
  if (auto* s = pick(c)) take_name(*s, "s" + std::to_string(c.b % 6), s->packed, s->hidden);
}

void shard_folder::hide(const command& c) {
  if (auto* s = pick(c)) take_name(*s, s->stem, s->packed, true);
}

void shard_folder::remove(const command& c) {
  auto* s = pick(c);
  if (s == nullptr) return;
  fs::remove(path_of(*s));
  files_.erase(files_.begin() + (s - files_.data()));
}

void shard_folder::change(const command& c) {
  const auto seen = visible();
  if (seen.empty()) return;
  const auto name = seen[c.a % seen.size()].name();
  auto& s = *std::find_if(files_.begin(), files_.end(), [&](const auto& f) { return f.name() == name; });
  const auto more = new_document();
  switch (c.b % 4) {
    case 0:
      if (s.packed == packing::plain) {
        s.text.resize(middle_of(s.text));
        store(s, s.text);
      } else if (s.stored.size() > 3) {
        s.broken = true;
        store(s, s.stored.substr(0, s.stored.size() - 3));
      }
      break;
    case 1:
      s.text += more;
      store(s, s.stored + (s.packed == packing::plain ? more
                           : is_zstd(s.packed)        ? zstd_frame(more)
                                                      : gzip_member(more)));
      break;
    case 2:
      s.text = s.first = more;
      s.broken = false;
      fs::remove(path_of(s));
      store(s, packed_as(s.packed, more));
      break;
    default:
      store(s, s.stored);
  }
}

void shard_folder::touch() {
  for (auto& s : files_) store(s, s.stored);
}

void shard_folder::restore_all() {
  for (auto& s : files_) {
    s.text = s.first;
    s.broken = false;
    store(s, packed_as(s.packed, s.text));
  }
}

std::vector<shard_file> shard_folder::visible() const {
  std::vector<shard_file> seen;
  for (const auto& f : files_)
    if (!f.hidden) seen.push_back(f);
  std::sort(seen.begin(), seen.end(), [](const auto& a, const auto& b) { return a.name() < b.name(); });
  return seen;
}

}  // namespace outro::histories
