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

/// Every regular file under OUT, by name. Findings: what is neither file nor folder of ours, modes that let
/// others read. To be called before the ledger is opened, which may make files beside it.
result<std::vector<found_file>> list_files(const verify_context& context);

/// SHA256SUMS, digest by name. Findings: missing although the directory is sealed, malformed, not sorted.
std::map<std::string, std::string> read_checksums(const verify_context& context);

/// Files that are missing, extra or left over. `slice_files`: the packs and dead letters that the ledger
/// names. Fills `context.missing`.
void check_listing(verify_context& context, const std::vector<found_file>& files,
                   const std::vector<std::string>& slice_files);

/// Reads a file to its end and compares its digest with SHA256SUMS.
void check_file(verify_context& context, const found_file& file);

/// Compares a digest with SHA256SUMS; says nothing of files that need not stand there.
void check_sum(const verify_context& context, const std::string& name, const std::string& sha256);

}  // namespace outro
