#include "report/summary.h"

#include <boost/json.hpp>
#include <cmath>
#include <cstdio>

#include "base/json_text.h"
#include "base/plural.h"
#include "base/units.h"
#include "report/deadline.h"

namespace outro {

namespace json = boost::json;

static std::uint64_t count_of(const books& b, outcome o) {
  return b.by_outcome[static_cast<std::size_t>(o)];
}

bool balances(const books& b) {
  std::uint64_t sum = 0;
  for (const auto n : b.by_outcome) sum += n;
  return sum == b.documents;
}

static std::string decimal(double value, const char* format) {
  char text[32];
  (void)std::snprintf(text, sizeof text, format, value);
  return text;
}

double headroom_of(const run_summary& s) {
  if (s.deadline_ms == 0) return 0;
  return headroom_of(s.deadline_ms, s.started_ms, static_cast<double>(s.finished_ms - s.started_ms) / 1000);
}

static std::string deadline_text(const run_summary& s) {
  std::string text;
  append_iso8601(text, s.deadline_ms);
  const auto spare = static_cast<double>(s.deadline_ms - s.finished_ms) / 1000;
  return text + (spare >= 0 ? ", met with " : ", MISSED by ") + format_duration(std::abs(spare)) +
         (spare >= 0 ? " to spare" : "") + decimal(headroom_of(s), "; headroom %.2f") + " over the whole run";
}

std::string summary_text(const run_summary& s) {
  const auto& b = s.run_books;
  const auto n = [](std::uint64_t value) { return format_count(value); };
  std::string t =
      "\nRun " + std::to_string(s.run) + (s.nothing_to_do ? " was finished before; nothing to do.\n" : "\n");
  t += "  documents     " + n(b.documents) + " = " + n(count_of(b, outcome::written)) + " written + " +
       n(count_of(b, outcome::unchanged)) + " unchanged + " + n(count_of(b, outcome::older)) + " older + " +
       plural(count_of(b, outcome::dead_letter), "dead letter") +
       (balances(b) ? "  (balances)\n" : "  (DOES NOT BALANCE)\n");
  for (const auto& [why, count] : b.dead_by_reason) t += "    " + why + "  " + n(count) + "\n";
  if (b.unproven > 0) t += "  unproven      " + plural(b.unproven, "document") + " from damaged shards\n";
  t += "  accounts      " + n(s.current_archives) + " with an archive\n";
  if (s.roster) {
    t += "  roster        " + n(s.roster->accounts) + " = " + n(s.roster->archived) + " archived + " +
         plural(s.roster->dead, "dead letter") + " + " + n(s.roster->missing) + " missing\n";
    for (const auto& account : s.roster->some_missing) t += "    missing  " + account + "\n";
    if (s.roster->missing > s.roster->some_missing.size())
      t += "    and " + n(s.roster->missing - s.roster->some_missing.size()) + " more\n";
  }
  t += "  playlists     " + n(b.totals.playlists) + " with " + n(b.totals.entries) +
       (b.totals.entries == 1 ? " entry; " : " entries; ") + n(b.totals.suspects) +
       " suspect (declared and found differ)\n";
  t += "  listens       " + n(b.totals.listens) + "\n";
  t += "  tracks        " + plural(b.totals.references, "mention") + ", stored as " +
       plural(b.totals.rows, "row") + "\n";
  t += "  bytes         " + format_size(b.document_bytes) + " of JSON -> " + format_size(b.pack_bytes) +
       " in " + plural(b.slices, "pack") + "\n";
  if (b.totals.defused + b.totals.lone_surrogates > 0)
    t += "  cells         " + plural(b.totals.defused, "formula") + " defused, " +
         plural(b.totals.lone_surrogates, "lone surrogate") + " replaced\n";
  if (b.blank_lines > 0) t += "  blank lines   " + n(b.blank_lines) + "\n";
  if (!s.nothing_to_do)
    t += "  time          " + format_duration(s.wall_seconds) + " wall, " +
         decimal(s.cpu_seconds, "%.1f s CPU, ") + format_size(s.peak_memory) + " peak memory, " +
         s.io_engine + "\n";
  if (s.deadline_ms > 0) t += "  deadline      " + deadline_text(s) + "\n";
  for (const auto& [path, damage] : b.damaged) t += "  DAMAGED       " + path + ": " + damage + "\n";
  if (b.undated_older > 0)
    t += "\n" + plural(b.undated_older, "dump") + " without exportedAt " +
         (b.undated_older == 1 ? "counts" : "count") +
         " as oldest: where an earlier run has a dump with a date, that one stays, whatever else changed.\n";
  if (count_of(b, outcome::dead_letter) > 0)
    t += "\nDead letters are kept byte for byte, and not redacted, in " + s.out +
         "/dead-letters/.\n"
         "`outro list " +
         s.out + " --dead-letters` says where each came from; repaired, they are ordinary input.\n";
  if (!b.damaged.empty()) {
    t += "\nRepair or fetch the damaged shards again under the same names, then run the same command.\n";
    if (s.nothing_to_do)
      t += "They have the size and the time of change that they had: `touch` those that were replaced.\n";
  }
  if (const auto nameless = s.run_books.dead_nameless; s.roster && s.roster->missing > 0 && nameless > 0)
    t += "\n" + plural(nameless, "dead letter") + (nameless == 1 ? " names" : " name") +
         " no account: some of the missing may be among them.\n";
  if (s.roster && s.roster->missing > 0)
    t += "\nAccounts of the roster are missing: find their dumps, then run the same command with them.\n";
  return t;
}

static json::object books_json(const books& b) {
  json::object dead, damaged;
  for (const auto& [why, count] : b.dead_by_reason) dead[why] = count;
  for (const auto& [path, damage] : b.damaged) damaged[path] = damage;
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
