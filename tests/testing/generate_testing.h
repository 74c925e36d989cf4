/// @file
/// What the tests of the generator share: runs of it in a directory of their own, and looks into what it
/// made.
#pragma once

#include <gtest/gtest.h>
#include <zstd.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "generate.h"
#include "testing/scratch.h"

namespace outro::generate {

namespace fs = std::filesystem;

using outro::testing::scratch;

inline std::string read_file(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  EXPECT_TRUE(in.good()) << path;
  return {std::istreambuf_iterator<char>(in), {}};
}

inline std::string decompress(const std::string& packed, std::size_t* frames = nullptr) {
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
inline std::map<std::string, std::string> shards_of(const fs::path& out) {
  std::map<std::string, std::string> shards;
  for (const auto& entry : fs::directory_iterator(out / "dumps")) {
    std::string bytes = read_file(entry.path());
    if (entry.path().extension() == ".zst") bytes = decompress(bytes);
    shards[entry.path().filename().string()] = std::move(bytes);
  }
  return shards;
}

inline std::vector<std::string_view> lines_of(std::string_view shard) {
  std::vector<std::string_view> lines;
  while (!shard.empty()) {
    const std::size_t end = std::min(shard.find('\n'), shard.size());
    lines.push_back(shard.substr(0, end));
    shard.remove_prefix(std::min(end + 1, shard.size()));
  }
  return lines;
}

inline std::vector<std::string> split(std::string_view line, char at) {
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

inline std::size_t count(std::string_view text, std::string_view what) {
  std::size_t found = 0;
  for (std::size_t at = text.find(what); at != std::string_view::npos; at = text.find(what, at + what.size()))
    ++found;
  return found;
}

/// The object that begins at `at`.
inline std::string_view object_at(std::string_view text, std::size_t at) {
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
inline std::vector<std::string_view> tracks_in(std::string_view text) {
  constexpr std::string_view key = "\"song\":{";
  std::vector<std::string_view> tracks;
  for (std::size_t at = text.find(key); at != std::string_view::npos; at = text.find(key, at)) {
    tracks.push_back(object_at(text, at + key.size() - 1));
    at += key.size() - 1 + tracks.back().size();
  }
  return tracks;
}

inline std::string digits_after(std::string_view text, std::string_view key) {
  std::size_t at = text.find(key);
  if (at == std::string_view::npos) return {};
  at += key.size();
  if (at < text.size() && text[at] == '"') ++at;
  std::size_t end = at;
  while (end < text.size() && text[end] >= '0' && text[end] <= '9') ++end;
  return std::string(text.substr(at, end - at));
}

/// The account's own id, which is the first or the last member.
inline std::string account_of(std::string_view document) {
  const bool first = document.starts_with("{\"userId\":");
  return digits_after(document.substr(first ? 0 : document.rfind("\"userId\":")), "\"userId\":");
}

inline std::uint64_t truth_number(const std::string& truth, std::string_view section, std::string_view name) {
  const std::size_t from = truth.find('"' + std::string(section) + "\": {");
  EXPECT_NE(from, std::string::npos) << section;
  const std::string found =
      digits_after(std::string_view(truth).substr(from), '"' + std::string(name) + "\": ");
  EXPECT_FALSE(found.empty()) << section << "." << name;
  return found.empty() ? 0 : std::stoull(found);
}

inline options small_job(const fs::path& out) {
  options wanted;
  wanted.out = out;
  wanted.accounts = 300;
  wanted.tracks = 20'000;
  wanted.threads = 2;
  wanted.shard_size = 4 << 20;
  return wanted;
}

inline options faulty_job(const fs::path& out) {
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

inline void run_well(const options& wanted) {
  const result done = run(wanted, {});
  ASSERT_EQ(done.error, "");
}

}  // namespace outro::generate
