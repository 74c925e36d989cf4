/// @file
/// Putting an archive, or what is in it, into files: whole or not at all, and never over what is there.
#pragma once

#include <filesystem>
#include <span>
#include <string_view>

#include "archive/tar.h"
#include "outro/status.h"

namespace outro {

/// Writes the members, whose paths must all begin with `folder` and a slash, under the directory `into`. They
/// grow in `<folder>.partial`, which is renamed once all is durable; on failure it is removed again.
/// Directories are 0700, files 0600. Every step of a path is opened by itself and without following links, so
/// no path can leave the folder, whatever the members are called and whatever lies in `into`.
/// Errors: refused (something is there already), corrupt (paths that cannot be), io. Messages name no member.
status unpack(std::string_view folder, std::span<const tar_member> members,
              const std::filesystem::path& into);

/// Writes a file of mode 0600, through PATH.partial and a rename. Refused where there is one, unless
/// `overwrite`. Errors: refused, io.
status write_new_file(const std::filesystem::path& path, std::string_view bytes, bool overwrite);

}  // namespace outro
