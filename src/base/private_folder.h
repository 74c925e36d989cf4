/// @file
/// Folders for personal data, and what may stand in them before Outro comes.
///
/// A folder that Outro makes is 0700, whatever the umask. One that was there keeps its mode, and is used only
/// where nobody else may change what lies in it: it is ours or root's, and no one else may write to it.
/// Rights that an access control list grants show in the mode as well: its group bits are then the list's
/// mask.
///
/// Root is no exception: what it made in a user's folder, that user could not use, so it has to become that
/// user first.
#pragma once

#include <filesystem>

#include "base/file.h"
#include "outro/status.h"

namespace outro {

/// Whether a path may be a link to a folder. A followed link, like its target, must be ours or root's.
enum class links : std::uint8_t { refused, followed };

/// Opens a folder that was there before, and checks it as above. Changes nothing. Errors: refused, with the
/// remedy; io.
result<file_handle> open_own_folder(const std::filesystem::path& path, links how);

/// Checks a file that was there before, without opening it: regular, no link, ours or root's, and nobody else
/// may write to it. Errors: refused, with the remedy; io.
status check_own_file(const std::filesystem::path& path);
/// The same for one that is open.
status check_own_file(int fd, const std::filesystem::path& path);

/// Makes a folder, 0700 whatever the umask, but for root within a user's folder; takes one that is there
/// where `open_own_folder` does, and leaves its mode alone.
status make_private_directory(const std::filesystem::path& path, links how = links::refused);

}  // namespace outro
