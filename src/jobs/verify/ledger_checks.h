/// @file
/// The ledger checked against itself, and what it says of input that is not archived. The ledger gives rows
/// and counts; here is what must hold of them. It is never written.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "ledger/audit.h"
#include "ledger/ledger.h"
#include "ledger/lookup.h"

namespace outro {

struct verify_context;

/// One thread's connection. Throws std::runtime_error where the tables are not ours.
struct ledger_reader {
  ledger_reader(const std::filesystem::path& path, database::access how)
      : books(ledger::open(path, how).value()), lookup(books) {}

  ledger books;
  ledger_lookup lookup;
};

/// Runs numbered 1..n, units 1..n of each run, slices 1..n of each unit, byte ranges without a gap, the last
/// one flagged.
void check_sequence(const verify_context& context, ledger& books, const std::vector<slice_row>& slices);
/// `pragma integrity_check`, values within their limits, books that balance, proofs that agree with shards.
void check_tables(const verify_context& context, ledger& books);

}  // namespace outro
