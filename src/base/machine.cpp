#include "base/machine.h"

#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

namespace outro {

namespace fs = std::filesystem;

/// The directories of this process's cgroups for a controller, from its own up to the root; a limit on any
/// of them binds. Version 2 has one hierarchy under an empty controller list.
static std::vector<fs::path> cgroup_directories(const std::string& controller) {
  std::vector<fs::path> directories;
  std::ifstream groups("/proc/self/cgroup");
  for (std::string line; std::getline(groups, line);) {
    const auto first = line.find(':'), second = line.find(':', first + 1);
    if (second == std::string::npos) continue;
    const auto controllers = "," + line.substr(first + 1, second - first - 1) + ",";
    fs::path root = "/sys/fs/cgroup";
    if (controllers.find("," + controller + ",") != std::string::npos)
      root /= controller;
    else if (controllers != ",,")
      continue;
    for (fs::path group = line.substr(second + 1); group.has_relative_path(); group = group.parent_path())
      directories.push_back(root / group.relative_path());
    directories.push_back(root);
  }
  return directories;
}

static std::optional<std::string> word_in(const fs::path& file, int index = 0) {
  std::ifstream in(file);
  std::string word;
  for (int i = 0; i <= index; ++i)
    if (!(in >> word)) return std::nullopt;
  return word;
}

static std::optional<std::uint64_t> number_in(const fs::path& file, int index = 0) {
  const auto word = word_in(file, index);
  if (!word || word->empty() || word->find_first_not_of("0123456789") != std::string::npos ||
      word->size() > 18)
    return std::nullopt;
  return std::stoull(*word);
}

unsigned usable_cpus() {
  cpu_set_t mask;
  unsigned cpus = 1;
  if (::sched_getaffinity(0, sizeof mask, &mask) == 0) cpus = static_cast<unsigned>(CPU_COUNT(&mask));
  const auto cap = [&cpus](std::optional<std::uint64_t> quota, std::optional<std::uint64_t> period) {
    if (!quota || !period || *quota == 0 || *period == 0) return;
    cpus = std::min(cpus, static_cast<unsigned>((*quota + *period - 1) / *period));
  };
  for (const auto& group : cgroup_directories("cpu")) {
    cap(number_in(group / "cpu.max"), number_in(group / "cpu.max", 1));
    cap(number_in(group / "cpu.cfs_quota_us"), number_in(group / "cpu.cfs_period_us"));
  }
  return std::max(cpus, 1U);
}

std::uint64_t usable_memory() {
  auto bytes = static_cast<std::uint64_t>(::sysconf(_SC_PHYS_PAGES)) *
               static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  for (const auto& group : cgroup_directories("memory"))
    for (const char* name : {"memory.max", "memory.limit_in_bytes"})
      if (const auto limit = number_in(group / name); limit && *limit > 0) bytes = std::min(bytes, *limit);
  return bytes;
}

std::uint64_t usable_open_files() {
  rlimit limit{};
  return ::getrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_cur : 0;
}

void raise_open_files() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  (void)::setrlimit(RLIMIT_NOFILE, &limit);  // what cannot be raised may be enough
}

std::uint64_t peak_memory() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;
}

double cpu_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

std::uint64_t process_start(std::int64_t pid) {
  std::ifstream in("/proc/" + std::to_string(pid) + "/stat");
  std::string line;
  std::getline(in, line);
  // The name, in parentheses, may hold anything; field 22 is the 20th behind it (proc(5)).
  const auto name_end = line.rfind(')');
  if (name_end == std::string::npos) return 0;
  std::istringstream fields(line.substr(name_end + 1));
  std::string field;
  for (int i = 0; i < 20; ++i) fields >> field;
  std::uint64_t ticks = 0;
  return std::from_chars(field.data(), field.data() + field.size(), ticks).ec == std::errc{} ? ticks : 0;
}

void forbid_core_dumps() {
  // A limit of 1 also stops dumps that are piped to a collector, which a limit of 0 does not (core(5)).
  const rlimit limit{1, 1};
  (void)::setrlimit(RLIMIT_CORE, &limit);
}

}  // namespace outro
