#include "jobs/forecast/tune.h"
#include "base/json_text.h"

#include <unistd.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cstdlib>
#include <numeric>

#include "base/file.h"
#include "base/machine.h"
#include "base/options.h"
#include "base/units.h"
#include "cli/commands.h"
#include "cli/tools.h"

namespace outro {

namespace {

struct tune_command {
  tune_options options;
  std::filesystem::path write;
  bool json = false, quiet = false;
};

std::string percent(double share, int digits) {
  char text[32];
  (void)std::snprintf(text, sizeof text, "%.*f %%", digits, 100 * share);
  return text;
}
/// "4.1 % faster", "0.8 % slower".
std::string gain(double ratio) {
  return percent(std::abs(ratio - 1), 1) + (ratio >= 1 ? " faster" : " slower");
}
/// The interval in gains: "-0.4 % to 3.1 %".
std::string interval(const speed_ratio& r) {
  return percent(r.low - 1, 1) + " to " + percent(r.high - 1, 1);
}

std::string text_of(const tune_setting& s) {
  return "--threads " + std::to_string(s.threads) + " --level " + std::to_string(s.level) +
         " --shards-in-flight " + std::to_string(s.shards_in_flight) + " --io " + s.io;
}

/// Rounds and pairs together, for the table.
std::vector<tune_run> runs_of(const tune_outcome& o, std::size_t setting) {
  auto runs = o.runs[setting];
  const auto add = [&](const std::vector<tune_run>& more) {
    runs.insert(runs.end(), more.begin(), more.end());
  };
  if (setting == 0) add(o.default_runs);
  if (setting > 0 && setting == o.challenger) add(o.challenger_runs);
  return runs;
}

std::string verdict_text(const tune_outcome& o, double growth) {
  if (o.settings.size() == 1)
    return "Only one setting was measured: there is nothing to choose from. Name several with --threads, "
           "--level, --shards-in-flight or --io.\n";
  if (o.challenger == 0)
    return "Nothing to choose from: no setting but the default keeps the output within " +
           percent(growth, 0) + " of the default's.\n";
  const auto& best = o.settings[o.challenger];
  const auto pairs = std::to_string(o.ratio.pairs) + " pairs of runs";
  switch (o.verdict) {
    case tune_verdict::better:
      return "Best: " + text_of(best) + "\n" + gain(o.ratio.mean) + " than the default; over " + pairs +
             ", the interval that holds the true gain 95 times of 100 is " + interval(o.ratio) + ".\n";
    case tune_verdict::no_better:
      return "Keep the default. What looked best (" + text_of(best) +
             ") is not worth having: " + gain(o.ratio.mean) + ", 95 % interval " + interval(o.ratio) +
             " over " + pairs + ".\n";
    case tune_verdict::busy:
      return "No recommendation: other programs took " + percent(o.others, 0) +
             " of the CPU time meanwhile, and what takes more away from them looks faster than it is. What "
             "looked best (" +
             text_of(best) + ") measured " + gain(o.ratio.mean) + ", 95 % interval " + interval(o.ratio) +
             " over " + pairs + ".\nKeep the default, or measure again on a quieter machine.\n";
    case tune_verdict::noise:
      break;
  }
  return "No setting is better than the default by more than the noise. What looked best (" + text_of(best) +
         ") measured " + gain(o.ratio.mean) + ", but the 95 % interval over " + pairs + " is " +
         interval(o.ratio) + ".\nKeep the default, or measure for longer (--time) on a quieter machine.\n";
}

void write_table(standard_output& out, const tune_outcome& o, double growth) {
  out.write("sample: " + format_count(o.sample.documents) + " documents, " +
            format_size(o.sample.json_bytes) + " of JSON in " + std::to_string(o.sample.shards) +
            (o.sample.shards == 1 ? " shard" : " shards") +
            "; read from a copy, so a slow disk of dumps is not in these figures\n\n");
  out.write("  threads  level  in flight  io          MB/s    CPU s   output   peak memory  runs  spread\n");
  std::vector<std::size_t> order(o.settings.size());
  std::iota(order.begin(), order.end(), 0U);
  std::vector<tune_summary> all;
  for (const auto i : order) all.push_back(summary_of(runs_of(o, i)));
  std::stable_sort(order.begin(), order.end(),
                   [&](auto a, auto b) { return all[a].wall_seconds < all[b].wall_seconds; });
  const auto number = [](double value, const char* format) {
    char text[32];
    (void)std::snprintf(text, sizeof text, format, value);
    return std::string(text);
  };
  for (const auto i : order) {
    const auto& s = o.settings[i];
    const auto& m = all[i];
    const bool is_best = i > 0 && i == o.challenger && o.verdict == tune_verdict::better;
    const auto mb_s = static_cast<double>(o.sample.json_bytes) / 1e6 / m.wall_seconds;
    const auto output = static_cast<double>(m.output_bytes) / static_cast<double>(all[0].output_bytes);
    out.write(std::string(is_best ? "* " : "  ") + right(std::to_string(s.threads), 7) +
              right(std::to_string(s.level), 7) + right(std::to_string(s.shards_in_flight), 11) + "  " +
              left(s.io, 8) + right(number(mb_s, "%.0f"), 8) + right(number(m.cpu_seconds, "%.2f"), 9) +
              right(percent(output, 1), 9) + right(format_size(m.peak_memory), 14) +
              right(std::to_string(m.runs), 6) + right(m.runs > 1 ? percent(m.spread, 1) : "", 8) +
              (i == 0    ? "  default"
               : is_best ? "  best"
                         : "") +
              "\n");
  }
  out.write(
      "\nMB/s: of JSON, by the median run. Output: of the default's. Runs: slower settings drop out early. "
      "Spread: "
      "half the range.\n");
  out.write(verdict_text(o, growth));
}

std::string json_of(const tune_outcome& o) {
  namespace json = boost::json;
  json::array settings;
  for (std::size_t i = 0; i < o.settings.size(); ++i) {
    const auto& s = o.settings[i];
    const auto m = summary_of(runs_of(o, i));
    settings.push_back(json::object{{"threads", s.threads},
                                    {"level", s.level},
                                    {"shardsInFlight", s.shards_in_flight},
                                    {"io", s.io},
                                    {"default", i == 0},
                                    {"best", i > 0 && i == o.challenger && o.verdict == tune_verdict::better},
                                    {"runs", m.runs},
                                    {"wallSeconds", m.wall_seconds},
                                    {"cpuSeconds", m.cpu_seconds},
                                    {"spread", m.spread},
                                    {"peakMemory", m.peak_memory},
                                    {"outputBytes", m.output_bytes}});
  }
  json::object verdict{{"verdict", o.verdict == tune_verdict::better      ? "better"
                                   : o.verdict == tune_verdict::no_better ? "default"
                                   : o.verdict == tune_verdict::busy      ? "busy"
                                                                          : "noise"},
                       {"pairs", o.ratio.pairs},
                       {"othersShareOfCpu", o.others}};
  if (o.ratio.pairs > 1)
    verdict["ratio"] = o.ratio.mean, verdict["low"] = o.ratio.low, verdict["high"] = o.ratio.high;
  return serialized(json::object{{"format", "outro-tune/1"},
                                 {"cpus", usable_cpus()},
                                 {"documents", o.sample.documents},
                                 {"jsonBytes", o.sample.json_bytes},
                                 {"shards", o.sample.shards},
                                 {"settings", std::move(settings)},
                                 {"decision", std::move(verdict)}}) +
         "\n";
}

/// What `outro export --config` takes. Without a recommendation it changes nothing.
std::string config_of(const tune_outcome& o, double growth) {
  std::string text = "# Made by `outro tune` on a machine with " + std::to_string(usable_cpus()) +
                     " CPUs, over " + format_size(o.sample.json_bytes) +
                     " of JSON. For `outro export --config`.\n";
  const auto verdict = verdict_text(o, growth);
  for (std::size_t at = 0; at < verdict.size();) {
    const auto end = verdict.find('\n', at);
    text += "# " + verdict.substr(at, end - at) + "\n";
    at = end + 1;
  }
  // The first setting is the default unless the operator left the default out of the lists.
  const auto& s = o.settings[o.verdict == tune_verdict::better ? o.challenger : 0];
  const export_options usual;
  if (o.verdict == tune_verdict::better)
    text += "threads = " + std::to_string(s.threads) +
            "\nshards-in-flight = " + std::to_string(s.shards_in_flight) + "\nio = \"" + s.io + "\"\n";
  if (s.level != usual.level) text += "level = " + std::to_string(s.level) + "\n";
  return text;
}

class tune_line {
 public:
  explicit tune_line(bool quiet) : quiet_(quiet), terminal_(::isatty(STDERR_FILENO) == 1) {}
  ~tune_line() {
    if (open_) (void)std::fputs("\r\033[K", stderr);
  }
  tune_line(const tune_line&) = delete;
  tune_line& operator=(const tune_line&) = delete;

  void show(const tune_progress& p) {
    if (quiet_ || (!terminal_ && p.step == last_)) return;
    if (!terminal_ && p.step.starts_with("pair") && last_.starts_with("pair")) return;
    last_ = p.step;
    std::string text = "tune: " + p.step;
    if (p.planned > 0) text += ", run " + std::to_string(p.done + 1) + " of " + std::to_string(p.planned);
    text += " · " + format_duration(p.seconds) + " of about " + format_duration(p.limit);
    (void)std::fprintf(stderr, terminal_ ? "\r\033[K%s" : "%s\n", text.c_str());
    (void)std::fflush(stderr);
    open_ = terminal_;
  }

 private:
  bool quiet_, terminal_, open_ = false;
  std::string last_;
};

status run(tune_command command) {
  forbid_core_dumps();
  auto& options = command.options;
  options.program = "/proc/self/exe";
  if (options.work.empty()) {
    const char* folder = std::getenv("TMPDIR");
    options.work = folder != nullptr && *folder != '\0' ? folder : "/tmp";
  }
  result<tune_outcome> found = tune_outcome{};
  {
    tune_line line(command.quiet);
    found = run_tune(options, [&](const tune_progress& p) { line.show(p); });
  }
  if (!found) return found.error();
  standard_output out;
  if (command.json)
    out.write(json_of(*found));
  else
    write_table(out, *found, options.output_growth);
  if (!command.write.empty()) {
    if (auto written = replace_file(command.write, config_of(*found, options.output_growth)); !written.ok())
      return written;
    if (!command.json) out.write("Written: " + command.write.string() + ", for outro export --config\n");
  }
  return out.close();
}

}  // namespace

void add_tune(CLI::App& app, int& exit_code) {
  auto given = std::make_shared<tune_command>();
  auto& o = given->options;
  auto* command = app.add_subcommand(
      "tune",
      "Measure threads, levels, shards in flight and io engines on a sample of your dumps, and recommend");
  command->add_option("dumps", o.dumps, "Dumps, as for export: files and directories")
      ->required()
      ->type_name("DUMP");
  command
      ->add_option(
          "--work", o.work,
          "Where sample and trial outputs go for the time being, best the disk of the real output (default: "
          "TMPDIR or /tmp)")
      ->type_name("DIR")
      ->check(CLI::ExistingDirectory);
  const auto list = [&](const char* name, auto& values, const char* help) {
    return command->add_option(name, values, help)->delimiter(',')->type_name("LIST");
  };
  list("--threads", o.threads,
       "Worker threads to try, such as 4,8,16 (default: half the CPUs, all, one more)")
      ->check(CLI::Range(1, 1024));
  list("--level", o.levels, "zstd levels to try (default 3,4,6)")->check(CLI::Range(1, 19));
  list("--shards-in-flight", o.shards_in_flight,
       "Shards read at once to try (default: half of export's, it, twice it)")
      ->check(CLI::Range(1, 256));
  list("--io", o.engines, "Engines to try (default: those the kernel allows)")
      ->check(CLI::IsMember({"uring", "threads"}));
  command->add_option("--layout", o.layout, "As for export (default xiami)")->type_name("NAME|FILE");
  add_size(*command, "--memory", o.memory, "Memory of each trial export, as for export");
  add_size(*command, "--sample", o.sample, "Decoded bytes to sample (default: 64M for each CPU)");
  command->add_option("--time", o.seconds, "Seconds to measure for, about (default 60)")
      ->type_name("SECONDS")
      ->check(CLI::Range(0.0, 86400.0));
  command
      ->add_option("--output-growth", o.output_growth,
                   "How much larger than the default's an output may be, as a share (default 0.02)")
      ->type_name("SHARE")
      ->check(CLI::Range(0.0, 10.0));
  command->add_option("--write", given->write, "Write what was found for `outro export --config`")
      ->type_name("FILE");
  command->add_flag("--json", given->json, "One JSON object");
  command->add_flag("--quiet", given->quiet, "No progress");
  command->footer(
      "Every setting is measured by real exports of the sample, interleaved; after each round the slower "
      "half drops\n"
      "out. The last one left is then measured against the default in fresh pairs, which alone decide: it "
      "is\n"
      "recommended only where the whole 95 % interval of its gain is above 1 %. Without --time's worth of "
      "quiet there\n"
      "may be no recommendation; the file that --write makes then changes nothing.\n"
      "The sample is personal data: it lies in a folder of mode 0700 and is removed at the end, signals "
      "included.\n"
      "Exit codes: 0 measured; 1 failed; 2 refused; 130, 143 stopped by a signal.");
  command->callback([given, &exit_code] { exit_code = report(run(*given)); });
}

}  // namespace outro
