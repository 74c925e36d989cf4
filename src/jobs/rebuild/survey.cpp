#include "jobs/rebuild/survey.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/file.h"
#include "base/output_names.h"
#include "base/utf8.h"
#include "outro/pack_reader.h"
#include "pack/slice_id.h"

namespace outro {

namespace fs = std::filesystem;

namespace {

result<std::vector<fs::path>> list_packs(const fs::path& out) {
  std::vector<fs::path> packs;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(out / packs_folder, error))
    if (entry.path().native().ends_with(archive_suffix)) packs.push_back(entry.path());
  if (error) return io_failure("list", out / packs_folder, error.value());
  std::sort(packs.begin(), packs.end());  // by run, unit and slice: the numbers in names have fixed widths
  return packs;
}

/// How far a unit is known.
struct surveyed_unit {
  std::uint32_t slices = 0;
  std::uint64_t end = 0;     ///< of its last slice, in the unit's bytes
  std::uint32_t shards = 0;  ///< that ended
  bool whole = false;        ///< its last slice is flagged as the last one
};

/// By run and unit.
using surveyed_units = std::map<std::pair<std::uint32_t, std::uint32_t>, surveyed_unit>;

/// The slices of a unit must follow one another without a gap, or documents are missing that nobody would
/// miss. So must its shards, or a crafted record could name four billion of them.
status add_slice(const slice_record& r, surveyed_unit& unit) {
  const auto corrupt = [&](std::string_view what) {
    return fail(failure::corrupt, fmt::format("{}: {}", name_of(r.id), what));
  };
  if (r.id.number != unit.slices + 1 || r.begin != unit.end)
    return corrupt(fmt::format(
        "the slice before it is missing: restore its pack from a copy, then run the same command again. If "
        "it "
        "is gone for good, move this pack and the later ones of the same unit elsewhere, delete their lines "
        "from {}, and export their dumps again afterwards",
        checksums_name));
  for (const auto& e : r.end.shards)
    if (e.shard != unit.shards++) return corrupt("its shards do not follow one another");
  for (const auto& d : r.documents)
    if (d.place.shard > unit.shards) return corrupt("a document is of a shard that had not begun");
  unit.slices = r.id.number;
  unit.end = r.end.offset;
  unit.whole = r.end.last_of_unit;
  return {};
}

/// Shards that a slice names: those that ended in it, and those that its documents came from.
std::uint32_t shards_named(const slice_record& r) {
  std::uint32_t shards = 0;
  for (const auto& e : r.end.shards) shards = std::max(shards, e.shard + 1);
  for (const auto& d : r.documents) shards = std::max(shards, d.place.shard + 1);
  return shards;
}

/// Whether a unit of the run is missing or not whole. Units behind the last one leave no trace.
bool is_cut(std::uint32_t run, const surveyed_units& units) {
  std::uint32_t number = 0;
  for (auto u = units.lower_bound({run, 0}); u != units.end() && u->first.first == run; ++u)
    if (u->first.second != ++number || !u->second.whole) return true;
  return false;
}

/// Documents that a run did not write again depend on archives of earlier runs, so none may be missing.
status check_numbers(const surveyed_runs& runs) {
  std::uint32_t number = 0;
  for (const auto& [run, surveyed] : runs)
    if (run != ++number)
      return fail(
          failure::refused,
          fmt::format("run {} has no packs, and run {} has: restore them from a copy, then run the same "
                      "command again. If they are gone for good, export all dumps again into a new "
                      "directory",
                      number, run));
  return {};
}

}  // namespace

result<slice_record> read_record(const fs::path& pack) {
  const auto named = [&](status failed) {
    if (failed.message.find(shown(pack.native())) == std::string::npos)
      failed.message = fmt::format("{}: {}", shown(pack.native()), failed.message);
    return failed;
  };
  const auto reader = pack_reader::open(pack);
  if (!reader) return named(reader.error());
  const auto frame = reader->read_slice_record();
  if (!frame) return named(frame.error());
  auto record = decode_slice_record(*frame);
  if (!record) return named(record.error());
  if (pack.filename() != pack_path("", record->id).filename())
    return named(fail(failure::corrupt, "its name and its slice record disagree"));
  return record;
}

result<surveyed_runs> survey_packs(const fs::path& out, bool sealed) {
  const auto packs = list_packs(out);
  if (!packs) return packs.error();
  surveyed_runs runs;
  surveyed_units units;
  for (const auto& pack : *packs) {
    const auto record = read_record(pack);
    if (!record) return record.error();
    const auto id = record->id;
    if (auto s = add_slice(*record, units[{id.run, id.unit}]); !s.ok()) return s;
    auto& run = runs[id.run];
    run.recipe = record->recipe;
    run.packs.push_back(pack);
    auto& shards = run.shards_of[id.unit];
    shards = std::max(shards, shards_named(*record));
  }
  if (auto s = check_numbers(runs); !s.ok()) return s;
  for (auto& [number, run] : runs) run.cut = is_cut(number, units);
  // Without SHA256SUMS, units of the last run may be missing that had not begun.
  if (!sealed && !runs.empty()) runs.rbegin()->second.cut = true;
  return runs;
}

}  // namespace outro
