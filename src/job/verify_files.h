/// @file
/// Verify, the files: which there are, their modes, and SHA256SUMS.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "job/verify_context.h"
#include "outro/status.h"

namespace outro {

/// Every regular file under OUT, by name. Findings: what is neither file nor folder of ours, modes that let
/// others read. To be called before the ledger is opened, which may make files beside it.
result<std::vector<found_file>> list_files(const verify_context& context);

/// The lines of a SHA256SUMS, digest by name; whoever wrote them, none leads outside the directory. `bad`
/// hears of every line that is none of ours: its number, what is wrong, and its remedy. Errors: io, corrupt
/// (no regular file, or too large).
result<std::map<std::string, std::string>> parse_checksums(
    const std::filesystem::path& path,
    const std::function<void(std::uint64_t line, const char* what, const char* remedy)>& bad);

/// SHA256SUMS, digest by name. Findings: missing although the directory is sealed, malformed, not sorted.
std::map<std::string, std::string> read_checksums(const verify_context& context);

/// Files that are missing, extra or left over. `slice_files`: the packs and dead letters that the ledger
/// names. Fills `context.missing`.
void check_listing(verify_context& context, const std::vector<found_file>& files,
                   const std::vector<std::string>& slice_files);

/// Opens a file to read, but nothing that only stands in a file's place: a link leads elsewhere, and a pipe
/// would keep us waiting. Errors: io.
result<file_handle> open_at_rest(const std::filesystem::path& path);

/// Reads a file to its end and compares its digest with SHA256SUMS.
void check_file(verify_context& context, const found_file& file);

/// Compares a digest with SHA256SUMS; says nothing of files that need not stand there.
void check_sum(const verify_context& context, const std::string& name, const std::string& sha256);

/// Reads a file in order with `each`, hashing on the way; returns its SHA-256 as hex digits.
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

}  // namespace outro
