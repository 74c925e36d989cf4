/// @file
/// What this process may use: CPUs and memory under the container's limits (cgroup v1 and v2), open files.
#pragma once

#include <cstdint>

namespace outro {

/// The CPUs this process may use: its affinity mask, capped by the cgroup's quota rounded up. At least 1.
unsigned usable_cpus();

/// Bytes of memory this process may use: physical memory, capped by the cgroup's limit.
std::uint64_t usable_memory();

/// How many files this process may have open at once (RLIMIT_NOFILE).
std::uint64_t usable_open_files();
/// Raises that as far as it may be raised: the soft limit to the hard one.
void raise_open_files();

/// Peak resident set of this process in bytes.
std::uint64_t peak_memory();

/// User and system CPU seconds of this process.
double cpu_seconds();

/// When a process started, in clock ticks after boot; 0 where there is no such process.
std::uint64_t process_start(std::int64_t pid);

/// Turns core dumps of this process off: they would hold personal data.
void forbid_core_dumps();

}  // namespace outro
