/// @file
/// An archive as a zip, which opens on any phone and on any Windows.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "archive/tar.h"
#include "outro/status.h"

namespace outro {

/// Appends a zip of the members, in order: deflate, UTF-8 names, mode 0600, every time `exported_at` in UTC
/// (1980 where there is none, or a zip cannot hold it). The bytes depend on the arguments alone, not on
/// clock, time zone or locale; another version of libarchive or zlib may make others. Thread-safe. Errors:
/// bug, io; no text of the user in messages.
status append_zip(std::string& out, std::span<const tar_member> members,
                  std::optional<std::int64_t> exported_at);

}  // namespace outro
