#include "jobs/export/export_job.h"

#include <fmt/format.h>

#include <csignal>
#include <memory>
#include <optional>
#include <utility>

#include "base/machine.h"
#include "base/output_names.h"
#include "base/standard_streams.h"
#include "base/threads.h"
#include "base/utf8.h"
#include "jobs/export/announce.h"
#include "jobs/export/finish_run.h"
#include "jobs/export/input.h"
#include "jobs/export/open_run.h"
#include "jobs/export/run_pipeline.h"
#include "jobs/export/settings.h"
#include "watch/run_monitor.h"
#include "watch/service_notifier.h"

namespace outro {

namespace {

/// What has to be put right whichever way the job ends.
struct job_end {
  std::optional<output_directory> out;  ///< locked while this lives
  bool begun = false;                   ///< the directory may have been changed
};

/// A job that was stopped: what is half-written goes, what is committed stays.
status leave_unfinished(opened_run& run, const output_directory& out, status why) {
  (void)out.remove_partials();  // `why` is the failure that counts
  (void)run.books.close();
  return why;
}

/// The job from top to bottom. The failure of any step ends it; what is done so far stays, and the same
/// command goes on from there.
result<run_summary> run_job(const export_settings& settings, run_monitor& monitor, job_end& end) {
  // What is asked for, and whether it can be done. Nothing is written yet.
  auto input = check_input(settings);
  if (!input) return input.error();

  // The output directory is ours alone from here on. A refusal still changes nothing in one that has a
  // ledger.
  auto out = take_output(settings, monitor);
  if (!out) return out.error();
  end.out = std::move(*out);
  auto run = open_run(settings, *input);
  if (!run) return run.error();
  if (run->at_rest) return summarize(settings, *input, *run, monitor);

  // Beyond this point the directory changes. Once begin_run is through, the plan is in the ledger: whatever
  // ends us, the run can go on.
  end.begun = true;
  if (auto s = begin_run(*run, *input, *end.out, monitor); !s.ok()) return s;
  file_sums part_sums;  // of what the pipeline writes for the catalogue
  if (!run->plan.finished) {
    announce(settings, *input, *run, monitor);
    // Every unit to its last slice: this is where the time goes.
    auto worked = run_pipeline(settings, *input->engine, *run, monitor);
    if (!worked) return leave_unfinished(*run, *end.out, worked.error());
    part_sums = std::move(*worked);
  }

  // Beyond this point every slice is durable and in the ledger. What follows can be done again, and is done
  // for a finished run too: a roster may be new, or SHA256SUMS gone.
  return finish_run(settings, *input, *run, std::move(part_sums), monitor);
}

/// The summary. A job whose summary is lost is finished nevertheless, and says so with the failure.
status print(const export_options& options, const run_summary& s) {
  auto written = write_result(options.json ? summary_json(s, false) + "\n" : summary_text(s));
  if (!written.ok())
    written.message = fmt::format(
        "the export is finished, but its summary is lost: {}; it is in {}, and the same command prints it "
        "again",
        written.message, shown((options.out / summary_name).native()));
  return written;
}

run_log::format format_of(const export_options& options) {
  if (options.json) return run_log::format::json_seconds;
  return options.log_json ? run_log::format::json : run_log::format::text;
}

/// The whole job under its monitor; OUT/lock says how it ended, where the directory is ours.
export_outcome run_watched(const export_settings& settings, run_monitor& monitor) {
  job_end end;
  auto ended = [&]() -> result<run_summary> {
    try {
      return run_job(settings, monitor, end);
    } catch (const std::bad_alloc&) {
      return fail(failure::io, "out of memory; lower --memory or --threads, then run the same command again");
    } catch (const std::exception& e) {
      if (auto why = thread_failure(e)) return std::move(*why);
      return fail(failure::bug, e.what());
    }
  }();
  const auto why = ended ? status{} : ended.error();
  // Of a process that was refused and did nothing, nothing is said: the lock says again what it said before.
  const bool leaves_no_trace =
      end.out && !end.begun && why.kind == failure::refused && end.out->restore_lock();
  auto said = why;
  if (ended) {
    said = print(settings.options, *ended);
    say_end(monitor.log, *ended);
  }
  monitor.ends(why, ended ? ended->exit_code : exit_code_of(why), end.out && !leaves_no_trace);
  return {said, said.ok() ? ended->exit_code : exit_code_of(said)};
}

/// Every thread of the job beside the first one.
thread_need threads_of(const export_options& options) {
  constexpr unsigned of_ledger = 1;
  // The kernel makes reads and writes of io_uring on threads of its own that count as ours. Measured: with
  // one less than two, none is started, and no read ever ends (tests/surroundings/threads_test.py).
  const unsigned of_kernel = options.io == "threads" ? 0 : 2;
  const unsigned of_watcher = options.status_address.empty() && !service_notifier().is_asked() ? 0 : 1;
  return {.workers = options.threads, .others = io_engine::threads + of_ledger + of_kernel + of_watcher};
}

}  // namespace

export_outcome run_export(const export_options& given) {
  forbid_core_dumps();
  outlive_readers();
  exit_on_signals();
  (void)std::signal(SIGXFSZ, SIG_IGN);  // a file size limit is an error of a write (EFBIG), not the end
  const auto refuse = [&](const status& why) -> export_outcome {
    if (format_of(given) != run_log::format::text) log_failure(why);
    return {why, exit_code_of(why)};
  };
  const auto settings = complete_settings(given);
  if (!settings) return refuse(settings.error());
  const auto& options = settings->options;
  if (auto s = prepare_threads(threads_of(options)); !s.ok()) return refuse(s);
  auto monitor = run_monitor::start({format_of(options), options.quiet, options.status_address});
  if (!monitor) return refuse(monitor.error());
  const auto outcome = run_watched(*settings, **monitor);
  return outcome.failure.ok() ? outcome : refuse(outcome.failure);
}

}  // namespace outro
