#include "jobs/export/plan_run.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/units.h"
#include "base/utf8.h"
#include "pack/recipe.h"

namespace outro {

namespace {

bool has_path(const std::vector<shard>& shards, const std::filesystem::path& path) {
  return std::any_of(shards.begin(), shards.end(), [&](const shard& s) { return s.path == path; });
}

/// Same shards as planned? Says the first difference, or nothing.
std::string difference(const std::vector<unit>& planned, const std::vector<unit>& now) {
  std::vector<shard> then_shards, now_shards;
  for (const auto& u : planned) then_shards.insert(then_shards.end(), u.shards.begin(), u.shards.end());
  for (const auto& u : now) now_shards.insert(now_shards.end(), u.shards.begin(), u.shards.end());
  for (std::size_t i = 0; i < std::max(then_shards.size(), now_shards.size()); ++i) {
    if (i >= then_shards.size()) return shown(now_shards[i].path.native()) + " is new";
    if (i >= now_shards.size()) return shown(then_shards[i].path.native()) + " is missing";
    if (now_shards[i].path != then_shards[i].path) {
      if (!has_path(now_shards, then_shards[i].path))
        return shown(then_shards[i].path.native()) + " is missing";
      if (!has_path(then_shards, now_shards[i].path)) return shown(now_shards[i].path.native()) + " is new";
      return shown(now_shards[i].path.native()) + " is in another place";
    }
    if (now_shards[i].size != then_shards[i].size)
      return shown(now_shards[i].path.native()) + " has another size";
  }
  return {};
}

/// Takes over the files' times and inodes; both hold the same shards in the same order.
void take_over_files(std::vector<unit>& planned, const std::vector<unit>& now) {
  std::vector<const shard*> found;
  for (const auto& u : now)
    for (const auto& s : u.shards) found.push_back(&s);
  auto next = found.begin();
  for (auto& u : planned)
    for (auto& s : u.shards) s = **next++;
}

/// Whether the last run finished and had the same shards and the same recipe: then there is nothing to do.
bool is_done(const run_row& last, const std::vector<unit>& planned, const export_input& input,
             const std::string& recipe) {
  const auto same_shards = [](const unit& a, const unit& b) { return a.shards == b.shards; };
  return last.finished && !input.has_pipe && last.recipe == recipe &&
         std::equal(planned.begin(), planned.end(), input.units.begin(), input.units.end(), same_shards);
}

/// Whether documents of the run became dead letters for what this machine lacked: there was no memory, or the
/// clock was behind and is not any more. The same command offers them again; all others are unchanged.
bool is_worth_another_run(ledger& books, const run_row& last, const clock_evidence& clock) {
  if (books.has_dead_letter(last.run, reason::out_of_memory)) return true;
  return clock.is_behind(last.started_ms) && !clock.is_behind(now_ms()) &&
         books.has_dead_letter(last.run, reason::exported_at_range);
}

/// Whether the run that is to be abandoned may be: the last one, unless it is cut already.
status check_abandoned(const std::vector<run_row>& runs, std::uint32_t abandoned) {
  if (abandoned == 0) return {};
  const auto run =
      std::find_if(runs.begin(), runs.end(), [&](const run_row& r) { return r.run == abandoned; });
  if (run == runs.end())
    return fail(failure::usage, fmt::format("--abandon-run: there is no run {}", abandoned));
  if (run->finished && !run->cut)
    return fail(failure::usage,
                fmt::format("--abandon-run: run {} is finished; leave the option out", abandoned));
  return {};
}

/// A run that is not finished goes on, if its recipe and its shards are still what they were.
result<run_plan> resume(ledger& books, const run_row& last, const std::string& recipe,
                        const std::vector<unit>& units) {
  if (last.recipe != recipe)
    return fail(failure::refused,
                fmt::format("run {} began with another recipe ({}); resume it with the same options, {}",
                            last.run, recipe_differences(last.recipe, recipe), ways_out(last.run)));
  run_plan plan;
  plan.run = last;
  plan.units = books.planned_units(last.run);
  if (const auto changed = difference(plan.units, units); !changed.empty())
    return fail(
        failure::refused,
        fmt::format("run {} is not finished, and its input is not what it was: {}; put the shards back "
                    "as they were and resume it (what is new or repaired is exported after that), {}",
                    last.run, changed, ways_out(last.run)));
  // What the reader compares a shard with is the file as it is now: the digest of what was committed tells
  // whether that is still what it was then.
  take_over_files(plan.units, units);
  plan.done = books.progress_of(last.run);
  return plan;
}

}  // namespace

std::string ways_out(std::uint32_t run) {
  return fmt::format(
      "or give it up as it is (--abandon-run {0}: what it wrote stays, a new run exports what is "
      "there now, and `outro verify` wants --accept-cut-run {0}), or export to a new directory",
      run);
}

result<run_plan> plan_run(ledger& books, const export_settings& settings, const export_input& input) {
  const auto& options = settings.options;
  const auto& service = settings.rules.service;
  const auto recipe = text_of(recipe_of(settings.rules, options.level, options.slice, options.max_document));
  const auto runs = books.runs();
  run_plan plan;
  if (!runs.empty()) {
    const auto& last = runs.back();
    if (last.service != service)
      return fail(failure::refused,
                  fmt::format("{} holds archives of {}, and this layout is of {}; choose another --out",
                              shown(options.out.native()), last.service, service));
    plan.run = last;
    if (auto s = check_abandoned(runs, options.abandon_run); !s.ok()) return s;
    if (!last.finished && options.abandon_run == last.run) plan.abandons = last.run;
    if (!last.finished && plan.abandons == 0) return resume(books, last, recipe, input.units);
    plan.finished = last.finished && is_done(last, books.planned_units(last.run), input, recipe) &&
                    !is_worth_another_run(books, last, input.clock);
    if (plan.finished) return plan;
  }
  plan.run = {};
  plan.run.run = runs.empty() ? 1 : runs.back().run + 1;
  plan.run.started_ms = now_ms();
  plan.run.recipe = recipe;
  plan.run.service = service;
  plan.units = input.units;
  plan.run.units = static_cast<std::uint32_t>(input.units.size());
  plan.is_new = true;
  return plan;
}

}  // namespace outro
