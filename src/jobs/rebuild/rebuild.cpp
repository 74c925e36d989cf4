#include "jobs/rebuild/rebuild.h"

#include <fmt/format.h>

#include "base/output_names.h"
#include "base/plural.h"
#include "jobs/rebuild/survey.h"
#include "ledger/ledger.h"
#include "output/checksums.h"
#include "output/output_directory.h"
#include "pack/recipe.h"

namespace outro {

namespace fs = std::filesystem;

namespace {

/// What the rebuilt ledger is made from and where it goes.
struct rebuild_work {
  const output_directory& directory;
  const listed_files& listed;
  rebuild_report& report;
};

struct slice_file {
  std::uint64_t bytes = 0;
  std::string sha256;
};

/// A file of a slice; empty where there is none. Its SHA-256 is what SHA256SUMS says, so that damage since
/// then stays visible to verify.
result<slice_file> measure(const rebuild_work& work, const std::string& name) {
  const auto path = work.directory.path() / name;
  std::error_code error;
  const auto bytes = fs::file_size(path, error);
  if (error) return slice_file{};
  auto sum = hash_file(path);
  if (!sum) return sum.error();
  const auto line = work.listed.sums.find(name);
  if (line == work.listed.sums.end() || line->second == *sum) return slice_file{bytes, std::move(*sum)};
  work.report.changed.add_digest(name);
  return slice_file{bytes, line->second};
}

status add_slice(const rebuild_work& work, ledger& rebuilt, const fs::path& pack) {
  auto record = read_record(pack);
  if (!record) return record.error();
  const auto slice = name_of(record->id);
  auto packed = measure(work, pack_name(slice));
  if (!packed) return packed.error();
  auto letters = measure(work, letters_name(slice));
  if (!letters) return letters.error();
  work.report.documents += record->documents.size();
  ++work.report.slices;
  return rebuilt.commit_slice({.record = std::move(*record),
                               .pack_bytes = packed->bytes,
                               .pack_sha256 = std::move(packed->sha256),
                               .letters_bytes = letters->bytes,
                               .letters_sha256 = std::move(letters->sha256),
                               .pace = {}});
}

/// The plan of a run: its units, each with as many nameless shards as its slices counted.
std::vector<unit> plan_of(const surveyed_run& run) {
  std::vector<unit> units;
  for (const auto& [number, shards] : run.shards_of)
    units.push_back({number, std::vector<shard>(shards, shard{std::string(unknown_shard), 0, 0, false})});
  return units;
}

status add_run(const rebuild_work& work, ledger& rebuilt, std::uint32_t number, const surveyed_run& run) {
  run_row row;
  row.run = number;
  row.recipe = run.recipe;
  row.units = run.units;
  const auto recipe = parse_recipe(run.recipe);
  row.service = recipe && !recipe->service.empty() ? recipe->service : "unknown";
  if (auto s = rebuilt.begin_run(row, plan_of(run)); !s.ok()) return s;
  for (const auto& pack : run.packs)
    if (auto s = add_slice(work, rebuilt, pack); !s.ok()) return s;
  if (run.cut) work.report.cut_runs.push_back(number);
  ++work.report.runs;
  return run.cut ? rebuilt.finish_cut_run(number) : rebuilt.finish_run(number, 0, 0, 0);
}

/// Writes a ledger of all runs under a partial name, and closes it.
status write_ledger(const rebuild_work& work, const fs::path& partial, const surveyed_runs& runs) {
  auto rebuilt = ledger::open(partial, database::access::create);
  if (!rebuilt) return rebuilt.error();
  for (const auto& [number, run] : runs)
    if (auto s = add_run(work, *rebuilt, number, run); !s.ok()) return s;
  work.report.accounts = rebuilt->current_accounts();
  return rebuilt->close();
}

/// What SQLite kept for the old ledger goes first: it must never be applied to the new one.
status replace_ledger(const output_directory& directory, const fs::path& partial) {
  std::error_code ignored;
  for (const auto suffix : database_suffixes)
    fs::remove(directory.ledger_path().native() + std::string(suffix), ignored);
  if (auto s = rename_file(partial, directory.ledger_path()); !s.ok()) return s;
  return sync_directory(directory.path());
}

result<rebuild_report> rebuild_locked(const output_directory& directory) {
  const auto& out = directory.path();

  // SHA256SUMS says which files there were; no pack may be missing.
  const auto listed = read_listed_files(out);
  if (!listed) return listed.error();
  if (auto s = check_listed_packs(out, *listed); !s.ok()) return s;

  // The packs say which runs, units and slices there were; no slice may be missing.
  const auto runs = survey_packs(out, listed->sealed);
  if (!runs) return runs.error();

  // A new ledger from the slice records, beside the old one. Files that changed since are noted, not refused.
  rebuild_report report;
  const auto partial = partial_path(directory.ledger_path());
  if (auto s = write_ledger({directory, *listed, report}, partial, *runs); !s.ok()) return s;
  if (auto s = compare_other_files(out, *listed, report.changed); !s.ok()) return s;

  // Up to here an error leaves the old ledger as it was; beyond this point the directory changes.
  if (auto s = replace_ledger(directory, partial); !s.ok()) return s;

  // SHA256SUMS keeps its lines, changed files or not, and gets one for the new ledger.
  if (auto s = directory.remove_partials(); !s.ok()) return s;
  if (auto s = write_checksums(out, {listed->sums.begin(), listed->sums.end()}); !s.ok()) return s;
  return report;
}

}  // namespace

result<rebuild_report> rebuild_ledger(const fs::path& out) {
  auto directory = output_directory::open_to_rebuild(out);
  if (!directory) return directory.error();
  live_writer live(directory->lock_fd(), directory->live());
  live.begins_sealing({});
  auto report = rebuild_locked(*directory);
  auto outcome = report ? status{} : report.error();
  if (report && report->changed.count > 0)
    outcome =
        fail(failure::corrupt,
             fmt::format("the ledger is rebuilt, but {} of the directory changed since it was sealed: {}; "
                         "restore what changed from a copy (`outro verify` names it)",
                         plural(report->changed.count, "file"), report->changed.kept.front()));
  live.ends(outcome, exit_code_of(outcome));
  return report;
}

}  // namespace outro
