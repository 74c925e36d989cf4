#include <boost/json.hpp>
#include <memory>

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
#include "watch/health.h"

namespace outro {

namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

struct status_options {
  fs::path out;
  bool json = false;
};

/// What the ledger has, whatever became of the process.
struct committed {
  std::uint32_t run = 0;
  bool finished = false;
  bool cut = false;  ///< interrupted, and what was planned of it is lost
  std::uint64_t slices = 0, documents = 0;
  std::vector<std::pair<std::string, std::string>> damaged;  ///< shard path, what is wrong
};
/// Or why it says nothing.
using books_or_error = result<committed>;

std::string shell_quoted(const std::string& word) {
  constexpr std::string_view plain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./=:,+@%";
  if (!word.empty() && word.find_first_not_of(plain) == std::string::npos) return word;
  // What a terminal would not show as it is, as bash and zsh spell it.
  if (legible(word) != word) {
    std::string quoted = "$'";
    char spelt[8];
    for (const char c : word) {
      const auto byte = static_cast<unsigned char>(c);
      (void)std::snprintf(spelt, sizeof spelt, "\\x%02x", static_cast<unsigned>(byte));
      byte < 0x20 || byte >= 0x7f || c == '\'' || c == '\\' ? quoted.append(spelt) : quoted.append(1, c);
    }
    return quoted + "'";
  }
  std::string quoted = "'";
  for (const char c : word) c == '\'' ? quoted.append("'\\''") : quoted.append(1, c);
  return quoted + "'";
}

std::string resume_command(const live_state& s) {
  if (s.command.empty()) return "the same command again";
  std::string line = "cd " + shell_quoted(s.folder) + " &&";
  for (const auto& word : s.command) line += " " + shell_quoted(word);
  return line;
}

bool is_late(const live_state& s) {
  return s.deadline_ms != 0 && s.finish_ms > s.deadline_ms;
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
      return "see what it waits for (a stuck disk? a pipe that nobody fills?); if nothing moves, kill " +
             std::to_string(s.pid) + ", then " + resume_command(s);
    case health::stopped:
      if (s.exit_code == exit_code_of(fail(failure::late, {})))
        return "choose a later --deadline, or leave --abort-if-late out, in " + resume_command(s);
      return resume_command(s);
    case health::dead:
      return resume_command(s);
    case health::failed:
      return "mend what the error says, then " + resume_command(s);
    case health::finished:
      if (c && c->cut)
        return "the export that was interrupted, once more: a new run writes what is missing; then outro "
               "verify " +
               shell_quoted(out.string()) + " --against DUMP...";
      if (c && !c->damaged.empty())
        return "repair or fetch " +
               std::string(c->damaged.size() == 1 ? "the damaged shard" : "the damaged shards") +
               " again under the same name, then " + resume_command(s);
      if (s.exit_code != 0)
        return "see what could not be exported: outro list " + shell_quoted(out.string()) +
               " --dead-letters, and the missing accounts in " + shell_quoted((out / summary_name).string());
      return "outro verify " + shell_quoted(out.string()) + " --against DUMP...";
    case health::damaged:
      return "outro rebuild " + shell_quoted(out.string()) +
             (s.now == live_state::phase::finished ? "" : ", then " + resume_command(s));
  }
  return {};
}

std::string ago(std::int64_t then_ms, std::int64_t now) {
  return iso8601(then_ms) + ", " + format_duration(static_cast<double>(now - then_ms) / 1000) + " ago";
}

std::string last_error(const live_state& s, health h, const books_or_error& c) {
  if (h == health::damaged) return c.error().message;
  if (h == health::dead)
    return "process " + std::to_string(s.pid) +
           " ended without a word: killed, out of memory, a crash, or a power cut";
  if (h == health::hung)
    return "none, but nothing was " + std::string(now_ms() - s.beat_ms > silent_ms ? "heard" : "finished") +
           " for " +
           format_duration(static_cast<double>(now_ms() - std::max(s.moved_ms, s.started_ms)) / 1000);
  return s.error.empty() ? "none" : s.error;
}

std::string place_of(const slice_in_flight& f) {
  return (f.shard.empty() ? std::string("?") : legible(f.shard)) + " (unit " + std::to_string(f.id.unit) +
         ", slice " + std::to_string(f.id.number) + ", " + format_size(f.offset) + " into the unit)";
}

std::string text_of(const status_options& o, const live_state& s, health h, const books_or_error& c) {
  const auto now = now_ms();
  std::string text = o.out.string() + ": " + std::string(name_of(h)) +
                     (h == health::finished && s.exit_code != 0 ? " (incomplete)" : "") + ", run " +
                     std::to_string(s.run) + ", process " + std::to_string(s.pid) + " since " +
                     ago(s.started_ms, now) + "\n";
  text += "  this process  " + plural(s.counts.documents, "document") + ", " +
          format_size(s.counts.decoded_bytes) + " of JSON, " + plural(s.counts.dead_letters, "dead letter") +
          ", " + plural(s.counts.slices, "slice");
  if (s.input_total > 0) {
    char share[32];
    (void)std::snprintf(
        share, sizeof share, "; %.1f %% of its input",
        100.0 * static_cast<double>(s.counts.input_bytes) / static_cast<double>(s.input_total));
    text += share;
  }
  text += "\n";
  if (c)
    text += "  committed     run " + std::to_string(c->run) +
            (c->cut        ? " was cut short: "
             : c->finished ? " is finished: "
                           : ": ") +
            plural(c->slices, "slice") + " with " + plural(c->documents, "document") + "\n";
  if (c)
    for (const auto& [path, damage] : c->damaged)
      text += "  damaged       " + legible(path + ": " + damage) + "\n";
  if (s.deadline_ms != 0) {
    text += "  deadline      ";
    append_iso8601(text, s.deadline_ms);
    if (s.finish_ms != 0) {
      text += is_late(s) ? "; IT WILL BE MISSED: projected finish " : "; projected finish ";
      append_iso8601(text, s.finish_ms);
    }
    text += "\n";
  }
  if (s.last_commit_ms != 0) text += "  last commit   " + ago(s.last_commit_ms, now) + "\n";
  for (const auto& f : s.in_flight)
    if (!f.shard.empty()) text += "  at            " + place_of(f) + "\n";
  for (const auto& x : s.suspects)
    text += "  suspect       unit " + std::to_string(x.id.unit) + ", slice " + std::to_string(x.id.number) +
            ": processes that ended at it: " + std::to_string(x.ends) +
            "; after two, each of its documents is tried" + " in a process of its own\n";
  text += "  last error    " + legible(last_error(s, h, c)) + "\n";
  text += "  next          " + legible(next_step(s, h, o.out, c)) + "\n";
  return text;
}

std::string json_of(const status_options& o, const live_state& s, health h, const books_or_error& c) {
  auto line = json::parse(valid_json(to_text(s))).as_object();
  line["format"] = "outro-status/1";
  line["health"] = name_of(h);
  line["lastError"] = last_error(s, h, c);
  line["next"] = next_step(s, h, o.out, c);
  if (c) {
    line["committed"] = {
        {"run", c->run}, {"cut", c->cut}, {"slices", c->slices}, {"documents", c->documents}};
    json::object damaged;
    for (const auto& [path, damage] : c->damaged) damaged[path] = damage;
    line["damagedShards"] = std::move(damaged);
  }
  return serialized(line) + "\n";
}

books_or_error committed_of(const fs::path& out) {
  try {
    auto books = open_ledger(out);
    if (!books) return books.error();
    const auto runs = books->runs();
    if (runs.empty()) return fail(failure::usage, "nothing was done in " + out.string());
    committed c{
        runs.back().run, runs.back().finished, runs.back().cut, 0, 0, books->damaged_shards(runs.back().run)};
    for (const auto& s : books->slices())
      if (s.id.run == c.run) ++c.slices, c.documents += s.documents;
    return c;
  } catch (const std::exception& e) {
    return fail(failure::corrupt, e.what());
  }
}

/// Packs are there, and the ledger that knows them is not, or is none.
bool has_lost_ledger(const fs::path& out, const status& why) {
  std::error_code error;
  const auto packs = has_packs(out);
  return packs && *packs && (why.kind == failure::corrupt || !fs::exists(out / ledger_name, error));
}

status show(const status_options& o, int& exit_code) {
  std::error_code error;
  if (!fs::is_directory(o.out, error)) return fail(failure::usage, o.out.string() + " is not a directory");
  const auto state = read_live_state(o.out);
  const auto books = committed_of(o.out);
  const bool lost = !books && has_lost_ledger(o.out, books.error());
  if (!state && !books && !lost)
    return fail(failure::usage,
                o.out.string() + " is not an output directory of Outro, or nothing was done in it");
  live_state s = state.value_or(live_state{});
  health h = health::finished;
  if (state)
    h = health_of(s, s.process_start != 0 && process_start(s.pid) == s.process_start, now_ms());
  else if (books)
    s.run = books->run, h = books->finished ? health::finished : health::dead;
  // Beside a job that lives, what cannot be read just now is nothing to worry about.
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
      "Hung: the process lives, but said nothing for a minute or finished nothing for ten.\n"
      "Exit codes: 0 running or finished; 1 hung, dead, stopped or failed: somebody must do what \"next\" "
      "says;\n"
      "2 not an output directory.");
  command->callback([options, &exit_code] {
    if (const auto s = show(*options, exit_code); !s.ok()) exit_code = report(s);
  });
}

}  // namespace outro
