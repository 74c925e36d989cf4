#include "jobs/export/finish_run.h"

#include <boost/json.hpp>
#include <cstdio>
#include <optional>
#include <utility>

#include "base/file.h"
#include "base/json_text.h"
#include "base/machine.h"
#include "base/output_names.h"
#include "base/units.h"
#include "catalogue/merge.h"
#include "output/catalogue_parts.h"
#include "output/committed_files.h"
#include "watch/status_page.h"

namespace outro {

namespace {

int exit_code_of_run(const run_summary& s) {
  if (!balances(s.run_books)) return 1;
  const bool dead = s.run_books.by_outcome[static_cast<std::size_t>(outcome::dead_letter)] > 0;
  const bool missing = s.roster && s.roster->missing > 0;
  return dead || missing || !s.run_books.damaged.empty() ? 3 : 0;
}

/// The packs and dead letters of all runs, which were hashed while they were written.
void add_slice_sums(ledger& books, file_sums& known) {
  for (const auto& s : books.slices()) {
    known.emplace_back(pack_name(name_of(s.id)), s.pack_sha256);
    if (s.letters_bytes > 0) known.emplace_back(letters_name(name_of(s.id)), s.letters_sha256);
  }
}

status merge_catalogue(const export_settings& settings, opened_run& run, run_monitor& monitor) {
  if (!run.catalogue) return {};
  const auto& options = settings.options;
  const auto before = cpu_seconds();
  const auto parts = catalogue_parts(options.out, run.books);
  if (!parts) return parts.error();
  const auto made =
      write_catalogue(*parts, options.out / catalogue_folder, options.memory / 2, options.threads);
  if (!made) return made.error();
  monitor.profile.catalogue = cpu_seconds() - before;
  return {};
}

/// The status page of the run with its books. Where the run was finished before, the figures of its report
/// stay, and only the books are new.
status write_report(const std::filesystem::path& out, const opened_run& run, const run_summary& summary,
                    const watch_state& seen) {
  const auto path = out / report_name;
  std::optional<boost::json::object> data;
  if (run.plan.finished)
    if (const auto before = read_file(path)) data = final_object_again(*before, summary);
  if (!data) data = final_object(seen, summary, now_ms());
  return replace_file(path, status_page(serialized(*data)));
}

/// Says where the CPU time went, if that was asked for. `before_finish`: CPU seconds of the process when the
/// last slice was committed.
void say_profile(const export_settings& settings, double before_finish, run_monitor& monitor) {
  if (!settings.options.profile) return;
  auto& profile = monitor.profile;
  profile.total = cpu_seconds();
  profile.finish = profile.total - before_finish - profile.catalogue;
  profile.stage_ns = snapshot_of(monitor.counts).stage_ns;
  if (monitor.log.is_json())
    monitor.log.say(message_id::cpu_profile, "where the CPU time went, in seconds", profile_object(profile));
  else
    (void)std::fputs(profile_text(profile).c_str(), stderr);
}

}  // namespace

run_summary summarize(const export_settings& settings, const export_input& input, opened_run& run,
                      const run_monitor& monitor) {
  const auto& plan = run.plan;
  run_summary s;
  s.run = plan.run.run;
  s.service = plan.run.service;
  s.out = settings.options.out.string();
  s.run_books = run.books.books_of(plan.run.run);
  s.current_archives = run.books.current_accounts();
  s.shrunk = run.books.shrunk(plan.run.run, percent_left(settings.options.shrink_warn));
  s.roster = run.books.roster();
  s.wall_seconds = plan.finished ? plan.run.wall_seconds : monitor.seconds();
  s.cpu_seconds = plan.finished ? plan.run.cpu_seconds : cpu_seconds();
  s.catalogue_cpu_seconds = monitor.profile.catalogue;
  s.peak_memory = peak_memory();
  s.nothing_to_do = plan.finished;
  if (!plan.finished) s.deadline_ms = settings.options.deadline_ms;
  s.started_ms = plan.run.started_ms;
  s.finished_ms = now_ms();
  s.io_engine = input.engine->name();
  s.left_out = input.hidden.count;
  s.left_out_text = text_of(input.hidden);
  s.exit_code = exit_code_of_run(s);
  return s;
}

result<run_summary> finish_run(const export_settings& settings, const export_input& input, opened_run& run,
                               file_sums known, run_monitor& monitor) {
  const auto& out = settings.options.out;
  const auto before = cpu_seconds();
  auto& books = run.books;
  monitor.log.say(message_id::sealing, "all slices are committed; checksums follow");
  if (!run.plan.finished)
    if (auto s = books.finish_run(run.plan.run.run, now_ms(), before, monitor.seconds()); !s.ok()) return s;

  // Someone may have taken files away while the job ran.
  if (auto s = check_committed_files(books, out); !s.ok()) return s;
  add_slice_sums(books, known);
  if (auto s = merge_catalogue(settings, run, monitor); !s.ok()) return s;
  const auto summary = summarize(settings, input, run, monitor);
  if (auto s = books.close(); !s.ok()) return s;
  if (auto s = replace_file(out / summary_name, summary_json(summary, true)); !s.ok()) return s;
  if (auto s = write_report(out, run, summary, monitor.seen()); !s.ok()) return s;
  if (auto s = write_checksums(out, known); !s.ok()) return s;
  say_profile(settings, before, monitor);
  return summary;
}

}  // namespace outro
