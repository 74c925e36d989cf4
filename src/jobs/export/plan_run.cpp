#include "jobs/export/plan_run.h"

#include <algorithm>

#include "base/units.h"
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
    if (i >= then_shards.size()) return now_shards[i].path.string() + " is new";
    if (i >= now_shards.size()) return then_shards[i].path.string() + " is missing";
    if (now_shards[i].path != then_shards[i].path) {
      if (!has_path(now_shards, then_shards[i].path)) return then_shards[i].path.string() + " is missing";
      if (!has_path(then_shards, now_shards[i].path)) return now_shards[i].path.string() + " is new";
      return now_shards[i].path.string() + " stands in another place";
    }
    if (now_shards[i].size != then_shards[i].size) return now_shards[i].path.string() + " has another size";
  }
  return {};
}

/// Whether the last run finished and had the same shards and the same recipe: then there is nothing to do.
bool is_done(const run_row& last, const std::vector<unit>& planned, const std::vector<unit>& units,
             const std::string& recipe, bool has_pipe) {
  if (!last.finished || has_pipe || last.recipe != recipe || planned.size() != units.size()) return false;
  for (std::size_t i = 0; i < units.size(); ++i)
    if (planned[i].shards != units[i].shards) return false;
  return true;
}

}  // namespace

result<run_plan> plan_job(ledger& books, const export_options& options, const layout& rules,
                          const std::vector<unit>& units, bool has_pipe) {
  run_plan plan;
  const auto recipe = recipe_of(options, rules);
  const auto runs = books.runs();
  if (!runs.empty()) {
    const auto& last = runs.back();
    if (last.service != rules.service)
      return fail(failure::refused, options.out.string() + " holds archives of " + last.service +
                                        ", and this layout is of " + rules.service +
                                        "; choose another --out");
    const auto planned = books.planned_units(last.run);
    plan.run = last;
    if (!last.finished) {
      if (last.recipe != recipe)
        return fail(failure::refused, "run " + std::to_string(last.run) + " began with another recipe (" +
                                          recipe_differences(last.recipe, recipe) +
                                          "); resume it with the same options, or export to a new directory");
      if (const auto changed = difference(planned, units); !changed.empty())
        return fail(failure::refused, "run " + std::to_string(last.run) +
                                          " is not finished, and its input is not what it was: " + changed +
                                          "; put the shards back as they were and resume it, and export what "
                                          "is new or repaired after that; or "
                                          "export to a new directory");
      plan.units = planned;
      plan.done = books.progress_of(last.run);
      return plan;
    }
    plan.finished = is_done(last, planned, units, recipe, has_pipe);
    if (plan.finished) return plan;
  }
  plan.run = {};
  plan.run.run = runs.empty() ? 1 : runs.back().run + 1;
  plan.run.started_ms = now_ms();
  plan.run.recipe = recipe;
  plan.run.service = rules.service;
  plan.units = units;
  plan.is_new = true;
  return plan;
}

status commit_plan(ledger& books, const run_plan& plan) {
  return plan.is_new ? books.begin_run(plan.run, plan.units) : status{};
}

}  // namespace outro
