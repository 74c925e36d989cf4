#include "ledger/audit.h"

#include <fmt/format.h>

#include <stdexcept>
#include <string>

#include "ledger/columns.h"

namespace outro {

namespace {

/// The first column of the first row; 0 where there is none, or where it cannot be read.
std::uint64_t count_of(ledger& books, const std::string& query) {
  auto s = books.connection().prepare(query);
  return s.step() ? big_at(s, 0) : 0;
}

}  // namespace

std::uint64_t impossible_documents(ledger& books) {
  return count_of(books, fmt::format(R"sql(
    SELECT count(*) FROM documents
    WHERE outcome NOT BETWEEN 0 AND 2 OR proven NOT IN (0, 1) OR reason NOT BETWEEN 0 AND {}
       OR (outcome = 2) <> (reason <> 0) OR length(digest) <> 16 OR length(content) <> 16
       OR length(account) > 255 OR length < 0 OR offset < 0 OR older NOT IN (0, 1) OR volatile_only NOT IN (0, 1)
       OR kept NOT BETWEEN 0 AND 255 OR (volatile_only <> 0 AND outcome <> 1))sql",
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

std::uint64_t wrong_repairs(ledger& books) {
  return count_of(books, R"sql(
    SELECT count(*) FROM repairs r
    LEFT JOIN shards s ON s.run = r.run AND s.unit = r.unit AND s.shard = r.shard
    LEFT JOIN shards d ON d.run = r.of_run AND d.unit = r.of_unit AND d.shard = r.of_shard
    WHERE coalesce(s.damage, '?') <> '' OR r.of_run >= r.run OR coalesce(d.damage, '') = ''
       OR max(length(d.decoded_sha256), length(d.proven_sha256)) <> 64)sql");
}

kept_back::kept_back(ledger& books, const std::vector<mended_shard>& mended) : books_(books) {
  auto& in = books.connection();
  const auto done = [](const status& s) {
    if (!s.ok()) throw std::runtime_error(s.message);
  };
  done(in.run(R"sql(
    DROP TABLE IF EXISTS temp.mended;
    CREATE TEMP TABLE mended (run INTEGER, unit INTEGER, shard INTEGER, repaired INTEGER,
                              PRIMARY KEY (run, unit, shard)) WITHOUT ROWID)sql"));
  auto insert = in.prepare("INSERT OR IGNORE INTO temp.mended VALUES (?, ?, ?, ?)");
  for (const auto& m : mended)
    done(insert.bind(m.id.run).bind(m.id.unit).bind(m.id.number).bind(m.repaired ? 1 : 0).run());
}

std::uint64_t kept_back::accounts() const {
  const auto last = books_.indexed_until();
  return count_of(books_, fmt::format(R"sql(
    SELECT count(DISTINCT account) FROM documents d
    WHERE outcome = 0 AND proven = 0 AND (run, unit, shard) NOT IN (SELECT run, unit, shard FROM temp.mended)
      AND NOT EXISTS (SELECT 1 FROM documents e WHERE {} AND e.account = d.account AND e.proven = 1))sql",
                                      offered_of("e", last)));
}

std::uint64_t kept_back::letters() const {
  return count_of(books_, R"sql(
    SELECT count(*) FROM documents
    WHERE outcome = 2
      AND NOT (proven = 0 AND (run, unit, shard) IN (SELECT run, unit, shard FROM temp.mended WHERE repaired)))sql");
}

}  // namespace outro
