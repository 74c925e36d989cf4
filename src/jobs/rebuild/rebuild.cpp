#include "jobs/rebuild/rebuild.h"

#include <algorithm>
#include <map>

#include "base/output_names.h"
#include "base/plural.h"
#include "ledger/ledger.h"
#include "output/checksums.h"
#include "output/output_directory.h"
#include "outro/pack_reader.h"
#include "pack/recipe.h"

namespace outro {

namespace fs = std::filesystem;

namespace {

result<std::vector<fs::path>> packs_of(const fs::path& out) {
  std::vector<fs::path> packs;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(out / packs_folder, error))
    if (entry.path().native().ends_with(archive_suffix)) packs.push_back(entry.path());
  if (error) return io_failure("list", out / packs_folder, error.value());
  std::sort(packs.begin(), packs.end());  // by run, unit and slice: names have fixed widths
  return packs;
}

result<slice_record> record_of(const fs::path& pack) {
  const auto in_pack = [&](status why) {
    if (why.message.find(pack.string()) == std::string::npos)
      why.message = pack.string() + ": " + why.message;
    return why;
  };
  const auto reader = pack_reader::open(pack);
  if (!reader) return in_pack(reader.error());
  const auto frame = reader->read_slice_record();
  if (!frame) return in_pack(frame.error());
  auto record = decode_slice_record(*frame);
  if (!record) return in_pack(record.error());
  if (pack.filename() != pack_path("", record->id).filename())
    return in_pack(fail(failure::corrupt, "its name and its slice record disagree"));
  return record;
}

/// The plan of a run as far as its packs tell it: units, and how many shards each had.
struct known_run {
  std::string recipe;
  std::map<std::uint32_t, std::uint32_t> shards_of;
  bool cut = false;  ///< the packs do not show that it was finished
};

/// How far a unit is known.
struct known_unit {
  std::uint32_t slice = 0;   ///< the last one
  std::uint64_t end = 0;     ///< where it ends
  std::uint32_t shards = 0;  ///< that ended
  bool last = false;         ///< it ended with its last slice
};

/// Slices of a unit must follow each other without a gap, or documents are missing that no one would miss;
/// and so must its shards, or a crafted record could name four billion of them.
status add_slice(const slice_record& r, known_unit& unit) {
  const auto bad = [&](const char* what) { return fail(failure::corrupt, name_of(r.id) + ": " + what); };
  if (r.id.number != unit.slice + 1 || r.begin != unit.end)
    return bad(
        "the slice before it is missing: bring its pack back from a copy, then run the same command again. "
        "If "
        "it is gone for good, move this pack and those of the same unit behind it elsewhere, take their "
        "lines "
        "out of SHA256SUMS, and export their dumps again afterwards");
  for (const auto& e : r.end.shards)
    if (e.shard != unit.shards++) return bad("its shards do not follow one another");
  for (const auto& d : r.documents)
    if (d.place.shard > unit.shards) return bad("a document is of a shard that had not begun");
  unit.slice = r.id.number;
  unit.end = r.end.offset;
  unit.last = r.end.last_of_unit;
  return {};
}

using known_units = std::map<std::pair<std::uint32_t, std::uint32_t>, known_unit>;

/// Whether the units that a run has packs of are all that it had, and whole, as far as they can tell.
bool ends_short(std::uint32_t run, const known_units& units) {
  std::uint32_t number = 0;
  for (auto u = units.lower_bound({run, 0}); u != units.end() && u->first.first == run; ++u)
    if (u->first.second != ++number || !u->second.last) return true;
  return false;
}

/// Later runs rest on the archives of earlier ones, so none may be missing.
status check_numbers(const std::map<std::uint32_t, known_run>& runs) {
  std::uint32_t number = 0;
  for (const auto& [run, known] : runs)
    if (run != ++number)
      return fail(failure::refused,
                  "run " + std::to_string(number) + " has no packs, and run " + std::to_string(run) +
                      " has: bring them back from a copy, then run the same command again. If they are gone "
                      "for good, export all dumps again into a new directory");
  return {};
}

result<std::map<std::uint32_t, known_run>> survey(const std::vector<fs::path>& packs, bool at_rest) {
  std::map<std::uint32_t, known_run> runs;
  known_units units;
  for (const auto& pack : packs) {
    auto record = record_of(pack);
    if (!record) return record.error();
    if (auto s = add_slice(*record, units[{record->id.run, record->id.unit}]); !s.ok()) return s;
    auto& run = runs[record->id.run];
    run.recipe = record->recipe;
    auto& shards = run.shards_of[record->id.unit];
    for (const auto& e : record->end.shards) shards = std::max(shards, e.shard + 1);
    for (const auto& d : record->documents) shards = std::max(shards, d.place.shard + 1);
  }
  if (auto s = check_numbers(runs); !s.ok()) return s;
  for (auto& [number, run] : runs) run.cut = ends_short(number, units);
  // Units that were not begun leave no trace.
  if (!at_rest && !runs.empty()) runs.rbegin()->second.cut = true;
  return runs;
}

std::vector<unit> plan_of(const known_run& run) {
  std::vector<unit> units;
  for (const auto& [number, shards] : run.shards_of)
    units.push_back({number, std::vector<shard>(shards, shard{std::string(unknown_shard), 0, 0, false})});
  return units;
}

/// A file of the directory with its size, and its SHA-256 as SHA256SUMS has it, so that what changed since
/// stays visible; zero and empty where there is none.
status measure(const fs::path& path, const sealed_files& sealed, changed_files& changed, std::uint64_t& bytes,
               std::string& sum) {
  std::error_code error;
  bytes = fs::file_size(path, error);
  if (error) return bytes = 0, status{};
  auto hash = hash_file(path);
  if (!hash) return hash.error();
  sum = *hash;
  const auto name = (path.parent_path().filename() / path.filename()).string();
  const auto listed = sealed.sums.find(name);
  if (listed == sealed.sums.end() || listed->second == sum) return {};
  changed.add(name, "its SHA-256 is not what SHA256SUMS says");
  sum = listed->second;
  return {};
}

result<rebuild_report> rebuild_locked(const fs::path& out, const output_directory& directory) {
  const auto sealed = read_sealed_files(out);
  if (!sealed) return sealed.error();
  if (auto s = check_listed_packs(out, *sealed); !s.ok()) return s;
  const auto packs = packs_of(out);
  if (!packs) return packs.error();
  const auto runs = survey(*packs, sealed->at_rest);
  if (!runs) return runs.error();

  // A ledger of its own, which takes the place of the old one only when it is whole.
  const auto fresh = partial_path(directory.ledger_path());
  std::error_code ignored;
  auto books = ledger::open(fresh, database::access::create);
  if (!books) return books.error();
  rebuild_report report;
  auto next = packs->begin();
  for (const auto& [number, run] : *runs) {
    run_row row;
    row.run = number;
    row.recipe = run.recipe;
    const auto known = parse_recipe(run.recipe);
    row.service = known && !known->service.empty() ? known->service : "unknown";
    if (auto s = books->begin_run(row, plan_of(run)); !s.ok()) return s;
    for (; next != packs->end(); ++next) {
      slice_commit commit;
      auto record = record_of(*next);
      if (!record) return record.error();
      if (record->id.run != number) break;
      commit.record = std::move(*record);
      const auto& r = commit.record;
      auto& changed = report.changed;
      if (auto s = measure(*next, *sealed, changed, commit.pack_bytes, commit.pack_sha256); !s.ok()) return s;
      const auto letters = letters_path(out, r.id);
      if (auto s = measure(letters, *sealed, changed, commit.letters_bytes, commit.letters_sha256); !s.ok())
        return s;
      report.documents += r.documents.size();
      ++report.slices;
      if (auto s = books->commit_slice(commit); !s.ok()) return s;
    }
    if (auto s = run.cut ? books->finish_cut_run(number) : books->finish_run(number, 0, 0, 0); !s.ok())
      return s;
    if (run.cut) report.cut_runs.push_back(number);
    ++report.runs;
  }
  if (auto s = compare_other_files(out, *sealed, report.changed); !s.ok()) return s;
  report.accounts = books->current_accounts();
  if (auto s = books->close(); !s.ok()) return s;

  for (const auto suffix : database_suffixes)
    fs::remove(directory.ledger_path().native() + std::string(suffix), ignored);
  if (auto s = rename_file(fresh, directory.ledger_path()); !s.ok()) return s;
  if (auto s = sync_directory(out); !s.ok()) return s;
  if (auto s = directory.remove_partials(); !s.ok()) return s;
  if (auto s = write_checksums(out, {sealed->sums.begin(), sealed->sums.end()}); !s.ok()) return s;
  return report;
}

}  // namespace

result<rebuild_report> rebuild_ledger(const fs::path& out) {
  auto directory = output_directory::open_to_rebuild(out);
  if (!directory) return directory.error();
  live_writer live(directory->lock_fd(), directory->live());
  live.begins_sealing({});
  auto report = rebuild_locked(out, *directory);
  auto why = report ? status{} : report.error();
  if (report && report->changed.count > 0)
    why = fail(failure::corrupt,
               "the ledger is rebuilt, but " + plural(report->changed.count, "file") +
                   " of the directory changed since it was sealed: " + report->changed.kept.front() +
                   "; restore what changed from a copy (`outro verify` names it)");
  live.ends(why, exit_code_of(why));
  return report;
}

}  // namespace outro
