#include "tracks/catalogue_merge.h"

#include <zstd.h>

#include <algorithm>
#include <bit>
#include <charconv>
#include <map>
#include <memory>
#include <span>
#include <stdexcept>
#include <unordered_map>

#include "base/file.h"
#include "base/json_text.h"
#include "tracks/part_reader.h"

namespace outro {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t most_open = 64;
constexpr std::size_t most_variants = 16;  ///< written of one id; all are counted

/// Readers side by side, the least record first.
class part_queue {
  struct source {
    std::unique_ptr<part_reader> reader;
    fs::path path;
  };
  [[nodiscard]] auto later() const {
    return [this](std::size_t a, std::size_t b) {
      const auto &x = readers_[a].reader->record(), &y = readers_[b].reader->record();
      if (x.id.order != y.id.order) return x.id.order > y.id.order;
      if (const auto c = x.id.text.compare(y.id.text); c != 0) return c > 0;
      return x.content != y.content ? x.content > y.content : a > b;
    };
  }

 public:
  status open(std::span<const part_source> parts) {
    for (const auto& p : parts) {
      auto reader = part_reader::open(p);
      if (!reader) return reader.error();
      readers_.push_back({std::move(*reader), p.path});
      records_ += readers_.back().reader->head().records;
    }
    for (std::size_t i = 0; i < readers_.size(); ++i)
      if (auto s = advance(i); !s.ok()) return s;
    return {};
  }
  [[nodiscard]] bool empty() const { return heap_.empty(); }
  [[nodiscard]] const catalogue_record& top() const { return readers_[heap_.front()].reader->record(); }
  status pop() {
    const auto i = heap_.front();
    std::pop_heap(heap_.begin(), heap_.end(), later());
    heap_.pop_back();
    return advance(i);
  }
  [[nodiscard]] std::uint64_t records() const { return records_; }

 private:
  status advance(std::size_t i) {
    auto& s = readers_[i];
    if (s.reader->next()) {
      heap_.push_back(i);
      std::push_heap(heap_.begin(), heap_.end(), later());
      return {};
    }
    if (!s.reader->ok())
      return fail(failure::corrupt, s.path.string() + " is damaged; restore it from a copy");
    return {};
  }

  std::vector<source> readers_;
  std::vector<std::size_t> heap_;
  std::uint64_t records_ = 0;
};

/// Calls `each` with every track that occurs in a current document, in order of id.
template <class Each>
status for_each_track(std::span<const part_source> parts, Each each) {
  part_queue queue;
  if (auto s = queue.open(parts); !s.ok()) return s;
  merged_track track;
  while (!queue.empty()) {
    track.id = queue.top().id;
    track.counts = {};
    track.variants.clear();
    while (!queue.empty() && queue.top().id == track.id) {
      const auto& r = queue.top();
      if (track.variants.empty() || track.variants.back().content != r.content) {
        track.variants.emplace_back();
        track.variants.back().content = r.content;
      }
      auto& v = track.variants.back();
      v.counts += r.counts;
      v.newest = std::max(v.newest, r.newest);
      track.counts += r.counts;
      if (r.described && !v.described) v.described = true, v.facts = r.facts, v.fields = r.fields;
      if (auto s = queue.pop(); !s.ok()) return s;
    }
    // A variant of superseded documents alone is not there.
    std::erase_if(track.variants, [](const auto& v) { return v.newest == 0; });
    if (track.variants.empty()) continue;
    std::sort(track.variants.begin(), track.variants.end(), [](const auto& a, const auto& b) {
      return a.newest != b.newest ? a.newest > b.newest : a.content > b.content;
    });
    if (!track.variants.front().described)
      return fail(failure::corrupt, "no part of the catalogue describes track " + track.id.string() +
                                        "; one is missing: restore it from a copy");
    if (auto s = each(track); !s.ok()) return s;
  }
  return {};
}

/// Merges parts into one, so that fewer are open at once. Its records keep what each document counted.
status merge_parts(std::span<const part_source> parts, const fs::path& into) {
  part_queue queue;
  if (auto s = queue.open(parts); !s.ok()) return s;
  catalogue_part_head head;
  std::string records, id;
  std::uint64_t last_number = 0;
  while (!queue.empty()) {
    catalogue_record merged = queue.top();
    merged.counts = {};
    merged.newest = 0;
    while (!queue.empty() && queue.top().id == merged.id && queue.top().content == merged.content) {
      const auto& r = queue.top();
      merged.counts += r.counts;
      merged.newest = std::max(merged.newest, r.newest);
      if (r.described && !merged.described)
        merged.described = true, merged.facts = r.facts, merged.fields = r.fields;
      if (auto s = queue.pop(); !s.ok()) return s;
    }
    append_record(records, merged, last_number);
    ++head.records;
  }
  return replace_file(into, wrap_catalogue_part(head, records, {}));
}

/// A file of lines that is compressed as it grows, and durable under its name once it is closed.
class line_file {
 public:
  explicit line_file(fs::path path) : path_(std::move(path)), partial_(path_.string() + ".partial") {
    if (zstd_ == nullptr) throw std::bad_alloc();
    // Compact enough, and a third of the time of the default; part of the format, so that bytes are the same.
    (void)ZSTD_CCtx_setParameter(zstd_.get(), ZSTD_c_compressionLevel, 1);
    (void)ZSTD_CCtx_setParameter(zstd_.get(), ZSTD_c_checksumFlag, 1);
  }
  status open() {
    auto file = create_private(partial_);
    if (!file) return file.error();
    file_ = std::move(*file);
    return {};
  }
  std::string& line() { return text_; }
  status end_line() {
    constexpr std::size_t full = 1U << 20;
    text_ += '\n';
    return text_.size() < full ? status{} : flush(ZSTD_e_continue);
  }
  status close() {
    if (auto s = flush(ZSTD_e_end); !s.ok()) return s;
    if (auto s = sync_file(file_.get(), partial_); !s.ok()) return s;
    if (auto s = close_checked(std::move(file_), partial_); !s.ok()) return s;
    if (auto s = rename_file(partial_, path_); !s.ok()) return s;
    return sync_directory(path_.parent_path());
  }

 private:
  status flush(ZSTD_EndDirective how) {
    ZSTD_inBuffer in{text_.data(), text_.size(), 0};
    for (std::size_t left = 1; in.pos < in.size || (how == ZSTD_e_end && left != 0);) {
      ZSTD_outBuffer out{packed_.data(), packed_.size(), 0};
      left = ZSTD_compressStream2(zstd_.get(), &out, &in, how);
      if (ZSTD_isError(left) != 0) throw std::runtime_error(std::string("zstd: ") + ZSTD_getErrorName(left));
      if (auto s = write_all(file_.get(), std::string_view(packed_).substr(0, out.pos), partial_); !s.ok())
        return s;
    }
    text_.clear();
    return {};
  }

  struct freer {
    void operator()(ZSTD_CCtx* c) const { ZSTD_freeCCtx(c); }
  };
  fs::path path_, partial_;
  file_handle file_;
  std::unique_ptr<ZSTD_CCtx, freer> zstd_{ZSTD_createCCtx()};
  std::string text_;
  std::string packed_ = std::string(ZSTD_CStreamOutSize(), '\0');
};

/// Which of many values occur twice, in four bits a value: sometimes says so of one that does not.
class repeat_filter {
 public:
  explicit repeat_filter(std::uint64_t values)
      : bits_(std::bit_ceil(std::max<std::uint64_t>(values * 4, 1024)) / 32) {}
  void add(std::uint64_t hash) {
    auto& word = bits_[place(hash)];
    const auto once = 1ULL << shift(hash);
    word |= (word & once) != 0 ? once << 1 : once;
  }
  [[nodiscard]] bool repeated(std::uint64_t hash) const {
    return (bits_[place(hash)] >> shift(hash) & 2) != 0;
  }

 private:
  [[nodiscard]] std::size_t place(std::uint64_t hash) const { return (hash >> 8) & (bits_.size() - 1); }
  static unsigned shift(std::uint64_t hash) { return static_cast<unsigned>(hash & 31) * 2; }
  std::vector<std::uint64_t> bits_;
};

std::uint64_t isrc_hash(std::uint64_t isrc) {
  return (isrc + 1) * 0x9e3779b97f4a7c15 >> 4;
}

/// Tracks that share a key or an ISRC with another, grouped. All others are recordings by themselves.
class grouped_tracks {
 public:
  status find(std::span<const part_source> parts, std::uint64_t records) {
    repeat_filter seen(2 * records);
    auto s = for_each_track(parts, [&](const merged_track& t) {
      const auto& f = t.variants.front().facts;
      if (!f.key.empty()) seen.add(f.key.low >> 1);
      if (f.isrc != 0) seen.add(isrc_hash(f.isrc));
      return status{};
    });
    if (!s.ok()) return s;
    std::uint64_t index = 0;
    s = for_each_track(parts, [&](const merged_track& t) {
      auto f = t.variants.front().facts;
      if ((!f.key.empty() && seen.repeated(f.key.low >> 1)) ||
          (f.isrc != 0 && seen.repeated(isrc_hash(f.isrc)))) {
        const auto id = t.id.string();
        f.id = hash_of(id).low;
        f.id_order = t.id.order;
        index_of_.emplace(index, static_cast<std::uint32_t>(facts_.size()));
        facts_.push_back(f);
        ids_.push_back(id);
      }
      ++index;
      return status{};
    });
    if (!s.ok()) return s;
    members_ = grouper_.group(facts_);
    for (std::uint32_t i = 0; i < members_.size(); ++i)
      if (members_[i].representative != i) others_[members_[i].representative].push_back(i);
    return {};
  }

  /// The recording that track number `index` belongs to; null where it is one by itself.
  [[nodiscard]] const std::string* recording(std::uint64_t index) const {
    const auto at = index_of_.find(index);
    return at == index_of_.end() ? nullptr : &ids_[members_[at->second].representative];
  }
  /// Whether the track stands for its recording; appends the recording's other tracks.
  [[nodiscard]] bool append_others(std::uint64_t index, std::string& out) const {
    const auto at = index_of_.find(index);
    if (at == index_of_.end()) return true;
    if (members_[at->second].representative != at->second) return false;
    const auto others = others_.find(at->second);
    if (others == others_.end()) return true;
    for (const auto i : others->second) {
      out += ",{\"id\":";
      append_json_string(out, ids_[i]);
      out += ",\"rule\":" + std::to_string(members_[i].rule) + ",\"joinedTo\":";
      append_json_string(out, ids_[members_[i].joined_to]);
      out += '}';
    }
    return true;
  }

 private:
  track_grouper grouper_;
  std::vector<track_facts> facts_;
  std::vector<std::string> ids_;
  std::vector<membership> members_;
  std::unordered_map<std::uint64_t, std::uint32_t> index_of_;
  std::map<std::uint32_t, std::vector<std::uint32_t>> others_;
};

void append_track(std::string& out, const merged_track& t, std::string_view id, std::string_view recording) {
  const auto number = [&](const char* key, std::uint64_t n) {
    char digits[24];
    out.append(key).append(digits, std::to_chars(digits, digits + sizeof digits, n).ptr);
  };
  out += "{\"id\":";
  append_json_string(out, id);
  out += ",\"recording\":";
  append_json_string(out, recording);
  number(",\"accounts\":", t.counts.accounts);
  number(",\"entries\":", t.counts.entries);
  number(",\"listens\":", t.counts.listens);
  out.append(",\"track\":").append(t.variants.front().fields);
  if (t.variants.size() > 1) {
    number(",\"conflicts\":", t.variants.size() - 1);
    out += ",\"others\":[";
    for (std::size_t i = 1; i < std::min(t.variants.size(), most_variants); ++i) {
      if (!t.variants[i].described) continue;
      out.append(out.back() == '[' ? "" : ",").append(t.variants[i].fields);
    }
    out += ']';
  }
  out += '}';
}

}  // namespace

result<catalogue_totals> write_catalogue(std::vector<part_source> parts, const fs::path& into) {
  // Steps of at most `most_open` parts, until that many are left.
  std::vector<fs::path> made;
  const auto clean = [&] {
    for (const auto& path : made) (void)remove_file(path);
  };
  for (std::size_t step = 0; parts.size() > most_open; ++step) {
    std::vector<part_source> next;
    for (std::size_t at = 0; at < parts.size(); at += most_open) {
      const auto n = std::min(most_open, parts.size() - at);
      const auto path = into / ("step-" + std::to_string(step) + "-" + std::to_string(at) + ".part.partial");
      made.push_back(path);
      if (auto s = merge_parts(std::span(parts).subspan(at, n), path); !s.ok()) return clean(), s;
      next.push_back({path, {}});
    }
    parts = std::move(next);
  }
  std::uint64_t records = 0;
  for (const auto& p : parts) {
    const auto reader = part_reader::open(p);
    if (!reader) return clean(), reader.error();
    records += (*reader)->head().records;
  }
  grouped_tracks groups;
  if (auto s = groups.find(parts, records); !s.ok()) return clean(), s;

  catalogue_totals totals;
  line_file tracks(into / "tracks.ndjson.zst"), recordings(into / "recordings.ndjson.zst");
  if (auto s = tracks.open(); !s.ok()) return clean(), s;
  if (auto s = recordings.open(); !s.ok()) return clean(), s;
  std::string id, others;
  auto s = for_each_track(parts, [&](const merged_track& t) -> status {
    const auto index = totals.tracks++;
    totals.conflicts += t.variants.size() > 1 ? 1 : 0;
    id = t.id.string();
    const auto* recording = groups.recording(index);
    append_track(tracks.line(), t, id, recording == nullptr ? id : *recording);
    if (auto written = tracks.end_line(); !written.ok()) return written;
    others.clear();
    if (!groups.append_others(index, others)) return {};
    ++totals.recordings;
    auto& line = recordings.line();
    line += "{\"recording\":";
    append_json_string(line, id);
    line += ",\"tracks\":[{\"id\":";
    append_json_string(line, id);
    line.append("}").append(others).append("]}");
    return recordings.end_line();
  });
  if (s.ok()) s = tracks.close();
  if (s.ok()) s = recordings.close();
  clean();
  if (!s.ok()) return s;
  return totals;
}

}  // namespace outro
