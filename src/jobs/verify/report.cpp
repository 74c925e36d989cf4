// The report of run_verify, for people and for programs.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <boost/json.hpp>
#include <iterator>

#include "base/json_text.h"
#include "base/plural.h"
#include "base/units.h"
#include "base/utf8.h"
#include "jobs/verify/verify.h"

namespace outro {

namespace json = boost::json;

using outcome_counts = std::array<std::uint64_t, outcome_names.size()>;

static std::uint64_t count_of(const outcome_counts& by_outcome, outcome o) {
  return by_outcome[static_cast<std::size_t>(o)];
}

/// "9 written + 0 unchanged + 1 dead letter".
static std::string outcomes(const outcome_counts& by) {
  return fmt::format("{} written + {} unchanged + {}", format_count(count_of(by, outcome::written)),
                     format_count(count_of(by, outcome::unchanged)),
                     plural(count_of(by, outcome::dead_letter), "dead letter"));
}

/// The table of counts.
static std::string counts_text(const verify_report& r) {
  const auto n = [](std::uint64_t value) { return format_count(value); };
  auto text = fmt::format(R"(
Verified {}
  runs          {}
  files         {} read, {}
  packs         {}
  archives      {} opened, {} of JSON restored
  documents     {} = {}
  accounts      {} with an archive
)",
                          shown(r.out), n(r.runs.size()), n(r.files), format_size(r.file_bytes), n(r.packs),
                          n(r.archives), format_size(r.dump_bytes), n(r.totals.documents),
                          outcomes(r.totals.by_outcome), n(r.accounts));
  const auto to = std::back_inserter(text);
  if (r.roster)
    fmt::format_to(to, "  roster        {} = {} archived + {} + {} missing\n", n(r.roster->accounts),
                   n(r.roster->archived), plural(r.roster->dead, "dead letter"), n(r.roster->missing));
  if (r.against)
    fmt::format_to(to, "  dumps         {} = {} + {} not safe; {} compared byte for byte\n",
                   plural(r.against->documents, "document"), outcomes(r.against->by_outcome),
                   n(r.against->lost), format_size(r.against->bytes));
  fmt::format_to(to, "  time          {}\n", format_duration(r.seconds));
  return text;
}

std::string verify_text(const verify_report& r) {
  auto text = counts_text(r);
  const auto to = std::back_inserter(text);
  if (r.finding_count > 0) text += "\n";
  for (const auto& f : r.findings)
    fmt::format_to(to, "FINDING {}{}{}: {}; {}\n", f.path, f.place.empty() ? "" : ", ", f.place, f.what,
                   f.remedy);
  if (r.finding_count > r.findings.size())
    fmt::format_to(to, "and {}\n", plural(r.finding_count - r.findings.size(), "more finding"));
  for (const auto& note : r.notes) fmt::format_to(to, "\nNote: {}.\n", note);
  if (r.reasons.empty())
    text += "\nSAFE TO ERASE SOURCE: yes\n";
  else
    fmt::format_to(to, "\nSAFE TO ERASE SOURCE: no ({})\n", fmt::join(r.reasons, "; "));
  return text;
}

static json::object outcomes_json(const outcome_counts& by) {
  return {{"written", count_of(by, outcome::written)},
          {"unchanged", count_of(by, outcome::unchanged)},
          {"deadLetters", count_of(by, outcome::dead_letter)}};
}

std::string verify_json(const verify_report& r) {
  json::array findings;
  json::array reasons;
  json::array notes;
  for (const auto& f : r.findings)
    findings.push_back(json::object{{"kind", f.kind == finding_kind::damage ? "damage" : "loss"},
                                    {"path", f.path},
                                    {"place", f.place},
                                    {"what", f.what},
                                    {"remedy", f.remedy}});
  for (const auto& text : r.reasons) reasons.emplace_back(text);
  for (const auto& text : r.notes) notes.emplace_back(text);
  auto documents = outcomes_json(r.totals.by_outcome);
  documents["total"] = r.totals.documents;
  json::object o{{"event", "verified"},
                 {"format", "outro-verify/1"},
                 {"safeToErase", r.reasons.empty()},
                 {"exitCode", r.exit_code},
                 {"reasons", std::move(reasons)},
                 {"notes", std::move(notes)},
                 {"findingCount", r.finding_count},
                 {"findings", std::move(findings)},
                 {"runs", r.runs.size()},
                 {"files", r.files},
                 {"fileBytes", r.file_bytes},
                 {"packs", r.packs},
                 {"archives", r.archives},
                 {"restoredBytes", r.dump_bytes},
                 {"documents", std::move(documents)},
                 {"accountsArchived", r.accounts},
                 {"suspectAccounts", r.suspect_accounts},
                 {"settledDeadLetters", r.settled_letters},
                 {"wallSeconds", r.seconds}};
  if (r.roster)
    o["roster"] = json::object{{"accounts", r.roster->accounts},
                               {"archived", r.roster->archived},
                               {"deadLetters", r.roster->dead},
                               {"missing", r.roster->missing}};
  if (r.against) {
    auto against = outcomes_json(r.against->by_outcome);
    against["documents"] = r.against->documents;
    against["bytes"] = r.against->bytes;
    against["volatileOnly"] = r.against->volatile_only;
    against["lost"] = r.against->lost;
    against["unmatched"] = r.against->unmatched;
    against["leftOut"] = r.against->hidden.count;
    o["against"] = std::move(against);
  }
  return serialized(o);
}

}  // namespace outro
