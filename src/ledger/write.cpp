#include <fmt/format.h>

#include "ledger/columns.h"
#include "ledger/ledger.h"
#include "ledger/transaction.h"

namespace outro {

namespace {

status insert_units(database& into, std::uint32_t run, const std::vector<unit>& units) {
  auto insert_unit = into.prepare("INSERT INTO units VALUES (?, ?)");
  auto insert_shard = into.prepare(R"sql(
    INSERT INTO shards (run, unit, shard, path, size, mtime_ns, pipe) VALUES (?, ?, ?, ?, ?, ?, ?))sql");
  for (const auto& u : units) {
    if (auto s = insert_unit.bind(run).bind(u.number).run(); !s.ok()) return s;
    std::int64_t number = 0;
    for (const auto& shard : u.shards) {
      insert_shard.bind(run).bind(u.number).bind(number++).bind_text(shard.path.native());
      insert_shard.bind(as_integer(shard.size)).bind(shard.mtime_ns).bind(shard.is_pipe ? 1 : 0);
      if (auto s = insert_shard.run(); !s.ok()) return s;
    }
  }
  return {};
}

}  // namespace

status ledger::begin_run(const run_row& run, const std::vector<unit>& units) {
  auto change = transaction::begin(database_);
  if (!change) return change.error();
  auto insert = database_.prepare(R"sql(
    INSERT INTO runs (run, state, started_ms, recipe, service, units) VALUES (?, 'planned', ?, ?, ?, ?))sql");
  insert.bind(run.run).bind(run.started_ms).bind_text(run.recipe).bind_text(run.service).bind(run.units);
  if (auto s = insert.run(); !s.ok()) return s;
  if (auto s = insert_units(database_, run.run, units); !s.ok()) return s;
  return change->commit();
}

status ledger::finish_run(std::uint32_t run, std::int64_t now_ms, double cpu_seconds, double wall_seconds) {
  return finish_as("finished", run, now_ms, cpu_seconds, wall_seconds);
}

status ledger::finish_cut_run(std::uint32_t run, std::int64_t now_ms) {
  return finish_as("cut", run, now_ms, 0, 0);
}

status ledger::finish_as(std::string_view state, std::uint32_t run, std::int64_t now_ms, double cpu_seconds,
                         double wall_seconds) {
  auto change = transaction::begin(database_);
  if (!change) return change.error();
  // Indexes over all finished runs, built by sorting: to insert each of millions of rows at a random place
  // would cost 25 times an append. They end with this run, so the next run's appends don't touch them. Each
  // look-up of a document reads as many rows as it returns, however often an account or its content occurs.
  const auto index = fmt::format(R"sql(
    DROP INDEX IF EXISTS documents_offered;
    DROP INDEX IF EXISTS documents_content;
    DROP INDEX IF EXISTS documents_dead;
    CREATE INDEX documents_offered ON documents (account, proven, exported_at, run, unit, slice, idx)
      WHERE run <= {0} AND outcome < 2;
    CREATE INDEX documents_content ON documents (content, proven, run, exported_at, unit, slice, idx)
      WHERE run <= {0} AND outcome = 0;
    CREATE INDEX documents_dead ON documents (account) WHERE run <= {0} AND outcome = 2;)sql",
                                 run);
  if (auto s = database_.run(index); !s.ok()) return s;
  // A run that was resumed adds up the times of its processes.
  const auto mark = fmt::format(R"sql(
    UPDATE runs SET state = '{}', finished_ms = {}, cpu_seconds = cpu_seconds + {:.6f},
                    wall_seconds = wall_seconds + {:.6f} WHERE run = {})sql",
                                state, now_ms, cpu_seconds, wall_seconds, run);
  if (auto s = database_.run(mark); !s.ok()) return s;
  return change->commit();
}

status ledger::set_roster(const std::vector<std::string>& accounts) {
  auto change = transaction::begin(database_);
  if (!change) return change.error();
  if (auto s = database_.run("DELETE FROM roster"); !s.ok()) return s;
  auto insert = database_.prepare("INSERT OR IGNORE INTO roster VALUES (?)");
  for (const auto& a : accounts)
    if (auto s = insert.bind_text(a).run(); !s.ok()) return s;
  return change->commit();
}

}  // namespace outro
