#include <fmt/format.h>
#include <fmt/ranges.h>

#include <boost/json.hpp>
#include <chrono>
#include <memory>

#include "base/file.h"
#include "base/json_text.h"
#include "base/output_names.h"
#include "base/plural.h"
#include "base/utf8.h"
#include "cli/commands.h"
#include "cli/shell_words.h"
#include "cli/status_reading.h"
#include "cli/tools.h"
#include "output/writer_life.h"
#include "pack/slice_id.h"
#include "report/summary.h"
#include "watch/health.h"

namespace outro {

namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

struct status_options {
  fs::path out;
  bool json = false;
};

/// Until then the ledger is waited for in silence; then what OUT/lock says is shown first.
constexpr std::chrono::seconds patience(2);
/// Until then an answer is waited for at all. A ledger of a thousand million rows answers in less.
constexpr std::chrono::seconds longest_wait(15);

std::string resume_command(const live_state& s) {
  if (s.command.empty()) return "the same command again";
  std::vector<std::string> words;
  for (const auto& word : s.command) words.push_back(shell_quoted(word));
  return fmt::format("cd {} && {}", shell_quoted(s.folder), fmt::join(words, " "));
}

bool is_late(const live_state& s) {
  return s.deadline_ms != 0 && s.finish_ms > s.deadline_ms;
}

/// Once an export has finished: what is missing first, then the proof.
std::string step_after_finish(const live_state& s, const fs::path& out, const books_or_error& c) {
  const auto folder = shell_quoted(out.string());
  const auto verify = fmt::format("outro verify {} --against DUMP...", folder);
  if (c && c->cut)
    return fmt::format(
        "the export that was interrupted, once more: a new run writes what is missing; then {}", verify);
  if (c && !c->damaged.empty())
    return fmt::format("repair or fetch the damaged {} again under the same name, then {}",
                       c->damaged.size() == 1 ? "shard" : "shards", resume_command(s));
  if (s.exit_code != 0)
    return fmt::format(
        "see what could not be exported: outro list {} --dead-letters, and the missing accounts in {}",
        folder, shell_quoted((out / summary_name).string()));
  return verify;
}

std::string next_step(const live_state& s, health h, const fs::path& out, const books_or_error& c) {
  switch (h) {
    case health::running:
      if (is_late(s))
        return "act now, the deadline will be missed: free the machine, or stop it and split the dumps over "
               "several machines (`outro plan` says how many)";
      return "nothing; it goes on by itself";
    case health::sealing:
      return "nothing; it goes on by itself";
    case health::hung:
      return fmt::format(
          "see what it waits for (a stuck disk? a pipe into which nothing is written?); if nothing moves, "
          "kill {}, then {}",
          is_of_this_namespace(s) ? std::to_string(s.pid) : text_of_process(s), resume_command(s));
    case health::stopped:
      if (s.exit_code == exit_code_of(fail(failure::late, {})))
        return fmt::format("choose a later --deadline, or leave --abort-if-late out, in {}",
                           resume_command(s));
      return resume_command(s);
    case health::dead:
      return resume_command(s);
    case health::failed:
      return fmt::format("correct what the error says, then {}", resume_command(s));
    case health::finished:
      return step_after_finish(s, out, c);
    case health::unknown:
      return fmt::format(
          "ask where it was started (`outro status` in that container or on that machine, in {}); "
          "once it has ended there: {}",
          shell_quoted(s.folder), resume_command(s));
    case health::damaged:
      return fmt::format("outro rebuild {}{}", shell_quoted(out.string()),
                         s.now == live_state::phase::finished ? "" : ", then " + resume_command(s));
  }
  return {};
}

std::string ago(std::int64_t then_ms, std::int64_t now) {
  return fmt::format("{}, {} ago", iso8601(then_ms),
                     format_duration(static_cast<double>(now - then_ms) / 1000));
}

std::string last_error(const live_state& s, health h, const books_or_error& c) {
  if (h == health::damaged) return c.error().message;
  if (h == health::dead)
    return is_of_this_boot(s)
               ? fmt::format("{} ended without a message: killed (SIGKILL), out of memory, or a crash",
                             text_of_process(s))
               : fmt::format(
                     "process {} ended without a message: this machine was restarted since, by a power "
                     "cut or on purpose",
                     s.pid);
  if (h == health::unknown)
    return fmt::format("{} has not said that it ended, and whether it lives cannot be seen from here",
                       text_of_process(s));
  if (h == health::hung)
    return fmt::format(
        "none, but the process {} for {}",
        now_ms() - s.beat_ms > silent_ms ? "has given no sign of life" : "has finished nothing",
        format_duration(static_cast<double>(now_ms() - std::max(s.moved_ms, s.started_ms)) / 1000));
  return s.error.empty() ? "none" : s.error;
}

std::string place_of(const slice_in_flight& f) {
  return fmt::format("{} (unit {}, slice {}, {} into the unit)", shown(f.shard), f.id.unit, f.id.number,
                     format_size(f.offset));
}

std::string row(std::string_view name, std::string_view text) {
  return fmt::format("  {:<14}{}\n", name, text);
}

std::string process_text(const live_state& s) {
  auto text = fmt::format("{}, {} of JSON, {}, {}", plural(s.counts.documents, "document"),
                          format_size(s.counts.decoded_bytes), plural(s.counts.dead_letters, "dead letter"),
                          plural(s.counts.slices, "slice"));
  if (s.input_total > 0)
    text += fmt::format("; {:.1f} % of its input", 100.0 * static_cast<double>(s.counts.input_bytes) /
                                                       static_cast<double>(s.input_total));
  return text;
}

std::string ledger_rows(const committed& c) {
  const auto state = c.cut ? " was cut short" : c.finished ? " is finished" : "";
  auto text = row("committed", fmt::format("run {}{}: {} with {}", c.run, state, plural(c.slices, "slice"),
                                           plural(c.documents, "document")));
  for (const auto& [path, damage] : c.damaged)
    text += row("damaged", fmt::format("{}: {}", shown(path), legible(damage)));
  return text;
}

std::string deadline_text(const live_state& s) {
  auto text = iso8601(s.deadline_ms);
  if (s.finish_ms != 0)
    text +=
        fmt::format("; {}projected finish {}", is_late(s) ? "IT WILL BE MISSED: " : "", iso8601(s.finish_ms));
  return text;
}

/// What OUT/lock says.
std::string record_text(const status_options& o, const live_state& s, health h) {
  const auto now = now_ms();
  auto text = fmt::format("{}: {}{}, run {}, {} since {}\n", shown(o.out.native()), name_of(h),
                          h == health::finished && s.exit_code != 0 ? " (incomplete)" : "", s.run,
                          text_of_process(s), ago(s.started_ms, now));
  text += row("this process", process_text(s));
  if (s.deadline_ms != 0) text += row("deadline", deadline_text(s));
  if (s.last_commit_ms != 0) text += row("last commit", ago(s.last_commit_ms, now));
  for (const auto& f : s.in_flight)
    if (!f.shard.empty()) text += row("at", place_of(f));
  for (const auto& d : s.slow) text += row("slow", text_of(d, now));
  for (const auto& x : s.suspects)
    text += row("suspect", fmt::format("unit {}, slice {}: {} ended at it; after two, each of its documents "
                                       "goes through a crash probe, a process of its own",
                                       x.id.unit, x.id.number,
                                       x.ends == 1 ? "1 process" : fmt::format("{} processes", x.ends)));
  return text;
}

/// What the ledger says, and what follows from both.
std::string ledger_text(const status_options& o, const live_state& s, health h, const books_or_error& c) {
  auto text = c ? ledger_rows(*c) : std::string();
  if (!c && c.error().kind == failure::io) text += row("committed", legible(c.error().message));
  text += row("last error", legible(last_error(s, h, c)));
  text += row("next", legible(next_step(s, h, o.out, c)));
  return text;
}

std::string json_of(const status_options& o, const live_state& s, health h, const books_or_error& c) {
  json::parse_options any_bytes;
  any_bytes.allow_invalid_utf8 = true;  // names of files may be in any encoding
  auto line = json::parse(to_text(s), {}, any_bytes).as_object();
  line["format"] = "outro-status/1";
  line["health"] = name_of(h);
  if (!c && c.error().kind == failure::io) line["ledgerError"] = c.error().message;
  line["lastError"] = last_error(s, h, c);
  line["next"] = next_step(s, h, o.out, c);
  if (c) {
    line["committed"] = {
        {"run", c->run}, {"cut", c->cut}, {"slices", c->slices}, {"documents", c->documents}};
    json::object damaged;
    for (const auto& [path, damage] : c->damaged) damaged[key_of_path(path)] = damage;
    line["damagedShards"] = std::move(damaged);
  }
  return serialized(line) + "\n";
}

/// Without a record, the ledger alone tells; and once the job has ended, whether it is lost counts.
health health_with(health by_record, bool has_record, const ledger_seen& ledger) {
  auto h = by_record;
  if (!has_record && ledger.books) h = ledger.books->finished ? health::finished : health::dead;
  // While a job runs, its ledger may be unreadable for a moment.
  const bool may_run =
      h == health::running || h == health::sealing || h == health::hung || h == health::unknown;
  return ledger.lost && !may_run ? health::damaged : h;
}

status show(const status_options& o, int& exit_code) {
  auto reading = status_reading::start(o.out);
  if (!reading) return reading.error();
  const auto began = std::chrono::steady_clock::now();
  const auto silent = fmt::format("no answer within {} s; its disk or server hangs, or is frozen (fsfreeze)",
                                  longest_wait.count());
  const auto record = reading->record(began + longest_wait);
  if (!record) return fail(failure::io, fmt::format("{}: {}", shown(o.out.native()), silent));
  if (!*record) return record->error();
  const bool has_record = (*record)->state.has_value();
  live_state s = (*record)->state.value_or(live_state{});
  health h = has_record ? health_of(s, (*record)->life == writer_life::lives, now_ms()) : health::finished;
  if (h == health::dead && has_record && (*record)->life == writer_life::unknown) h = health::unknown;

  standard_output output;
  auto ledger = reading->ledger(began + patience);
  const bool record_first = !ledger && has_record && !o.json;
  if (record_first) {
    output.write(record_text(o, s, h));
    output.flush();
  }
  if (!ledger) ledger = reading->ledger(began + longest_wait);
  if (!ledger) ledger = ledger_seen{fail(failure::io, "the ledger cannot be read: " + silent), false};
  const auto& books = ledger->books;
  if (!has_record && !books && !ledger->lost)
    return books.error().kind == failure::io
               ? books.error()
               : fail(failure::usage,
                      fmt::format("{} is not an output directory of Outro, or nothing was done in it",
                                  shown(o.out.native())));
  if (!has_record && books) s.run = books->run;
  h = health_with(h, has_record, *ledger);
  if (o.json) {
    output.write(json_of(o, s, h, books));
  } else {
    if (!record_first) output.write(record_text(o, s, h));
    output.write(ledger_text(o, s, h, books));
  }
  const bool well = h == health::running || h == health::sealing || h == health::finished;
  exit_code = well ? 0 : 1;
  return output.close();
}

}  // namespace

void add_status(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<status_options>();
  auto* command = app.add_subcommand(
      "status", "What an export is doing, or how it ended, and what to do next; takes no lock");
  command->add_option("out", options->out, "Output directory of an export")->required()->type_name("OUT");
  command->add_flag("--json", options->json, "One JSON object");
  command->footer(
      R"(Hung: the process lives, but gave no sign of life for a minute or finished nothing for ten.
Unknown: it has not ended by what it said, and may run where this command cannot see its lock.
Exit codes: 0 running or finished; 1 hung, dead, stopped, failed or unknown, and "next" says what to do;
2 not an output directory.)");
  command->callback([options, &exit_code] {
    if (const auto s = show(*options, exit_code); !s.ok()) exit_code = report(s);
  });
}

}  // namespace outro
