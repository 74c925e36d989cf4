#include <fmt/format.h>
#include <fmt/ranges.h>

#include <boost/json.hpp>
#include <memory>

#include "base/file.h"
#include "base/json_text.h"
#include "base/output_names.h"
#include "base/plural.h"
#include "base/utf8.h"
#include "cli/commands.h"
#include "cli/tools.h"
#include "output/account_archive.h"
#include "output/live_writer.h"
#include "output/output_directory.h"
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

/// What the ledger holds. It is right even where the process died.
struct committed {
  std::uint32_t run = 0;
  bool finished = false;
  bool cut = false;  ///< interrupted, and its plan is lost
  std::uint64_t slices = 0, documents = 0;
  std::vector<std::pair<std::string, std::string>> damaged;  ///< shard path, what is wrong
};
/// Or why the ledger cannot be read.
using books_or_error = result<committed>;

/// As bash and zsh spell what a terminal would not show as it is: $'\x1b'.
std::string escaped_for_shell(std::string_view word) {
  std::string quoted = "$'";
  for (const char c : word) {
    const auto byte = static_cast<unsigned char>(c);
    const bool is_plain = byte >= 0x20 && byte < 0x7f && c != '\'' && c != '\\';
    quoted += is_plain ? std::string(1, c) : fmt::format("\\x{:02x}", byte);
  }
  return quoted + "'";
}

std::string shell_quoted(const std::string& word) {
  constexpr std::string_view plain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./=:,+@%";
  if (!word.empty() && word.find_first_not_of(plain) == std::string::npos) return word;
  if (legible(word) != word) return escaped_for_shell(word);
  std::string quoted = "'";
  for (const char c : word) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

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
          "kill "
          "{}, then {}",
          s.pid, resume_command(s));
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
    return fmt::format("process {} ended without a message: killed, out of memory, a crash, or a power cut",
                       s.pid);
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

std::string text_of(const status_options& o, const live_state& s, health h, const books_or_error& c) {
  const auto now = now_ms();
  auto text = fmt::format("{}: {}{}, run {}, process {} since {}\n", shown(o.out.native()), name_of(h),
                          h == health::finished && s.exit_code != 0 ? " (incomplete)" : "", s.run, s.pid,
                          ago(s.started_ms, now));
  text += row("this process", process_text(s));
  text += c ? ledger_rows(*c) : c.error().kind == failure::io ? row("committed", c.error().message) : "";
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

books_or_error committed_of(const fs::path& out) {
  try {
    auto books = open_ledger(out);
    if (!books) return books.error();
    const auto runs = books->runs();
    if (runs.empty()) return fail(failure::usage, fmt::format("nothing was done in {}", shown(out.native())));
    committed c{
        runs.back().run, runs.back().finished, runs.back().cut, 0, 0, books->damaged_shards(runs.back().run)};
    for (const auto& s : books->slices()) {
      if (s.id.run != c.run) continue;
      ++c.slices;
      c.documents += s.documents;
    }
    return c;
  } catch (const std::exception& e) {
    return fail(failure::corrupt, e.what());
  }
}

/// There are packs, and the ledger is missing or damaged.
bool has_lost_ledger(const fs::path& out, const status& reason) {
  const auto packs = has_packs(out);
  const auto ledger = is_there(out / ledger_name);
  return packs && *packs && (reason.kind == failure::corrupt || (ledger && !*ledger));
}

status show(const status_options& o, int& exit_code) {
  const auto folder = is_folder(o.out);
  if (!folder) return folder.error();
  if (!*folder) return fail(failure::usage, fmt::format("{} is not a directory", shown(o.out.native())));
  const auto state = read_live_state(o.out);
  const auto books = committed_of(o.out);
  const bool lost = !books && has_lost_ledger(o.out, books.error());
  // Who may not look says nothing of what is there.
  if (!state && !books && books.error().kind == failure::io) return books.error();
  if (!state && !books && !lost)
    return fail(failure::usage,
                fmt::format("{} is not an output directory of Outro, or nothing was done in it",
                            shown(o.out.native())));
  live_state s = state.value_or(live_state{});
  health h = health::finished;
  if (state) {
    h = health_of(s, s.process_start != 0 && process_start(s.pid) == s.process_start, now_ms());
  } else if (books) {
    s.run = books->run;
    h = books->finished ? health::finished : health::dead;
  }
  // While a job runs, its ledger may be unreadable for a moment.
  if (lost && h != health::running && h != health::sealing && h != health::hung) h = health::damaged;
  standard_output output;
  output.write(o.json ? json_of(o, s, h, books) : text_of(o, s, h, books));
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
Exit codes: 0 running or finished; 1 hung, dead, stopped or failed, and "next" says what to do;
2 not an output directory.)");
  command->callback([options, &exit_code] {
    if (const auto s = show(*options, exit_code); !s.ok()) exit_code = report(s);
  });
}

}  // namespace outro
