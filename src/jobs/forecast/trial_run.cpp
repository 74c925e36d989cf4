#include "jobs/forecast/trial_run.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/json.hpp>
#include <cerrno>
#include <chrono>

#include "base/file.h"

namespace outro {

namespace {

double seconds_of(const timeval& t) {
  return static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec);
}

std::vector<std::string> command_of(const tune_bench& bench, const tune_setting& s,
                                    const std::filesystem::path& out) {
  std::vector<std::string> command{bench.program,
                                   "export",
                                   (bench.folder / bench.dumps).string(),
                                   "--out",
                                   out.string(),
                                   "--layout",
                                   bench.layout,
                                   "--threads",
                                   std::to_string(s.threads),
                                   "--level",
                                   std::to_string(s.level),
                                   "--shards-in-flight",
                                   std::to_string(s.shards_in_flight),
                                   "--io",
                                   s.io,
                                   "--json",
                                   "--quiet"};
  if (!bench.catalogue) command.emplace_back("--no-catalogue");
  if (bench.memory > 0) command.insert(command.end(), {"--memory", std::to_string(bench.memory)});
  return command;
}

result<pid_t> start(std::vector<std::string>& command, const std::filesystem::path& said,
                    const std::filesystem::path& complained, const sigset_t& mask) {
  std::vector<char*> arguments;
  for (auto& a : command) arguments.push_back(a.data());
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t files;
  posix_spawnattr_t attributes;
  ::posix_spawn_file_actions_init(&files);
  ::posix_spawnattr_init(&attributes);
  constexpr int flags = O_WRONLY | O_CREAT | O_TRUNC;
  ::posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, said.c_str(), flags, 0600);
  ::posix_spawn_file_actions_addopen(&files, STDERR_FILENO, complained.c_str(), flags, 0600);
  ::posix_spawnattr_setsigmask(&attributes, &mask);
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
  pid_t pid = -1;
  const int error =
      ::posix_spawn(&pid, command.front().c_str(), &files, &attributes, arguments.data(), environ);
  ::posix_spawnattr_destroy(&attributes);
  ::posix_spawn_file_actions_destroy(&files);
  if (error != 0) return io_failure("start", command.front(), error);
  return pid;
}

int reap(pid_t pid, int options, int& how, rusage& used) {
  pid_t ended = 0;
  while ((ended = ::wait4(pid, &how, options, &used)) < 0 && errno == EINTR) continue;
  return ended;
}

/// Waits for the process; a signal that stops is passed on to it.
int wait_for(pid_t pid, const stop_signals& signals, int& how, rusage& used) {
  int stopped_by = 0;
  while (reap(pid, WNOHANG, how, used) == 0) {
    const int number = ::sigwaitinfo(&signals.waited(), nullptr);
    if (number <= 0 || number == SIGCHLD) continue;
    stopped_by = number;
    (void)::kill(pid, SIGTERM);
    (void)reap(pid, 0, how, used);
    break;
  }
  return stopped_by;
}

status stopped(int number) {
  return {failure::stopped, number, "stopped by a signal; nothing is left behind"};
}

std::string last_line(std::string text) {
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text.substr(text.rfind('\n') + 1);
}

}  // namespace

stop_signals::stop_signals() {
  sigemptyset(&waited_);
  sigaddset(&waited_, SIGCHLD);
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) {
    // What was ignored before (nohup) stays so: blocked, it would come all the same.
    struct sigaction set {};
    if (::sigaction(number, nullptr, &set) == 0 && set.sa_handler != SIG_IGN) sigaddset(&waited_, number);
  }
  (void)::pthread_sigmask(SIG_BLOCK, &waited_, &before_);
}

stop_signals::~stop_signals() {
  (void)::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

status stop_signals::check() const {
  constexpr timespec at_once{};
  for (int number = 0; (number = ::sigtimedwait(&waited_, nullptr, &at_once)) > 0;)
    if (number != SIGCHLD) return stopped(number);
  return {};
}

result<tune_run> run_once(const tune_bench& bench, const tune_setting& setting, const stop_signals& signals) {
  if (auto come = signals.check(); !come.ok()) return come;
  const auto out = bench.folder / "out", said = bench.folder / "said",
             complained = bench.folder / "complained";
  auto command = command_of(bench, setting, out);
  const auto began = std::chrono::steady_clock::now();
  const auto pid = start(command, said, complained, signals.before());
  if (!pid) return pid.error();
  int how = 0;
  rusage used{};
  const int stopped_by = wait_for(*pid, signals, how, used);
  const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - began;
  if (stopped_by != 0) return stopped(stopped_by);
  std::error_code ignored;
  if (!bench.keep) std::filesystem::remove_all(out, ignored);
  // 3: finished, with dead letters; a sample may well hold some.
  constexpr int finished_with_remarks = 3;
  if (!WIFEXITED(how) || (WEXITSTATUS(how) != 0 && WEXITSTATUS(how) != finished_with_remarks)) {
    const auto why = read_file(complained);
    return fail(WIFEXITED(how) && WEXITSTATUS(how) == 2 ? failure::refused : failure::io,
                "an export of the sample failed: " + (why ? last_line(*why) : std::string("no word of it")));
  }
  const auto summary = read_file(said);
  if (!summary) return summary.error();
  boost::system::error_code wrong;
  const auto parsed = boost::json::parse(last_line(*summary), wrong);
  const auto* output = wrong ? nullptr : parsed.find_pointer("/books/packBytes", wrong);
  if (output == nullptr) return fail(failure::bug, "an export of the sample ended without its summary");
  const auto& books = parsed.at("books");
  return tune_run{wall.count(),
                  seconds_of(used.ru_utime) + seconds_of(used.ru_stime),
                  static_cast<std::uint64_t>(used.ru_maxrss) << 10,
                  output->to_number<std::uint64_t>(),
                  books.at("documents").to_number<std::uint64_t>(),
                  books.at("deadLetters").to_number<std::uint64_t>()};
}

}  // namespace outro
