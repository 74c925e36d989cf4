/// @file
/// Whether the process that writes an output directory lives.
///
/// The lock decides, which ends with its holder whatever happens to that. A pid doesn't: it counts in one PID
/// namespace (a container has its own), and is given out again. Beside its flock, the writer holds a lock of
/// the open file (F_OFD_SETLK) on OUT/lock, because the kernel answers a question about that without a lock
/// being taken, in every namespace.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "output/live_state.h"
#include "outro/status.h"

namespace outro {

/// unknown: it may live where its lock cannot be seen from here.
enum class writer_life : std::uint8_t { lives, gone, unknown };

/// Takes the writer's lock of OUT/lock, open as `fd`; it is held until that is closed. Errors: busy, io.
status mark_as_written(int fd, const std::filesystem::path& lock_path);
/// Whether somebody holds the writer's lock of the file that is open as `fd`. Takes no lock.
bool is_being_written(int fd);

/// Of the writer that OUT/lock names.
writer_life life_of_writer(const std::filesystem::path& out, const live_state& record);
/// Whether the record is of this boot of this machine, or of one that cannot be told apart.
bool is_of_this_boot(const live_state& record);
/// Whether its pid counts here, so that it may be sent a signal.
bool is_of_this_namespace(const live_state& record);
/// "process 7", or "process 7 of another PID namespace (a container?)".
std::string text_of_process(const live_state& record);

/// The kernel's boot id, and the inode of this process's PID namespace; empty and 0 where /proc has neither.
std::string boot_id();
std::uint64_t pid_namespace();

}  // namespace outro
