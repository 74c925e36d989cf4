/// @file
/// What is input: the one judgement of the dumps that an operator names. Export, verify, tune, plan and
/// layout check all ask it, so what one of them reads or leaves out, every other does too.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "outro/status.h"
#include "source/shards.h"

namespace outro {

/// Entries of directories that are not read.
struct left_out {
  static constexpr std::size_t most_named = 5;
  std::uint64_t count = 0;
  std::vector<std::string> some;  ///< paths of the first ones
  bool has_lost_found = false;    ///< of a file system, among them

  bool operator==(const left_out&) const = default;
};

struct found_input {
  std::vector<shard> shards;
  left_out hidden;
};

/// The shards that the arguments name, in order: files, directories, "-" for standard input.
///
/// Directories are walked in sorted order. Their files and folders whose names begin with `.` or `_` (what
/// editors, file managers and unfinished uploads leave) are left out, and counted, and so is what fsck
/// found (`lost+found`); what an argument names
/// itself is taken, whatever its name. A link to a file is followed, one to a directory is refused, and so is
/// what is neither a file nor a pipe. The first bytes of some shards are looked at, spread over all:
/// refused are pretty-printed JSON, formats that are not read (zstd with a dictionary or a window above 128
/// MiB among them), and plain text that is named as if it were compressed. An empty or damaged file that is
/// named so is a damaged shard, which only reading it tells. Errors: usage (nothing there, named twice,
/// unreadable), refused.
result<found_input> find_input(const std::vector<std::string>& arguments);

/// "2 files or folders whose names begin with . or _ (d/.b, d/_c)"; empty where there are none.
std::string text_of(const left_out& hidden);

/// Refuses an output directory inside the input, and input inside the output directory: erasing the source
/// would erase the archives, and the next run would read its own output.
status check_apart(const std::vector<std::string>& arguments, const std::filesystem::path& out);

}  // namespace outro
