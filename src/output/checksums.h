/// @file
/// SHA-256 of files, and SHA256SUMS: the digest of every file of an output directory at rest.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/digest.h"
#include "base/file.h"
#include "outro/status.h"

namespace outro {

/// SHA-256 in hex of files, by name relative to OUT.
using file_sums = std::vector<std::pair<std::string, std::string>>;

/// Opens a regular file to read. Refuses a link, which leads elsewhere, and never waits for a pipe.
/// Errors: io.
result<file_handle> open_at_rest(const std::filesystem::path& path);

/// Reads a file in order with `each`, hashing on the way; returns its SHA-256 in hex.
template <class Each>
result<std::string> hash_all(int fd, const std::filesystem::path& path, Each each) {
  constexpr std::size_t piece = 1U << 20;
  sha256 hash;
  for (std::uint64_t offset = 0;;) {
    const auto bytes = read_at(fd, offset, piece, path);
    if (!bytes) return bytes.error();
    if (bytes->empty()) return hash.finish_hex();
    hash.update(*bytes);
    each(std::string_view(*bytes));
    offset += bytes->size();
  }
}

/// SHA-256 of a whole file, in hex.
result<std::string> hash_file(const std::filesystem::path& path);

/// Seals OUT: writes SHA256SUMS over every file that it has to list (see base/output_names.h).
/// `known`: digests of files that were hashed while they were written.
status write_checksums(const std::filesystem::path& out, const file_sums& known);

/// The lines of a SHA256SUMS, digest by name. No name leads outside the directory, even in a crafted file.
/// `bad` is called for every malformed line, with its number (0: the file is empty) and the fault.
/// Errors: io, corrupt (no regular file, or too large).
result<std::map<std::string, std::string>> parse_checksums(
    const std::filesystem::path& path, const std::function<void(std::uint64_t line, const char* what)>& bad);

}  // namespace outro
