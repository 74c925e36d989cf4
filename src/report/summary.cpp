#include "report/summary.h"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <cmath>

#include "base/json_text.h"
#include "base/output_names.h"
#include "base/plural.h"
#include "base/units.h"
#include "base/utf8.h"
#include "report/deadline.h"

namespace outro {

namespace json = boost::json;

std::string key_of_path(const std::string& path) {
  return is_utf8(path) && !path.starts_with("$'") ? path : shown(path);
}

static std::uint64_t count_of(const books& b, outcome o) {
  return b.by_outcome[static_cast<std::size_t>(o)];
}

bool balances(const books& b) {
  std::uint64_t sum = 0;
  for (const auto n : b.by_outcome) sum += n;
  return sum == b.documents;
}

double headroom_of(const run_summary& s) {
  if (s.deadline_ms == 0) return 0;
  return headroom_of(s.deadline_ms, s.started_ms, static_cast<double>(s.finished_ms - s.started_ms) / 1000);
}

static std::string deadline_text(const run_summary& s) {
  std::string deadline;
  append_iso8601(deadline, s.deadline_ms);
  const auto spare = static_cast<double>(s.deadline_ms - s.finished_ms) / 1000;
  const auto length = format_duration(std::abs(spare));
  const auto result =
      spare >= 0 ? fmt::format("met with {} to spare", length) : fmt::format("MISSED by {}", length);
  return fmt::format("{}, {}; headroom {:.2f} over the whole run", deadline, result, headroom_of(s));
}

static std::string documents_text(const run_summary& s) {
  const auto& b = s.run_books;
  auto t = fmt::format(
      "  documents     {} = {} written + {} unchanged + {} older + {}  ({})\n", format_count(b.documents),
      format_count(count_of(b, outcome::written)), format_count(count_of(b, outcome::unchanged)),
      format_count(count_of(b, outcome::older)), plural(count_of(b, outcome::dead_letter), "dead letter"),
      balances(b) ? "balances" : "DOES NOT BALANCE");
  for (const auto& [why, count] : b.dead_by_reason)
    t += fmt::format("    {}  {}\n", why, format_count(count));
  if (b.unproven > 0)
    t += fmt::format("  unproven      {} from damaged shards\n", plural(b.unproven, "document"));
  return t;
}

static std::string roster_text(const roster_books& r) {
  auto t = fmt::format("  roster        {} = {} archived + {} + {} missing\n", format_count(r.accounts),
                       format_count(r.archived), plural(r.dead, "dead letter"), format_count(r.missing));
  for (const auto& account : r.some_missing) t += fmt::format("    missing  {}\n", account);
  if (r.missing > r.some_missing.size())
    t += fmt::format("    and {} more\n", format_count(r.missing - r.some_missing.size()));
  return t;
}

/// What the archives hold, and what they cost.
static std::string content_text(const run_summary& s) {
  const auto& b = s.run_books;
  const auto& totals = b.totals;
  auto t = fmt::format("  playlists     {} with {} {}; {} suspect (declared and found differ)\n",
                       format_count(totals.playlists), format_count(totals.entries),
                       totals.entries == 1 ? "entry" : "entries", format_count(totals.suspects));
  t += fmt::format("  listens       {}\n", format_count(totals.listens));
  t += fmt::format("  tracks        {}, stored as {}\n", plural(totals.references, "mention"),
                   plural(totals.rows, "row"));
  t += fmt::format("  bytes         {} of JSON -> {} in {}\n", format_size(b.document_bytes),
                   format_size(b.pack_bytes), plural(b.slices, "pack"));
  if (totals.defused + totals.lone_surrogates > 0)
    t += fmt::format("  cells         {} defused, {} replaced\n", plural(totals.defused, "formula"),
                     plural(totals.lone_surrogates, "lone surrogate"));
  if (b.blank_lines > 0) t += fmt::format("  blank lines   {}\n", format_count(b.blank_lines));
  if (!s.nothing_to_do)
    t += fmt::format("  time          {} wall, {:.1f} s CPU, {} peak memory, {}\n",
                     format_duration(s.wall_seconds), s.cpu_seconds, format_size(s.peak_memory), s.io_engine);
  if (s.deadline_ms > 0) t += fmt::format("  deadline      {}\n", deadline_text(s));
  for (const auto& [path, damage] : b.damaged)
    t += fmt::format("  DAMAGED       {}: {}\n", shown(path), legible(damage));
  return t;
}

/// What the operator can do about the run's dead letters, damage and missing accounts.
static std::string advice_text(const run_summary& s) {
  const auto& b = s.run_books;
  std::string t;
  if (b.undated_older > 0)
    t += fmt::format(
        "\n{} without exportedAt {} as oldest: where an earlier run has a dump with a date, that one stays, "
        "whatever else changed.\n",
        plural(b.undated_older, "dump"), b.undated_older == 1 ? "counts" : "count");
  if (count_of(b, outcome::dead_letter) > 0)
    t += fmt::format(R"(
Dead letters are kept byte for byte, and not redacted, in {0}/{1}/.
`outro list {0} --dead-letters` says where each came from; repaired, they are ordinary input.
)",
                     shown(s.out), letters_folder);
  if (!b.damaged.empty()) {
    t += "\nRepair or fetch the damaged shards again under the same names, then run the same command.\n";
    if (s.nothing_to_do)
      t += "They have the size and the time of change that they had: `touch` those that were replaced.\n";
  }
  if (!s.roster || s.roster->missing == 0) return t;
  if (b.dead_nameless > 0)
    t += fmt::format("\n{} {} no account: some of the missing may be among them.\n",
                     plural(b.dead_nameless, "dead letter"), b.dead_nameless == 1 ? "names" : "name");
  return t + "\nAccounts of the roster are missing: find their dumps, then run the same command with them.\n";
}

std::string summary_text(const run_summary& s) {
  auto t = fmt::format("\nRun {}{}\n", s.run, s.nothing_to_do ? " was finished before; nothing to do." : "");
  t += documents_text(s);
  t += fmt::format("  accounts      {} with an archive\n", format_count(s.current_archives));
  if (s.roster) t += roster_text(*s.roster);
  return t + content_text(s) + advice_text(s);
}

static json::object books_json(const books& b) {
  json::object dead, damaged;
  for (const auto& [why, count] : b.dead_by_reason) dead[why] = count;
  for (const auto& [path, damage] : b.damaged) damaged[key_of_path(path)] = damage;
  return {{"documents", b.documents},
          {"written", count_of(b, outcome::written)},
          {"unchanged", count_of(b, outcome::unchanged)},
          {"older", count_of(b, outcome::older)},
          {"olderWithoutDate", b.undated_older},
          {"deadLetters", count_of(b, outcome::dead_letter)},
          {"balances", balances(b)},
          {"deadLettersByReason", std::move(dead)},
          {"unproven", b.unproven},
          {"blankLines", b.blank_lines},
          {"documentBytes", b.document_bytes},
          {"packBytes", b.pack_bytes},
          {"tarBytes", b.totals.tar_bytes},
          {"packs", b.slices},
          {"trackRows", b.totals.rows},
          {"trackReferences", b.totals.references},
          {"playlists", b.totals.playlists},
          {"playlistEntries", b.totals.entries},
          {"listens", b.totals.listens},
          {"suspectPlaylists", b.totals.suspects},
          {"defusedCells", b.totals.defused},
          {"loneSurrogates", b.totals.lone_surrogates},
          {"damagedShards", std::move(damaged)}};
}

/// Two spaces a level; Boost.JSON itself writes one line only.
static void append_pretty(std::string& out, const json::value& v, std::size_t depth) {
  if (!v.is_object() || v.as_object().empty()) {
    out += serialized(v);
    return;
  }
  out += "{\n";
  bool first = true;
  for (const auto& [key, value] : v.as_object()) {
    if (!first) out += ",\n";
    first = false;
    out.append(2 * depth + 2, ' ').append(serialized(key)).append(": ");
    append_pretty(out, value, depth + 1);
  }
  out.append("\n").append(2 * depth, ' ').append("}");
}

std::string summary_json(const run_summary& s, bool pretty) {
  json::object o{{"event", "summary"},
                 {"format", "outro-summary/1"},
                 {"run", s.run},
                 {"service", s.service},
                 {"exitCode", s.exit_code},
                 {"nothingToDo", s.nothing_to_do},
                 {"books", books_json(s.run_books)},
                 {"accountsArchived", s.current_archives},
                 {"wallSeconds", s.wall_seconds},
                 {"cpuSeconds", s.cpu_seconds},
                 {"peakMemory", s.peak_memory},
                 {"io", s.io_engine}};
  if (s.roster) {
    json::array missing;
    for (const auto& account : s.roster->some_missing) missing.emplace_back(account);
    o["roster"] = json::object{{"accounts", s.roster->accounts},
                               {"archived", s.roster->archived},
                               {"deadLetters", s.roster->dead},
                               {"missing", s.roster->missing},
                               {"someMissing", std::move(missing)}};
  }
  if (s.deadline_ms > 0)
    o["deadline"] = json::object{{"deadlineMs", s.deadline_ms},
                                 {"startedMs", s.started_ms},
                                 {"finishedMs", s.finished_ms},
                                 {"met", s.finished_ms <= s.deadline_ms},
                                 {"headroom", headroom_of(s)}};
  if (!pretty) return serialized(o);
  std::string out;
  append_pretty(out, o, 0);
  return out + "\n";
}

}  // namespace outro
