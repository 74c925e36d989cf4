#include "jobs/forecast/disk_speed.h"

#include <fcntl.h>
#include <unistd.h>

#include <chrono>

#include "base/bytes.h"
#include "base/file.h"

namespace outro {

namespace {

using clock = std::chrono::steady_clock;
constexpr std::size_t block = 4U << 20;
constexpr double enough_seconds = 1;
constexpr std::uint64_t least = 4U << 20, most = 256U << 20;

double seconds_since(clock::time_point began) {
  return std::chrono::duration<double>(clock::now() - began).count();
}

}  // namespace

double read_speed(const std::vector<shard>& shards) {
  const auto buffer = make_aligned(block);
  std::uint64_t done = 0;
  const auto began = clock::now();
  for (const auto& s : shards) {
    const file_handle file(::open(s.path.c_str(), O_RDONLY | O_CLOEXEC | O_DIRECT));
    if (!file.is_open()) return 0;
    for (std::uint64_t at = 0; done < most && seconds_since(began) < enough_seconds;) {
      const auto n = ::pread(file.get(), buffer.get(), block, static_cast<off_t>(at));
      if (n < 0) return 0;
      at += static_cast<std::uint64_t>(n);
      done += static_cast<std::uint64_t>(n);
      if (static_cast<std::size_t>(n) < block) break;
    }
  }
  return done < least ? 0 : static_cast<double>(done) / seconds_since(began);
}

double write_speed(const std::filesystem::path& folder) {
  const auto path = folder / "speed";
  auto file = create_private(path);
  if (!file) return 0;
  const std::string bytes(block, 'x');
  std::uint64_t done = 0;
  const auto began = clock::now();
  bool failed = false;
  while (!failed && done < most && seconds_since(began) < enough_seconds) {
    failed = !write_all(file->get(), bytes, path).ok();
    done += block;
  }
  failed = failed || ::fdatasync(file->get()) != 0;
  const auto took = seconds_since(began);
  (void)remove_file(path);
  return failed ? 0 : static_cast<double>(done) / took;
}

}  // namespace outro
