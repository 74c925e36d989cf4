#include "source/shards.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <set>

#include "base/file.h"
#include "base/utf8.h"

namespace outro {

namespace fs = std::filesystem;

namespace {

status add_shard(const fs::path& path, std::vector<shard>& shards) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) return io_failure("read", path, errno);
  if (::access(path.c_str(), R_OK) != 0) return io_failure("read", path, errno);
  shard s{path, 0, 0, false};
  if (S_ISFIFO(info.st_mode) || S_ISCHR(info.st_mode)) {
    s.is_pipe = true;
  } else if (S_ISREG(info.st_mode)) {
    s.size = static_cast<std::uint64_t>(info.st_size);
    s.mtime_ns = info.st_mtim.tv_sec * 1'000'000'000LL + info.st_mtim.tv_nsec;
  } else {
    return fail(failure::usage,
                shown(path.native()) + (S_ISDIR(info.st_mode)
                                            ? " is a link to a directory; name that directory itself"
                                            : " is neither a file, a directory nor a pipe"));
  }
  shards.push_back(std::move(s));
  return {};
}

status add_directory(const fs::path& directory, std::vector<shard>& shards, std::uint64_t& hidden) {
  std::error_code error;
  std::vector<fs::path> names;
  for (auto it = fs::directory_iterator(directory, error); !error && it != fs::directory_iterator();
       it.increment(error))
    names.push_back(it->path());
  if (error) return io_failure("list", directory, error.value());
  std::sort(names.begin(), names.end(), [](const auto& a, const auto& b) { return a.native() < b.native(); });
  for (const auto& path : names) {
    if (path.filename().native().starts_with('.')) {
      ++hidden;
      continue;
    }
    // A link to a directory could lead in a circle; a link to a file cannot.
    const auto kind = fs::symlink_status(path, error);
    if (error) return io_failure("read", path, error.value());
    auto s = fs::is_directory(kind) ? add_directory(path, shards, hidden) : add_shard(path, shards);
    if (!s.ok()) return s;
  }
  return {};
}

}  // namespace

std::uint64_t unit::size() const {
  std::uint64_t bytes = 0;
  for (const auto& s : shards) bytes += s.size;
  return bytes;
}

result<std::vector<shard>> find_shards(const std::vector<std::string>& arguments, std::uint64_t& hidden) {
  std::vector<shard> shards;
  for (const auto& argument : arguments) {
    status s;
    if (argument == "-")
      shards.push_back({"-", 0, 0, true});
    else if (fs::is_directory(argument))
      s = add_directory(argument, shards, hidden);
    else
      s = add_shard(argument, shards);
    if (!s.ok()) return s.kind == failure::io ? fail(failure::usage, s.message) : s;
  }
  if (shards.empty()) return fail(failure::usage, "no dumps: the directories named hold no files");
  std::set<std::string> seen;
  for (const auto& s : shards) {
    std::error_code ignored;
    const auto name = s.path == "-" ? std::string("-") : fs::weakly_canonical(s.path, ignored).string();
    if (!seen.insert(name).second) return fail(failure::usage, shown(s.path.native()) + " is named twice");
  }
  return shards;
}

std::vector<unit> plan_units(std::vector<shard> shards) {
  std::vector<unit> units;
  const auto open_unit = [&units] { units.push_back({static_cast<std::uint32_t>(units.size() + 1), {}}); };
  bool joinable = false;  // whether the last unit takes more small shards
  for (auto& s : shards) {
    const bool alone = s.is_pipe || s.size >= own_unit_size;
    if (alone || !joinable || units.back().size() + s.size > unit_size) open_unit();
    units.back().shards.push_back(std::move(s));
    joinable = !alone;
  }
  return units;
}

}  // namespace outro
