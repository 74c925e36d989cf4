#include "base/file_system.h"

#include <sys/statvfs.h>

#include <fstream>
#include <sstream>
#include <vector>

namespace outro {

namespace fs = std::filesystem;

fs::path nearest_existing(const fs::path& path) {
  std::error_code error;
  auto at = fs::absolute(path, error);
  while (at != at.root_path() && !fs::exists(at, error)) at = at.parent_path();
  return at;
}

/// "\040" is a space: mountinfo writes white space and backslashes in octal.
static std::string unescaped(const std::string& word) {
  std::string text;
  for (std::size_t i = 0; i < word.size(); ++i) {
    const auto is_digit = [&](std::size_t at) {
      return at < word.size() && word[at] >= '0' && word[at] <= '7';
    };
    if (word[i] != '\\' || !is_digit(i + 1) || !is_digit(i + 2) || !is_digit(i + 3)) {
      text += word[i];
      continue;
    }
    text += static_cast<char>((word[i + 1] - '0') * 64 + (word[i + 2] - '0') * 8 + (word[i + 3] - '0'));
    i += 3;
  }
  return text;
}

static bool lies_in(const fs::path& inner, const fs::path& outer) {
  auto i = inner.begin();
  for (const auto& part : outer)
    if (i == inner.end() || *i++ != part) return false;
  return true;
}

std::optional<mount_place> mount_in(const std::string& mountinfo, const fs::path& path) {
  std::optional<mount_place> found;
  std::istringstream lines(mountinfo);
  // 36 35 98:0 /root /mnt rw,noatime master:1 - ext4 /dev/sdb1 rw,errors=continue
  for (std::string line; std::getline(lines, line);) {
    std::istringstream fields(line);
    std::vector<std::string> words;
    for (std::string word; fields >> word;) words.push_back(std::move(word));
    constexpr std::size_t point = 4;
    std::size_t dash = point;
    while (dash < words.size() && words[dash] != "-") ++dash;
    if (dash + 2 >= words.size()) continue;
    auto here = unescaped(words[point]);
    // Of mounts over one another the last one counts.
    if (lies_in(path, here) && (!found || here.size() >= found->point.size()))
      found = {unescaped(words[dash + 2]), std::move(here), words[dash + 1]};
  }
  return found;
}

std::optional<mount_place> mount_of(const fs::path& path) {
  std::error_code error;
  const auto at = fs::canonical(nearest_existing(path), error);
  std::ifstream file("/proc/self/mountinfo");
  if (error || !file) return std::nullopt;
  std::ostringstream all;
  all << file.rdbuf();
  return mount_in(all.str(), at);
}

std::uint64_t free_disk(const fs::path& path) {
  std::error_code error;
  const auto space = fs::space(nearest_existing(path), error);
  return error ? 0 : space.available;
}

std::optional<std::uint64_t> free_files(const fs::path& path) {
  struct statvfs info {};
  if (::statvfs(nearest_existing(path).c_str(), &info) != 0 || info.f_files == 0) return std::nullopt;
  return info.f_favail;
}

}  // namespace outro
