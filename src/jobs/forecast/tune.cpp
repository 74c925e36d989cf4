#include "jobs/forecast/tune.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <numeric>
#include <random>

#include "base/file.h"
#include "base/file_system.h"
#include "base/io_engine.h"
#include "base/machine.h"
#include "base/options.h"
#include "base/private_folder.h"
#include "base/scratch_folder.h"
#include "base/units.h"
#include "base/utf8.h"
#include "jobs/forecast/other_load.h"

namespace outro {

namespace {

using clock = std::chrono::steady_clock;

/// Of the time for measuring, for the rounds; the pairs get the rest.
constexpr double rounds_share = 0.55;

/// Every value once, the default first if it is among them.
template <class T>
std::vector<T> with_first(std::vector<T> values, const T& first) {
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
  const auto at = std::find(values.begin(), values.end(), first);
  if (at != values.end()) std::rotate(values.begin(), at, at + 1);
  return values;
}

/// Fills the lists that are empty with values around an export's defaults, which it returns.
result<tune_setting> fill_lists(tune_options& o) {
  export_options wanted;
  wanted.dumps = o.dumps;
  wanted.out = o.work;
  wanted.memory = o.memory;
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

/// All combinations of the lists and the default's values. The first is the default; where the list of levels
/// has no default level, at the lowest level of the list.
std::vector<tune_setting> grid(const tune_options& o, const tune_setting& usual, unsigned shards) {
  auto in_flight = o.shards_in_flight;
  for (auto& s : in_flight) s = std::min(s, shards);  // more are never read at once
  std::vector<tune_setting> all;
  const auto usual_in_flight = std::min(usual.shards_in_flight, shards);
  auto threads = o.threads;
  auto engines = o.engines;
  threads.push_back(usual.threads);
  in_flight.push_back(usual_in_flight);
  engines.push_back(usual.io);
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
    // The first run fills caches and is not counted.
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

  /// Measures these settings once each, in this order.
  status round(const std::string& step, const std::vector<std::size_t>& settings) {
    for (std::size_t i = 0; i < settings.size(); ++i) {
      on_progress_({step, spent(), options_.seconds, i, settings.size()});
      auto measured = run_once(bench_, found_.settings[settings[i]], signals_);
      if (!measured) return measured.error();
      found_.runs[settings[i]].push_back(*measured);
    }
    return {};
  }

  status rounds() {
    std::vector<std::size_t> contenders(found_.settings.size());
    std::iota(contenders.begin(), contenders.end(), 0U);
    found_.runs.resize(contenders.size());
    // With one setting there is nothing to compare; it is measured a few times nevertheless.
    if (contenders.size() == 1) return round("round 1", std::vector<std::size_t>(fewest_pairs, 0));
    std::mt19937 random(1);
    double round_took = 0;
    while (contenders.size() > 1 &&
           (found_.rounds == 0 || spent() + round_took / 2 < options_.seconds * rounds_share)) {
      ++found_.rounds;
      const auto round_began = spent();
      std::shuffle(contenders.begin(), contenders.end(), random);
      if (auto done = round(fmt::format("round {}", found_.rounds), contenders); !done.ok()) return done;
      round_took = spent() - round_began;
      found_.challenger = fastest(found_.runs, contenders, largest_output());
      const bool only_two = contenders.size() == 2;
      contenders = faster_half(found_.runs, contenders, largest_output());
      if (only_two) break;  // the pairs measure them further
    }
    return {};
  }

  /// The default and the challenger take turns at going first, so that a steady drift favours neither.
  status pairs() {
    while (found_.pairs.size() < fewest_pairs || spent() < options_.seconds) {
      on_progress_({fmt::format("pair {}", found_.pairs.size() + 1), spent(), options_.seconds, 0, 0});
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
    return fail(failure::refused,
                fmt::format("a sample needs {} in {}, which has {} free; give another --work "
                            "or a smaller --sample",
                            format_size(needed), shown(options.work.native()), format_size(free)));
  remove_abandoned(options.work, sample_folder);
  auto scratch = scratch_folder::make(options.work, sample_folder);
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
