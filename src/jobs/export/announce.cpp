#include "jobs/export/announce.h"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "base/plural.h"
#include "base/units.h"
#include "pack/recipe.h"

namespace outro {

namespace {

void say_input(const export_settings& settings, const export_input& input, const opened_run& run,
               run_log& log) {
  const auto& plan = run.plan;
  const auto out = settings.options.out.string();
  log.say(message_id::run_begins, fmt::format("outro {}: run {} into {}", OUTRO_VERSION, plan.run.run, out),
          {{"version", OUTRO_VERSION}, {"run", plan.run.run}, {"out", out}});
  const auto hidden = input.hidden.count > 0 ? fmt::format(" (left out: {})", text_of(input.hidden)) : "";
  log.say(message_id::input_found,
          fmt::format("{}{}, layout {}", plural(input.shard_count, "shard"), hidden, plan.run.service),
          {{"shards", input.shard_count}, {"leftOut", input.hidden.count}, {"layout", plan.run.service}});
}

/// Where the disk that OUT is meant for is not mounted, this is what shows it.
void say_device(const preflight_needs& needs, run_log& log) {
  const auto mount = needs.mount.value_or(mount_place{});
  log.say(message_id::directory_begun,
          fmt::format("new directory on {}, {} free", text_of(needs.mount), format_size(needs.disk_free)),
          {{"device", mount.device},
           {"mountPoint", mount.point},
           {"fileSystem", mount.type},
           {"free", needs.disk_free}});
}

void say_needs(const preflight_needs& needs, run_log& log) {
  const auto disk = needs.disk == 0 ? "need unknown (a pipe)" : "at most about " + format_size(needs.disk);
  log.say(message_id::disk_need, fmt::format("{}, {} free", disk, format_size(needs.disk_free)),
          {{"bytes", needs.disk}, {"free", needs.disk_free}});
  // What the longest document takes is known once it is there; that there may be one is no reason to refuse.
  const auto fits = needs.longest_that_fits();
  const auto bound = fits >= needs.longest_document
                         ? ""
                         : fmt::format(
                               ": enough for documents of up to {}; there may be longer ones, of up to "
                               "{}, which may not fit: lower --memory or --max-document",
                               format_size(fits), format_size(needs.longest_document));
  log.say(message_id::memory_need,
          fmt::format("{} plus 8 times the largest document, {} usable{}", format_size(needs.memory),
                      format_size(needs.memory_usable), bound),
          {{"bytes", needs.memory},
           {"usable", needs.memory_usable},
           {"longestThatFits", fits},
           {"longestDocument", needs.longest_document}});
}

void say_workers(const export_options& options, const io_engine& io, bool catalogue, run_log& log) {
  const auto engine = io.name();
  const auto& why = io.why_no_uring();
  log.say(message_id::workers_ready,
          fmt::format("{}, {} in flight, {}{}, zstd level {}{}", options.threads,
                      plural(options.shards_in_flight, "unit"), engine,
                      why.empty() ? "" : fmt::format(" (no io_uring: {})", why), options.level,
                      catalogue ? ", with a catalogue" : ""),
          {{"threads", options.threads},
           {"unitsInFlight", options.shards_in_flight},
           {"io", engine},
           {"whyNoUring", why},
           {"zstdLevel", options.level},
           {"catalogue", catalogue}});
}

void say_recipe_change(opened_run& run, run_log& log) {
  const auto number = run.plan.run.run;
  if (number < 2) return;
  const auto runs = run.books.runs();
  const auto& before = runs[number - 2];
  if (before.recipe == run.plan.run.recipe) return;
  const auto differences = recipe_differences(before.recipe, run.plan.run.recipe);
  log.say(message_id::recipe_changed,
          fmt::format("the recipe differs from run {}'s, so every account is written again ({})", before.run,
                      differences),
          {{"before", before.run}, {"differences", differences}});
}

void say_resumed(const run_plan& plan, run_log& log) {
  if (plan.done.empty()) return;
  std::size_t units_done = 0;
  std::uint64_t slices = 0, bytes = 0;
  for (const auto& [number, p] : plan.done) {
    units_done += p.done ? 1 : 0;
    slices += p.slices;
    bytes += p.end;
  }
  log.say(message_id::run_resumed,
          fmt::format("{} with {} are done; {} of {} remain", plural(slices, "slice"), format_size(bytes),
                      plural(plan.units.size() - units_done, "unit"), plan.units.size()),
          {{"slices", slices}, {"bytes", bytes}, {"unitsDone", units_done}, {"units", plan.units.size()}});
}

/// From the second abnormal end on, the documents of a slice are tried one by one.
void say_suspects(const live_state& live, run_log& log) {
  if (live.suspects.empty()) return;
  std::string places;
  boost::json::array list;
  for (const auto& s : live.suspects) {
    places += fmt::format("{}{} ({} {})", places.empty() ? "" : ", ", name_of(s.id), s.ends,
                          s.ends == 1 ? "time" : "times");
    list.push_back({{"unit", s.id.unit}, {"slice", s.id.number}, {"ends", s.ends}});
  }
  log.say(
      message_id::suspects_found,
      fmt::format("earlier processes ended abnormally at {}; after two such ends, each document is tried in "
                  "a process of its own",
                  places),
      {{"slices", std::move(list)}});
}

}  // namespace

void announce(const export_settings& settings, const export_input& input, opened_run& run,
              run_monitor& monitor) {
  auto& log = monitor.log;
  say_input(settings, input, run, log);
  if (run.plan.is_new && run.plan.run.run == 1) say_device(input.needs, log);
  say_needs(input.needs, log);
  say_workers(settings.options, *input.engine, run.catalogue, log);
  say_recipe_change(run, log);
  say_resumed(run.plan, log);
  if (const auto url = monitor.url(); !url.empty()) log.say(message_id::status_served, url, {{"url", url}});
  say_suspects(monitor.live(), log);
}

void say_end(run_log& log, const run_summary& s) {
  if (!log.is_json()) return;
  const auto id = s.exit_code != 0  ? message_id::run_incomplete
                  : s.nothing_to_do ? message_id::nothing_to_do
                                    : message_id::run_finished;
  const auto dead = s.run_books.by_outcome[static_cast<std::size_t>(outcome::dead_letter)];
  log.say(
      id,
      fmt::format("run {} {}: {}, {}, {}, {}", s.run, s.nothing_to_do ? "was finished before" : "is finished",
                  plural(s.run_books.documents, "document"), plural(dead, "dead letter"),
                  plural(s.run_books.damaged.size(), "damaged shard"),
                  plural(s.roster ? s.roster->missing : 0, "missing account")),
      {{"run", s.run},
       {"exitCode", s.exit_code},
       {"documents", s.run_books.documents},
       {"deadLetters", dead},
       {"damagedShards", s.run_books.damaged.size()},
       {"missingAccounts", s.roster ? s.roster->missing : 0},
       {"wallSeconds", s.wall_seconds}});
}

}  // namespace outro
