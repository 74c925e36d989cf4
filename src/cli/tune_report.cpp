#include "cli/tune_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cmath>
#include <numeric>

#include "base/json_text.h"
#include "base/machine.h"
#include "base/options.h"
#include "base/units.h"

namespace outro {

namespace {

namespace json = boost::json;

std::string percent(double share, int digits) {
  return fmt::format("{:.{}f} %", 100 * share, digits);
}
/// "4.1 % faster", "0.8 % slower".
std::string gain(double ratio) {
  return percent(std::abs(ratio - 1), 1) + (ratio >= 1 ? " faster" : " slower");
}
/// The interval in gains: "-0.4 % to 3.1 %".
std::string interval(const speed_ratio& r) {
  return fmt::format("{} to {}", percent(r.low - 1, 1), percent(r.high - 1, 1));
}

std::string options_of(const tune_setting& s) {
  return fmt::format("--threads {} --level {} --shards-in-flight {} --io {}", s.threads, s.level,
                     s.shards_in_flight, s.io);
}

bool is_best(const tune_outcome& o, std::size_t setting) {
  return setting > 0 && setting == o.challenger && o.verdict == tune_verdict::better;
}

/// Of the rounds and the pairs together.
tune_summary summary_of_setting(const tune_outcome& o, std::size_t setting) {
  auto runs = o.runs[setting];
  const auto add = [&](const std::vector<tune_run>& more) {
    runs.insert(runs.end(), more.begin(), more.end());
  };
  if (setting == 0) add(o.default_runs);
  if (setting > 0 && setting == o.challenger) add(o.challenger_runs);
  return summary_of(runs);
}

std::string verdict_text(const tune_outcome& o, double growth) {
  if (o.settings.size() == 1)
    return "Only one setting was measured: there is nothing to choose from. Name several with --threads, "
           "--level, --shards-in-flight or --io.\n";
  if (o.challenger == 0)
    return fmt::format(
        "Nothing to choose from: no setting but the default keeps the output within {} of the default's.\n",
        percent(growth, 0));
  const auto best = options_of(o.settings[o.challenger]);
  const auto faster = gain(o.ratio.mean), from_to = interval(o.ratio);
  switch (o.verdict) {
    case tune_verdict::better:
      return fmt::format(
          "Best: {}\n"
          "{} than the default; over {} pairs of runs, the interval that holds the true gain 95 times of 100 "
          "is {}.\n",
          best, faster, o.ratio.pairs, from_to);
    case tune_verdict::no_better:
      return fmt::format(
          "Keep the default. The best other setting ({}) is not worth having: {}, 95 % interval {} over {} "
          "pairs of runs.\n",
          best, faster, from_to, o.ratio.pairs);
    case tune_verdict::busy:
      return fmt::format(
          "No recommendation: other programs took {} of the CPU time meanwhile, and a setting that takes "
          "more "
          "away from them looks faster than it is. The best one ({}) measured {}, 95 % interval {} over {} "
          "pairs of runs.\n"
          "Keep the default, or measure again on a quieter machine.\n",
          percent(o.others, 0), best, faster, from_to, o.ratio.pairs);
    case tune_verdict::noise:
      break;
  }
  return fmt::format(
      "No setting is better than the default by more than the noise. The best one ({}) measured {}, but the "
      "95 % interval over {} pairs of runs is {}.\n"
      "Keep the default, or measure for longer (--time) on a quieter machine.\n",
      best, faster, o.ratio.pairs, from_to);
}

std::string_view word_for(tune_verdict verdict) {
  switch (verdict) {
    case tune_verdict::better:
      return "better";
    case tune_verdict::no_better:
      return "default";
    case tune_verdict::busy:
      return "busy";
    case tune_verdict::noise:
      break;
  }
  return "noise";
}

/// `usual`: of the default, whose output is 100 %.
std::string row_of(const tune_outcome& o, std::size_t setting, const tune_summary& m,
                   const tune_summary& usual) {
  const auto& s = o.settings[setting];
  const bool best = is_best(o, setting);
  const auto remark = setting == 0 ? "  default" : best ? "  best" : "";
  return fmt::format(
      "{} {:>7}{:>7}{:>11}  {:<8}{:>8.0f}{:>9.2f}{:>9}{:>14}{:>6}{:>8}{}\n", best ? "*" : " ", s.threads,
      s.level, s.shards_in_flight, s.io, static_cast<double>(o.sample.json_bytes) / 1e6 / m.wall_seconds,
      m.cpu_seconds,
      percent(static_cast<double>(m.output_bytes) / static_cast<double>(usual.output_bytes), 1),
      format_size(m.peak_memory), m.runs, m.runs > 1 ? percent(m.spread, 1) : "", remark);
}

}  // namespace

std::string text_of(const tune_outcome& o, double growth) {
  auto text = fmt::format(
      "sample: {} documents, {} of JSON in {} {}; read from a copy, so a slow disk of dumps is not in these "
      "figures\n",
      format_count(o.sample.documents), format_size(o.sample.json_bytes), o.sample.shards,
      o.sample.shards == 1 ? "shard" : "shards");
  for (const auto& remark : remarks_on(o.sample)) text += remark + "\n";
  text += "\n";
  text += "  threads  level  in flight  io          MB/s    CPU s   output   peak memory  runs  spread\n";
  std::vector<std::size_t> order(o.settings.size());
  std::iota(order.begin(), order.end(), 0U);
  std::vector<tune_summary> all;
  for (const auto i : order) all.push_back(summary_of_setting(o, i));
  std::stable_sort(order.begin(), order.end(),
                   [&](auto a, auto b) { return all[a].wall_seconds < all[b].wall_seconds; });
  for (const auto i : order) text += row_of(o, i, all[i], all[0]);
  text +=
      "\nMB/s: of JSON, by the median run. Output: as a share of the default's. Runs: slower settings drop "
      "out "
      "early. Spread: half the range.\n";
  return text + verdict_text(o, growth);
}

std::string json_of(const tune_outcome& o) {
  json::array settings;
  for (std::size_t i = 0; i < o.settings.size(); ++i) {
    const auto& s = o.settings[i];
    const auto m = summary_of_setting(o, i);
    settings.push_back(json::object{{"threads", s.threads},
                                    {"level", s.level},
                                    {"shardsInFlight", s.shards_in_flight},
                                    {"io", s.io},
                                    {"default", i == 0},
                                    {"best", is_best(o, i)},
                                    {"runs", m.runs},
                                    {"wallSeconds", m.wall_seconds},
                                    {"cpuSeconds", m.cpu_seconds},
                                    {"spread", m.spread},
                                    {"peakMemory", m.peak_memory},
                                    {"outputBytes", m.output_bytes}});
  }
  json::object decision{
      {"verdict", word_for(o.verdict)}, {"pairs", o.ratio.pairs}, {"othersShareOfCpu", o.others}};
  if (o.ratio.pairs > 1) {
    decision["ratio"] = o.ratio.mean;
    decision["low"] = o.ratio.low;
    decision["high"] = o.ratio.high;
  }
  return serialized(json::object{{"format", "outro-tune/1"},
                                 {"cpus", usable_cpus()},
                                 {"documents", o.sample.documents},
                                 {"jsonBytes", o.sample.json_bytes},
                                 {"shards", o.sample.shards},
                                 {"leftOut", o.sample.hidden.count},
                                 {"damagedShards", o.sample.damaged.size()},
                                 {"settings", std::move(settings)},
                                 {"decision", std::move(decision)}}) +
         "\n";
}

std::string config_of(const tune_outcome& o, double growth) {
  auto text = fmt::format(
      "# Made by `outro tune` on a machine with {} CPUs, over {} of JSON. For `outro export --config`.\n",
      usable_cpus(), format_size(o.sample.json_bytes));
  const auto verdict = verdict_text(o, growth);
  for (std::size_t at = 0; at < verdict.size();) {
    const auto end = verdict.find('\n', at);
    text += fmt::format("# {}\n", verdict.substr(at, end - at));
    at = end + 1;
  }
  const bool is_better = o.verdict == tune_verdict::better;
  // The first setting is the default unless the operator left the default out of the lists.
  const auto& s = o.settings[is_better ? o.challenger : 0];
  if (is_better)
    text += fmt::format("threads = {}\nshards-in-flight = {}\nio = \"{}\"\n", s.threads, s.shards_in_flight,
                        s.io);
  if (s.level != export_options{}.level) text += fmt::format("level = {}\n", s.level);
  return text;
}

}  // namespace outro
