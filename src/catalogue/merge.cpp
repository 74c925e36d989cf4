#include "catalogue/merge.h"

#include <fmt/format.h>
#include <tbb/global_control.h>
#include <tbb/task_arena.h>

#include <algorithm>

#include "catalogue/files.h"
#include "catalogue/groups.h"
#include "catalogue/table.h"

namespace outro {

namespace {

/// Bytes of a table for each description; ids that are not numbers take some more.
constexpr std::uint64_t table_bytes = 88;
constexpr std::uint64_t least_in_table = 1024;
constexpr std::size_t most_open = 256;

result<catalogue_id> id_of_sample(const catalogue_run& run, std::uint64_t index) {
  const auto heads = read_heads(run, index, index + 1);
  if (!heads) return heads.error();
  const auto& h = heads->front();
  if (is_number(h.facts.id_order)) return catalogue_id{h.facts.id_order, {}};
  auto text = read_texts(run, h.text_begin, h.id_length);
  if (!text) return text.error();
  return catalogue_id{catalogue_id::no_number, std::move(*text)};
}

/// Ranges with about as many descriptions each as fit into memory, estimated from a sample of ids.
result<std::vector<id_range>> cut_ranges(std::span<const catalogue_run> runs, std::uint64_t described,
                                         std::uint64_t memory) {
  const auto most = std::max(memory / table_bytes, least_in_table);
  const auto count = described / most + 1;
  if (count == 1) return std::vector<id_range>(1);
  constexpr std::uint64_t samples_a_range = 64;
  const auto step = std::max<std::uint64_t>(described / (count * samples_a_range), 1);
  std::vector<catalogue_id> sample;
  std::uint64_t next = 0, before = 0;
  for (const auto& run : runs) {
    for (; next < before + run.head.described; next += step) {
      auto id = id_of_sample(run, next - before);
      if (!id) return id.error();
      sample.push_back(std::move(*id));
    }
    before += run.head.described;
  }
  std::sort(sample.begin(), sample.end());
  std::vector<id_range> ranges(1);
  for (std::uint64_t i = 1; i < count; ++i) {
    const auto& bound = sample[i * sample.size() / count];
    if (ranges.back().from && *ranges.back().from >= bound) continue;
    ranges.back().to = bound;
    ranges.push_back({bound, {}});
  }
  return ranges;
}

/// Calls `work` with the table of each range in order. A single table is kept for the next sweep.
class sweeper {
 public:
  sweeper(std::span<const catalogue_run> runs, std::vector<id_range> ranges)
      : runs_(runs), ranges_(std::move(ranges)) {}

  template <class Work>
  status sweep(Work work) {
    std::uint64_t matched = 0;
    for (const auto& range : ranges_) {
      if (!loaded_ || ranges_.size() > 1)
        if (auto s = table_.load(runs_, range); !s.ok()) return s;
      loaded_ = true;
      matched += table_.matched();
      if (auto s = work(table_); !s.ok()) return s;
    }
    if (matched != table_.uses())
      return lost_part(
          fmt::format("no part of the catalogue describes {} mentions of tracks; a part is missing",
                      table_.uses() - matched));
    return {};
  }

 private:
  std::span<const catalogue_run> runs_;
  std::vector<id_range> ranges_;
  catalogue_table table_;
  bool loaded_ = false;
};

result<catalogue_totals> write(const std::vector<part_source>& parts, const std::filesystem::path& into,
                               std::uint64_t memory) {
  std::vector<catalogue_run> runs;
  std::uint64_t described = 0;
  for (const auto& p : parts) {
    auto more = runs_of(p, parts.size() <= most_open);
    if (!more) return more.error();
    for (const auto& run : *more) described += run.head.described;
    runs.insert(runs.end(), more->begin(), more->end());
  }
  auto ranges = cut_ranges(runs, described, memory);
  if (!ranges) return ranges.error();
  sweeper tracks(runs, std::move(*ranges));
  catalogue_groups groups;
  auto s = tracks.sweep([&](const catalogue_table& t) {
    groups.mark(t);
    return status{};
  });
  if (s.ok()) s = tracks.sweep([&](const catalogue_table& t) { return groups.take(t, runs); });
  if (!s.ok()) return s;
  groups.group();
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
