#include "jobs/export/plan_run.h"

#include <fmt/format.h>

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
      return now_shards[i].path.string() + " is in another place";
    }
    if (now_shards[i].size != then_shards[i].size) return now_shards[i].path.string() + " has another size";
  }
  return {};
}

/// Whether the last run finished and had the same shards and the same recipe: then there is nothing to do.
bool is_done(const run_row& last, const std::vector<unit>& planned, const export_input& input,
             const std::string& recipe) {
  const auto same_shards = [](const unit& a, const unit& b) { return a.shards == b.shards; };
  return last.finished && !input.has_pipe && last.recipe == recipe &&
         std::equal(planned.begin(), planned.end(), input.units.begin(), input.units.end(), same_shards);
}

/// A run that is not finished goes on, if its recipe and its shards are still what they were.
result<run_plan> resume(ledger& books, const run_row& last, const std::string& recipe,
                        const std::vector<unit>& units) {
  if (last.recipe != recipe)
    return fail(
        failure::refused,
        fmt::format("run {} began with another recipe ({}); resume it with the same options, or export "
                    "to a new directory",
                    last.run, recipe_differences(last.recipe, recipe)));
  run_plan plan;
  plan.run = last;
  plan.units = books.planned_units(last.run);
  if (const auto changed = difference(plan.units, units); !changed.empty())
    return fail(
        failure::refused,
        fmt::format("run {} is not finished, and its input is not what it was: {}; put the shards back "
                    "as they were and resume it, and export what is new or repaired after that; or "
                    "export to a new directory",
                    last.run, changed));
  plan.done = books.progress_of(last.run);
  return plan;
}

}  // namespace

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
                              options.out.string(), last.service, service));
    plan.run = last;
    if (!last.finished) return resume(books, last, recipe, input.units);
    // Documents for which there was no memory are offered again by the same command: all others are
    // unchanged.
    plan.finished = is_done(last, books.planned_units(last.run), input, recipe) &&
                    !books.has_dead_letter(last.run, reason::out_of_memory);
    if (plan.finished) return plan;
  }
  plan.run = {};
  plan.run.run = runs.empty() ? 1 : runs.back().run + 1;
  plan.run.started_ms = now_ms();
  plan.run.recipe = recipe;
  plan.run.service = service;
  plan.units = input.units;
  plan.is_new = true;
  return plan;
}

}  // namespace outro
