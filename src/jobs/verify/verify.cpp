#include "jobs/verify/verify.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <tbb/global_control.h>
#include <tbb/task_arena.h>
#include <unistd.h>

#include <algorithm>
#include <boost/json/object.hpp>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <thread>

#include "base/file.h"
#include "base/machine.h"
#include "base/options.h"
#include "base/output_names.h"
#include "base/threads.h"
#include "base/units.h"
#include "base/utf8.h"
#include "jobs/verify/steps.h"
#include "ledger/temporary_files.h"
#include "output/output_directory.h"
#include "report/documents_in_work.h"
#include "report/run_log.h"

namespace outro {

namespace fs = std::filesystem;

namespace {

using clock_type = std::chrono::steady_clock;

double seconds_since(clock_type::time_point began) {
  return std::chrono::duration<double>(clock_type::now() - began).count();
}

/// Options with every default filled in for this machine.
result<verify_options> complete(verify_options o) {
  constexpr std::uint64_t gib = 1ULL << 30;
  constexpr std::uint64_t mib = 1ULL << 20;
  if (o.threads == 0) o.threads = usable_cpus();
  if (o.threads > 1024) return fail(failure::usage, "--threads is above 1024");
  const auto least = fixed_memory(o.threads) + 16 * mib;
  if (o.memory == 0) o.memory = std::clamp(usable_memory() / 2, least, std::max(least, 4 * gib));
  if (o.memory < least)
    return fail(failure::usage,
                fmt::format("--memory is too small: {} threads need {}; raise it, or lower --threads",
                            o.threads, format_size(least)));
  return o;
}

/// Keeps an export from starting while its output is read. A copy of a directory may have no lock file, and
/// none is created: verify changes nothing.
result<file_handle> lock_shared(const fs::path& out) {
  const auto path = out / lock_name;
  file_handle lock(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (!lock.is_open()) {
    if (errno == ENOENT) return lock;
    return fail(failure::refused, io_failure("open", path, errno).message);
  }
  if (::flock(lock.get(), LOCK_SH | LOCK_NB) == 0) return lock;
  return busy(out, lock.get());
}

/// Where this user may not look into the directory, or read its ledger.
status check_access(const fs::path& out) {
  for (const auto& [path, how] : {std::pair(out, R_OK | X_OK), std::pair(out / ledger_name, R_OK)})
    if (::faccessat(AT_FDCWD, path.c_str(), how, AT_EACCESS) != 0 && (errno == EACCES || errno == EPERM))
      return fail(failure::refused, io_failure("read", path, errno).message);
  return {};
}

/// Whether an export has made the directory, and no run of it left anything.
bool is_of_no_run(const fs::path& out) {
  std::error_code error;
  const auto packs = has_packs(out);
  return packs && !*packs && fs::exists(out / lock_name, error) && !fs::exists(out / summary_name, error) &&
         !fs::exists(out / checksums_name, error);
}

status check_directory(const fs::path& out) {
  std::error_code error;
  if (auto s = check_access(out); !s.ok()) return s;
  if (!fs::is_directory(out, error))
    return fail(failure::refused, fmt::format("{} is not a directory", shown(out.native())));
  // An export makes the folders first, and then the ledger.
  if (!fs::exists(out / ledger_name, error) && is_of_no_run(out))
    return fail(
        failure::refused,
        fmt::format("{} holds nothing that was exported: an export that began here ended before its run did; "
                    "run the same `outro export` again",
                    shown(out.native())));
  if (!fs::exists(out / ledger_name, error))
    return fail(
        failure::refused,
        fmt::format("{0} has no ledger; `outro rebuild {0}` makes one from the packs", shown(out.native())));
  const auto kind = fs::symlink_status(out / ledger_name, error);
  if (fs::is_symlink(kind))
    return fail(failure::refused, shown((out / ledger_name).native()).append(link_remedy));
  if (!fs::is_regular_file(kind))
    return fail(failure::refused,
                fmt::format("{} is not a regular file", shown((out / ledger_name).native())));
  return {};
}

/// Shows progress twice a second on a thread of its own, and once more at the end; and says which documents
/// are slow.
class progress_thread {
 public:
  progress_thread(const verify_options& o, std::function<progress_state()> state,
                  std::function<std::vector<slow_document>(std::int64_t)> newly_slow)
      : printer_(o.json, o.quiet),
        log_(o.json ? run_log::format::json : run_log::format::text, o.quiet),
        state_(std::move(state)),
        newly_slow_(std::move(newly_slow)),
        thread_([this](const std::stop_token& stop) { run(stop); }) {}
  ~progress_thread() {
    thread_.request_stop();
    thread_.join();
    printer_.show(state_());
    printer_.finish();
  }
  progress_thread(const progress_thread&) = delete;
  progress_thread& operator=(const progress_thread&) = delete;

 private:
  void run(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    while (
        !wake_.wait_for(lock, stop, std::chrono::milliseconds(500), [&] { return stop.stop_requested(); })) {
      printer_.show(state_());
      const auto now = now_ms();
      for (const auto& d : newly_slow_(now)) {
        printer_.finish();
        log_.say(message_id::slow_document, text_of(d, now), fields_of(d, now));
      }
    }
  }

  std::mutex mutex_;
  std::condition_variable_any wake_;
  progress_printer printer_;
  run_log log_;
  std::function<progress_state()> state_;
  std::function<std::vector<slow_document>(std::int64_t)> newly_slow_;
  std::jthread thread_;  // the last member: it uses all others
};

}  // namespace

result<verify_report> run_verify(const verify_options& asked) {
  const auto began = clock_type::now();
  try {
    // Nothing is read from a directory that is not an export's, or that an export is writing.
    const auto options = complete(asked);
    if (!options) return options.error();
    if (auto s = check_directory(options->out); !s.ok()) return s;
    // The calling thread works too; one more shows progress.
    if (auto s = prepare_threads({.workers = options->threads - 1, .others = 1}); !s.ok()) return s;
    const auto lock = lock_shared(options->out);
    if (!lock) return lock.error();

    keep_temporary_files_in(options->out);

    // Which files and slices there are, and which dumps to compare them with.
    verification work(*options);
    if (auto s = work.open(); !s.ok()) return s;
    std::optional<against_plan> against;
    if (auto s = work.plan(against); !s.ok()) return s;

    // Every file is read once, by all threads; then the dumps.
    const tbb::global_control parallelism(tbb::global_control::max_allowed_parallelism, options->threads);
    tbb::task_arena arena(static_cast<int>(options->threads));
    {
      const std::vector<unit> none;
      const progress_thread progress(
          *options, [&] { return work.state(seconds_since(began)); },
          [&](std::int64_t now) { return work.newly_slow(against ? against->units : none, now); });
      arena.execute([&] {
        work.read_everything();
        work.settle_letters();
        if (against) work.compare(*against);
      });
    }
    return work.finish(seconds_since(began));
  } catch (const std::bad_alloc&) {
    return fail(failure::io, "out of memory; lower --memory or --threads, then run the same command again");
  } catch (const std::exception& e) {
    if (auto why = thread_failure(e)) return std::move(*why);
    return fail(failure::bug, e.what());
  }
}

}  // namespace outro
