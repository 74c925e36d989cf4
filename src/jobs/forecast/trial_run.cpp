#include "jobs/forecast/trial_run.h"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <chrono>

#include "base/child_process.h"
#include "base/file.h"

namespace outro {

namespace {

std::vector<std::string> command_of(const tune_bench& bench, const tune_setting& s,
                                    const std::filesystem::path& out) {
  std::vector<std::string> command{bench.program, "export", (bench.folder / bench.dumps).string()};
  const auto add = [&](const char* option, std::string value) {
    command.insert(command.end(), {option, std::move(value)});
  };
  add("--out", out.string());
  add("--layout", bench.layout);
  add("--threads", std::to_string(s.threads));
  add("--level", std::to_string(s.level));
  add("--shards-in-flight", std::to_string(s.shards_in_flight));
  add("--io", s.io);
  if (bench.memory > 0) add("--memory", std::to_string(bench.memory));
  if (!bench.catalogue) command.emplace_back("--no-catalogue");
  command.insert(command.end(), {"--json", "--quiet"});
  return command;
}

/// Starts an export whose summary goes to the file `said` and whose messages go to `complained`.
result<child_process> start(const std::vector<std::string>& command, const std::filesystem::path& said,
                            const std::filesystem::path& complained, const sigset_t& mask) {
  const auto nothing = open_to_read("/dev/null");
  if (!nothing) return nothing.error();
  const auto out = create_private(said);
  if (!out) return out.error();
  const auto error = create_private(complained);
  if (!error) return error.error();
  return child_process::start({command, nothing->get(), out->get(), error->get(), mask});
}

struct run_end {
  child_end child;
  int signal = 0;  ///< the signal that this process got meanwhile; 0: none
};

/// Waits for the child. A signal that stops this process stops the child too.
run_end wait_for(child_process& child, const stop_signals& signals) {
  for (;;) {
    // A child that ends after this leaves SIGCHLD pending, so its end is not missed.
    if (const auto end = child.poll()) return {*end};
    const int number = ::sigwaitinfo(&signals.waited(), nullptr);
    if (number <= 0 || number == SIGCHLD) continue;
    child.kill(SIGTERM);
    return {child.wait(), number};
  }
}

std::string last_line(std::string text) {
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text.substr(text.rfind('\n') + 1);
}

/// Why an export ended otherwise than with a summary.
status failure_of(const child_end& end, const std::filesystem::path& complained) {
  if (end.signal != 0)
    return fail(failure::io, fmt::format("an export of the sample was ended by signal {}", end.signal));
  const auto messages = read_file(complained);
  return fail(end.exit_code == 2 ? failure::refused : failure::io,
              fmt::format("an export of the sample failed: {}",
                          messages ? last_line(*messages) : messages.error().message));
}

result<tune_run> run_of(const child_end& end, double wall_seconds, const std::filesystem::path& said) {
  const auto summary = read_file(said);
  if (!summary) return summary.error();
  boost::system::error_code wrong;
  const auto parsed = boost::json::parse(last_line(*summary), wrong);
  const auto* output = wrong ? nullptr : parsed.find_pointer("/books/packBytes", wrong);
  if (output == nullptr) return fail(failure::bug, "an export of the sample ended without its summary");
  const auto& books = parsed.at("books");
  return tune_run{wall_seconds,
                  end.cpu_seconds,
                  end.peak_memory,
                  output->to_number<std::uint64_t>(),
                  books.at("documents").to_number<std::uint64_t>(),
                  books.at("deadLetters").to_number<std::uint64_t>()};
}

}  // namespace

result<tune_run> run_once(const tune_bench& bench, const tune_setting& setting, const stop_signals& signals) {
  if (auto come = signals.check(); !come.ok()) return come;
  const auto out = bench.folder / "out", said = bench.folder / "said",
             complained = bench.folder / "complained";
  const auto began = std::chrono::steady_clock::now();
  auto child = start(command_of(bench, setting, out), said, complained, signals.before());
  if (!child) return child.error();
  const auto [end, signal] = wait_for(*child, signals);
  const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - began;
  if (signal != 0) return stopped_by(signal);
  std::error_code ignored;
  if (!bench.keep) std::filesystem::remove_all(out, ignored);
  constexpr int finished_with_dead_letters = 3;
  const bool finished = end.exit_code == 0 || end.exit_code == finished_with_dead_letters;
  if (end.signal != 0 || !finished) return failure_of(end, complained);
  return run_of(end, wall.count(), said);
}

}  // namespace outro
