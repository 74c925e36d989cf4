/// @file
/// What this process may use: CPUs and memory under the container's limits (cgroup v1 and v2), disk space.
#pragma once

#include <cstdint>
#include <filesystem>

namespace outro {

/// The CPUs this process may use: its affinity mask, capped by the cgroup's quota rounded up. At least 1.
unsigned usable_cpus();

/// Bytes of memory this process may use: physical memory, capped by the cgroup's limit.
std::uint64_t usable_memory();

/// Bytes free to this user on the file system that holds `path` or its nearest existing parent.
std::uint64_t free_disk(const std::filesystem::path& path);

/// Peak resident set of this process in bytes.
std::uint64_t peak_memory();

/// User and system CPU seconds of this process.
double cpu_seconds();

/// When a process started, in clock ticks after boot; 0 where there is no such process.
std::uint64_t process_start(std::int64_t pid);

/// Turns core dumps of this process off: they would hold personal data.
void forbid_core_dumps();

}  // namespace outro
