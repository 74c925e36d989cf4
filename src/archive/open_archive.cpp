#include "archive/open_archive.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <string_view>
#include <vector>

#include "archive/decompress.h"
#include "archive/library.h"
#include "archive/names.h"

namespace outro {

/// Longer than any path that Outro writes: those have at most 120 UTF-16 units.
static constexpr std::size_t max_path_bytes = 1024;

static status damaged(std::string_view what) {
  return fail(failure::corrupt, fmt::format("the archive is damaged: {}", what));
}

/// By sorting: whoever names playlists chooses paths, and could choose them so that their unkeyed hashes are
/// the same.
static bool are_distinct(const std::vector<tar_member>& members) {
  std::vector<std::string_view> paths;
  paths.reserve(members.size());
  for (const auto& m : members) paths.emplace_back(m.path);
  std::sort(paths.begin(), paths.end());
  return std::adjacent_find(paths.begin(), paths.end()) == paths.end();
}

static status read_members(opened_archive& archive) {
  auto read = read_tar(archive.tar, [&](const tar_member& member) -> status {
    const auto& path = member.path;
    if (path.size() > max_path_bytes || !simdjson::validate_utf8(path.data(), path.size()))
      return damaged("a member's path is too long or not UTF-8");
    if (path.ends_with('/')) return damaged("a member is a directory");
    archive.members.push_back(member);
    return {};
  });
  if (read.ok() && !are_distinct(archive.members)) return damaged("two members have the same path");
  return read;
}

static result<std::string_view> content_of(const opened_archive& archive, std::string_view name) {
  for (const auto& m : archive.members)
    if (m.path.size() == archive.folder.size() + 1 + name.size() && m.path.ends_with(name)) return m.content;
  return damaged(fmt::format("it has no {}", name));
}

result<opened_archive> open_archive(std::string_view frame, std::uint64_t limit) {
  opened_archive archive;
  auto tar = decompress_archive(frame, limit);
  if (!tar) return tar.error();
  archive.tar = std::move(*tar);
  if (auto s = read_members(archive); !s.ok()) return s;
  if (archive.members.empty()) return damaged("it is empty");
  archive.folder = archive.members.front().path.substr(0, archive.members.front().path.find('/'));
  const auto prefix = archive.folder + "/";
  for (const auto& m : archive.members)
    if (!m.path.starts_with(prefix)) return damaged("its members are not in one folder");
  const auto manifest = content_of(archive, "manifest.json"), library = content_of(archive, "library.json");
  if (!manifest) return manifest.error();
  if (!library) return library.error();
  archive.library = *library;
  auto parsed = parse_manifest(*manifest);
  if (!parsed) return parsed.error();
  archive.manifest = std::move(*parsed);
  if (archive.folder != folder_name(archive.manifest.service, archive.manifest.account))
    return damaged("its folder is not that of the account in its manifest");
  return archive;
}

/// Line feeds in the text. Counted in bytes, of which the compiler compares many at once.
static std::uint64_t lines_of(std::string_view text) {
  constexpr std::size_t most = 255;  // what a byte can count
  std::uint64_t lines = 0;
  for (std::size_t at = 0; at < text.size(); at += most) {
    std::uint8_t some = 0;
    for (const char c : text.substr(at, most)) some = static_cast<std::uint8_t>(some + (c == '\n' ? 1 : 0));
    lines += some;
  }
  return lines;
}

status restore_dump(const opened_archive& archive, std::string& out) {
  const auto& m = archive.manifest;
  // Each row is one line, and a dump has no line feed, so the manifest gives the number of lines. This keeps
  // a library of line feeds alone from becoming a list of a billion rows.
  if (m.rows > archive.library.size() / 4 || lines_of(archive.library) != m.rows + 2)
    return fail(failure::corrupt,
                "library.json is damaged: its number of tracks is not what its manifest says");
  const auto start = out.size();
  auto s = restore_document(archive.library, m.dump_bytes, out);
  if (s.ok() && digest_of(std::string_view(out).substr(start)) != m.digest)
    s = fail(failure::corrupt, "library.json is damaged: the dump's digest is not what its manifest says");
  if (!s.ok()) out.resize(start);
  return s;
}

}  // namespace outro
