#include "catalogue/sweep.h"
#include "base/utf8.h"

#include <fmt/format.h>

#include <algorithm>

namespace outro {

namespace {

/// Bytes of a table for each description and its track; ids that are not numbers take some more.
constexpr std::uint64_t table_bytes = 112;
constexpr std::uint64_t least_in_table = 1024;
constexpr std::size_t most_open = 256;

result<catalogue_id> id_of_sample(const catalogue_run& run, std::uint64_t index) {
  const auto heads = read_heads(run, index, index + 1);
  if (!heads) return heads.error();
  const auto& h = heads->front();
  if (h.has_number()) return catalogue_id{h.id, {}};
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

/// Track ids of two services mean different things.
status check_one_service(std::span<const catalogue_run> runs) {
  for (const auto& run : runs)
    if (run.rules->service != runs.front().rules->service)
      return fail(
          failure::refused,
          fmt::format("{} holds tracks of {}, and {} of {}, where the same id is another track; merge the "
                      "directories of each service by themselves",
                      shown(runs.front().part->path.native()), runs.front().rules->service,
                      shown(run.part->path.native()), run.rules->service));
  return {};
}

}  // namespace

result<sweeper> sweeper::open(
    const std::vector<part_source>& parts, std::uint64_t memory,
    std::function<status(catalogue_table&, std::span<const catalogue_run>)> prepare) {
  sweeper made;
  made.prepare_ = std::move(prepare);
  known_layouts layouts;
  std::uint64_t described = 0;
  for (const auto& p : parts) {
    auto more = runs_of(p, parts.size() <= most_open, layouts);
    if (!more) return more.error();
    for (const auto& run : *more) described += run.head.described;
    made.runs_.insert(made.runs_.end(), more->begin(), more->end());
  }
  if (auto s = check_one_service(made.runs_); !s.ok()) return s;
  auto ranges = cut_ranges(made.runs_, described, memory);
  if (!ranges) return ranges.error();
  made.ranges_ = std::move(*ranges);
  return made;
}

status sweeper::load(const id_range& range) {
  if (loaded_ && ranges_.size() == 1) return {};
  if (auto s = table_->load(runs_, range); !s.ok()) return s;
  loaded_ = true;
  return prepare_ ? prepare_(*table_, runs_) : status{};
}

status sweeper::check_all_described(std::uint64_t matched) const {
  if (matched == table_->uses()) return {};
  return lost_part(fmt::format("no part of the catalogue describes {} mentions of tracks; a part is missing",
                               table_->uses() - matched));
}

}  // namespace outro
