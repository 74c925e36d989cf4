#include "base/threads.h"

#include <fmt/format.h>
#include <tbb/global_control.h>
#include <tbb/task_arena.h>
#include <tbb/task_group.h>
#include <unistd.h>

#include <boost/system/system_error.hpp>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <iterator>
#include <mutex>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <vector>

namespace outro {

namespace {

constexpr std::string_view remedy =
    "raise the limit of threads (ulimit -u, pids.max of the cgroup, TasksMax= of the service)";
/// How long a wait may take that the kernel or oneTBB ends in milliseconds. Nothing depends on it but that
/// there is no hang.
constexpr std::chrono::seconds bound(10);

/// Threads of this process that the kernel counts.
std::ptrdiff_t threads_now() {
  std::error_code error;
  const std::filesystem::directory_iterator tasks("/proc/self/task", error);
  return error ? 0 : std::distance(begin(tasks), end(tasks));
}

struct start_result {
  unsigned started = 0;
  int error = 0;
};

/// Starts up to that many threads, which all wait until the last one is there, and ends them.
start_result start_and_end(unsigned wanted) {
  start_result r;
  std::mutex mutex;
  std::condition_variable all_there;
  bool over = false;
  std::vector<std::jthread> threads;
  threads.reserve(wanted);
  try {
    for (; r.started < wanted; ++r.started)
      threads.emplace_back([&] {
        std::unique_lock lock(mutex);
        all_there.wait(lock, [&] { return over; });
      });
  } catch (const std::system_error& e) {
    r.error = e.code().value();
  }
  {
    const std::scoped_lock lock(mutex);
    over = true;
  }
  all_there.notify_all();
  return r;
}

/// A thread that was joined may be counted against the limit for a moment longer.
void wait_for_threads(std::ptrdiff_t before) {
  const auto end = std::chrono::steady_clock::now() + bound;
  while (threads_now() > before && std::chrono::steady_clock::now() < end)
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
}

/// Starts oneTBB's workers: each takes one task, and no task ends before all are taken. Where one cannot be
/// started after all, there is no way back out of oneTBB: the process ends (see
/// end_in_order_without_threads).
void start_workers(unsigned workers) noexcept {
  if (workers == 0) return;
  // One more: the calling thread counts, but takes no task.
  const tbb::global_control parallelism(tbb::global_control::max_allowed_parallelism, workers + 1);
  tbb::task_arena arena(static_cast<int>(workers), 0);
  tbb::task_group tasks;
  std::mutex mutex;
  std::condition_variable changed;
  unsigned taken = 0;
  const auto wait_for_all = [&](std::unique_lock<std::mutex>& lock) {
    (void)changed.wait_for(lock, bound, [&] { return taken == workers; });
  };
  for (unsigned i = 0; i < workers; ++i)
    arena.enqueue(tasks.defer([&] {
      std::unique_lock lock(mutex);
      ++taken;
      changed.notify_all();
      wait_for_all(lock);
    }));
  {
    std::unique_lock lock(mutex);
    wait_for_all(lock);
  }
  arena.execute([&] { tasks.wait(); });
}

std::string advice(const thread_need& need, unsigned had) {
  if (had <= need.others) return std::string(remedy);
  return fmt::format("lower --threads to {} or less, or {}", had - need.others, remedy);
}

[[noreturn]] void on_terminate() {
  if (const auto thrown = std::current_exception()) try {
      std::rethrow_exception(thrown);
    } catch (const std::exception& e) {
      if (const auto why = thread_failure(e)) {
        (void)std::fprintf(stderr, "outro: %s\n", why->message.c_str());
        ::_exit(exit_code_of(*why));
      }
    } catch (...) {
    }
  __gnu_cxx::__verbose_terminate_handler();
  std::abort();
}

}  // namespace

status prepare_threads(const thread_need& need) {
  const auto wanted = need.workers + need.others;
  const auto before = threads_now();
  const auto had = start_and_end(wanted);
  if (had.started < wanted)
    return fail(failure::refused,
                fmt::format("{} threads are needed ({} of --threads, {} for input, output and progress), and "
                            "only {} can be started ({}); {}",
                            wanted, need.workers, need.others, had.started, std::strerror(had.error),
                            advice(need, had.started)));
  wait_for_threads(before);
  start_workers(need.workers);
  return {};
}

std::optional<status> thread_failure(const std::exception& thrown) {
  // std::thread and Asio throw the errno of pthread_create; oneTBB a text with this beginning
  // (rml_thread_monitor.h).
  int error = 0;
  if (const auto* of_std = dynamic_cast<const std::system_error*>(&thrown)) error = of_std->code().value();
  if (const auto* of_boost = dynamic_cast<const boost::system::system_error*>(&thrown))
    error = of_boost->code().value();
  const bool of_tbb = std::string_view(thrown.what()).starts_with("pthread_create has failed");
  if (error != EAGAIN && !of_tbb) return std::nullopt;
  return fail(failure::io, fmt::format("cannot start a thread: {}; lower --threads, or {}, then run the same "
                                       "command again",
                                       std::strerror(EAGAIN), remedy));
}

void end_in_order_without_threads() {
  (void)std::set_terminate(on_terminate);
}

}  // namespace outro
