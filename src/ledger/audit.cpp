#include "ledger/audit.h"

#include <fmt/format.h>

#include <string>

#include "ledger/columns.h"

namespace outro {

namespace {

/// The first column of the first row; 0 where there is none, or where it cannot be read.
std::uint64_t count_of(ledger& books, const std::string& query) {
  auto s = books.connection().prepare(query);
  return s.step() ? big_at(s, 0) : 0;
}

/// The tables `damaged` and `mended` in front of a query: places of shards.
std::string with_mended(std::string_view query) {
  return fmt::format(R"sql(
    WITH damaged AS (SELECT run, unit, shard, path FROM shards WHERE damage <> ''),
         whole AS (SELECT path, max(run) AS at FROM shards
                   WHERE damage = '' AND path <> '{}' AND path IN (SELECT path FROM damaged) GROUP BY path),
         mended AS (SELECT d.run, d.unit, d.shard FROM damaged d
                    JOIN whole w ON w.path = d.path AND w.at > d.run)
    {})sql",
                     unknown_shard, query);
}

}  // namespace

std::uint64_t impossible_documents(ledger& books) {
  return count_of(books, fmt::format(R"sql(
    SELECT count(*) FROM documents
    WHERE outcome NOT BETWEEN 0 AND 3 OR proven NOT IN (0, 1) OR reason NOT BETWEEN 0 AND {}
       OR (outcome = 3) <> (reason <> 0) OR length(digest) <> 16 OR length(content) <> 16
       OR length(account) > 255 OR length < 0 OR offset < 0)sql",
                                     reason_names.size() - 1));
}

std::uint64_t count_documents(ledger& books) {
  return count_of(books, "SELECT count(*) FROM documents");
}

std::uint64_t count_documents_of_slices(ledger& books) {
  return count_of(books, "SELECT sum(documents) FROM slices");
}

std::uint64_t wrong_proofs(ledger& books) {
  return count_of(books, R"sql(
    SELECT count(*) FROM documents d
    LEFT JOIN shards s ON s.run = d.run AND s.unit = d.unit AND s.shard = d.shard
    WHERE s.run IS NULL
       OR d.proven <> (coalesce(s.damage, '') = '' OR d.offset + d.length < s.proven_end))sql");
}

std::uint64_t unread_shards(ledger& books, std::uint32_t open_run) {
  return count_of(books, fmt::format(R"sql(
    SELECT count(*) FROM shards
    WHERE damage IS NULL AND run NOT IN (SELECT run FROM runs WHERE state = 'cut') AND run <> {})sql",
                                     open_run));
}

std::uint64_t count_units(ledger& books, std::uint32_t run) {
  return count_of(books, fmt::format("SELECT count(*) FROM units WHERE run = {}", run));
}

std::uint64_t unproven_accounts(ledger& books, std::uint32_t last_run) {
  return count_of(books, fmt::format(R"sql(
    SELECT count(DISTINCT account) FROM documents d
    WHERE outcome = 0 AND proven = 0
      AND NOT EXISTS (SELECT 1 FROM documents e
                      WHERE e.run <= {} AND e.account = d.account AND e.outcome = 0 AND e.proven = 1))sql",
                                     last_run));
}

std::vector<shard_place> unmended_shards(ledger& books) {
  std::vector<shard_place> shards;
  auto s = books.connection().prepare(with_mended(R"sql(
    SELECT path, run, unit, shard FROM damaged WHERE (run, unit, shard) NOT IN mended
    ORDER BY path, run, unit, shard)sql"));
  while (s.step()) shards.push_back({std::string(s.text(0)), small_at(s, 1), small_at(s, 2), small_at(s, 3)});
  return shards;
}

std::uint64_t letters_outside_mended_shards(ledger& books) {
  return count_of(books, with_mended(R"sql(
    SELECT count(*) FROM documents
    WHERE outcome = 3 AND NOT (proven = 0 AND (run, unit, shard) IN mended))sql"));
}

std::uint64_t letters_outside_damaged_shards(ledger& books) {
  return count_of(books, R"sql(
    SELECT count(*) FROM documents
    WHERE outcome = 3
      AND NOT (proven = 0 AND (run, unit, shard) IN (SELECT run, unit, shard FROM shards WHERE damage <> '')))sql");
}

}  // namespace outro
