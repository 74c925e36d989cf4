// What the ledger says of slices and shards.
#include "ledger/columns.h"
#include "ledger/ledger.h"

namespace outro {

std::vector<slice_row> ledger::slices() {
  std::vector<slice_row> rows;
  auto s = database_.prepare(R"sql(
    SELECT run, unit, slice, begin, end, digest, last, documents, document_bytes,
           pack_bytes, letters_bytes, pack_sha256, letters_sha256,
           tar_bytes, track_rows, track_refs, playlists, entries, listens, suspects, defused, lone_surrogates
    FROM slices ORDER BY run, unit, slice)sql");
  const auto big = [&](int column) { return big_at(s, column); };
  while (s.next()) {
    slice_row r;
    r.id = {small_at(s, 0), small_at(s, 1), small_at(s, 2)};
    r.begin = big(3);
    r.end = big(4);
    r.digest = digest_at(s, 5);
    r.last = s.integer(6) != 0;
    r.documents = big(7);
    r.document_bytes = big(8);
    r.pack_bytes = big(9);
    r.letters_bytes = big(10);
    r.pack_sha256 = s.text(11);
    r.letters_sha256 = s.text(12);
    r.totals = {big(13), big(14), big(15), big(16), big(17), big(18), big(19), big(20), big(21)};
    rows.push_back(std::move(r));
  }
  return rows;
}

std::string ledger::shard_path(std::uint32_t run, std::uint32_t unit, std::uint32_t shard) {
  auto s = database_.prepare("SELECT path FROM shards WHERE run=? AND unit=? AND shard=?");
  s.bind(run).bind(unit).bind(shard);
  return s.next() ? std::string(s.text(0)) : std::string("?");
}

status ledger::for_each_shard(const std::function<bool(const shard_row&)>& each) {
  auto s = database_.prepare(R"sql(
    SELECT run, unit, shard, path, size, mtime_ns, pipe,
           decoded_bytes, proven_end, lines, blank_lines, bom, damage, decoded_sha256, proven_sha256
    FROM shards ORDER BY run, unit, shard)sql");
  while (s.step()) {
    shard_row row{small_at(s, 0), small_at(s, 1), small_at(s, 2), {}, {}};
    row.planned = {std::string(s.text(3)), big_at(s, 4), s.integer(5), s.integer(6) != 0};
    if (!s.is_null(12))
      row.end = {row.number,
                 big_at(s, 7),
                 big_at(s, 8),
                 big_at(s, 9),
                 big_at(s, 10),
                 s.integer(11) != 0,
                 std::string(s.text(12)),
                 {std::string(s.text(13)), std::string(s.text(14))},
                 {}};
    if (!each(row)) return {};
  }
  return s.error();
}

status ledger::for_each_unit(const std::function<void(std::uint32_t, std::uint32_t)>& each) {
  auto s = database_.prepare("SELECT run, unit FROM units ORDER BY run, unit");
  while (s.step()) each(small_at(s, 0), small_at(s, 1));
  return s.error();
}

}  // namespace outro
