// A slice becomes done here: all its rows in one transaction, whose commit is synced. Its pack and its dead
// letters are durable under their names before.
#include <fmt/format.h>

#include <map>

#include "ledger/columns.h"
#include "ledger/ledger.h"
#include "ledger/transaction.h"

namespace outro {

namespace {

std::int64_t next_row(database& from) {
  auto last = from.prepare("SELECT coalesce(max(row), 0) FROM documents");
  return last.next() ? last.integer(0) + 1 : 1;
}

status insert_documents(database& into, const slice_record& r) {
  std::map<std::uint32_t, std::uint64_t> damaged;  // shards that ended badly in this very slice
  for (const auto& e : r.end.shards)
    if (!e.damage.empty()) damaged[e.shard] = e.proven_end;
  auto s = into.prepare(
      fmt::format("INSERT INTO documents ({}) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
                  document_columns));
  std::int64_t index = 0;
  for (const auto& d : r.documents) {
    const auto bad = damaged.find(d.place.shard);
    const bool proven = bad == damaged.end() || is_proven(d.place, d.length, bad->second);
    s.bind(r.id.run).bind(r.id.unit).bind(r.id.number).bind(index++).bind_text(d.account);
    d.exported_at ? s.bind(*d.exported_at) : s.bind_null();
    s.bind_blob(d.digest.view()).bind_blob(d.content_digest.view());
    s.bind(static_cast<std::int64_t>(d.outcome)).bind(static_cast<std::int64_t>(d.reason));
    s.bind(proven ? 1 : 0).bind(d.place.shard).bind(as_integer(d.place.offset));
    s.bind(as_integer(d.place.line)).bind(as_integer(d.length));
    s.bind(as_integer(d.stored_offset)).bind(as_integer(d.stored_bytes));
    s.bind(d.counts.entries).bind(d.counts.favourites).bind(d.counts.listens).bind(d.counts.suspects);
    s.bind(d.kept_percent).bind(d.is_older ? 1 : 0).bind(d.volatile_only ? 1 : 0);
    if (auto done = s.run(); !done.ok()) return done;
  }
  return {};
}

status insert_slice(database& into, const slice_commit& c, std::int64_t first_row) {
  const auto& r = c.record;
  std::uint64_t document_bytes = 0;
  for (const auto& d : r.documents) document_bytes += d.length;
  auto s = into.prepare("INSERT INTO slices VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)");
  s.bind(r.id.run).bind(r.id.unit).bind(r.id.number);
  s.bind(as_integer(r.begin)).bind(as_integer(r.end.offset));
  s.bind_blob(r.end.digest.view()).bind(r.end.last_of_unit ? 1 : 0);
  s.bind(first_row).bind(as_integer(r.documents.size())).bind(as_integer(document_bytes));
  s.bind(as_integer(c.pack_bytes)).bind_text(c.pack_sha256);
  s.bind(as_integer(c.letters_bytes)).bind_text(c.letters_sha256);
  const auto& t = r.totals;
  for (const auto n : {t.tar_bytes, t.rows, t.references, t.playlists, t.entries, t.listens, t.suspects,
                       t.defused, t.lone_surrogates})
    s.bind(as_integer(n));
  return s.run();
}

status insert_pace(database& into, std::uint32_t run, const pace_row& pace) {
  auto s = into.prepare("INSERT INTO paces VALUES (?,?,?,?,?)");
  s.bind(run).bind(pace.process_ms).bind(pace.threads);
  s.bind(static_cast<std::int64_t>(1000 * pace.work_seconds)).bind(as_integer(pace.bytes));
  return s.run();
}

/// Documents of a damaged shard that earlier slices hold may turn out to be unproven. A shard's documents lie
/// side by side in its unit, so the slices are taken backwards until one ends with another shard.
status unprove(database& in, slice_id id, const shard_end& e) {
  auto slice = in.prepare(R"sql(
    SELECT first_row, documents, coalesce((SELECT shard FROM documents WHERE row = first_row + documents - 1), -1)
    FROM slices WHERE run = ? AND unit = ? AND slice = ?)sql");
  auto unproven = in.prepare(R"sql(
    UPDATE documents SET proven = 0 WHERE row >= ? AND row < ? AND shard = ? AND offset + length >= ?)sql");
  for (auto number = id.number; number-- > 1;) {
    slice.bind(id.run).bind(id.unit).bind(number);
    const bool found = slice.next();
    const auto first = found ? slice.integer(0) : 0, documents = found ? slice.integer(1) : 0;
    const bool holds_shard = found && (documents == 0 || slice.integer(2) == e.shard);
    slice.rewind();
    if (!holds_shard) return {};
    unproven.bind(first).bind(first + documents).bind(e.shard).bind(as_integer(e.proven_end));
    if (auto s = unproven.run(); !s.ok()) return s;
  }
  return {};
}

/// Notes how shards ended.
status end_shards(database& in, slice_id id, const std::vector<shard_end>& shards) {
  auto end = in.prepare(R"sql(
    UPDATE shards SET decoded_bytes=?, proven_end=?, lines=?, blank_lines=?, bom=?, damage=?,
                      decoded_sha256=?, proven_sha256=?
    WHERE run=? AND unit=? AND shard=?)sql");
  auto repaired = in.prepare(
      "INSERT OR IGNORE INTO repairs (run, unit, shard, of_run, of_unit, of_shard) "
      "VALUES (?,?,?,?,?,?)");
  for (const auto& e : shards) {
    end.bind(as_integer(e.decoded_bytes)).bind(as_integer(e.proven_end)).bind(as_integer(e.lines));
    end.bind(as_integer(e.blank_lines)).bind(e.byte_order_mark ? 1 : 0).bind_text(e.damage);
    end.bind_text(e.remains.decoded).bind_text(e.remains.proven);
    if (auto s = end.bind(id.run).bind(id.unit).bind(e.shard).run(); !s.ok()) return s;
    for (const auto& of : e.repairs) {
      repaired.bind(id.run).bind(id.unit).bind(e.shard).bind(of.run).bind(of.unit).bind(of.number);
      if (auto s = repaired.run(); !s.ok()) return s;
    }
    if (e.damage.empty()) continue;
    if (auto s = unprove(in, id, e); !s.ok()) return s;
  }
  return {};
}

}  // namespace

status ledger::commit_slice(const slice_commit& c) {
  const auto& r = c.record;
  auto change = transaction::begin(database_);
  if (!change) return change.error();
  const auto first_row = next_row(database_);
  if (auto s = insert_documents(database_, r); !s.ok()) return s;
  if (auto s = insert_slice(database_, c, first_row); !s.ok()) return s;
  if (c.pace.threads > 0)
    if (auto s = insert_pace(database_, r.id.run, c.pace); !s.ok()) return s;
  if (auto s = end_shards(database_, r.id, r.end.shards); !s.ok()) return s;
  return change->commit();
}

}  // namespace outro
