/// @file
/// One account's archive: found in the ledger, read from its pack, and checked to be that account's.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "archive/open_archive.h"
#include "ledger/ledger.h"
#include "outro/status.h"

namespace outro {

/// The ledger of an output directory, to read only, also during a running export. Errors: usage or refused
/// (exit 2) where there is none, io, corrupt.
result<ledger> open_ledger(const std::filesystem::path& out);

/// The row of the account's current archive, or of the one that `run` wrote (0: the current one). Errors:
/// usage, which says why there is none: never "not found" alone.
result<document_row> find_archive(ledger& books, const std::filesystem::path& out, std::string_view account,
                                  std::uint32_t run);

struct account_archive {
  std::string frame;  ///< the archive's bytes in the pack
  opened_archive opened;
};

/// One read of the pack. Errors: corrupt, io. Never returns another account's data, even if ledger or pack
/// are wrong.
result<account_archive> read_archive(const std::filesystem::path& out, const document_row& row);

}  // namespace outro
