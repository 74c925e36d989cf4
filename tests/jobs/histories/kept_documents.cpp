#include "jobs/histories/kept_documents.h"

#include <zstd.h>

#include <array>
#include <cstdlib>
#include <memory>
#include <vector>

#include "testing/files.h"

namespace outro::histories {

namespace fs = std::filesystem;

namespace {

/// All frames of a file, one after another, up to the first that is damaged.
std::string decompressed(const std::string& frames) {
  const std::unique_ptr<ZSTD_DCtx, std::size_t (*)(ZSTD_DCtx*)> zstd(ZSTD_createDCtx(), ZSTD_freeDCtx);
  std::string text;
  std::array<char, 1U << 16> room{};
  ZSTD_inBuffer in{frames.data(), frames.size(), 0};
  for (bool full = false; in.pos < in.size || full;) {
    ZSTD_outBuffer out{room.data(), room.size(), 0};
    if (ZSTD_isError(ZSTD_decompressStream(zstd.get(), &out, &in)) != 0) break;
    text.append(room.data(), out.pos);
    full = out.pos == out.size;
  }
  return text;
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const auto end = text.find('\n');
    lines.push_back(text.substr(0, end));
    if (end == text.npos) break;
    text.remove_prefix(end + 1);
  }
  return lines;
}

/// The dump that a library.json holds: each reference replaced by its line.
std::string restored(std::string_view library) {
  const auto lines = lines_of(library);
  if (lines.size() < 2) return {};
  constexpr std::string_view before_ref = "\"ref\":\"", before_dump = "],\"dump\":";
  const auto ref_at = lines.front().find(before_ref) + before_ref.size();
  const auto ref = std::string(lines.front().substr(ref_at, lines.front().find('"', ref_at) - ref_at));
  const auto reference = "{\"" + ref + "\":";
  auto dump = lines.back().substr(before_dump.size());
  dump.remove_suffix(1);  // the library's own brace
  std::string text;
  for (;;) {
    const auto at = dump.find(reference);
    text += dump.substr(0, at);
    if (at == dump.npos) return text;
    dump.remove_prefix(at + reference.size());
    const auto number = std::strtoul(std::string(dump.substr(0, 20)).c_str(), nullptr, 10);
    if (number + 2 >= lines.size()) return {};
    auto row = lines[number + 1];
    if (row.ends_with(',')) row.remove_suffix(1);
    text += row;
    dump.remove_prefix(dump.find('}') + 1);
  }
}

/// The restored dumps of all archives in a tar, or in several, one behind another.
void add_dumps(std::string_view tar, std::set<std::string>& found) {
  constexpr std::size_t block = 512, name_bytes = 100, size_at = 124, size_bytes = 12;
  while (tar.size() >= block) {
    const auto header = tar.substr(0, block);
    tar.remove_prefix(block);
    if (header.front() == '\0') continue;
    const auto name = std::string(header.substr(0, name_bytes).data());
    const auto size = std::strtoul(std::string(header.substr(size_at, size_bytes)).c_str(), nullptr, 8);
    if (size > tar.size()) return;
    auto content = tar.substr(0, size);
    if (name.ends_with("/library.json")) {
      while (content.ends_with('\n')) content.remove_suffix(1);
      found.insert(essence_of(restored(content)));
    }
    tar.remove_prefix(std::min(tar.size(), (size + block - 1) / block * block));
  }
}

}  // namespace

std::string essence_of(std::string_view document) {
  std::string text(document);
  for (const std::string key : {"\"exportedAt\":", "\"visits\":"}) {
    const auto at = text.find(key);
    if (at == text.npos) continue;
    const auto value = at + key.size();
    text.erase(value, text.find_first_not_of("0123456789", value) - value);
  }
  return text;
}

std::set<std::string> kept_documents(const fs::path& out) {
  std::set<std::string> found;
  std::error_code none;
  for (const auto& pack : fs::directory_iterator(out / "packs", none))
    add_dumps(decompressed(testing::read_bytes(pack.path())), found);
  for (const auto& letters : fs::directory_iterator(out / "dead-letters", none)) {
    const auto text = decompressed(testing::read_bytes(letters.path()));
    for (const auto line : lines_of(text)) found.insert(essence_of(line));
  }
  return found;
}

}  // namespace outro::histories
