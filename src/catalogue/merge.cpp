#include "catalogue/merge.h"

#include <tbb/global_control.h>
#include <tbb/task_arena.h>

#include "base/file.h"
#include "base/output_names.h"
#include "catalogue/files.h"
#include "catalogue/groups.h"
#include "catalogue/readme.h"
#include "catalogue/shown.h"
#include "catalogue/sweep.h"

namespace outro {

namespace {

result<catalogue_totals> write(const std::vector<part_source>& parts, const std::filesystem::path& into,
                               std::uint64_t memory) {
  auto opened = sweeper::open(parts, memory, elect_shown);
  if (!opened) return opened.error();
  auto& tracks = *opened;
  const auto runs = tracks.runs();
  catalogue_groups groups;
  auto s = tracks.sweep([&](const catalogue_table& t) {
    groups.mark(t);
    return status{};
  });
  if (s.ok()) s = tracks.sweep([&](const catalogue_table& t) { return groups.take(t, runs); });
  if (!s.ok()) return s;
  groups.group();
  // Before any file that it is about: beside private files never lies one that lets them be shared.
  if (s = replace_file(into / catalogue_readme_name, private_readme()); !s.ok()) return s;
  catalogue_files files(into);
  s = files.open();
  if (s.ok()) s = tracks.sweep([&](const catalogue_table& t) { return files.write(t, runs, groups); });
  if (s.ok()) s = files.close();
  if (!s.ok()) return s;
  auto totals = files.totals();
  totals.doubtful = groups.doubtful();
  return totals;
}

}  // namespace

result<catalogue_totals> write_catalogue(const std::vector<part_source>& parts,
                                         const std::filesystem::path& into, std::uint64_t memory,
                                         unsigned threads) {
  const tbb::global_control parallelism(tbb::global_control::max_allowed_parallelism, threads);
  tbb::task_arena arena(static_cast<int>(threads));
  return arena.execute([&] { return write(parts, into, memory); });
}

}  // namespace outro
