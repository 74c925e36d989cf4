#include "jobs/export/finish_run.h"

#include <boost/json.hpp>

#include "base/file.h"
#include "base/json_text.h"
#include "base/machine.h"
#include "base/output_names.h"
#include "base/units.h"
#include "output/catalogue_parts.h"
#include "output/committed_files.h"
#include "watch/status_page.h"

namespace outro {

run_summary summarize(ledger& books, const export_options& options, const run_plan& plan,
                      std::string_view engine, double wall_seconds) {
  run_summary s;
  s.run = plan.run.run;
  s.service = plan.run.service;
  s.out = options.out.string();
  s.run_books = books.books_of(plan.run.run);
  s.current_archives = books.current_accounts();
  s.roster = books.roster();
  s.wall_seconds = plan.finished ? plan.run.wall_seconds : wall_seconds;
  s.cpu_seconds = plan.finished ? plan.run.cpu_seconds : cpu_seconds();
  s.peak_memory = peak_memory();
  s.nothing_to_do = plan.finished;
  if (!plan.finished) s.deadline_ms = options.deadline_ms;
  s.started_ms = plan.run.started_ms;
  s.finished_ms = now_ms();
  s.io_engine = engine;
  const bool dead = s.run_books.by_outcome[static_cast<std::size_t>(outcome::dead_letter)] > 0;
  const bool missing = s.roster && s.roster->missing > 0;
  s.exit_code = dead || missing || !s.run_books.damaged.empty() ? 3 : 0;
  if (!balances(s.run_books)) s.exit_code = 1;
  return s;
}

result<run_summary> seal(ledger& books, const export_options& options, const run_plan& plan,
                         std::string_view engine, const std::function<double()>& wall_seconds,
                         const watch_state& seen, file_sums known) {
  // Someone may have taken files away while the job ran.
  if (auto s = check_claims(books, options.out); !s.ok()) return s;
  for (const auto& s : books.slices()) {
    known.emplace_back(pack_name(name_of(s.id)), s.pack_sha256);
    if (s.letters_bytes > 0)
      known.emplace_back(letters_name(name_of(s.id)), s.letters_sha256);
  }
  double merging = 0;
  if (options.catalogue.value()) {
    const auto before = cpu_seconds();
    const auto parts = catalogue_parts(options.out, books);
    if (!parts) return parts.error();
    if (const auto made =
            write_catalogue(*parts, options.out / catalogue_folder, options.memory / 2, options.threads);
        !made)
      return made.error();
    merging = cpu_seconds() - before;
  }
  auto summary = summarize(books, options, plan, engine, wall_seconds());
  summary.catalogue_cpu_seconds = merging;
  if (auto s = books.close(); !s.ok()) return s;
  if (auto s = replace_file(options.out / summary_name, summary_json(summary, true)); !s.ok()) return s;
  const auto report = options.out / report_name;
  std::optional<boost::json::object> shown;
  if (plan.finished)
    if (const auto before = read_file(report)) shown = final_object_again(*before, summary);
  if (!shown) shown = final_object(seen, summary, now_ms());
  if (auto s = replace_file(report, status_page(serialized(*shown))); !s.ok()) return s;
  if (auto s = write_checksums(options.out, known); !s.ok()) return s;
  return summary;
}

}  // namespace outro
