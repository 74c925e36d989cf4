#include "jobs/forecast/measure.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>

#include "base/file.h"
#include "base/file_system.h"
#include "base/machine.h"
#include "base/options.h"
#include "base/private_folder.h"
#include "base/scratch_folder.h"
#include "base/units.h"
#include "base/utf8.h"
#include "jobs/forecast/disk_speed.h"
#include "jobs/forecast/other_load.h"
#include "jobs/forecast/statistics.h"
#include "jobs/forecast/trial_run.h"

namespace outro {

namespace {

using clock = std::chrono::steady_clock;

/// The run over the copies takes about this long, so that the noise of its beginning and end is a small part
/// of it.
constexpr double copies_seconds = 2;
constexpr unsigned most_copies = 40;
constexpr std::size_t fewest_rounds = 4, enough_rounds = 6;
/// Rounds end early when their spread is no more than this.
constexpr double small_spread = 0.01;
/// A sample that is exported in less time gives no rate.
constexpr double least_seconds = 0.02;
constexpr std::uint64_t fewest_documents = 20;
constexpr std::uint64_t level_sample = 16U << 20;
constexpr int candidate_levels[] = {4, 6, 9, 12, 15, 19};
constexpr double longest_level_seconds = 60;

/// Links the shards of `from` into `to`, each under `times` new names; no bytes are copied.
status link_shards(const std::filesystem::path& from, const std::filesystem::path& to, unsigned times) {
  if (auto made = make_private_directory(to); !made.ok()) return made;
  for (const auto& entry : std::filesystem::directory_iterator(from))
    for (unsigned i = 0; i < times; ++i) {
      const auto name = to / fmt::format("copy-{}-{}", i, entry.path().filename().string());
      if (::link(entry.path().c_str(), name.c_str()) != 0) return io_failure("link", name, errno);
    }
  return {};
}

class measurer {
 public:
  measurer(const measure_options& options, tune_bench bench, tune_setting setting,
           const stop_signals& signals, measured& found,
           const std::function<void(const std::string&)>& on_progress)
      : options_(options),
        bench_(std::move(bench)),
        setting_(std::move(setting)),
        signals_(signals),
        found_(found),
        on_progress_(on_progress) {}

  status run() {
    began_ = clock::now();
    if (auto s = warm_up(); !s.ok()) return s;
    const other_load others;
    while (found_.rate.rounds.size() < fewest_rounds || !enough())
      if (auto s = round(); !s.ok()) return s;
    found_.others = others.share();
    found_.unchanged = median(unchanged_);
    if (!options_.levels || (!options_.ignore_noise && !noise_in(found_).empty())) return {};
    return measure_levels();
  }

 private:
  [[nodiscard]] double spent() const { return std::chrono::duration<double>(clock::now() - began_).count(); }

  [[nodiscard]] bool enough() const {
    if (spent() >= options_.seconds) return true;
    return found_.rate.rounds.size() >= enough_rounds && cost_of(found_.rate, 0).spread_error < small_spread;
  }

  result<double> seconds_of(const std::string& dumps, bool keep = false) {
    bench_.dumps = dumps;
    bench_.keep = keep;
    auto run = run_once(bench_, setting_, signals_);
    if (!run) return run.error();
    last_ = *run;
    return run->wall_seconds;
  }

  /// Fills caches, checks that the sample is worth measuring, and links as many copies as make a long run.
  status warm_up() {
    on_progress_("the first runs, which are not counted");
    for (const char* which : {"start", "dumps"})
      if (auto s = seconds_of(which); !s) return s.error();
    const auto documents = static_cast<double>(std::max<std::uint64_t>(1, last_.documents));
    found_.dead_letters = static_cast<double>(last_.dead_letters) / documents;
    if (found_.dead_letters > 0.5)
      return fail(
          failure::refused,
          fmt::format("more than half of the sample cannot be exported, so its speed says nothing: was it "
                      "cut within its only dump, or has it another layout? `outro layout check {} "
                      "--sample {}` shows what the layout claims of it",
                      options_.layout, options_.dumps.front()));
    const auto start = seconds_of("start");
    if (!start) return start.error();
    const auto once = seconds_of("dumps");
    if (!once) return once.error();
    found_.output_bytes = static_cast<double>(last_.output_bytes);
    const auto net = *once - *start;
    if (net < least_seconds || found_.sample.documents < fewest_documents)
      return fail(failure::refused,
                  fmt::format("the sample ({} documents, {}) is too small to tell a rate from what every run "
                              "costs; give more dumps, or a larger --sample",
                              format_count(found_.sample.documents), format_size(found_.sample.json_bytes)));
    found_.rate.copies = static_cast<unsigned>(
        std::clamp(std::ceil(copies_seconds / net) + 1, 2.0, static_cast<double>(most_copies)));
    return link_shards(bench_.folder / "dumps", bench_.folder / "copies", found_.rate.copies);
  }

  status round() {
    on_progress_(fmt::format("round {} of short runs, {} of about {}", found_.rate.rounds.size() + 1,
                             format_duration(spent()), format_duration(options_.seconds)));
    rate_round r;
    const std::pair<const char*, double*> runs[] = {
        {"start", &r.start}, {"dumps", &r.once}, {"copies", &r.copies}};
    for (const auto& [dumps, seconds] : runs) {
      auto took = seconds_of(dumps, dumps == std::string_view("dumps"));
      if (!took) return took.error();
      *seconds = *took;
      if (!bench_.keep) continue;
      // Into the same output: the same documents once more, in shards that the ledger doesn't know.
      auto again = seconds_of("again");
      if (!again) return again.error();
      unchanged_.push_back(*again);
    }
    found_.memory = std::max(found_.memory, last_.peak_memory);
    found_.rate.rounds.push_back(r);
    return {};
  }

  /// Seconds of the smaller sample, without what every run costs: the median of three runs, or one long run.
  result<double> seconds_of_small(double start) {
    std::vector<double> took;
    do {
      auto one = seconds_of("small");
      if (!one) return one.error();
      took.push_back(std::max(1e-3, *one - start));
    } while (took.size() < 3 && took.front() < longest_level_seconds / 10);
    return median(took);
  }

  /// The usual level and those above it, in order, up to the first that takes too long.
  status measure_levels() {
    const auto usual = setting_;
    const auto start = cost_of(found_.rate, 0).start;
    std::vector<int> levels{usual.level};
    for (const int level : candidate_levels)
      if (level > usual.level) levels.push_back(level);
    double usual_seconds = 0, usual_output = 0;
    for (const int level : levels) {
      on_progress_(fmt::format("zstd level {}", level));
      setting_.level = level;
      const auto took = seconds_of_small(start);
      if (!took) return took.error();
      const auto output = static_cast<double>(last_.output_bytes);
      if (level == usual.level) {
        usual_seconds = *took;
        usual_output = output;
      }
      found_.levels.push_back({level, *took / usual_seconds, output / usual_output});
      if (*took > longest_level_seconds) break;
    }
    setting_ = usual;
    return {};
  }

  const measure_options& options_;
  tune_bench bench_;
  tune_setting setting_;
  const stop_signals& signals_;
  measured& found_;
  const std::function<void(const std::string&)>& on_progress_;
  clock::time_point began_;
  tune_run last_;
  std::vector<double> unchanged_;
};

}  // namespace

std::string noise_in(const measured& m) {
  const auto cost = cost_of(m.rate, 0);
  if (cost.seconds <= 0 || eighty_percent * cost.spread_error > most_spread)
    return fmt::format("the runs differ too much to give a rate (± {:.0f} % over {} rounds)",
                       100 * eighty_percent * cost.spread_error, m.rate.rounds.size());
  if (m.others > most_others)
    return fmt::format(
        "other programs took {:.0f} % of the CPU time meanwhile, so the rate is not this machine's",
        100 * m.others);
  return {};
}

/// The options of an export with these, every default filled in.
static result<export_options> usual_export(const measure_options& options) {
  export_options wanted;
  wanted.dumps = options.dumps;
  wanted.out = options.work;
  wanted.memory = options.memory;
  wanted.threads = options.threads;
  wanted.level = options.level;
  return complete_options(wanted);
}

static status check_disk(const measure_options& options) {
  // The sample, and outputs of its copies, each a fourth of the JSON at most.
  const auto needed = options.sample * (1 + most_copies / 4) + disk_reserve;
  const auto free = free_disk(options.work);
  if (free >= needed) return {};
  return fail(failure::refused,
              fmt::format("measuring needs up to {} in {}, which has {} free; give another "
                          "--work or a smaller --sample",
                          format_size(needed), shown(options.work.native()), format_size(free)));
}

/// The sample in `folder`/dumps, the same documents in other shards in `again`, one document in `start`, and
/// a smaller sample in `small`.
static result<tune_sample> write_samples(const measure_options& options, const std::filesystem::path& folder,
                                         unsigned shards) {
  for (const char* name : {"dumps", "start", "small"})
    if (auto made = make_private_directory(folder / name); !made.ok()) return made;
  auto sample = write_tune_sample(options.dumps, folder / "dumps", options.sample, shards);
  if (!sample) return sample.error();
  if (auto s = write_tune_sample(options.dumps, folder / "start", 1, 1); !s) return s.error();
  const auto small = std::min(level_sample, options.sample);
  if (auto s = write_tune_sample(options.dumps, folder / "small", small, shards); !s) return s.error();
  if (auto s = link_shards(folder / "dumps", folder / "again", 1); !s.ok()) return s;
  return sample;
}

result<measured> measure_machine(measure_options options,
                                 const std::function<void(const std::string&)>& on_progress) {
  const stop_signals signals;
  const auto usual = usual_export(options);
  if (!usual) return usual.error();
  constexpr std::uint64_t for_each_cpu = 96U << 20;
  if (options.sample == 0) options.sample = for_each_cpu * std::min(usable_cpus(), 64U);
  if (auto s = check_disk(options); !s.ok()) return s;
  remove_abandoned(options.work, sample_folder);
  auto scratch = scratch_folder::make(options.work, sample_folder);
  if (!scratch) return scratch.error();
  const auto& folder = scratch->path;
  on_progress("a sample of the dumps");
  const auto sample = write_samples(options, folder, usual->shards_in_flight);
  if (!sample) return sample.error();
  measured found;
  found.threads = usual->threads;
  found.shards_in_flight = usual->shards_in_flight;
  found.sample = *sample;
  found.rate.sample_bytes = static_cast<double>(sample->json_bytes);
  found.rate.sample_accounts = static_cast<double>(sample->documents);
  if (const auto input = find_input(options.dumps)) found.disk_read = read_speed(input->shards);
  found.disk_write = write_speed(folder);
  tune_bench bench{options.program, folder, options.layout, options.memory, {}, options.catalogue, false};
  const tune_setting setting{usual->threads, usual->level, usual->shards_in_flight, "auto"};
  if (auto s = measurer(options, bench, setting, signals, found, on_progress).run(); !s.ok()) return s;
  return found;
}

}  // namespace outro
