#include "generate.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <zstd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <csignal>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <map>
#include <numeric>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "catalogue.h"
#include "distributions.h"
#include "faults.h"
#include "files.h"
#include "rng.h"
#include "script.h"

namespace outro::generate {
namespace {

namespace fs = std::filesystem;

/// A directory that goes away with the test.
class scratch {
 public:
  scratch() {
    std::string name = (fs::temp_directory_path() / "outro-generate-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp");
    path_ = name;
  }
  ~scratch() { fs::remove_all(path_); }
  scratch(const scratch&) = delete;
  scratch& operator=(const scratch&) = delete;
  [[nodiscard]] fs::path operator/(const std::string& name) const { return path_ / name; }

 private:
  fs::path path_;
};

std::string read_file(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  EXPECT_TRUE(in.good()) << path;
  return {std::istreambuf_iterator<char>(in), {}};
}

std::string decompress(const std::string& packed, std::size_t* frames = nullptr) {
  std::string out;
  std::string chunk(1 << 20, '\0');
  ZSTD_DCtx* const context = ZSTD_createDCtx();
  ZSTD_inBuffer input{packed.data(), packed.size(), 0};
  std::size_t left = 0;
  while (input.pos < input.size) {
    ZSTD_outBuffer output{chunk.data(), chunk.size(), 0};
    left = ZSTD_decompressStream(context, &output, &input);
    EXPECT_FALSE(ZSTD_isError(left)) << ZSTD_getErrorName(left);
    if (ZSTD_isError(left)) break;
    out.append(chunk.data(), output.pos);
    if (left == 0 && frames != nullptr) ++*frames;
  }
  EXPECT_EQ(left, 0U) << "the last frame is not complete";
  ZSTD_freeDCtx(context);
  return out;
}

/// Decoded bytes of each shard, by file name.
std::map<std::string, std::string> shards_of(const fs::path& out) {
  std::map<std::string, std::string> shards;
  for (const auto& entry : fs::directory_iterator(out / "dumps")) {
    std::string bytes = read_file(entry.path());
    if (entry.path().extension() == ".zst") bytes = decompress(bytes);
    shards[entry.path().filename().string()] = std::move(bytes);
  }
  return shards;
}

std::vector<std::string_view> lines_of(std::string_view shard) {
  std::vector<std::string_view> lines;
  while (!shard.empty()) {
    const std::size_t end = std::min(shard.find('\n'), shard.size());
    lines.push_back(shard.substr(0, end));
    shard.remove_prefix(std::min(end + 1, shard.size()));
  }
  return lines;
}

std::vector<std::string> split(std::string_view line, char at) {
  std::vector<std::string> fields(1);
  for (const char c : line) {
    if (c == at) {
      fields.emplace_back();
    } else {
      fields.back() += c;
    }
  }
  return fields;
}

std::size_t count(std::string_view text, std::string_view what) {
  std::size_t found = 0;
  for (std::size_t at = text.find(what); at != std::string_view::npos; at = text.find(what, at + what.size()))
    ++found;
  return found;
}

/// An independent judge of a document, by RFC 8259 and nothing else.
class judge {
 public:
  explicit judge(std::string_view text) : text_(text) {}

  std::string reason(std::size_t max_document) {
    if (text_.size() > max_document) return "TOO_LARGE";
    if (!is_utf8()) return "BAD_UTF8";
    if (!(peek() == '{' && value() && at_ == text_.size())) return "MALFORMED";
    if (deepest_ > 512) return "TOO_DEEP";
    if (ids_ != 1) return ids_ == 0 ? "ID_MISSING" : "ID_DUPLICATE";
    return "-";
  }

 private:
  [[nodiscard]] bool is_utf8() const {
    for (std::size_t i = 0; i < text_.size();) {
      const auto byte = [&](std::size_t k) -> unsigned {
        return i + k < text_.size() ? static_cast<unsigned char>(text_[i + k]) : 0U;
      };
      const unsigned lead = byte(0);
      if (lead < 0x80) {
        ++i;
        continue;
      }
      const std::size_t more =
          lead >= 0xc2 && lead < 0xe0
              ? 1
              : (lead >= 0xe0 && lead < 0xf0 ? 2 : (lead >= 0xf0 && lead < 0xf5 ? 3 : 0));
      if (more == 0) return false;
      for (std::size_t k = 1; k <= more; ++k) {
        if ((byte(k) & 0xc0U) != 0x80U) return false;
      }
      if ((lead == 0xe0 && byte(1) < 0xa0) || (lead == 0xed && byte(1) > 0x9f) ||
          (lead == 0xf0 && byte(1) < 0x90) || (lead == 0xf4 && byte(1) > 0x8f)) {
        return false;
      }
      i += more + 1;
    }
    return true;
  }

  [[nodiscard]] char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  void blanks() {
    while (peek() == ' ' || peek() == '\t' || peek() == '\r') ++at_;
  }
  bool take(char c) {
    if (peek() != c || at_ >= text_.size()) return false;
    ++at_;
    return true;
  }
  bool word(std::string_view w) {
    if (text_.substr(at_, w.size()) != w) return false;
    at_ += w.size();
    return true;
  }
  bool digits() {
    const std::size_t from = at_;
    while (peek() >= '0' && peek() <= '9') ++at_;
    return at_ > from;
  }
  bool number() {
    take('-');
    if (!take('0') && !digits()) return false;
    if (take('.') && !digits()) return false;
    if (peek() == 'e' || peek() == 'E') {
      ++at_;
      if (!take('+')) take('-');
      return digits();
    }
    return true;
  }
  bool string(std::string_view* inside = nullptr) {
    if (!take('"')) return false;
    const std::size_t from = at_;
    while (at_ < text_.size() && peek() != '"') {
      if (static_cast<unsigned char>(peek()) < 0x20) return false;
      if (take('\\')) {
        if (peek() == 'u') {
          for (int i = 0; i < 4; ++i) {
            ++at_;
            if (std::isxdigit(static_cast<unsigned char>(peek())) == 0) return false;
          }
        } else if (std::string_view("\"\\/bfnrt").find(peek()) == std::string_view::npos) {
          return false;
        }
      }
      ++at_;
    }
    if (inside != nullptr) *inside = text_.substr(from, at_ - from);
    return take('"');
  }
  bool scalar() {
    if (peek() == '"') return string();
    if (peek() == 't' || peek() == 'f' || peek() == 'n') return word("true") || word("false") || word("null");
    return number();
  }
  bool member_name() {
    std::string_view key;
    blanks();
    if (!string(&key)) return false;
    if (open_.size() == 1 && key == "userId") ++ids_;
    blanks();
    return take(':');
  }
  /// One value with all that is in it. Not recursive: documents may be deeper than the stack.
  bool value() {
    for (;;) {
      blanks();
      if (peek() == '{' || peek() == '[') {
        open_.push_back(peek() == '{' ? '}' : ']');
        deepest_ = std::max(deepest_, open_.size());
        ++at_;
        blanks();
        if (peek() != open_.back()) {
          if (open_.back() == '}' && !member_name()) return false;
          continue;
        }
      } else if (!scalar()) {
        return false;
      }
      for (;;) {  // what is complete now
        if (open_.empty()) return true;
        blanks();
        if (take(open_.back())) {
          open_.pop_back();
          continue;
        }
        if (!take(',') || (open_.back() == '}' && !member_name())) return false;
        break;
      }
    }
  }

  std::string_view text_;
  std::vector<char> open_;  ///< the closing brackets still to come
  std::size_t at_ = 0;
  std::size_t deepest_ = 0;
  std::size_t ids_ = 0;
};

/// The object that begins at `at`.
std::string_view object_at(std::string_view text, std::size_t at) {
  int depth = 0;
  bool quoted = false;
  for (std::size_t i = at; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted) {
      if (c == '\\') ++i;
      quoted = c != '"';
    } else if (c == '"') {
      quoted = true;
    } else if (c == '{') {
      ++depth;
    } else if (c == '}' && --depth == 0) {
      return text.substr(at, i - at + 1);
    }
  }
  return {};
}

/// The track objects of a document.
std::vector<std::string_view> tracks_in(std::string_view text) {
  constexpr std::string_view key = "\"song\":{";
  std::vector<std::string_view> tracks;
  for (std::size_t at = text.find(key); at != std::string_view::npos; at = text.find(key, at)) {
    tracks.push_back(object_at(text, at + key.size() - 1));
    at += key.size() - 1 + tracks.back().size();
  }
  return tracks;
}

std::string digits_after(std::string_view text, std::string_view key) {
  std::size_t at = text.find(key);
  if (at == std::string_view::npos) return {};
  at += key.size();
  if (at < text.size() && text[at] == '"') ++at;
  std::size_t end = at;
  while (end < text.size() && text[end] >= '0' && text[end] <= '9') ++end;
  return std::string(text.substr(at, end - at));
}

/// The account's own id, which is the first or the last member.
std::string account_of(std::string_view document) {
  const bool first = document.starts_with("{\"userId\":");
  return digits_after(document.substr(first ? 0 : document.rfind("\"userId\":")), "\"userId\":");
}

std::uint64_t truth_number(const std::string& truth, std::string_view section, std::string_view name) {
  const std::size_t from = truth.find('"' + std::string(section) + "\": {");
  EXPECT_NE(from, std::string::npos) << section;
  const std::string found =
      digits_after(std::string_view(truth).substr(from), '"' + std::string(name) + "\": ");
  EXPECT_FALSE(found.empty()) << section << "." << name;
  return found.empty() ? 0 : std::stoull(found);
}

options small_job(const fs::path& out) {
  options wanted;
  wanted.out = out;
  wanted.accounts = 300;
  wanted.tracks = 20'000;
  wanted.threads = 2;
  wanted.shard_size = 4 << 20;
  return wanted;
}

options faulty_job(const fs::path& out) {
  options wanted = small_job(out);
  wanted.malformed = 0.1;
  wanted.bad_utf8 = 0.05;
  wanted.missing_id = 0.02;
  wanted.duplicate_id = 0.03;
  wanted.duplicate_key = 0.03;
  wanted.oversized = 0.005;
  wanted.oversized_size = 12'345'678;
  wanted.deep = 0.03;
  wanted.repeated_pages = 0.03;
  wanted.truncated = true;
  wanted.huge = 7'654'321;
  return wanted;
}

void run_well(const options& wanted) {
  const result done = run(wanted, {});
  ASSERT_EQ(done.error, "");
}

TEST(generate, same_bytes_at_any_thread_count) {
  for (const format written : {format::plain, format::zst}) {
    for (const std::uint64_t frame : {std::uint64_t{1} << 20, std::uint64_t{0}}) {
      const scratch dir;
      std::map<std::string, std::string> first;
      for (const unsigned threads : {1U, 2U, 7U}) {
        options wanted = faulty_job(dir / std::to_string(threads));
        wanted.accounts = 150;
        wanted.format = written;
        wanted.frame_size = frame;
        wanted.threads = threads;
        wanted.duplicate_recordings = 0.1;
        wanted.traps = 0.1;
        run_well(wanted);
        std::map<std::string, std::string> files;
        for (const auto& entry : fs::recursive_directory_iterator(wanted.out)) {
          if (!entry.is_regular_file()) continue;
          files[fs::relative(entry.path(), wanted.out).string()] = read_file(entry.path());
        }
        ASSERT_GT(files.size(), 4U);
        if (first.empty()) first = files;
        ASSERT_EQ(files.size(), first.size());
        for (const auto& [name, bytes] : files)
          EXPECT_TRUE(bytes == first[name]) << name << " at " << threads;
      }
    }
  }
}

TEST(generate, zst_holds_the_plain_bytes_in_frames_of_the_chosen_size) {
  const scratch dir;
  options wanted = faulty_job(dir / "plain");
  run_well(wanted);
  const auto plain = shards_of(wanted.out);
  for (const std::uint64_t frame : {std::uint64_t{1} << 20, std::uint64_t{0}}) {
    wanted.out = dir / ("zst" + std::to_string(frame));
    wanted.format = format::zst;
    wanted.frame_size = frame;
    run_well(wanted);
    for (const auto& [name, bytes] : plain) {
      const std::string packed = read_file(wanted.out / "dumps" / (name + ".zst"));
      std::size_t frames = 0;
      EXPECT_TRUE(decompress(packed, &frames) == bytes) << name;
      EXPECT_EQ(frames, frame == 0 ? 1 : (bytes.size() + frame - 1) / frame) << name;
    }
    EXPECT_EQ(shards_of(wanted.out).size(), plain.size());
  }
}

TEST(generate, the_seed_decides) {
  const scratch dir;
  options wanted = small_job(dir / "a");
  wanted.accounts = 20;
  run_well(wanted);
  const auto first = shards_of(wanted.out);
  wanted.out = dir / "b";
  wanted.seed = 2;
  run_well(wanted);
  EXPECT_NE(first.begin()->second, shards_of(wanted.out).begin()->second);
}

TEST(generate, shards_are_cut_before_the_document_that_would_exceed_them) {
  const scratch dir;
  const options wanted = faulty_job(dir / "out");
  run_well(wanted);
  const auto shards = shards_of(wanted.out);
  ASSERT_GT(shards.size(), 5U);
  std::uint64_t total = 0;
  for (auto shard = shards.begin(); shard != shards.end(); ++shard) {
    total += shard->second.size();
    const auto lines = lines_of(shard->second);
    if (lines.size() > 1) {
      EXPECT_LE(shard->second.size(), wanted.shard_size) << shard->first;
    }
    if (const auto next = std::next(shard); next != shards.end()) {
      EXPECT_EQ(shard->second.back(), '\n');
      EXPECT_GT(shard->second.size() + next->second.find('\n') + 1, wanted.shard_size) << shard->first;
    }
  }
  EXPECT_EQ(total, truth_number(read_file(wanted.out / "truth.json"), "totals", "bytes"));
}

TEST(generate, every_planted_fault_is_where_the_truth_says_and_there_is_no_other) {
  const scratch dir;
  const options wanted = faulty_job(dir / "out");
  run_well(wanted);
  const std::string truth = read_file(wanted.out / "truth.json");
  const auto shards = shards_of(wanted.out);

  struct planted {
    std::string kind, reason, account, detail;
    std::uint64_t offset = 0;
  };
  std::map<std::pair<std::string, std::uint64_t>, planted> expected;
  std::map<std::string, std::uint64_t> kinds;
  const std::string table = read_file(wanted.out / "truth" / "faults.tsv");
  auto rows = lines_of(table);
  EXPECT_EQ(rows.front(), "shard\tline\toffset\tfault\treason\taccount\tdetail");
  for (const std::string_view row : std::vector(rows.begin() + 1, rows.end())) {
    const auto f = split(row, '\t');
    ASSERT_EQ(f.size(), 7U);
    expected[{f[0], std::stoull(f[1])}] = {f[3], f[4], f[5], f[6], std::stoull(f[2])};
    ++kinds[f[3]];
  }

  std::map<std::string, std::set<std::string>> second_dumps;  // account to spellings of its exportedAt
  std::uint64_t dead = 0;
  std::uint64_t documents = 0;
  for (const auto& [name, bytes] : shards) {
    std::uint64_t line = 0;
    for (const std::string_view document : lines_of(bytes)) {
      ++documents;
      const auto at = expected.find({name, ++line});
      const std::string reason = judge(document).reason(8'000'000);
      if (at == expected.end()) {
        ASSERT_EQ(reason, "-") << name << ":" << line << " " << document.substr(0, 200);
        continue;
      }
      const planted& fault = at->second;
      EXPECT_EQ(static_cast<std::uint64_t>(document.data() - bytes.data()), fault.offset);
      EXPECT_EQ(reason, fault.reason) << name << ":" << line << " " << fault.kind << " " << fault.detail;
      if (reason != "-") ++dead;
      if (fault.kind == "oversized") {
        EXPECT_EQ(document.size(), wanted.oversized_size);
      }
      if (fault.kind == "huge") {
        EXPECT_EQ(document.size(), wanted.huge);
      }
      if (fault.kind == "repeated-pages") {
        const auto words = split(fault.detail, ' ');
        const std::string list = "\"listId\":" + words[1] + ",";
        const std::string_view playlist = object_at(document, document.find(list) - 1);
        EXPECT_EQ(digits_after(playlist, "\"songCount\":"), words[3]);
        EXPECT_EQ(count(playlist, "\"song\":"), std::stoull(words[5]));
        EXPECT_LT(std::stoull(words[3]), std::stoull(words[5]));
      } else if (fault.kind == "duplicate-id") {
        EXPECT_EQ(account_of(document), fault.account);
        second_dumps[fault.account].insert(digits_after(document, "\"exportedAt\":") + " " + fault.detail);
      }
    }
  }
  // A truth row for which there is no document would have been missed above.
  EXPECT_EQ(kinds["malformed"], 30U);
  EXPECT_EQ(kinds["bad-utf8"], 15U);
  EXPECT_EQ(kinds["missing-id"], 6U);
  EXPECT_EQ(kinds["duplicate-id"], 18U);
  EXPECT_EQ(kinds["duplicate-key"], 9U);
  EXPECT_EQ(kinds["oversized"], 2U);
  EXPECT_EQ(kinds["deep"], 9U);
  EXPECT_EQ(kinds["repeated-pages"], 9U);
  EXPECT_EQ(kinds["truncated"], 1U);
  EXPECT_EQ(kinds["huge"], 1U);
  EXPECT_EQ(documents, 300U + 9 + 1);
  EXPECT_EQ(documents, truth_number(truth, "totals", "documents"));
  EXPECT_EQ(dead, truth_number(truth, "expected", "deadLetters"));
  EXPECT_EQ(dead, 30U + 15 + 6 + 9 + 2 + 9 + 1);
  EXPECT_EQ(truth_number(truth, "expected", "accountsArchived"), 301 - dead);
  for (const auto& [account, times] : second_dumps) {
    ASSERT_EQ(times.size(), 2U) << account;
    EXPECT_TRUE(times.begin()->ends_with("older")) << *times.begin();
    EXPECT_TRUE(times.rbegin()->ends_with("current")) << *times.rbegin();
  }
}

TEST(generate, a_malformed_document_of_each_sort_is_malformed) {
  const scratch dir;
  options wanted = small_job(dir / "out");
  wanted.accounts = 2'000;
  wanted.profile = profile::small;
  wanted.malformed = 1;
  run_well(wanted);
  const std::string table = read_file(wanted.out / "truth" / "faults.tsv");
  std::set<std::string> sorts;
  for (const std::string_view row : lines_of(table)) sorts.insert(split(row, '\t')[6]);
  EXPECT_GT(sorts.size(), 20U);
  for (const auto& [name, bytes] : shards_of(wanted.out)) {
    for (const std::string_view document : lines_of(bytes)) {
      ASSERT_EQ(judge(document).reason(1 << 30), "MALFORMED") << document;
    }
  }
}

TEST(generate, every_section_of_the_layout_occurs) {
  const scratch dir;
  options wanted = small_job(dir / "out");
  wanted.accounts = 1'500;
  run_well(wanted);
  std::string all;
  for (const auto& [name, bytes] : shards_of(wanted.out)) all += bytes;
  for (const std::string_view piece : {"\"userId\":1",
                                       "\"userId\":\"1",
                                       "\"exportedAt\":16",
                                       "\"profile\":{\"nickName\":\"",
                                       "\"avatar\":",
                                       "\"gender\":",
                                       "\"gmtBirthday\":",
                                       "\"province\":",
                                       "\"city\":",
                                       "\"signature\":",
                                       "\"visits\":",
                                       "\"favorites\":{\"songs\":[{",
                                       "\"albums\":[{\"gmtCreate\":",
                                       "\"artists\":[{\"gmtCreate\":",
                                       "\"collects\":[{\"gmtCreate\":",
                                       "\"collects\":[{\"listId\":",
                                       "\"tags\":[\"",
                                       "\"isPublic\":true",
                                       "\"isPublic\":false",
                                       "\"songs\":null",
                                       "\"playLog\":[{\"playedAt\":",
                                       "\"msPlayed\":",
                                       "\"purchases\":{\"songs\":[{",
                                       "\"comments\":[{\"commentId\":",
                                       "\"objectType\":\"album\"",
                                       "\"follows\":[{\"userId\":",
                                       "\"membership\":{",
                                       "\"legacy\" : {",
                                       "&amp;",
                                       "\"songStringId\":",
                                       "\"subName\":\"原曲:",
                                       "\"newSubName\":",
                                       "\"translation\":",
                                       "\"pinyin\":",
                                       "\"singers\":",
                                       "\"artistVOs\":[{",
                                       "\"albumLanguage\":\"日语\"",
                                       "\"albumLogo\":",
                                       "\"length\":",
                                       "\"cdSerial\":",
                                       "\"songStatus\":2",
                                       "\"songStatus\":7",
                                       "\"price\":",
                                       "\"bakSongId\":",
                                       "\"bakSong\":{",
                                       "\"playCount\":",
                                       "\"isrc\":\"",
                                       "\"song\":{\"songName\":",
                                       "\\u00e",
                                       "\\/",
                                       "\\\"",
                                       "\"song\":{\"songId\":\""}) {
    EXPECT_NE(all.find(piece), std::string::npos) << piece;
  }
}

TEST(generate, the_standard_workload_has_its_statistics) {
  const scratch dir;
  options wanted = small_job(dir / "out");
  wanted.accounts = 2'000;
  wanted.tracks = 3'000'000;
  wanted.shard_size = 64 << 20;
  run_well(wanted);
  std::vector<std::size_t> sizes;
  std::vector<std::size_t> listens;
  std::vector<std::size_t> favourites;
  std::size_t playlists = 0;
  std::size_t entries = 0;
  std::size_t notes = 0;
  std::size_t track_bytes = 0;
  std::size_t tracks = 0;
  std::size_t distinct_tracks = 0;
  std::uint64_t strings = 0;
  for (const auto& [name, bytes] : shards_of(wanted.out)) {
    for (const std::string_view document : lines_of(bytes)) {
      sizes.push_back(document.size());
      listens.push_back(count(document, "{\"playedAt\":"));
      const std::string_view favoured = document.substr(0, document.find("],\"albums\":["));
      favourites.push_back(count(favoured, "\"song\":{"));
      playlists += count(document, "{\"listId\":") - count(document, "\"collect\":{\"listId\":");
      strings += document.find("\"userId\":\"") != std::string_view::npos ? 1 : 0;
      std::set<std::string_view> seen;
      for (const std::string_view track : tracks_in(document)) {
        ++tracks;
        track_bytes += track.size();
        seen.insert(track);
      }
      distinct_tracks += seen.size();
    }
  }
  const std::string truth = read_file(wanted.out / "truth.json");
  entries = truth_number(truth, "totals", "entries");
  notes = truth_number(truth, "totals", "notes");
  const auto mean = [](const std::vector<std::size_t>& v) {
    return static_cast<double>(std::accumulate(v.begin(), v.end(), std::size_t{0})) /
           static_cast<double>(v.size());
  };
  const auto median = [](std::vector<std::size_t> v) {
    std::nth_element(v.begin(), v.begin() + static_cast<std::ptrdiff_t>(v.size() / 2), v.end());
    return static_cast<double>(v[v.size() / 2]);
  };
  ASSERT_EQ(sizes.size(), wanted.accounts);
  // Within 10 %, and what chance adds to a sample: sizes have a standard deviation of about 175 KB, so that
  // the mean of 2,000 is uncertain by 4 KB, and their median by about 2.5 KB; two of these are allowed.
  EXPECT_NEAR(mean(sizes), 130'000, 13'000 + 2 * 4'000);
  EXPECT_NEAR(median(sizes), 89'000, 8'900 + 2 * 2'500);
  EXPECT_NEAR(median(listens), std::exp(4.2) - 0.5, 6);
  EXPECT_NEAR(mean(listens), std::exp(4.2 + 1.3 * 1.3 / 2) - 0.5, 25);
  EXPECT_NEAR(median(favourites), std::exp(3.2) - 0.5, 3);
  EXPECT_NEAR(mean(favourites), std::exp(3.2 + 1.3 * 1.3 / 2) - 0.5, 9);
  EXPECT_EQ(playlists, truth_number(truth, "totals", "playlists"));
  EXPECT_NEAR(static_cast<double>(playlists) / 2'000, std::exp(0.9 + 0.9 * 0.9 / 2) - 0.5, 0.3);
  EXPECT_NEAR(static_cast<double>(entries) / static_cast<double>(playlists), std::exp(2.8 + 0.5) - 0.5, 2);
  EXPECT_NEAR(static_cast<double>(notes) / static_cast<double>(entries), 0.03, 0.003);
  EXPECT_NEAR(static_cast<double>(track_bytes) / static_cast<double>(tracks), 430, 43);
  EXPECT_NEAR(static_cast<double>(strings) / 2'000, 0.2, 0.03);
  // Favourites are all new, 0.6 of the entries, 0.2 of the listens; popular ones come twice by chance.
  const double rendered =
      mean(favourites) * 2'000 + 0.6 * static_cast<double>(entries) + 0.2 * mean(listens) * 2'000;
  EXPECT_NEAR(static_cast<double>(distinct_tracks) / rendered, 1.0, 0.05);
}

TEST(generate, equal_tracks_are_byte_identical_and_tracks_repeat_across_accounts) {
  const scratch dir;
  const options wanted = small_job(dir / "out");
  run_well(wanted);
  std::map<std::string, std::string> by_id;
  std::size_t tracks = 0;
  for (const auto& [name, bytes] : shards_of(wanted.out)) {
    for (const std::string_view document : lines_of(bytes)) {
      for (const std::string_view track : tracks_in(document)) {
        ++tracks;
        const std::string id = digits_after(track, "{\"songId\":");
        if (id.empty()) continue;
        const auto [at, is_new] = by_id.try_emplace(id, track);
        if (!is_new) {
          ASSERT_EQ(at->second, track);
        }
      }
    }
  }
  EXPECT_GT(tracks, 5 * by_id.size());
}

TEST(generate, a_delta_changes_the_chosen_share_and_the_time_of_all) {
  const scratch dir;
  const auto dumps = [&](std::uint64_t generation) {
    options wanted = small_job(dir / std::to_string(generation));
    wanted.delta = generation == 0 ? 0 : 0.1;
    wanted.generation = generation;
    run_well(wanted);
    if (generation > 0) {
      EXPECT_EQ(truth_number(read_file(wanted.out / "truth.json"), "expected", "changedDocuments"), 30U);
    }
    std::map<std::string, std::pair<std::uint64_t, std::string>> accounts;
    for (const auto& [name, bytes] : shards_of(wanted.out)) {
      for (const std::string_view document : lines_of(bytes)) {
        EXPECT_EQ(judge(document).reason(1 << 30), "-");
        const std::string time = digits_after(document, "\"exportedAt\":");
        std::string rest(document);
        rest.erase(rest.find("\"exportedAt\":" + time), 13 + time.size());
        accounts[account_of(document)] = {std::stoull(time), rest};
      }
    }
    EXPECT_EQ(accounts.size(), wanted.accounts);
    return accounts;
  };
  auto before = dumps(0);
  for (const std::uint64_t generation : {1U, 2U}) {
    const auto after = dumps(generation);
    std::size_t changed = 0;
    for (const auto& [account, dump] : after) {
      EXPECT_EQ(dump.first, before.at(account).first + 86'400'000);
      if (dump.second == before.at(account).second) continue;
      ++changed;
      EXPECT_GT(dump.second.size(), before.at(account).second.size());
    }
    EXPECT_EQ(changed, 30U);
    before = after;
  }
}

TEST(generate, recordings_have_consistent_labels) {
  const scratch dir;
  options wanted = small_job(dir / "out");
  wanted.accounts = 5;
  wanted.duplicate_recordings = 0.1;
  wanted.traps = 0.1;
  run_well(wanted);
  const std::string table = read_file(wanted.out / "truth" / "recordings.tsv");
  auto rows = lines_of(table);
  EXPECT_EQ(rows.front(), "track_id\ttitle\tartists\talbum\tduration_ms\tisrc\trecording");
  struct group {
    std::uint64_t shortest = UINT64_MAX, longest = 0, rows = 0;
    std::set<std::string> codes;
  };
  std::map<std::string, group> groups;
  std::set<std::string> ids;
  std::map<std::string, std::size_t> versions;
  for (const std::string_view row : std::vector(rows.begin() + 1, rows.end())) {
    const auto f = split(row, '\t');
    ASSERT_EQ(f.size(), 7U) << row;
    EXPECT_TRUE(ids.insert(f[0]).second);
    EXPECT_FALSE(f[1].empty());
    group& g = groups[f[6]];
    ++g.rows;
    const std::uint64_t duration = std::stoull(f[4]);
    g.shortest = std::min(g.shortest, duration);
    g.longest = std::max(g.longest, duration);
    if (!f[5].empty() && f[6].find('-') == std::string::npos) g.codes.insert(f[5]);
    const std::size_t dash = f[6].find('-');
    ++versions[dash == std::string::npos ? "studio" : f[6].substr(dash + 1)];
  }
  std::size_t joined = 0;
  for (const auto& [label, g] : groups) {
    EXPECT_LE(g.longest - g.shortest, 2'000U) << label;
    std::set<std::string> codes = g.codes;
    codes.erase("000000000000");
    EXPECT_LE(codes.size(), 1U) << label;
    if (g.rows > 1) ++joined;
  }
  EXPECT_EQ(versions.size(), version_count);
  for (const auto& [version, rows_of_it] : versions) EXPECT_GT(rows_of_it, 50U) << version;
  EXPECT_GT(joined, 1'000U);
  EXPECT_GT(ids.size(), 6'000U);
}

TEST(generate, spellings_of_a_title) {
  EXPECT_EQ(to_traditional("遥远的梦"), "遙遠的夢");
  EXPECT_EQ(to_full_width("Live it!"), "Ｌｉｖｅ　ｉｔ！");
  EXPECT_EQ(to_half_width_kana("ブルーの空"), "ﾌﾞﾙｰの空");
  EXPECT_EQ(to_upper_ascii("Café 1"), "CAFé 1");
}

TEST(generate, zipf_and_log_normal_follow_their_laws) {
  const zipf popularity(3'000'000, 0.85);
  random_stream random(7);
  constexpr int trials = 400'000;
  std::array<int, 3> below{};
  constexpr std::array<std::uint64_t, 3> ranks = {10, 1'000, 300'000};
  for (int i = 0; i < trials; ++i) {
    const std::uint64_t rank = popularity(random);
    ASSERT_LT(rank, 3'000'000U);
    for (std::size_t k = 0; k < ranks.size(); ++k) below[k] += rank < ranks[k] ? 1 : 0;
  }
  double total = 0;
  std::array<double, 3> expected{};
  for (std::uint64_t r = 1; r <= 3'000'000; ++r) {
    total += std::pow(static_cast<double>(r), -0.85);
    for (std::size_t k = 0; k < ranks.size(); ++k) {
      if (r == ranks[k]) expected[k] = total;
    }
  }
  for (std::size_t k = 0; k < ranks.size(); ++k) {
    EXPECT_NEAR(below[k] / static_cast<double>(trials), expected[k] / total, 0.004) << ranks[k];
  }
  for (const double x : {1e-9, 0.3, 0.70710678, 1.0, 1.5, 2.0, 1e6, 3e6 + 0.5}) {
    EXPECT_NEAR(natural_log(x), std::log(x), 1e-14 * std::max(1.0, std::abs(std::log(x))));
    EXPECT_NEAR(exponential(std::log(x)) / x, 1.0, 1e-14);
  }
}

TEST(generate, permutations_are_bijections) {
  for (const std::uint64_t size : {1U, 2U, 3U, 17U, 256U, 1'000U}) {
    const permutation order(size, 99);
    std::set<std::uint64_t> places;
    for (std::uint64_t i = 0; i < size; ++i) {
      const std::uint64_t place = order.place_of(i);
      EXPECT_LT(place, size);
      EXPECT_EQ(order.value_at(place), i);
      places.insert(place);
    }
    EXPECT_EQ(places.size(), size);
  }
}

TEST(generate, private_files_and_no_overwriting) {
  const scratch dir;
  options wanted = small_job(dir / "out");
  wanted.accounts = 3;
  run_well(wanted);
  for (const auto& entry : fs::recursive_directory_iterator(wanted.out)) {
    const auto mode = static_cast<unsigned>(entry.status().permissions());
    EXPECT_EQ(mode, entry.is_directory() ? 0700U : 0600U) << entry.path();
  }
  const result again = run(wanted, {});
  EXPECT_TRUE(again.usage);
  EXPECT_NE(again.error, "");

  std::ofstream(wanted.out / "mine.txt") << "kept";
  std::ofstream(wanted.out / "dumps" / "shard-00009.ndjson") << "stale";
  wanted.force = true;
  run_well(wanted);
  EXPECT_TRUE(fs::exists(wanted.out / "mine.txt"));
  EXPECT_FALSE(fs::exists(wanted.out / "dumps" / "shard-00009.ndjson"));
}

TEST(generate, failing_files_are_errors) {
  const scratch dir;
  output_file missing;
  EXPECT_NE(missing.open(dir / "no/such/file"), "");
  output_file file;
  ASSERT_EQ(file.open(dir / "file"), "");
  output_file again;
  EXPECT_NE(again.open(dir / "file"), "") << "an existing file must not be opened";

  // A limit on file size makes the shards' writes fail, as a full disk would.
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  const auto old_handler = std::signal(SIGXFSZ, SIG_IGN);
  rlimit low = before;
  low.rlim_cur = 1 << 20;
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &low), 0);
  const result done = run(small_job(dir / "out"), {});
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
  std::signal(SIGXFSZ, old_handler);
  EXPECT_FALSE(done.usage);
  EXPECT_NE(done.error.find("cannot write"), std::string::npos) << done.error;
  EXPECT_FALSE(fs::exists(dir / "out/truth.json"));
}

TEST(generate, impossible_wishes_are_refused) {
  const scratch dir;
  const auto refused = [&](auto&& change) {
    options wanted = small_job(dir / "out");
    change(wanted);
    const result done = run(wanted, {});
    return done.usage && !done.error.empty() && !fs::exists(wanted.out);
  };
  EXPECT_TRUE(refused([](options& o) { o.accounts = 0; }));
  EXPECT_TRUE(refused([](options& o) { o.malformed = -0.1; }));
  EXPECT_TRUE(refused([](options& o) { o.malformed = std::nan(""); }));
  EXPECT_TRUE(refused([](options& o) { o.malformed = 0.6, o.deep = 0.6; }));
  EXPECT_TRUE(refused([](options& o) { o.traps = 0.95; }));
  EXPECT_TRUE(refused([](options& o) { o.level = 30; }));
  EXPECT_TRUE(refused([](options& o) { o.huge = 10; }));
  EXPECT_TRUE(refused([](options& o) { o.delta = 0.1; }));
}

TEST(generate, small_profiles_are_small) {
  const scratch dir;
  options wanted = small_job(dir / "small");
  wanted.accounts = 5'000;
  wanted.profile = profile::small;
  result done = run(wanted, {});
  ASSERT_EQ(done.error, "");
  EXPECT_NEAR(static_cast<double>(done.found.bytes) / 5'000, 2'000, 300);
  wanted.out = dir / "tiny";
  wanted.profile = profile::tiny_docs;
  done = run(wanted, {});
  ASSERT_EQ(done.error, "");
  EXPECT_LT(done.found.bytes / 5'000, 200U);
  for (const auto& [name, bytes] : shards_of(wanted.out)) {
    for (const std::string_view document : lines_of(bytes)) ASSERT_EQ(judge(document).reason(1 << 20), "-");
  }
}

}  // namespace
}  // namespace outro::generate
