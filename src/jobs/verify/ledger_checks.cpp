#include "jobs/verify/ledger_checks.h"

#include <algorithm>
#include <stdexcept>

#include "base/output_names.h"
#include "jobs/verify/context.h"

namespace outro {

namespace {

template <class T>
T value_or_throw(result<T> opened) {
  if (!opened) throw std::runtime_error(opened.error().message);
  return std::move(*opened);
}

std::uint64_t big(const statement& s, int column) {
  return static_cast<std::uint64_t>(s.integer(column));
}
std::uint32_t small(const statement& s, int column) {
  return static_cast<std::uint32_t>(s.integer(column));
}

digest128 digest_at(const statement& s, int column) {
  digest128 d;
  const auto blob = s.blob(column);
  if (blob.size() == d.bytes.size()) std::copy(blob.begin(), blob.end(), d.bytes.begin());
  return d;
}

/// The first column of the first row; 0 where there is none.
std::uint64_t count_of(database& raw, const std::string& sql) {
  auto s = raw.prepare(sql);
  return s.step() ? big(s, 0) : 0;
}

std::string place_of(std::uint32_t run, std::uint32_t unit) {
  return "run " + std::to_string(run) + ", unit " + std::to_string(unit);
}

constexpr const char* found_columns =
    "SELECT run, unit, slice, idx, outcome, content, exported_at, stored_offset, stored_bytes FROM ";

}  // namespace

ledger_reader::ledger_reader(const std::filesystem::path& path, database::access how)
    : books(value_or_throw(ledger::open(path, how))), raw(value_or_throw(database::open(path, how))) {
  std::uint32_t settled = 0;
  for (const auto& r : books.runs())
    if (r.finished) settled = std::max(settled, r.run);
  settled_ = std::to_string(settled);
  const std::string of_account = "documents WHERE run <= " + settled_ + " AND account = ?";
  rows_ = raw.prepare(found_columns + of_account + " AND digest = ? ORDER BY row DESC");
  content_ =
      raw.prepare("SELECT 1 FROM " + of_account + " AND outcome = 0 AND content = ? AND run < ? LIMIT 1");
  newer_ = raw.prepare("SELECT 1 FROM " + of_account +
                       " AND outcome = 0 AND exported_at IS NOT NULL AND (?2 IS NULL OR exported_at > ?2) "
                       "AND run < ?3 LIMIT 1");
  shard_ = raw.prepare(
      "SELECT decoded_bytes, proven_end, lines, blank_lines, bom, damage FROM shards WHERE run = ? AND unit "
      "= ? AND shard = ?");
}

std::vector<found_row> ledger_reader::read(statement& s) {
  std::vector<found_row> rows;
  while (s.step()) {
    found_row r{{small(s, 0), small(s, 1), small(s, 2)},
                big(s, 3),
                static_cast<outcome>(s.integer(4) & 3),
                digest_at(s, 5),
                std::nullopt,
                big(s, 7),
                big(s, 8)};
    if (!s.is_null(6)) r.exported_at = s.integer(6);
    rows.push_back(r);
  }
  s.rewind();
  return rows;
}

std::vector<found_row> ledger_reader::rows_of(const std::string& account, const digest128& digest) {
  return read(rows_.bind_text(account).bind_blob(digest.view()));
}

void ledger_reader::index_letters() {
  // A table of its own, on disk where it is large: dead letters have no index, and may be many.
  const auto s = raw.run(
      "CREATE TEMP TABLE letters AS SELECT digest AS of, row AS letter FROM documents WHERE outcome = 3;"
      "CREATE INDEX temp.letters_of ON letters (of)");
  if (!s.ok()) throw std::runtime_error(s.message);
  letters_ = raw.prepare(
      found_columns + std::string("temp.letters, documents WHERE of = ? AND row = letter ORDER BY row DESC"));
}

std::vector<found_row> ledger_reader::letters_of(const digest128& digest) {
  return read(letters_.bind_blob(digest.view()));
}

bool ledger_reader::has_content(const std::string& account, const digest128& content, std::uint32_t run) {
  const bool found = content_.bind_text(account).bind_blob(content.view()).bind(run).step();
  content_.rewind();
  return found;
}

bool ledger_reader::has_newer(const std::string& account, std::optional<std::int64_t> exported_at,
                              std::uint32_t run) {
  newer_.bind_text(account);
  exported_at ? newer_.bind(*exported_at) : newer_.bind_null();
  const bool found = newer_.bind(run).step();
  newer_.rewind();
  return found;
}

bool ledger_reader::has_shard(std::uint32_t run, std::uint32_t unit, const shard_end& end) {
  shard_.bind(run).bind(unit).bind(end.shard);
  const bool same = shard_.step() && !shard_.is_null(5) && big(shard_, 0) == end.decoded_bytes &&
                    big(shard_, 1) == end.proven_end && big(shard_, 2) == end.lines &&
                    big(shard_, 3) == end.blank_lines && (shard_.integer(4) != 0) == end.byte_order_mark &&
                    shard_.text(5) == end.damage;
  shard_.rewind();
  return same;
}

std::vector<slice_facts> read_slices(database& raw) {
  std::vector<slice_facts> slices;
  auto s = raw.prepare(
      "SELECT run, unit, slice, begin, end, digest, last, documents, document_bytes, pack_bytes, "
      "letters_bytes, "
      "pack_sha256, letters_sha256, tar_bytes, track_rows, track_refs, playlists, entries, listens, "
      "suspects, defused, "
      "lone_surrogates FROM slices ORDER BY run, unit, slice");
  while (s.step())
    slices.push_back({{small(s, 0), small(s, 1), small(s, 2)},
                      big(s, 3),
                      big(s, 4),
                      digest_at(s, 5),
                      s.integer(6) != 0,
                      big(s, 7),
                      big(s, 8),
                      big(s, 9),
                      big(s, 10),
                      std::string(s.text(11)),
                      std::string(s.text(12)),
                      {big(s, 13), big(s, 14), big(s, 15), big(s, 16), big(s, 17), big(s, 18), big(s, 19),
                       big(s, 20), big(s, 21)}});
  if (const auto e = s.error(); !e.ok()) throw std::runtime_error(e.message);
  return slices;
}

/// The slices of one unit, in order.
static void check_unit(const verify_context& c, std::uint32_t run, std::uint32_t unit,
                       std::vector<slice_facts>::const_iterator from,
                       std::vector<slice_facts>::const_iterator to) {
  const auto bad = [&](const std::string& what) {
    c.damage(std::string(ledger_name), place_of(run, unit), what, rebuild_remedy);
  };
  std::uint32_t number = 0;
  std::uint64_t end = 0;
  bool ended = false;
  for (auto s = from; s != to; ++s) {
    if (s->id.number != ++number) return bad("slice " + std::to_string(number) + " is missing");
    if (ended) return bad("there are slices behind the last one");
    if (s->begin != end || s->end < s->begin)
      return bad("slice " + std::to_string(number) + " does not begin where the one before ends");
    end = s->end;
    ended = s->last;
  }
  if (!ended && run != c.open_run && !c.cut_runs.contains(run)) bad("its last slice is missing");
}

void check_sequence(const verify_context& c, database& raw, const std::vector<slice_facts>& slices) {
  const auto bad = [&](const std::string& place, const std::string& what) {
    c.damage(std::string(ledger_name), place, what, rebuild_remedy);
  };
  for (std::size_t i = 0; i < c.runs.size(); ++i) {
    const auto& r = c.runs[i];
    if (r.run != i + 1) bad("run " + std::to_string(r.run), "runs are not numbered without a gap");
    if (!r.finished && i + 1 < c.runs.size())
      bad("run " + std::to_string(r.run), "a later run began before it was finished");
  }
  auto at = slices.begin();
  std::uint32_t run = 0, number = 0;
  auto units = raw.prepare("SELECT run, unit FROM units ORDER BY run, unit");
  while (units.step()) {
    const auto unit_run = small(units, 0), unit = small(units, 1);
    number = unit_run == run ? number + 1 : 1;
    run = unit_run;
    if (unit != number && !c.cut_runs.contains(run)) bad(place_of(run, number), "it is missing");
    number = unit;
    const auto of_unit = [&](const slice_facts& s) {
      return std::tie(s.id.run, s.id.unit) <= std::tie(run, unit);
    };
    const auto first = at;
    while (at != slices.end() && of_unit(*at)) ++at;
    const auto own =
        std::find_if(first, at, [&](const auto& s) { return s.id.run == run && s.id.unit == unit; });
    if (own != first) bad(place_of(first->id.run, first->id.unit), "it has slices, and was never planned");
    check_unit(c, run, unit, own, at);
  }
  if (const auto e = units.error(); !e.ok()) bad("", e.message);
  if (at != slices.end()) bad(place_of(at->id.run, at->id.unit), "it has slices, and was never planned");
  for (const auto& r : c.runs)
    if (r.finished && count_of(raw, "SELECT count(*) FROM units WHERE run = " + std::to_string(r.run)) == 0)
      bad("run " + std::to_string(r.run), "its plan of units is missing");
}

void check_tables(const verify_context& c, ledger_reader& reader) {
  const auto bad = [&](const std::string& place, const std::string& what) {
    c.damage(std::string(ledger_name), place, what, rebuild_remedy);
  };
  if (const auto s = reader.books.check_integrity(); !s.ok()) bad("", s.message);
  auto& raw = reader.raw;
  const auto n =
      count_of(raw,
               "SELECT count(*) FROM documents WHERE outcome NOT BETWEEN 0 AND 3 OR proven NOT IN (0, 1) "
               "OR reason NOT BETWEEN 0 AND " +
                   std::to_string(reason_names.size() - 1) +
                   " OR (outcome = 3) <> (reason <> 0) OR length(digest) <> 16 OR length(content) <> 16 "
                   "OR length(account) > 255 OR length < 0 OR offset < 0");
  if (n > 0) bad("documents", std::to_string(n) + " rows hold values that are never written");
  const auto rows = count_of(raw, "SELECT count(*) FROM documents");
  if (rows != count_of(raw, "SELECT sum(documents) FROM slices"))
    bad("documents", "there are " + std::to_string(rows) + " rows, and the slices count another number");
  const auto proofs = count_of(raw,
                               "SELECT count(*) FROM documents d LEFT JOIN shards s ON s.run = d.run AND "
                               "s.unit = d.unit AND s.shard = d.shard "
                               "WHERE s.run IS NULL OR d.proven <> (coalesce(s.damage, '') = '' OR d.offset "
                               "+ d.length < s.proven_end)");
  if (proofs > 0)
    bad("documents",
        std::to_string(proofs) + " rows are called proven or unproven against what their shards say");
  const auto open = count_of(
      raw,
      "SELECT count(*) FROM shards WHERE damage IS NULL AND run NOT IN (SELECT run FROM runs WHERE state = "
      "'cut') AND run <> " +
          std::to_string(c.open_run));
  if (open > 0)
    bad("shards", std::to_string(open) + " were not read to their ends although their run is finished");
  const auto b = reader.books.books_of(0);
  std::uint64_t sum = 0;
  for (const auto k : b.by_outcome) sum += k;
  if (sum != b.documents || b.documents != rows) bad("documents", "the books do not balance");
  if (const auto roster = reader.books.roster();
      roster && roster->accounts != roster->archived + roster->dead + roster->missing)
    bad("roster", "its books do not balance");
}

std::uint64_t unproven_accounts(const verify_context& c, database& raw) {
  if (c.open_run != 0) return 0;  // its rows have no index yet, and it is a reason of its own
  return count_of(raw,
                  "SELECT count(DISTINCT account) FROM documents d WHERE outcome = 0 AND proven = 0 AND NOT "
                  "EXISTS (SELECT 1 "
                  "FROM documents e WHERE e.run <= " +
                      std::to_string(c.runs.size()) +
                      " AND e.account = d.account AND e.outcome = 0 AND e.proven = 1)");
}

/// Shards that were damaged, and that a later run read whole under the same name.
static std::string with_mended() {
  return "WITH whole AS (SELECT path, max(run) AS at FROM shards WHERE damage = '' AND path <> '" +
         std::string(unknown_shard) +
         "' AND path IN (SELECT path FROM shards WHERE damage <> '') GROUP BY path), mended AS (SELECT "
         "d.run, "
         "d.unit, d.shard FROM shards d JOIN whole w ON w.path = d.path AND w.at > d.run WHERE d.damage <> "
         "'') ";
}

std::vector<std::string> damaged_shards(database& raw) {
  std::vector<std::string> paths;
  auto s =
      raw.prepare(with_mended() +
                  "SELECT path, run, unit, shard FROM shards WHERE damage <> '' AND (run, unit, shard) NOT "
                  "IN mended ORDER BY path, run, unit, shard");
  while (s.step()) {
    std::string path(s.text(0));
    if (path == unknown_shard)
      path += " in " + place_of(small(s, 1), small(s, 2)) + ", shard " + std::to_string(s.integer(3) + 1);
    if (paths.empty() || paths.back() != path) paths.push_back(std::move(path));
  }
  return paths;
}

std::uint64_t standing_letters(database& raw, bool accept_damaged) {
  const std::string made_good =
      accept_damaged ? "(SELECT run, unit, shard FROM shards WHERE damage <> '')" : "mended";
  return count_of(raw,
                  with_mended() +
                      "SELECT count(*) FROM documents WHERE outcome = 3 AND NOT (proven = 0 AND (run, unit, "
                      "shard) IN " +
                      made_good + ")");
}

}  // namespace outro
