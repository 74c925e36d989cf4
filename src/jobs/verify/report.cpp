// What run_verify found, for people and for programs.
#include <boost/json.hpp>

#include "base/json_text.h"
#include "base/plural.h"
#include "base/units.h"
#include "jobs/verify/verify.h"

namespace outro {

namespace json = boost::json;

static std::uint64_t count_of(const std::array<std::uint64_t, 4>& by_outcome, outcome o) {
  return by_outcome[static_cast<std::size_t>(o)];
}

/// "10 = 9 written + 0 unchanged + 0 older + 1 dead letters".
static std::string outcomes(const std::array<std::uint64_t, 4>& by) {
  return format_count(count_of(by, outcome::written)) + " written + " +
         format_count(count_of(by, outcome::unchanged)) + " unchanged + " +
         format_count(count_of(by, outcome::older)) + " older + " +
         plural(count_of(by, outcome::dead_letter), "dead letter");
}

static std::string join(const std::vector<std::string>& texts) {
  std::string all;
  for (const auto& t : texts) all += (all.empty() ? "" : "; ") + t;
  return all;
}

std::string verify_text(const verify_report& r) {
  const auto n = [](std::uint64_t value) { return format_count(value); };
  std::string t = "\nVerified " + r.out + "\n";
  t += "  runs          " + n(r.runs.size()) + "\n";
  t += "  files         " + n(r.files) + " read, " + format_size(r.file_bytes) + "\n";
  t += "  packs         " + n(r.packs) + "\n";
  t += "  archives      " + n(r.archives) + " opened, " + format_size(r.dump_bytes) + " of JSON restored\n";
  t += "  documents     " + n(r.totals.documents) + " = " + outcomes(r.totals.by_outcome) + "\n";
  t += "  accounts      " + n(r.accounts) + " with an archive\n";
  if (r.roster)
    t += "  roster        " + n(r.roster->accounts) + " = " + n(r.roster->archived) + " archived + " +
         plural(r.roster->dead, "dead letter") + " + " + n(r.roster->missing) + " missing\n";
  if (r.against)
    t += "  dumps         " + plural(r.against->documents, "document") + " = " +
         outcomes(r.against->by_outcome) + " + " + n(r.against->lost) + " not safe; " +
         format_size(r.against->bytes) + " compared byte for byte\n";
  t += "  time          " + format_duration(r.seconds) + "\n";
  if (r.finding_count > 0) t += "\n";
  for (const auto& f : r.findings)
    t += "FINDING " + f.path + (f.place.empty() ? "" : ", " + f.place) + ": " + f.what + "; " + f.remedy +
         "\n";
  if (r.finding_count > r.findings.size())
    t += "and " + plural(r.finding_count - r.findings.size(), "more finding") + "\n";
  for (const auto& note : r.notes) t += "\nNote: " + note + ".\n";
  t +=
      "\nSAFE TO ERASE SOURCE: " + (r.reasons.empty() ? std::string("yes") : "no (" + join(r.reasons) + ")") +
      "\n";
  return t;
}

static json::object outcomes_json(const std::array<std::uint64_t, 4>& by) {
  return {{"written", count_of(by, outcome::written)},
          {"unchanged", count_of(by, outcome::unchanged)},
          {"older", count_of(by, outcome::older)},
          {"deadLetters", count_of(by, outcome::dead_letter)}};
}

std::string verify_json(const verify_report& r) {
  json::array findings, reasons, notes;
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
    against["lost"] = r.against->lost;
    against["unmatched"] = r.against->unmatched;
    o["against"] = std::move(against);
  }
  return serialized(o);
}

}  // namespace outro
