#include "jobs/forecast/tune.h"

#include <algorithm>
#include <chrono>
#include <random>

#include "base/file.h"
#include "base/io_engine.h"
#include "base/machine.h"
#include "base/options.h"
#include "base/scratch_folder.h"
#include "base/units.h"
#include "jobs/forecast/other_load.h"

namespace outro {

namespace {

using clock = std::chrono::steady_clock;

/// Every value once, the default first if it is among them.
template <class T>
std::vector<T> with_first(std::vector<T> values, const T& first) {
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
  const auto at = std::find(values.begin(), values.end(), first);
  if (at != values.end()) std::rotate(values.begin(), at, at + 1);
  return values;
}

/// Fills the lists that are empty: around what an export takes by default.
result<tune_setting> fill_lists(tune_options& o) {
  export_options wanted;
  wanted.dumps = o.dumps, wanted.out = o.work, wanted.memory = o.memory;
  const auto usual = complete_options(wanted);
  if (!usual) return usual.error();
  const auto n = usual->threads;
  if (o.threads.empty()) o.threads = {std::max(1U, n / 2), n, n + 1};
  if (o.levels.empty()) o.levels = {usual->level, 4, 6};
  const auto s = usual->shards_in_flight;
  if (o.shards_in_flight.empty()) o.shards_in_flight = {std::max(1U, s / 2), s, 2 * s};
  const bool has_uring = make_io_engine(io_choice::uring).has_value();
  if (o.engines.empty())
    o.engines =
        has_uring ? std::vector<std::string>{"uring", "threads"} : std::vector<std::string>{"threads"};
  return tune_setting{n, usual->level, s, has_uring ? "uring" : "threads"};
}

/// All combinations, and the default's values too; the first is the default, at the lowest level that was
/// asked for where that leaves out the default's.
std::vector<tune_setting> grid(const tune_options& o, const tune_setting& usual, unsigned shards) {
  auto in_flight = o.shards_in_flight;
  for (auto& s : in_flight) s = std::min(s, shards);  // more are never read at once
  std::vector<tune_setting> all;
  const auto usual_in_flight = std::min(usual.shards_in_flight, shards);
  auto threads = o.threads;
  auto engines = o.engines;
  threads.push_back(usual.threads), in_flight.push_back(usual_in_flight), engines.push_back(usual.io);
  for (const auto t : with_first(threads, usual.threads))
    for (const auto l : with_first(o.levels, usual.level))
      for (const auto s : with_first(in_flight, usual_in_flight))
        for (const auto& e : with_first(engines, usual.io)) all.push_back({t, l, s, e});
  return all;
}

class tuner {
 public:
  tuner(const tune_options& options, tune_bench bench, const stop_signals& signals, tune_outcome& found,
        const std::function<void(const tune_progress&)>& on_progress)
      : options_(options),
        bench_(std::move(bench)),
        signals_(signals),
        found_(found),
        on_progress_(on_progress) {}

  status run() {
    // The first run warms what there is to warm and is not counted.
    if (auto warm = run_once(bench_, found_.settings[0], signals_); !warm) return warm.error();
    began_ = clock::now();
    const other_load others;
    if (auto done = rounds(); !done.ok()) return done;
    if (found_.challenger == 0) return {};
    if (auto done = pairs(); !done.ok()) return done;
    found_.others = others.share();
    found_.ratio = ratio_of(found_.pairs);
    found_.verdict = judge(found_.ratio, found_.others);
    return {};
  }

 private:
  [[nodiscard]] double spent() const { return std::chrono::duration<double>(clock::now() - began_).count(); }

  status rounds() {
    std::vector<std::size_t> contenders(found_.settings.size());
    for (std::size_t i = 0; i < contenders.size(); ++i) contenders[i] = i;
    found_.runs.resize(contenders.size());
    std::mt19937 random(1);
    double round_began = 0, round_took = 0;
    // Nothing to compare: what there is is measured all the same.
    for (std::size_t i = 0; contenders.size() == 1 && i < fewest_pairs; ++i) {
      on_progress_({"round 1", spent(), options_.seconds, i, fewest_pairs});
      auto measured = run_once(bench_, found_.settings[0], signals_);
      if (!measured) return measured.error();
      found_.runs[0].push_back(*measured);
    }
    while (contenders.size() > 1 &&
           (found_.rounds == 0 || spent() + round_took / 2 < options_.seconds * 0.55)) {
      ++found_.rounds;
      round_began = spent();
      std::shuffle(contenders.begin(), contenders.end(), random);
      for (std::size_t i = 0; i < contenders.size(); ++i) {
        on_progress_(
            {"round " + std::to_string(found_.rounds), spent(), options_.seconds, i, contenders.size()});
        auto measured = run_once(bench_, found_.settings[contenders[i]], signals_);
        if (!measured) return measured.error();
        found_.runs[contenders[i]].push_back(*measured);
      }
      round_took = spent() - round_began;
      found_.challenger = fastest(found_.runs, contenders, largest_output());
      const bool only_two = contenders.size() == 2;
      contenders = faster_half(found_.runs, contenders, largest_output());
      if (only_two) break;  // the pairs measure them further
    }
    return {};
  }

  /// In turn the default first and the challenger first, so that a steady drift favours neither.
  status pairs() {
    while (found_.pairs.size() < fewest_pairs || spent() < options_.seconds) {
      on_progress_({"pair " + std::to_string(found_.pairs.size() + 1), spent(), options_.seconds, 0, 0});
      tune_run of[2];
      const std::size_t first = found_.pairs.size() % 2;
      for (const auto which : {first, 1 - first}) {
        auto measured = run_once(bench_, found_.settings[which == 0 ? 0 : found_.challenger], signals_);
        if (!measured) return measured.error();
        of[which] = *measured;
      }
      found_.pairs.push_back({of[0].wall_seconds, of[1].wall_seconds});
      found_.default_runs.push_back(of[0]);
      found_.challenger_runs.push_back(of[1]);
    }
    return {};
  }

  [[nodiscard]] double largest_output() const {
    const auto& usual = found_.runs[0];
    return usual.empty() ? 0 : static_cast<double>(usual.front().output_bytes) * (1 + options_.output_growth);
  }

  const tune_options& options_;
  tune_bench bench_;
  const stop_signals& signals_;
  tune_outcome& found_;
  const std::function<void(const tune_progress&)>& on_progress_;
  clock::time_point began_;
};

}  // namespace

result<tune_outcome> run_tune(tune_options options,
                              const std::function<void(const tune_progress&)>& on_progress) {
  const stop_signals signals;
  const auto usual = fill_lists(options);
  if (!usual) return usual.error();
  constexpr std::uint64_t for_each_cpu = 64U << 20;
  if (options.sample == 0) options.sample = for_each_cpu * std::min(usable_cpus(), 64U);
  // The sample, and an output that may be as large as its plain input.
  const auto needed = 2 * options.sample + disk_reserve;
  if (const auto free = free_disk(options.work); free < needed)
    return fail(failure::refused, "a sample needs " + format_size(needed) + " in " + options.work.string() +
                                      ", and there are " + format_size(free) +
                                      "; give --work or a smaller --sample");
  auto scratch = scratch_folder::make(options.work, "outro-tune");
  if (!scratch) return scratch.error();
  tune_bench bench{options.program, scratch->path, options.layout, options.memory};
  if (auto made = make_private_directory(scratch->path / "dumps"); !made.ok()) return made;
  on_progress({"sample", 0, options.seconds, 0, 0});
  const auto most = std::max(usual->shards_in_flight, *std::max_element(options.shards_in_flight.begin(),
                                                                        options.shards_in_flight.end()));
  tune_outcome found;
  auto sample = write_tune_sample(options.dumps, scratch->path / "dumps", options.sample, most);
  if (!sample) return sample.error();
  found.sample = *sample;
  found.settings = grid(options, *usual, found.sample.shards);
  if (auto done = tuner(options, bench, signals, found, on_progress).run(); !done.ok()) return done;
  return found;
}

}  // namespace outro
