#include <fmt/format.h>

#include <cmath>
#include <memory>

#include "base/file_system.h"
#include "base/standard_streams.h"
#include "cli/commands.h"
#include "cli/plan_report.h"
#include "cli/tools.h"
#include "jobs/export/preflight.h"
#include "report/deadline.h"
#include "report/progress.h"
#include "source/input.h"
#include "watch/finish_forecast.h"

namespace outro {

namespace {

struct plan_command {
  measure_options measure;
  std::filesystem::path out;
  double accounts = 0, hours = 24, change_rate = -1;
  std::uint64_t mean_bytes = 0, rate = 0, arrival = 0;
  std::int64_t start_ms = 0, deadline_ms = 0;
  bool json = false, quiet = false, no_levels = false;
};

/// Of the ledger at rest, for a document.
constexpr double ledger_bytes_each = 120;
/// Shards of one exporter compress alike: relative error of what the dumps decode to.
constexpr double expansion_error = 0.01;
constexpr std::uint64_t max_document_bytes = 1ULL << 30;

status check(const plan_command& c) {
  if (c.measure.dumps.empty() && (c.accounts <= 0 || c.mean_bytes == 0 || c.rate == 0))
    return fail(failure::usage, "name a sample of dumps, or give all of --accounts, --mean-bytes and --rate");
  // Together with the range of --accounts, this keeps every figure of the answer finite.
  if (c.mean_bytes > max_document_bytes)
    return fail(failure::usage, "--mean-bytes is above 1G, the longest document there may be");
  return {};
}

result<measured> measure(plan_command& c) {
  c.measure.program = "/proc/self/exe";
  c.measure.levels = c.deadline_ms > 0 && !c.no_levels;
  terminal_line line;
  auto found = measure_machine(c.measure, [&](const std::string& step) {
    if (c.quiet) return;
    if (line.is_possible())
      line.show("plan: " + step);
    else
      fmt::print(stderr, "plan: {}\n", step);
  });
  line.clear();
  return found;
}

/// How much there is to export: by the number of accounts, or all dumps that were named.
status fill_size(const plan_command& c, plan_report& r) {
  auto& q = r.question;
  const auto& s = r.measures ? r.measures->sample : tune_sample{};
  const auto n = static_cast<double>(s.documents);
  auto mean = static_cast<double>(c.mean_bytes);
  if (c.mean_bytes == 0 && n > 0) mean = static_cast<double>(s.json_bytes) / n;
  if (s.source_decoded > 0)
    q.stored_share = static_cast<double>(s.source_bytes) / static_cast<double>(s.source_decoded);
  if (c.accounts > 0) {
    q.accounts = c.accounts;
    q.json_bytes = c.accounts * mean;
    // The mean of the sample is not the mean of all.
    if (c.mean_bytes == 0 && n > 1) {
      const auto variance = std::max(0.0, s.squared_bytes / n - mean * mean);
      q.size_error = std::sqrt(variance / n) / mean;
    }
    return {};
  }
  std::uint64_t stored = 0;
  const auto input = find_input(c.measure.dumps);
  if (!input) return input.error();
  for (const auto& shard : input->shards) stored += shard.size;
  const bool all = s.source_bytes >= stored;
  q.json_bytes = all ? static_cast<double>(s.json_bytes) : static_cast<double>(stored) / q.stored_share;
  q.accounts = q.json_bytes / mean;
  q.size_error = all ? 0 : expansion_error;
  return {};
}

/// How fast this machine exports: as measured, or as --rate says. Needs the number of accounts.
status fill_rate(const plan_command& c, plan_report& r) {
  auto& q = r.question;
  auto stated = given_error;
  if (r.measures) {
    const auto& m = *r.measures;
    if (const auto noise = noise_in(m); !noise.empty() && !c.measure.ignore_noise)
      return fail(failure::refused,
                  fmt::format("no forecast: {}; measure again when it is quiet, for longer (--time), or take "
                              "the answer as it is (--ignore-noise)",
                              noise));
    r.cost = cost_of(m.rate, q.accounts);
    r.largest = m.sample.largest;
    q.start_seconds = r.cost.start;
    q.output_share = m.output_bytes / static_cast<double>(m.sample.json_bytes);
    q.disk_read = m.disk_read;
    q.disk_write = m.disk_write;
    stated = drift_error;
  }
  if (c.rate > 0) {
    r.cost = {r.cost.start, 1 / static_cast<double>(c.rate), 0, 0, 0};
    stated = given_error;
  }
  q.seconds_a_byte = r.cost.seconds;
  q.rate_error = std::hypot(r.cost.spread_error, r.cost.model_error, stated);
  return {};
}

/// What the export needs of memory and disk, and how much there is.
status fill_machine(const plan_command& c, plan_report& r) {
  r.ledger_bytes = static_cast<std::uint64_t>(ledger_bytes_each * r.question.accounts);
  r.disk_free = free_disk(c.out);
  export_options usual;
  usual.dumps = {"-"};
  usual.out = c.out;
  usual.memory = c.measure.memory;
  usual.threads = c.measure.threads;
  const auto complete = complete_options(usual);
  if (!complete) return complete.error();
  r.memory = complete->memory;
  return {};
}

/// What a daily run costs over the dumps of changed accounts, and over those of all.
void fill_delta(const plan_command& c, plan_report& r) {
  r.change_rate = c.change_rate;
  if (c.change_rate < 0) return;
  const auto& q = r.question;
  r.delta_changed_seconds =
      q.start_seconds + c.change_rate * q.json_bytes * q.seconds_a_byte + q.finishing_seconds;
  if (!r.measures) return;
  const auto& m = *r.measures;
  const auto unchanged = std::max(0.0, m.unchanged - r.cost.start) / static_cast<double>(m.sample.json_bytes);
  r.delta_all_seconds = r.delta_changed_seconds + (1 - c.change_rate) * q.json_bytes * unchanged;
}

status run(plan_command c, int& exit_code) {
  forbid_core_dumps();
  outlive_readers();
  if (auto s = check(c); !s.ok()) return s;
  if (c.out.empty()) c.out = c.measure.work;
  plan_report r;
  auto& q = r.question;
  r.level = c.measure.level;
  q.hours = {c.start_ms > 0 ? c.start_ms : now_ms(), c.hours};
  q.deadline_ms = c.deadline_ms;
  q.arrival = static_cast<double>(c.arrival);
  if (!c.measure.dumps.empty()) {
    auto found = measure(c);
    if (!found) return found.error();
    r.measures = std::move(*found);
  }
  if (auto s = fill_size(c, r); !s.ok()) return s;
  if (auto s = fill_rate(c, r); !s.ok()) return s;
  if (q.arrival > 0 && q.stored_share == 0) q.stored_share = 1;  // without a sample they may be plain
  q.finishing_seconds = finishing_seconds(static_cast<std::uint64_t>(q.accounts));
  if (auto s = fill_machine(c, r); !s.ok()) return s;
  r.answer = forecast_window(q);
  if (r.measures) r.highest_level = highest_level(q, r.measures->levels, tight_headroom);
  fill_delta(c, r);
  exit_code = q.deadline_ms > 0 && r.answer.headroom.high < 1 ? exit_code_of(fail(failure::late, {})) : 0;
  return write_result(c.json ? json_of(r) : text_of(r));
}

void add_question(CLI::App& command, plan_command& c) {
  command.add_option("dumps", c.measure.dumps, "A sample of the dumps, or all of them; as for export")
      ->type_name("DUMP");
  command.add_option("--accounts", c.accounts, "Accounts to export (default: as many as the dumps hold)")
      ->type_name("N")
      ->check(CLI::Range(1.0, 1e11));
  add_time(command, "--deadline", c.deadline_ms, "When it has to be finished, as 2021-03-05T00:00:00+08:00");
  add_time(command, "--start", c.start_ms, "When it begins (default: now)");
  command
      .add_option("--hours-per-day", c.hours,
                  "Hours of each day that it may run for, from --start on (default 24)")
      ->type_name("H")
      ->check(CLI::Range(0.1, 24.0));
  add_size(command, "--mean-bytes", c.mean_bytes,
           "Bytes of JSON in an average dump (default: that of the sample)");
  add_size(command, "--rate", c.rate,
           "Bytes of JSON that this machine exports in a second (default: measured)");
  add_size(command, "--arrival", c.arrival,
           "Bytes of dumps, as they are stored, that arrive in a second (default: all are there)");
  command
      .add_option("--change-rate", c.change_rate,
                  "Share of the accounts that change a day: also say what daily delta runs cost")
      ->type_name("SHARE")
      ->check(CLI::Range(0.0, 1.0));
}

void add_export_settings(CLI::App& command, plan_command& c) {
  auto& m = c.measure;
  m.work = temporary_folder();
  command
      .add_option("--out", c.out, "Where the output is to be: its free space is looked at (default: --work)")
      ->type_name("DIR");
  command.add_option("--work", m.work, work_help)->type_name("DIR")->check(CLI::ExistingDirectory);
  command.add_option("--layout", m.layout, "As for export (default xiami)")->type_name("NAME|FILE");
  command.add_option("--threads", m.threads, "As for export")->type_name("N");
  command.add_option("--level", m.level, "As for export (default 3)")
      ->type_name("N")
      ->check(CLI::Range(1, 19));
  add_catalogue_switch(
      command, [&m](bool with) { m.catalogue = with; }, "As for export (default)");
  add_size(command, "--memory", m.memory, "As for export");
}

void add_measuring(CLI::App& command, plan_command& c) {
  auto& m = c.measure;
  add_size(command, "--sample", m.sample, "Decoded bytes to measure with (default: 96M for each CPU)");
  command.add_option("--time", m.seconds, "Seconds to measure for, about (default 40)")
      ->type_name("SECONDS")
      ->check(CLI::Range(0.0, 86400.0));
  command.add_flag("--no-levels", c.no_levels, "Don't look for the highest zstd level that still fits");
  command.add_flag("--ignore-noise", m.ignore_noise,
                   "Answer although the measurements differ too much, or others use the machine");
}

}  // namespace

void add_plan(CLI::App& app, int& exit_code) {
  auto given = std::make_shared<plan_command>();
  auto* command = app.add_subcommand(
      "plan",
      "Say whether an export fits into the time there is: measured on this machine, with an interval");
  add_question(*command, *given);
  add_export_settings(*command, *given);
  add_measuring(*command, *given);
  command->add_flag("--json", given->json, "One JSON object");
  command->add_flag("--quiet", given->quiet, "No progress");
  command->footer(
      R"(Measures short exports of the sample, of copies of it, and of one document, interleaved, so that
what every run costs is not taken for the rate. The sample is personal data: it lies in a folder of
mode 0700 and is removed at the end, also where a signal stops the command.
Exit codes: 0 answered; 1 failed; 2 refused (a sample too small, measurements that are noise); 4 the deadline
will be missed, even by the high end of the interval; 130, 143 stopped by a signal.)");
  command->callback([given, &exit_code] {
    if (const auto s = run(*given, exit_code); !s.ok()) exit_code = report(s);
  });
}

}  // namespace outro
