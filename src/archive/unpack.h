/// @file
/// Writes an archive, or its members, to files: whole or not at all, and never over an existing file.
#pragma once

#include <filesystem>
#include <span>
#include <string_view>

#include "archive/tar.h"
#include "outro/status.h"

namespace outro {

/// Writes the members, whose paths must all begin with `folder` and a slash, under the directory `into`. They
/// are written to a folder of a name that nobody can guess, which is renamed once all are durable, and
/// removed on failure. Directories are 0700, files 0600. Every step of a path is opened by itself and without
/// following links, so no path can leave the folder, whatever the names of members and the contents of
/// `into`. Errors: refused (something is there already), corrupt (paths that cannot be), io. Messages name no
/// member.
status unpack(std::string_view folder, std::span<const tar_member> members,
              const std::filesystem::path& into);

}  // namespace outro
