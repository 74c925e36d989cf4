#include "ledger/lookup.h"

#include <fmt/format.h>

#include <stdexcept>

#include "ledger/columns.h"

namespace outro {

namespace {

constexpr std::string_view found_columns =
    "run, unit, slice, idx, outcome, content, exported_at, stored_offset, stored_bytes";

/// The rows that a bound statement finds; makes it ready for the next use.
std::vector<found_row> read_found(statement& s) {
  std::vector<found_row> rows;
  while (s.step()) {
    found_row r;
    r.slice = {small_at(s, 0), small_at(s, 1), small_at(s, 2)};
    r.index = big_at(s, 3);
    r.outcome = static_cast<outcome>(s.integer(4) & 3);
    r.content = digest_at(s, 5);
    if (!s.is_null(6)) r.exported_at = s.integer(6);
    r.stored_offset = big_at(s, 7);
    r.stored_bytes = big_at(s, 8);
    rows.push_back(r);
  }
  s.rewind();
  return rows;
}

bool finds_row(statement& s) {
  const bool found = s.step();
  s.rewind();
  return found;
}

}  // namespace

ledger_lookup::ledger_lookup(ledger& books) {
  auto& from = books.connection();
  // The number of the run stands in the text, because only then does SQLite see that the index covers it.
  const auto of_account =
      fmt::format("FROM documents WHERE run <= {} AND account = ?1", books.indexed_until());
  rows_ =
      from.prepare(fmt::format("SELECT {} {} AND digest = ?2 ORDER BY row DESC", found_columns, of_account));
  content_ = from.prepare(
      fmt::format("SELECT 1 {} AND outcome = 0 AND content = ?2 AND run < ?3 LIMIT 1", of_account));
  newer_ = from.prepare(fmt::format(R"sql(
    SELECT 1 {} AND outcome = 0 AND exported_at IS NOT NULL AND (?2 IS NULL OR exported_at > ?2)
    AND run < ?3 LIMIT 1)sql",
                                    of_account));
  shard_ = from.prepare(R"sql(
    SELECT decoded_bytes, proven_end, lines, blank_lines, bom, damage FROM shards
    WHERE run = ? AND unit = ? AND shard = ?)sql");
}

std::vector<found_row> ledger_lookup::rows_of(const std::string& account, const digest128& digest) {
  return read_found(rows_.bind_text(account).bind_blob(digest.view()));
}

bool ledger_lookup::has_content(const std::string& account, const digest128& content, std::uint32_t run) {
  return finds_row(content_.bind_text(account).bind_blob(content.view()).bind(run));
}

bool ledger_lookup::has_newer(const std::string& account, std::optional<std::int64_t> exported_at,
                              std::uint32_t run) {
  newer_.bind_text(account);
  exported_at ? newer_.bind(*exported_at) : newer_.bind_null();
  return finds_row(newer_.bind(run));
}

std::optional<shard_end> ledger_lookup::end_of_shard(std::uint32_t run, std::uint32_t unit,
                                                     std::uint32_t shard) {
  auto& s = shard_.bind(run).bind(unit).bind(shard);
  std::optional<shard_end> end;
  if (s.step() && !s.is_null(5))
    end = {shard,        big_at(s, 0),      big_at(s, 1),          big_at(s, 2),
           big_at(s, 3), s.integer(4) != 0, std::string(s.text(5))};
  s.rewind();
  return end;
}

letter_lookup::letter_lookup(ledger& books) {
  auto& from = books.connection();
  const auto s = from.run(R"sql(
    CREATE TEMP TABLE letters AS SELECT digest AS of, row AS letter FROM documents WHERE outcome = 3;
    CREATE INDEX temp.letters_of ON letters (of))sql");
  if (!s.ok()) throw std::runtime_error(s.message);
  letters_ = from.prepare(
      fmt::format("SELECT {} FROM temp.letters, documents WHERE of = ? AND row = letter ORDER BY row DESC",
                  found_columns));
}

std::vector<found_row> letter_lookup::letters_of(const digest128& digest) {
  return read_found(letters_.bind_blob(digest.view()));
}

}  // namespace outro
