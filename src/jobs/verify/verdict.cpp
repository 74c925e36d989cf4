// The verdict of verify: every reason against erasing the source, from what its steps have found.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string>
#include <vector>

#include "base/plural.h"
#include "base/utf8.h"
#include "jobs/verify/steps.h"

namespace outro {

/// The first ten, and how many more there are.
static std::string first_of(const std::vector<std::string>& names) {
  constexpr std::size_t most = 10;
  const auto end = names.begin() + static_cast<std::ptrdiff_t>(std::min(names.size(), most));
  const auto first = fmt::format("{}", fmt::join(names.begin(), end, ", "));
  return names.size() <= most ? first
                              : fmt::format("{} and {} more", first, format_count(names.size() - most));
}

bool verification::is_accepted(const shard_id& id) const {
  const auto& accepted = options_.accepted_shards;
  return std::find(accepted.begin(), accepted.end(), id) != accepted.end();
}

/// Says what nobody can show before it takes the operator's word.
void verification::judge_accepted_shard(const damaged_row& shard) {
  std::string unmatched = "none of its documents was compared with other dumps";
  if (report_.against) {
    const auto& counts = report_.against->unmatched_of_accepted;
    const auto at = static_cast<std::size_t>(
        std::find(options_.accepted_shards.begin(), options_.accepted_shards.end(), shard.id) -
        options_.accepted_shards.begin());
    if (at < counts.size())
      unmatched = fmt::format("{} of it {} not in the dumps that were compared",
                              plural(counts[at], "document"), counts[at] == 1 ? "is" : "are");
  }
  report_.notes.push_back(
      fmt::format("damaged shard {} ({}) is accepted; {}, and what lay behind the damage is "
                  "unknown",
                  name_of(shard.id), shown(shard.path), unmatched));
}

void verification::judge_damaged_shards() {
  std::vector<std::string> names;
  std::uint64_t repaired = 0;
  for (const auto& d : damaged_) {
    if (d.repaired)
      ++repaired;
    else if (is_accepted(d.id))
      judge_accepted_shard(d);
    else
      names.push_back(fmt::format("{} {}", name_of(d.id), shown(d.path)));
  }
  if (repaired > 0)
    report_.notes.push_back(
        fmt::format("{} {} made good: later runs read whole shards that begin with the same "
                    "bytes",
                    plural(repaired, "damaged shard"), repaired == 1 ? "was" : "were"));
  if (!names.empty())
    report_.reasons.push_back(fmt::format(
        "{} {} damaged ({}): fetch or repair what is damaged, and export it again; a whole shard that begins "
        "with the same bytes shows by itself that it is the repair. Where nothing can be fetched, compare "
        "with "
        "what there is (--against) and accept each shard by its number: --accept-damaged-shard {}",
        plural(names.size(), "shard"), names.size() == 1 ? "was" : "were", first_of(names),
        names.front().substr(0, names.front().find(' '))));
  for (const auto& id : options_.accepted_shards)
    if (std::none_of(damaged_.begin(), damaged_.end(), [&](const auto& d) { return d.id == id; }))
      report_.notes.push_back(fmt::format("there is no damaged shard {} to accept", name_of(id)));
  if (unproven_ > 0)
    report_.reasons.push_back(
        fmt::format("{} {} archives from damaged shards only: fetch these again and export them",
                    plural(unproven_, "account"), unproven_ == 1 ? "has" : "have"));
}

/// Packs that are lost take documents with them that nobody can name. A comparison shows of its own dumps
/// that they are safe, and nothing of what else the run had read.
void verification::judge_cut_runs() {
  const auto& accepted = options_.accepted_cut_runs;
  for (const auto run : c_.cut_runs) {
    const bool abandoned = std::any_of(c_.runs.begin(), c_.runs.end(),
                                       [&](const run_row& r) { return r.run == run && r.abandoned(); });
    const auto what =
        abandoned
            ? fmt::format("run {} was given up (--abandon-run) before all of its input was exported", run)
            : fmt::format(
                  "run {} was cut short, as far as the packs tell from which the ledger was rebuilt: "
                  "what else it had read is not known",
                  run);
    if (std::find(accepted.begin(), accepted.end(), run) != accepted.end())
      report_.notes.push_back(fmt::format("{}; accepted", what));
    else
      report_.reasons.push_back(
          fmt::format("{}; export all of its dumps again, compare with them (--against), then accept it: "
                      "--accept-cut-run {}",
                      what, run));
  }
}

void verification::judge_comparison() {
  if (!report_.against) {
    if (report_.reasons.empty())
      report_.notes.emplace_back("nothing was compared with the source itself; --against DUMP… does");
    return;
  }
  const auto& a = *report_.against;
  if (a.documents == 0) report_.reasons.emplace_back("the dumps to compare with hold no document");
  if (a.volatile_only > 0)
    report_.notes.push_back(
        fmt::format("{} {} from {} archive in volatile values only (the layout's `volatile` paths); the "
                    "newer values are not "
                    "kept",
                    plural(a.volatile_only, "document"), a.volatile_only == 1 ? "differs" : "differ",
                    a.volatile_only == 1 ? "its" : "their"));
  if (a.hidden.count > 0)
    report_.notes.push_back(fmt::format("not compared, as an export leaves them out: {}", text_of(a.hidden)));
  if (a.unmatched > 0)
    report_.notes.push_back(fmt::format("{} of all runs {} not in these dumps; other dumps may hold them",
                                        plural(a.unmatched, "document"), a.unmatched == 1 ? "is" : "are"));
}

void verification::judge() {
  auto& reasons = report_.reasons;
  if (report_.finding_count > 0) reasons.push_back(plural(report_.finding_count, "finding"));
  // A damaged directory does not say what was exported.
  const bool intact = found_.damages() == 0;
  if (readable_ && intact && c_.runs.empty())
    reasons.emplace_back("no run was ever begun");
  else if (readable_ && intact && report_.totals.documents == 0)
    reasons.emplace_back("not one document was exported");
  if (c_.never_begun)
    reasons.emplace_back(
        "an export was started here and ended before its run began, so nothing of its dumps is here: run the "
        "same `outro export` again");
  if (c_.open_run != 0)
    reasons.push_back(fmt::format("run {} is not finished: run the same `outro export` again", c_.open_run));
  judge_cut_runs();
  if (letters_ > 0 && !options_.accept_dead_letters)
    reasons.push_back(
        fmt::format("{} {}, not archived: repair and export them, or accept them with --accept-dead-letters",
                    plural(letters_, "document"),
                    letters_ == 1 ? "is kept as a dead letter" : "are kept as dead letters"));
  if (report_.settled_letters > 0)
    report_.notes.push_back(fmt::format("{} {} settled: an archive gives the same document back",
                                        plural(report_.settled_letters, "dead letter"),
                                        report_.settled_letters == 1 ? "is" : "are"));
  if (report_.roster && report_.roster->missing > 0)
    reasons.push_back(fmt::format("{} of the roster {} missing: find their dumps and export them",
                                  plural(report_.roster->missing, "account"),
                                  report_.roster->missing == 1 ? "is" : "are"));
  judge_damaged_shards();
  judge_comparison();
  if (report_.suspect_accounts > 0)
    report_.notes.push_back(fmt::format(
        "{} {} playlists that hold another number of entries than they declare; `outro list {} --suspects`",
        plural(report_.suspect_accounts, "account"), report_.suspect_accounts == 1 ? "has" : "have",
        report_.out));
  report_.exit_code = found_.damages() > 0 ? 1 : reasons.empty() ? 0 : 3;
}

}  // namespace outro
