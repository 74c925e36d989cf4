/// @file
/// A file beside other people's files: whole or not at all, and nobody else can be there first.
///
/// It is written under a name that nobody can guess, made anew (O_EXCL), and then renamed: what another user
/// put at a name that could be foreseen is neither written to, nor followed, nor waited for.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "base/file.h"
#include "outro/status.h"

namespace outro {

/// A name for what is half-written, from the system's random numbers.
std::string unguessable_name();

/// Gives what `made` is, and `from` names in the directory `at`, the name `to` in it; checks that it is still
/// the same. Without `overwrite` nothing is replaced: refused where `to` is there. Messages say `path`.
struct new_name {
  int at;
  const std::string& from;
  const std::string& to;
  bool overwrite;
};
status give_name(const new_name& name, int made, const std::filesystem::path& path);

/// Writes a file of mode 0600. Refused where the file exists, unless `overwrite`. Errors: refused, io.
status write_new_file(const std::filesystem::path& path, std::string_view bytes, bool overwrite);

}  // namespace outro
