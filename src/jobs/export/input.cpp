#include "jobs/export/input.h"

#include <algorithm>
#include <utility>

#include "base/file.h"
#include "base/output_names.h"
#include "base/units.h"
#include "jobs/export/roster.h"
#include "output/catalogue_parts.h"

namespace outro {

static io_choice choice_of(const std::string& io) {
  if (io == "uring") return io_choice::uring;
  return io == "threads" ? io_choice::threads : io_choice::automatic;
}

result<export_input> check_input(const export_settings& settings) {
  const auto& options = settings.options;
  export_input input;
  if (auto s = check_apart(options.dumps, options.out); !s.ok()) return s;
  auto found = find_input(options.dumps);
  if (!found) return found.error();
  auto& shards = found->shards;
  input.hidden = std::move(found->hidden);
  input.clock = evidence_of(settings.rules, shards);
  if (!options.ignore_clock)
    if (auto s = check_clock(input.clock, now_ms()); !s.ok()) return s;
  input.units = plan_units(shards);
  const auto needs = needs_of(options, shards, input.units.size());
  if (!needs) return needs.error();
  input.needs = *needs;
  if (auto s = check_existing(input.needs, options); !s.ok()) return s;
  if (auto s = check_memory(input.needs, options); !s.ok()) return s;
  if (auto s = check_open_files(input.needs, options); !s.ok()) return s;
  if (auto s = check_catalogue(options.out, options.catalogue); !s.ok()) return s;
  // Where there is a ledger, it says how much of the need is written; open_run checks then.
  const auto begun = is_there(options.out / ledger_name);
  if (!begun) return fail(failure::refused, begun.error().message);
  if (!*begun)
    if (auto s = check_disk(input.needs, {}, options); !s.ok()) return s;
  if (!options.roster.empty()) {
    auto roster = read_roster(options.roster);
    if (!roster) return roster.error();
    input.roster = std::move(*roster);
  }
  auto engine = make_io_engine(choice_of(options.io));
  if (!engine) return engine.error();
  input.engine = std::move(*engine);
  input.has_pipe = std::any_of(shards.begin(), shards.end(), [](const shard& s) { return s.is_pipe; });
  input.shard_count = shards.size();
  return input;
}

}  // namespace outro
