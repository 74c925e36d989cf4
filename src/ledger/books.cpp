// Sums over the ledger: the books of runs, and the roster against them.
#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "ledger/columns.h"
#include "ledger/ledger.h"

namespace outro {

namespace {

/// The condition for rows of a run; 0: of all runs.
std::string of_run(std::uint32_t run) {
  return run == 0 ? "1" : fmt::format("run = {}", run);
}

void sum_documents(database& from, const std::string& condition, books& b) {
  auto s = from.prepare(fmt::format(R"sql(
    SELECT outcome, reason, proven, count(*), sum(length), sum(exported_at IS NULL)
    FROM documents WHERE {} GROUP BY outcome, reason, proven)sql",
                                    condition));
  while (s.next()) {
    const auto n = big_at(s, 3);
    const auto became = static_cast<std::size_t>(std::clamp<std::int64_t>(s.integer(0), 0, 3));
    const auto why =
        static_cast<std::size_t>(std::clamp<std::int64_t>(s.integer(1), 0, reason_names.size() - 1));
    b.documents += n;
    b.document_bytes += big_at(s, 4);
    b.by_outcome[became] += n;
    if (why != 0) b.dead_by_reason[std::string(reason_names[why])] += n;
    if (s.integer(2) == 0) b.unproven += n;
    if (became == static_cast<std::size_t>(outcome::older)) b.undated_older += big_at(s, 5);
  }
  auto nameless = from.prepare(
      fmt::format("SELECT count(*) FROM documents WHERE {} AND outcome = 3 AND account = ''", condition));
  if (nameless.next()) b.dead_nameless = big_at(nameless, 0);
}

void sum_slices(database& from, const std::string& condition, books& b) {
  auto s = from.prepare(fmt::format(R"sql(
    SELECT count(*), sum(pack_bytes), sum(tar_bytes), sum(track_rows), sum(track_refs), sum(playlists),
           sum(entries), sum(listens), sum(suspects), sum(defused), sum(lone_surrogates)
    FROM slices WHERE {})sql",
                                    condition));
  if (!s.next()) return;
  const auto big = [&](int column) { return big_at(s, column); };
  b.slices = big(0);
  b.pack_bytes = big(1);
  b.totals = {big(2), big(3), big(4), big(5), big(6), big(7), big(8), big(9), big(10)};
}

/// For each account of the roster the best that became of its dumps, as a query; NULL where none was seen.
/// With an index each account is a look-up. Without one, a pass over all rows fills a table first.
std::string roster_query(std::uint32_t indexed_until) {
  return fmt::format(R"sql(
    SELECT r.account, (SELECT min(outcome) FROM documents d WHERE d.run <= {} AND d.account = r.account)
    FROM roster r ORDER BY r.account)sql",
                     indexed_until);
}
constexpr const char* scan_documents = R"sql(
  DROP TABLE IF EXISTS temp.seen;
  CREATE TEMP TABLE seen AS SELECT account, min(outcome) AS outcome FROM documents GROUP BY account;
  CREATE INDEX temp.seen_account ON seen(account);)sql";
constexpr const char* scanned_roster_query = R"sql(
  SELECT r.account, (SELECT outcome FROM seen d WHERE d.account = r.account)
  FROM roster r ORDER BY r.account)sql";

}  // namespace

books ledger::books_of(std::uint32_t run) {
  const auto condition = of_run(run);
  books b;
  sum_documents(database_, condition, b);
  sum_slices(database_, condition, b);
  b.damaged = damaged_shards(run);
  auto blank = database_.prepare(fmt::format("SELECT sum(blank_lines) FROM shards WHERE {}", condition));
  if (blank.next()) b.blank_lines = big_at(blank, 0);
  return b;
}

bool ledger::has_dead_letter(std::uint32_t run, reason why) {
  auto s = database_.prepare(
      fmt::format("SELECT 1 FROM documents WHERE outcome = {} AND run = {} AND reason = {} LIMIT 1",
                  static_cast<int>(outcome::dead_letter), run, static_cast<int>(why)));
  return s.next();
}

std::vector<std::pair<std::string, std::string>> ledger::damaged_shards(std::uint32_t run) {
  auto s = database_.prepare(fmt::format(R"sql(
    SELECT path, damage FROM shards WHERE {} AND damage <> '' ORDER BY run, unit, shard)sql",
                                         of_run(run)));
  std::vector<std::pair<std::string, std::string>> damaged;
  while (s.next()) damaged.emplace_back(s.text(0), s.text(1));
  return damaged;
}

std::uint64_t ledger::current_accounts() {
  auto s = database_.prepare("SELECT count(DISTINCT account) FROM documents WHERE outcome = 0");
  return s.next() ? big_at(s, 0) : 0;
}

std::optional<roster_books> ledger::roster() {
  constexpr std::size_t most_named = 20;
  roster_books b;
  auto count = database_.prepare("SELECT count(*) FROM roster");
  if (!count.next() || count.integer(0) == 0) return std::nullopt;
  b.accounts = big_at(count, 0);
  count.rewind();
  const auto all = runs();
  const bool indexed = !all.empty() && all.back().finished;
  if (!indexed)
    if (const auto s = database_.run(scan_documents); !s.ok()) throw std::runtime_error(s.message);
  auto s = database_.prepare(indexed ? roster_query(indexed_until()) : scanned_roster_query);
  while (s.next()) {
    if (s.is_null(1)) {
      ++b.missing;
      if (b.some_missing.size() < most_named) b.some_missing.emplace_back(s.text(0));
    } else if (s.integer(1) == static_cast<std::int64_t>(outcome::dead_letter)) {
      ++b.dead;
    } else {
      ++b.archived;
    }
  }
  s = {};
  if (!indexed) (void)database_.run("DROP TABLE temp.seen");
  return b;
}

}  // namespace outro
