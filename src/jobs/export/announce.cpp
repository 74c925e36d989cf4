#include "jobs/export/announce.h"

#include <boost/json.hpp>

#include "base/plural.h"
#include "base/units.h"
#include "pack/recipe.h"

namespace outro {

void announce(run_log& log, const export_options& options, ledger& books, const run_plan& plan,
              const preflight_needs& needs, std::size_t shard_count, std::uint64_t hidden,
              std::string_view engine) {
  const auto run = plan.run.run;
  log.say(message_id::run_begins,
          "outro " OUTRO_VERSION ": run " + std::to_string(run) + " into " + options.out.string(),
          {{"version", OUTRO_VERSION}, {"run", run}, {"out", options.out.string()}});
  log.say(message_id::input_found,
          plural(shard_count, "shard") +
              (hidden > 0 ? " (and " + plural(hidden, "hidden file") + " left out)" : "") + ", layout " +
              plan.run.service,
          {{"shards", shard_count}, {"hidden", hidden}, {"layout", plan.run.service}});
  log.say(
      message_id::disk_need,
      (needs.disk == 0 ? std::string("need unknown (a pipe)") : "at most about " + format_size(needs.disk)) +
          ", " + format_size(needs.disk_free) + " free",
      {{"bytes", needs.disk}, {"free", needs.disk_free}});
  log.say(message_id::memory_need,
          format_size(needs.memory) + " plus 8 times the largest document, " +
              format_size(needs.memory_usable) + " usable",
          {{"bytes", needs.memory}, {"usable", needs.memory_usable}});
  log.say(message_id::workers_ready,
          std::to_string(options.threads) + ", " + plural(options.shards_in_flight, "unit") + " in flight, " +
              std::string(engine) + ", zstd level " + std::to_string(options.level) +
              (options.catalogue.value() ? ", with a catalogue" : ""),
          {{"threads", options.threads},
           {"unitsInFlight", options.shards_in_flight},
           {"io", engine},
           {"zstdLevel", options.level},
           {"catalogue", options.catalogue.value()}});
  if (run > 1)
    if (const auto runs = books.runs(); runs[run - 2].recipe != plan.run.recipe) {
      const auto differences = recipe_differences(runs[run - 2].recipe, plan.run.recipe);
      log.say(message_id::recipe_changed,
              "the recipe differs from run " + std::to_string(run - 1) +
                  "'s, so every account is written again (" + differences + ")",
              {{"before", run - 1}, {"differences", differences}});
    }
  if (!plan.done.empty()) {
    std::size_t units_done = 0;
    std::uint64_t slices = 0, bytes = 0;
    for (const auto& [number, p] : plan.done)
      units_done += p.done ? 1 : 0, slices += p.slices, bytes += p.end;
    log.say(message_id::run_resumed,
            plural(slices, "slice") + " with " + format_size(bytes) + " are done; " +
                plural(plan.units.size() - units_done, "unit") + " of " + std::to_string(plan.units.size()) +
                " remain",
            {{"slices", slices}, {"bytes", bytes}, {"unitsDone", units_done}, {"units", plan.units.size()}});
  }
}

void say_suspects(run_log& log, const live_state& live) {
  if (live.suspects.empty()) return;
  std::string places;
  boost::json::array list;
  for (const auto& s : live.suspects) {
    places += (places.empty() ? "" : ", ") + name_of(s.id) + " (" +
              std::to_string(s.ends) + (s.ends == 1 ? " time)" : " times)");
    list.push_back({{"unit", s.id.unit}, {"slice", s.id.number}, {"ends", s.ends}});
  }
  log.say(message_id::suspects_found,
          "earlier processes ended without a word at " + places +
              "; after two such ends, each document is tried in a process of its own",
          {{"slices", std::move(list)}});
}

void say_end(run_log& log, const run_summary& s) {
  if (!log.is_json()) return;
  const auto id = s.exit_code != 0  ? message_id::run_incomplete
                  : s.nothing_to_do ? message_id::nothing_to_do
                                    : message_id::run_finished;
  const auto dead = s.run_books.by_outcome[static_cast<std::size_t>(outcome::dead_letter)];
  log.say(id,
          "run " + std::to_string(s.run) + (s.nothing_to_do ? " was finished before: " : " is finished: ") +
              plural(s.run_books.documents, "document") + ", " + plural(dead, "dead letter") + ", " +
              plural(s.run_books.damaged.size(), "damaged shard") + ", " +
              plural(s.roster ? s.roster->missing : 0, "missing account"),
          {{"run", s.run},
           {"exitCode", s.exit_code},
           {"documents", s.run_books.documents},
           {"deadLetters", dead},
           {"damagedShards", s.run_books.damaged.size()},
           {"missingAccounts", s.roster ? s.roster->missing : 0},
           {"wallSeconds", s.wall_seconds}});
}

}  // namespace outro
