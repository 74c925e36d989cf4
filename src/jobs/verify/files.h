/// @file
/// Verify, the files: which there are, their modes, and SHA256SUMS.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "jobs/verify/context.h"
#include "output/checksums.h"
#include "outro/status.h"

namespace outro {

/// Every regular file under OUT, by name. Findings: what is neither a file nor a folder of ours, modes that
/// let others read. Fills `context.links`. Call it before the ledger is opened: SQLite may create files next
/// to it. Errors: io; refused where this user may not read one of them.
result<std::vector<found_file>> list_files(verify_context& context);

/// SHA256SUMS, digest by name. Findings: missing from a sealed directory, malformed, not sorted.
std::map<std::string, std::string> read_checksums(const verify_context& context);

/// Files that are missing, extra or left over. `slice_files`: the packs and dead letters that the ledger
/// names. Fills `context.missing`.
void check_listing(verify_context& context, const std::vector<found_file>& files,
                   const std::vector<std::string>& slice_files);

/// Reads a file to its end and compares its digest with SHA256SUMS.
void check_file(verify_context& context, const found_file& file);

/// Compares a digest with SHA256SUMS. No finding where the file has no line, or may have changed since.
void check_sum(const verify_context& context, const std::string& name, const std::string& sha256);

}  // namespace outro
