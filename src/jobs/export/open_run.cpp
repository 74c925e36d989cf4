#include "jobs/export/open_run.h"

#include <filesystem>
#include <utility>

#include "base/file.h"
#include "base/output_names.h"
#include "base/units.h"
#include "jobs/export/plan_run.h"
#include "output/catalogue_parts.h"
#include "output/committed_files.h"
#include "output/ledger_at_rest.h"

namespace outro {

namespace fs = std::filesystem;

namespace {

/// Where that cannot be seen, it is not, and sealing it again says why.
bool is_sealed(const fs::path& out) {
  const auto sealed = is_there(out / checksums_name);
  return sealed && *sealed;
}

output_written written_of(ledger& books, std::uint32_t run) {
  output_written written;
  for (const auto& s : books.slices()) {
    if (s.id.run != run) continue;
    written.bytes += s.pack_bytes + s.letters_bytes;
    written.files += 2;  // its pack, and its part of the catalogue
  }
  return written;
}

/// The plan, and whether it can be carried out on what is there.
result<run_plan> plan_and_check(ledger& books, const export_settings& settings, const export_input& input) {
  auto plan = plan_run(books, settings, input);
  if (!plan) return plan.error();
  if (auto s = check_committed_files(books, settings.options.out); !s.ok()) return s;
  if (plan->finished) return plan;
  const auto written = written_of(books, plan->run.run);
  if (auto s = check_disk(input.needs, written, settings.options); !s.ok()) return s;
  return plan;
}

}  // namespace

result<output_directory> take_output(const export_settings& settings, run_monitor& monitor) {
  auto out = output_directory::open(settings.options.out);
  if (!out) return out.error();
  auto live = out->live();
  live.command = settings.options.command;
  monitor.takes_output(out->lock_fd(), std::move(live), settings.rules.service);
  return out;
}

result<opened_run> open_run(const export_settings& settings, const export_input& input) {
  const auto& out = settings.options.out;
  const auto path = out / ledger_name;
  const auto begun = is_there(path);
  if (!begun) return begun.error();
  const bool fresh = !*begun;
  std::optional<run_plan> plan;
  // Read only at first. What a crash left of SQLite's own may prevent that: then the plan waits. A ledger of
  // a newer Outro, or none at all under that name, is not opened to be written.
  if (!fresh) {
    auto books = ledger::open(path, database::access::read);
    if (!books && books.error().kind != failure::io) return books.error();
    if (books) {
      auto planned = plan_and_check(*books, settings, input);
      if (!planned) return planned.error();
      plan = std::move(*planned);
      if (plan->finished && input.roster.empty() && is_sealed(out) && !was_left_open(path))
        return opened_run{std::move(*books), std::move(*plan), false, true};
    }
  }
  const auto catalogue = decide_catalogue(out, fresh, settings.options.catalogue);
  if (!catalogue) return catalogue.error();
  auto books = ledger::open(path, fresh ? database::access::create : database::access::write);
  if (!books) return books.error();
  if (!plan) {
    auto planned = plan_and_check(*books, settings, input);
    if (!planned) return planned.error();
    plan = std::move(*planned);
  }
  return opened_run{std::move(*books), std::move(*plan), *catalogue, false};
}

status begin_run(opened_run& run, const export_input& input, const output_directory& out,
                 run_monitor& monitor) {
  const auto& plan = run.plan;
  // Where a crash comes in between, the run is cut already, and the same command begins the new one.
  if (plan.abandons != 0)
    if (auto s = run.books.finish_cut_run(plan.abandons, now_ms()); !s.ok()) return s;
  if (plan.is_new)
    if (auto s = run.books.begin_run(plan.run, plan.units); !s.ok()) return s;
  monitor.run_begins(plan.run.run, plan.done);
  // The directory is sealed while SHA256SUMS is there; without it, it is being written.
  if (auto s = remove_file(out.path() / checksums_name); !s.ok()) return s;
  if (auto s = sync_directory(out.path()); !s.ok()) return s;
  if (!input.roster.empty())
    if (auto s = run.books.set_roster(input.roster); !s.ok()) return s;
  return plan.finished ? status{} : out.remove_partials();
}

}  // namespace outro
