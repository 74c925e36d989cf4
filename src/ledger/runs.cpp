// What the ledger says of runs: their plans, and how far they got.
#include "ledger/columns.h"
#include "ledger/ledger.h"

namespace outro {

std::vector<run_row> ledger::runs() {
  constexpr double seconds = 1e-6;  // of a microsecond
  std::vector<run_row> rows;
  auto s = database_.prepare(R"sql(
    SELECT run, state, started_ms, finished_ms, recipe, service,
           cast(cpu_seconds*1e6 AS INTEGER), cast(wall_seconds*1e6 AS INTEGER), units
    FROM runs ORDER BY run)sql");
  while (s.next()) {
    run_row r;
    r.run = small_at(s, 0);
    r.cut = s.text(1) == "cut";
    r.finished = r.cut || s.text(1) == "finished";
    r.started_ms = s.integer(2);
    r.finished_ms = s.integer(3);
    r.recipe = s.text(4);
    r.service = s.text(5);
    r.cpu_seconds = static_cast<double>(s.integer(6)) * seconds;
    r.wall_seconds = static_cast<double>(s.integer(7)) * seconds;
    r.units = small_at(s, 8);
    rows.push_back(std::move(r));
  }
  return rows;
}

std::vector<unit> ledger::planned_units(std::uint32_t run) {
  std::vector<unit> units;
  auto s = database_.prepare(R"sql(
    SELECT unit, path, size, mtime_ns, pipe FROM shards WHERE run = ? ORDER BY unit, shard)sql");
  s.bind(run);
  while (s.next()) {
    const auto number = small_at(s, 0);
    if (units.empty() || units.back().number != number) units.push_back({number, {}});
    units.back().shards.push_back({std::string(s.text(1)), big_at(s, 2), s.integer(3), s.integer(4) != 0});
  }
  return units;
}

std::map<std::uint32_t, unit_progress> ledger::progress_of(std::uint32_t run) {
  std::map<std::uint32_t, unit_progress> units;
  auto s = database_.prepare(R"sql(
    SELECT unit, slice, end, digest, last FROM slices WHERE run = ? ORDER BY unit, slice)sql");
  s.bind(run);
  while (s.next()) units[small_at(s, 0)] = {small_at(s, 1), big_at(s, 2), digest_at(s, 3), s.integer(4) != 0};
  return units;
}

std::vector<pace_row> ledger::paces(std::uint32_t run) {
  std::vector<pace_row> rows;
  auto there = database_.prepare("SELECT count(*) FROM sqlite_schema WHERE name = 'paces'");
  if (!there.next() || there.integer(0) == 0) return rows;
  auto s = database_.prepare(R"sql(
    SELECT process_ms, threads, work_ms, bytes FROM paces WHERE run = ? ORDER BY rowid)sql");
  s.bind(run);
  while (s.next())
    rows.push_back({s.integer(0), small_at(s, 1), static_cast<double>(s.integer(2)) / 1000, big_at(s, 3)});
  return rows;
}

std::uint32_t ledger::indexed_until() {
  auto s = database_.prepare("SELECT coalesce(max(run), 0) FROM runs WHERE state IN ('finished', 'cut')");
  return s.next() ? small_at(s, 0) : 0;
}

}  // namespace outro
