#include "ledger/ledger.h"

#include <sys/stat.h>

#include <algorithm>

#include "base/file.h"
#include "base/output_names.h"
#include "ledger/schema.h"

namespace outro {

namespace {

constexpr std::string_view document_columns =
    "run, unit, slice, idx, account, exported_at, digest, content, outcome, reason, proven, shard, offset, "
    "line, "
    "length, stored_offset, stored_bytes";
/// Newest first: the order that decides which archive is current (design, section 5).
constexpr std::string_view newest_first =
    "proven DESC, exported_at DESC, digest DESC, run DESC, unit DESC, slice DESC, idx DESC";

std::int64_t as_integer(std::uint64_t n) {
  return static_cast<std::int64_t>(n);
}
std::uint32_t narrow(std::int64_t n) {
  return static_cast<std::uint32_t>(n);
}

digest128 to_digest(std::string_view blob) {
  digest128 d;
  if (blob.size() == d.bytes.size()) std::copy(blob.begin(), blob.end(), d.bytes.begin());
  return d;
}

document_row read_document(const statement& s) {
  document_row row;
  row.slice = {narrow(s.integer(0)), narrow(s.integer(1)), narrow(s.integer(2))};
  row.index = static_cast<std::uint64_t>(s.integer(3));
  auto& d = row.record;
  d.account = s.text(4);
  if (!s.is_null(5)) d.exported_at = s.integer(5);
  d.digest = to_digest(s.blob(6));
  d.content_digest = to_digest(s.blob(7));
  d.outcome = static_cast<outcome>(std::clamp<std::int64_t>(s.integer(8), 0, outcome_names.size() - 1));
  d.reason = static_cast<reason>(std::clamp<std::int64_t>(s.integer(9), 0, reason_names.size() - 1));
  row.proven = s.integer(10) != 0;
  d.place = {narrow(s.integer(11)), static_cast<std::uint64_t>(s.integer(12)),
             static_cast<std::uint64_t>(s.integer(13))};
  d.length = static_cast<std::uint64_t>(s.integer(14));
  d.stored_offset = static_cast<std::uint64_t>(s.integer(15));
  d.stored_bytes = static_cast<std::uint64_t>(s.integer(16));
  return row;
}

std::string sql(std::initializer_list<std::string_view> parts) {
  std::string text;
  for (const auto part : parts) text.append(part);
  return text;
}

}  // namespace

/// Makes an empty ledger, so that it is there with all its tables or not at all: a power cut must not leave a
/// file that is no ledger.
static status create(const std::filesystem::path& path) {
  // A log that outlived its database would be taken for the new one's.
  for (const auto suffix : database_suffixes)
    if (auto s = remove_file(path.native() + std::string(suffix)); !s.ok()) return s;
  const auto partial = partial_path(path);
  if (auto s = remove_file(partial); !s.ok()) return s;
  // SQLite gives the log and the index of the log the mode of the database.
  const auto old = ::umask(0077);
  auto made = database::open(partial, database::access::create);
  ::umask(old);
  if (!made) return made.error();
  // Until it has its name nothing needs undoing, so there is no journal; FULL syncs it at the commit.
  const auto setup = "PRAGMA journal_mode=MEMORY; PRAGMA synchronous=FULL; BEGIN;" +
                     std::string(ledger_schema) + pace_schema +
                     "PRAGMA application_id=" + std::to_string(ledger_application) +
                     "; PRAGMA user_version=" + std::to_string(ledger_version) + "; COMMIT;";
  if (auto s = made->run(setup); !s.ok()) return s;
  if (auto s = made->close(); !s.ok()) return s;
  if (auto s = rename_file(partial, path); !s.ok()) return s;
  return sync_parent(path);
}

result<ledger> ledger::open(const std::filesystem::path& path, database::access how) {
  if (how == database::access::create) {
    if (auto s = create(path); !s.ok()) return s;
    how = database::access::write;
  }
  auto opened = database::open(path, how);
  if (!opened) return opened.error();
  // A commit must survive a power cut, so every one syncs the log.
  if (auto s = opened->run("PRAGMA synchronous=FULL; PRAGMA cache_size=-16000;"); !s.ok()) return s;
  if (how == database::access::write)
    if (auto s = opened->run("PRAGMA journal_mode=WAL"); !s.ok()) return s;
  ledger l(std::move(*opened));
  auto version = l.database_.prepare(
      "SELECT (SELECT * FROM pragma_application_id), (SELECT * FROM pragma_user_version)");
  if (!version.step()) return version.error();
  if (version.integer(0) != ledger_application)
    return fail(failure::corrupt,
                path.string() + " is not a ledger of Outro; `outro rebuild` makes it anew from the packs");
  if (version.integer(1) > ledger_version)
    return fail(failure::refused, path.string() + " was written by a newer Outro; use that version");
  // Our tables hold what was written into them: nothing in them is computed while they are read.
  auto computed = l.database_.prepare(
      "SELECT (SELECT count(*) FROM sqlite_schema WHERE type NOT IN ('table', 'index') OR rootpage = 0) + "
      "(SELECT count(*) FROM sqlite_schema t, pragma_table_xinfo(t.name) c WHERE t.type = 'table' AND "
      "c.hidden <> 0)");
  if (!computed.step()) return computed.error();
  if (computed.integer(0) != 0)
    return fail(failure::corrupt, path.string() +
                                      " holds views, triggers or the like, as no ledger of Outro "
                                      "does; `outro rebuild` makes it anew from the packs");
  if (how == database::access::write)
    if (auto s = l.database_.run(pace_schema); !s.ok()) return s;
  return l;
}

std::vector<run_row> ledger::runs() {
  std::vector<run_row> rows;
  auto s = database_.prepare(
      "SELECT run, state, started_ms, finished_ms, recipe, service, cast(cpu_seconds*1e6 AS INTEGER), "
      "cast(wall_seconds*1e6 AS INTEGER) FROM runs ORDER BY run");
  while (s.next())
    rows.push_back({narrow(s.integer(0)), s.text(1) == "finished" || s.text(1) == "cut", s.integer(2),
                    s.integer(3), std::string(s.text(4)), std::string(s.text(5)),
                    static_cast<double>(s.integer(6)) * 1e-6, static_cast<double>(s.integer(7)) * 1e-6,
                    s.text(1) == "cut"});
  return rows;
}

status ledger::begin_run(const run_row& run, const std::vector<unit>& units) {
  if (auto s = database_.run("BEGIN IMMEDIATE"); !s.ok()) return s;
  auto insert_run = database_.prepare(
      "INSERT INTO runs (run, state, started_ms, recipe, service) VALUES (?, 'planned', ?, ?, ?)");
  if (auto s =
          insert_run.bind(run.run).bind(run.started_ms).bind_text(run.recipe).bind_text(run.service).run();
      !s.ok())
    return s;
  auto insert_unit = database_.prepare("INSERT INTO units VALUES (?, ?)");
  auto insert_shard = database_.prepare(
      "INSERT INTO shards (run, unit, shard, path, size, mtime_ns, pipe) VALUES (?, ?, ?, ?, ?, ?, ?)");
  for (const auto& u : units) {
    if (auto s = insert_unit.bind(run.run).bind(u.number).run(); !s.ok()) return s;
    for (std::size_t i = 0; i < u.shards.size(); ++i) {
      const auto& shard = u.shards[i];
      insert_shard.bind(run.run).bind(u.number).bind(as_integer(i)).bind_text(shard.path.native());
      if (auto s = insert_shard.bind(as_integer(shard.size))
                       .bind(shard.mtime_ns)
                       .bind(shard.is_pipe ? 1 : 0)
                       .run();
          !s.ok())
        return s;
    }
  }
  return database_.run("COMMIT");
}

std::vector<unit> ledger::planned_units(std::uint32_t run) {
  std::vector<unit> units;
  auto s = database_.prepare(
      "SELECT unit, path, size, mtime_ns, pipe FROM shards WHERE run = ? ORDER BY unit, shard");
  s.bind(run);
  while (s.next()) {
    const auto number = narrow(s.integer(0));
    if (units.empty() || units.back().number != number) units.push_back({number, {}});
    units.back().shards.push_back(
        {std::string(s.text(1)), static_cast<std::uint64_t>(s.integer(2)), s.integer(3), s.integer(4) != 0});
  }
  return units;
}

std::map<std::uint32_t, unit_progress> ledger::progress_of(std::uint32_t run) {
  std::map<std::uint32_t, unit_progress> units;
  auto s = database_.prepare(
      "SELECT unit, slice, end, digest, last FROM slices WHERE run = ? ORDER BY unit, slice");
  s.bind(run);
  while (s.next()) {
    auto& u = units[narrow(s.integer(0))];
    u = {narrow(s.integer(1)), static_cast<std::uint64_t>(s.integer(2)), to_digest(s.blob(3)),
         s.integer(4) != 0};
  }
  return units;
}

status ledger::insert_documents(const slice_record& r) {
  std::map<std::uint32_t, std::uint64_t> damaged;  // shards that ended badly in this very slice
  for (const auto& e : r.end.shards)
    if (!e.damage.empty()) damaged[e.shard] = e.proven_end;
  insert_document_ = database_.prepare(
      sql({"INSERT INTO documents (", document_columns, ") VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"}));
  auto& s = insert_document_;
  std::int64_t index = 0;
  for (const auto& d : r.documents) {
    const auto bad = damaged.find(d.place.shard);
    const bool proven = bad == damaged.end() || is_proven(d.place, d.length, bad->second);
    s.bind(r.id.run).bind(r.id.unit).bind(r.id.number).bind(index++).bind_text(d.account);
    d.exported_at ? s.bind(*d.exported_at) : s.bind_null();
    s.bind_blob(d.digest.view()).bind_blob(d.content_digest.view());
    s.bind(static_cast<std::int64_t>(d.outcome))
        .bind(static_cast<std::int64_t>(d.reason))
        .bind(proven ? 1 : 0);
    s.bind(d.place.shard)
        .bind(as_integer(d.place.offset))
        .bind(as_integer(d.place.line))
        .bind(as_integer(d.length));
    if (auto done = s.bind(as_integer(d.stored_offset)).bind(as_integer(d.stored_bytes)).run(); !done.ok())
      return done;
  }
  return {};
}

status ledger::commit_slice(const slice_commit& c) {
  const auto& r = c.record;
  if (auto s = database_.run("BEGIN IMMEDIATE"); !s.ok()) return s;
  const auto roll_back = [this](status why) {
    (void)database_.run("ROLLBACK");  // the first failure is the one that counts
    return why;
  };
  auto last_row = database_.prepare("SELECT coalesce(max(row), 0) FROM documents");
  const auto first_row = last_row.next() ? last_row.integer(0) + 1 : 1;
  last_row.rewind();
  if (auto s = insert_documents(r); !s.ok()) return roll_back(s);
  std::uint64_t bytes = 0;
  for (const auto& d : r.documents) bytes += d.length;
  auto insert =
      database_.prepare("INSERT INTO slices VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)");
  insert.bind(r.id.run)
      .bind(r.id.unit)
      .bind(r.id.number)
      .bind(as_integer(r.begin))
      .bind(as_integer(r.end.offset));
  insert.bind_blob(r.end.digest.view()).bind(r.end.last_of_unit ? 1 : 0);
  insert.bind(first_row).bind(as_integer(r.documents.size())).bind(as_integer(bytes));
  insert.bind(as_integer(c.pack_bytes)).bind_text(c.pack_sha256);
  insert.bind(as_integer(c.letters_bytes)).bind_text(c.letters_sha256);
  for (const auto n :
       {r.totals.tar_bytes, r.totals.rows, r.totals.references, r.totals.playlists, r.totals.entries,
        r.totals.listens, r.totals.suspects, r.totals.defused, r.totals.lone_surrogates})
    insert.bind(as_integer(n));
  if (auto s = insert.run(); !s.ok()) return roll_back(s);
  if (c.pace.threads > 0) {
    auto pace = database_.prepare("INSERT INTO paces VALUES (?,?,?,?,?)");
    pace.bind(r.id.run).bind(c.pace.process_ms).bind(c.pace.threads);
    pace.bind(static_cast<std::int64_t>(1000 * c.pace.work_seconds)).bind(as_integer(c.pace.bytes));
    if (auto s = pace.run(); !s.ok()) return roll_back(s);
  }
  auto end = database_.prepare(
      "UPDATE shards SET decoded_bytes=?, proven_end=?, lines=?, blank_lines=?, bom=?, damage=? "
      "WHERE run=? AND unit=? AND shard=?");
  auto unproven = database_.prepare(
      "UPDATE documents SET proven=0 WHERE run=? AND unit=? AND shard=? AND offset+length >= ?");
  for (const auto& e : r.end.shards) {
    end.bind(as_integer(e.decoded_bytes)).bind(as_integer(e.proven_end)).bind(as_integer(e.lines));
    end.bind(as_integer(e.blank_lines)).bind(e.byte_order_mark ? 1 : 0).bind_text(e.damage);
    if (auto s = end.bind(r.id.run).bind(r.id.unit).bind(e.shard).run(); !s.ok()) return roll_back(s);
    if (e.damage.empty()) continue;
    if (auto s = unproven.bind(r.id.run).bind(r.id.unit).bind(e.shard).bind(as_integer(e.proven_end)).run();
        !s.ok())
      return roll_back(s);
  }
  if (auto s = database_.run("COMMIT"); !s.ok()) return roll_back(s);
  return {};
}

std::vector<pace_row> ledger::paces(std::uint32_t run) {
  std::vector<pace_row> rows;
  auto there = database_.prepare("SELECT count(*) FROM sqlite_schema WHERE name = 'paces'");
  if (!there.next() || there.integer(0) == 0) return rows;
  auto s =
      database_.prepare("SELECT process_ms, threads, work_ms, bytes FROM paces WHERE run = ? ORDER BY rowid");
  s.bind(run);
  while (s.next())
    rows.push_back({s.integer(0), narrow(s.integer(1)), static_cast<double>(s.integer(2)) / 1000,
                    static_cast<std::uint64_t>(s.integer(3))});
  return rows;
}

status ledger::finish_run(std::uint32_t run, std::int64_t now_ms, double cpu_seconds, double wall_seconds) {
  return settle_run(run, "finished", now_ms, cpu_seconds, wall_seconds);
}

status ledger::finish_cut_run(std::uint32_t run) {
  return settle_run(run, "cut", 0, 0, 0);
}

status ledger::settle_run(std::uint32_t run, std::string_view state, std::int64_t now, double cpu_seconds,
                          double wall_seconds) {
  const auto number = std::to_string(run);
  // One index over all settled runs, built by sorting: a random insert for each of millions of rows would
  // cost 25 times an append (design, section 9). The next run appends beside it.
  return database_.run(
      "BEGIN IMMEDIATE; DROP INDEX IF EXISTS documents_settled;"
      "CREATE INDEX documents_settled ON documents (account, outcome, proven, exported_at) WHERE run <= " +
      number + "; UPDATE runs SET state='" + std::string(state) + "', finished_ms=" + std::to_string(now) +
      ", cpu_seconds=cpu_seconds+" + std::to_string(cpu_seconds) + ", wall_seconds=wall_seconds+" +
      std::to_string(wall_seconds) + " WHERE run=" + number + "; COMMIT;");
}

status ledger::close() {
  insert_document_ = {};
  // At rest there is no log, and readers need not make one: not even in a directory that is read-only.
  if (auto s = database_.run("PRAGMA wal_checkpoint(TRUNCATE); PRAGMA journal_mode=DELETE"); !s.ok())
    return s;
  return database_.close();
}

std::uint32_t ledger::indexed_until() {
  auto s = database_.prepare("SELECT coalesce(max(run), 0) FROM runs WHERE state IN ('finished', 'cut')");
  return s.next() ? narrow(s.integer(0)) : 0;
}

/// 0: of all runs.
static std::string where_run(std::uint32_t run) {
  return run == 0 ? " WHERE 1" : " WHERE run = " + std::to_string(run);
}

std::vector<std::pair<std::string, std::string>> ledger::damaged_shards(std::uint32_t run) {
  auto shards = database_.prepare("SELECT path, damage FROM shards" + where_run(run) +
                                  " AND damage <> '' ORDER BY run, unit, shard");
  std::vector<std::pair<std::string, std::string>> damaged;
  while (shards.next()) damaged.emplace_back(shards.text(0), shards.text(1));
  return damaged;
}

books ledger::books_of(std::uint32_t run) {
  const auto where = where_run(run);
  books b;
  auto documents = database_.prepare(
      "SELECT outcome, reason, proven, count(*), sum(length), sum(exported_at IS NULL) FROM documents" +
      where + " GROUP BY outcome, reason, proven");
  while (documents.next()) {
    const auto n = static_cast<std::uint64_t>(documents.integer(3));
    const auto what = static_cast<std::size_t>(std::clamp<std::int64_t>(documents.integer(0), 0, 3));
    const auto why =
        static_cast<std::size_t>(std::clamp<std::int64_t>(documents.integer(1), 0, reason_names.size() - 1));
    b.documents += n;
    b.document_bytes += static_cast<std::uint64_t>(documents.integer(4));
    b.by_outcome[what] += n;
    if (why != 0) b.dead_by_reason[std::string(reason_names[why])] += n;
    if (documents.integer(2) == 0) b.unproven += n;
    if (what == static_cast<std::size_t>(outcome::older))
      b.undated_older += static_cast<std::uint64_t>(documents.integer(5));
  }
  auto nameless =
      database_.prepare("SELECT count(*) FROM documents" + where + " AND outcome = 3 AND account = ''");
  if (nameless.next()) b.dead_nameless = static_cast<std::uint64_t>(nameless.integer(0));
  auto slices = database_.prepare(
      "SELECT count(*), sum(pack_bytes), sum(tar_bytes), sum(track_rows), sum(track_refs), sum(playlists), "
      "sum(entries), sum(listens), sum(suspects), sum(defused), sum(lone_surrogates) FROM slices" +
      where);
  if (slices.next()) {
    const auto column = [&](int i) { return static_cast<std::uint64_t>(slices.integer(i)); };
    b.slices = column(0), b.pack_bytes = column(1);
    b.totals = {column(2), column(3), column(4), column(5), column(6),
                column(7), column(8), column(9), column(10)};
  }
  b.damaged = damaged_shards(run);
  auto blank = database_.prepare("SELECT sum(blank_lines) FROM shards" + where);
  if (blank.next()) b.blank_lines = static_cast<std::uint64_t>(blank.integer(0));
  return b;
}

std::uint64_t ledger::current_accounts() {
  auto s = database_.prepare("SELECT count(DISTINCT account) FROM documents WHERE outcome = 0");
  return s.next() ? static_cast<std::uint64_t>(s.integer(0)) : 0;
}

std::vector<std::optional<document_row>> ledger::newest_before(std::uint32_t run,
                                                               const std::vector<std::string>& accounts) {
  std::vector<std::optional<document_row>> rows(accounts.size());
  const auto settled = std::min(indexed_until(), run - 1);
  if (settled == 0) return rows;
  auto s = database_.prepare(
      sql({"SELECT ", document_columns, " FROM documents WHERE run <= ", std::to_string(settled),
           " AND account = ? AND outcome = 0 ORDER BY ", newest_first, " LIMIT 1"}));
  for (std::size_t i = 0; i < accounts.size(); ++i) {
    s.bind_text(accounts[i]);
    if (s.next()) rows[i] = read_document(s);
    s.rewind();
  }
  return rows;
}

std::vector<document_row> ledger::history_of(const std::string& account) {
  std::vector<document_row> rows;
  const auto settled = std::to_string(indexed_until());
  const auto take = [&](std::string_view which) {
    auto s = database_.prepare(
        sql({"SELECT ", document_columns, " FROM documents WHERE run ", which, settled, " AND account = ?"}));
    s.bind_text(account);
    while (s.next()) rows.push_back(read_document(s));
  };
  take("<= ");
  // Rows of a run that has not finished have no index yet: they are looked through.
  if (const auto all = runs(); !all.empty() && !all.back().finished) take("> ");
  const auto key = [](const document_row& r) {
    return std::tuple(r.record.outcome == outcome::written, r.proven, r.record.exported_at, r.record.digest,
                      r.slice, r.index);
  };
  std::sort(rows.begin(), rows.end(), [&](const auto& a, const auto& b) { return key(a) > key(b); });
  return rows;
}

std::vector<document_row> ledger::documents_of(slice_id slice) {
  std::vector<document_row> rows;
  // A slice's rows were inserted in one transaction, so they lie side by side.
  auto s = database_.prepare(
      sql({"SELECT ", document_columns,
           " FROM documents, (SELECT first_row AS f, documents AS n FROM "
           "slices WHERE run=?1 AND unit=?2 AND slice=?3) WHERE row >= f AND row < f + n ORDER BY row"}));
  s.bind(slice.run).bind(slice.unit).bind(slice.number);
  while (s.next()) rows.push_back(read_document(s));
  return rows;
}

status ledger::for_each_document(const std::function<bool(const document_row&)>& each,
                                 std::string_view where) {
  auto s = database_.prepare(sql({"SELECT ", document_columns, " FROM documents",
                                  where.empty() ? "" : " WHERE ", where, " ORDER BY run, unit, slice, idx"}));
  while (s.step())
    if (!each(read_document(s))) return {};
  return s.error();
}

status ledger::for_each_current(const std::function<bool(const document_row&)>& each) {
  auto s = database_.prepare(sql(
      {"SELECT ", document_columns, " FROM documents WHERE outcome = 0 ORDER BY account, ", newest_first}));
  std::optional<std::string> last;
  while (s.step()) {
    if (last && *last == s.text(4)) continue;
    last = s.text(4);
    if (!each(read_document(s))) return {};
  }
  return s.error();
}

std::vector<ledger::slice_row> ledger::slices() {
  std::vector<slice_row> rows;
  auto s = database_.prepare(
      "SELECT run, unit, slice, begin, end, documents, pack_bytes, letters_bytes, pack_sha256, "
      "letters_sha256 "
      "FROM slices ORDER BY run, unit, slice");
  const auto big = [&](int i) { return static_cast<std::uint64_t>(s.integer(i)); };
  while (s.next())
    rows.push_back({{narrow(s.integer(0)), narrow(s.integer(1)), narrow(s.integer(2))},
                    big(3),
                    big(4),
                    big(5),
                    big(6),
                    big(7),
                    std::string(s.text(8)),
                    std::string(s.text(9))});
  return rows;
}

std::string ledger::shard_path(std::uint32_t run, std::uint32_t unit, std::uint32_t shard) {
  auto s = database_.prepare("SELECT path FROM shards WHERE run=? AND unit=? AND shard=?");
  s.bind(run).bind(unit).bind(shard);
  return s.next() ? std::string(s.text(0)) : std::string("?");
}

status ledger::set_roster(const std::vector<std::string>& accounts) {
  if (auto s = database_.run("BEGIN IMMEDIATE; DELETE FROM roster;"); !s.ok()) return s;
  auto insert = database_.prepare("INSERT OR IGNORE INTO roster VALUES (?)");
  for (const auto& a : accounts)
    if (auto s = insert.bind_text(a).run(); !s.ok()) {
      (void)database_.run("ROLLBACK");
      return s;
    }
  return database_.run("COMMIT");
}

std::optional<roster_books> ledger::roster() {
  roster_books b;
  auto count = database_.prepare("SELECT count(*) FROM roster");
  if (!count.next() || count.integer(0) == 0) return std::nullopt;
  b.accounts = static_cast<std::uint64_t>(count.integer(0));
  const auto all = runs();
  const bool indexed = !all.empty() && all.back().finished;
  // With an index each account is a look-up; without one, one pass over the rows fills a table first.
  if (!indexed) {
    if (!database_
             .run("CREATE TEMP TABLE seen AS SELECT account, min(outcome) AS outcome FROM documents GROUP BY "
                  "account;"
                  "CREATE INDEX temp.seen_account ON seen(account);")
             .ok())
      return std::nullopt;
  }
  auto s = database_.prepare(
      indexed ? sql({"SELECT r.account, (SELECT min(outcome) FROM documents d WHERE d.run <= ",
                     std::to_string(indexed_until()),
                     " AND d.account = r.account) FROM roster r ORDER BY r.account"})
              : "SELECT r.account, (SELECT outcome FROM seen d WHERE d.account = r.account) FROM roster r "
                "ORDER BY r.account");
  while (s.next()) {
    if (s.is_null(1)) {
      ++b.missing;
      if (b.some_missing.size() < 20) b.some_missing.emplace_back(s.text(0));
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

status ledger::check_integrity() {
  auto s = database_.prepare("PRAGMA integrity_check(1)");
  if (!s.step()) return s.error();
  if (s.text(0) != "ok")
    return fail(failure::corrupt, "the ledger is damaged: " + std::string(s.text(0)) +
                                      "; `outro rebuild` makes it anew from the packs");
  return {};
}

}  // namespace outro
