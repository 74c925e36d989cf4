/// outro-generate: realistic dumps of any size from a seed, and their truth.
#include <sys/resource.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <exception>
#include <map>
#include <string>

#include "generate.h"

namespace {

using namespace outro::generate;

constexpr int exit_ok = 0;
constexpr int exit_failed = 1;
constexpr int exit_usage = 2;

double seconds_since(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

/// User and system time of this process, in seconds.
double processor_seconds() {
  rusage used{};
  if (::getrusage(RUSAGE_SELF, &used) != 0) return 0;
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
  };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

/// One line on the terminal, rewritten a few times a second.
class progress_line {
 public:
  explicit progress_line(std::uint64_t accounts) : accounts_(accounts) {}

  void show(const progress& now) {
    const double elapsed = seconds_since(begin_);
    if (elapsed < next_ && now.accounts < accounts_) return;
    next_ = elapsed + 0.25;
    const double done = static_cast<double>(now.accounts) / static_cast<double>(accounts_);
    const double left = done > 0 ? elapsed / done - elapsed : 0;
    std::fprintf(stderr, "\r%llu of %llu accounts (%.0f %%), %.2f GB, %.0f MB/s, %.0f s left   ",
                 static_cast<unsigned long long>(now.accounts), static_cast<unsigned long long>(accounts_),
                 done * 100, static_cast<double>(now.bytes) * 1e-9,
                 static_cast<double>(now.bytes) * 1e-6 / elapsed, left);
    shown_ = true;
  }

  ~progress_line() {
    if (shown_) std::fputc('\n', stderr);
  }

  progress_line(const progress_line&) = delete;
  progress_line& operator=(const progress_line&) = delete;

 private:
  std::uint64_t accounts_;
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
  double next_ = 0;
  bool shown_ = false;
};

void add_main_options(CLI::App& app, options& wanted) {
  const CLI::AsSizeValue size(false);
  app.add_option("--out", wanted.out, "Directory to write: DIR/dumps, DIR/truth, DIR/truth.json")->required();
  app.add_option("--accounts", wanted.accounts, "How many accounts")->required();
  app.add_option("--seed", wanted.seed, "The same seed gives the same bytes")->capture_default_str();
  app.add_option("--shard-size", wanted.shard_size, "Decoded bytes of a shard, at most [256M]")
      ->transform(size);
  app.add_option("--format", wanted.format, "plain or zst [plain]")
      ->transform(CLI::CheckedTransformer(
          std::map<std::string, format>{{"plain", format::plain}, {"zst", format::zst}}, CLI::ignore_case));
  app.add_option("--level", wanted.level, "zstd level, 1 to 19")->capture_default_str();
  app.add_option("--frame-size", wanted.frame_size,
                 "Decoded bytes of a zstd frame [8M]; 0: one frame a shard, compressed by one thread")
      ->transform(size);
  app.add_option("--threads", wanted.threads, "Threads; 0: as many as processors")->capture_default_str();
  app.add_option("--first-id", wanted.first_id, "userId of the first account")->capture_default_str();
  app.add_option("--tracks", wanted.tracks, "Tracks in the catalogue")->capture_default_str();
  app.add_option("--profile", wanted.profile,
                 "standard: mean 130 KB an account; small: about 2 KB; tiny-docs: about 110 bytes [standard]")
      ->transform(CLI::CheckedTransformer(
          std::map<std::string, profile>{
              {"standard", profile::standard}, {"small", profile::small}, {"tiny-docs", profile::tiny_docs}},
          CLI::ignore_case));
  app.add_option("--exported-at", wanted.exported_at,
                 "Milliseconds since 1970; accounts lie up to six hours below")
      ->capture_default_str();
  app.add_option("--string-ids", wanted.string_ids, "Share of accounts whose userId is a string")
      ->capture_default_str();
  app.add_flag("--force", wanted.force,
               "Write in a directory that is not empty: replaces its shards and truth");
}

void add_fault_options(CLI::App& app, options& wanted) {
  const CLI::AsSizeValue size(false);
  const std::string faults = "Faults (shares of the accounts, 0 to 1; each account has at most one)";
  app.add_option("--malformed", wanted.malformed, "Broken JSON grammar")
      ->capture_default_str()
      ->group(faults);
  app.add_option("--bad-utf8", wanted.bad_utf8, "Bytes that are not UTF-8")
      ->capture_default_str()
      ->group(faults);
  app.add_option("--missing-id", wanted.missing_id, "No userId")->capture_default_str()->group(faults);
  app.add_option("--duplicate-id", wanted.duplicate_id, "A second dump of the account, older or newer")
      ->capture_default_str()
      ->group(faults);
  app.add_option("--duplicate-key", wanted.duplicate_key, "A second userId in the document")
      ->capture_default_str()
      ->group(faults);
  app.add_option("--oversized", wanted.oversized, "Documents of --oversized-size bytes")
      ->capture_default_str()
      ->group(faults);
  app.add_option("--oversized-size", wanted.oversized_size, "Bytes of an oversized document [513M]")
      ->transform(size)
      ->group(faults);
  app.add_option("--deep", wanted.deep, "Documents deeper than 512")->capture_default_str()->group(faults);
  app.add_option("--repeated-pages", wanted.repeated_pages, "A page of 20 tracks comes again and again")
      ->capture_default_str()
      ->group(faults);
  app.add_flag("--truncated", wanted.truncated, "Cut the last line of the last shard")->group(faults);
  app.add_option("--huge", wanted.huge, "Bytes of one more account in the middle; 0: none [0]")
      ->transform(size)
      ->group(faults);
}

void add_content_options(CLI::App& app, options& wanted) {
  const std::string recordings = "Recordings (shares of the catalogue, 0 to 1)";
  app.add_option("--duplicate-recordings", wanted.duplicate_recordings,
                 "Other releases of the same recording")
      ->capture_default_str()
      ->group(recordings);
  app.add_option("--traps", wanted.traps, "Near-identical tracks that are another recording")
      ->capture_default_str()
      ->group(recordings);

  const std::string delta = "The next day's dumps of the same accounts";
  app.add_option("--delta", wanted.delta, "Share of the accounts that change in each generation")
      ->capture_default_str()
      ->group(delta);
  app.add_option("--generation", wanted.generation, "Days after the first dumps; 0: the first dumps")
      ->capture_default_str()
      ->group(delta);
}

void print_summary(const result& done, const options& wanted, double elapsed) {
  const auto bytes = static_cast<double>(done.found.bytes);
  std::printf("%llu documents in %llu shards, %.3f GB of JSON (mean %.0f bytes), %.3f GB on disk, in %s\n",
              static_cast<unsigned long long>(done.found.documents),
              static_cast<unsigned long long>(done.found.shards), bytes * 1e-9,
              bytes / static_cast<double>(done.found.documents),
              static_cast<double>(done.found.bytes_written) * 1e-9, wanted.out.c_str());
  std::printf("%.2f s, %.0f MB/s; %.0f MB for each second of processor time\n", elapsed,
              bytes * 1e-6 / elapsed, bytes * 1e-6 / processor_seconds());
}

int run_program(int argc, char** argv) {
  options wanted;
  CLI::App app(
      "Realistic dumps of a music service's accounts, from a seed, with the truth about them.\n"
      "Sizes are in bytes; K, M and G are powers of 1024.");
  add_main_options(app, wanted);
  add_fault_options(app, wanted);
  add_content_options(app, wanted);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? exit_ok : exit_usage;
  }
  const auto begin = std::chrono::steady_clock::now();
  result done;
  {
    progress_line line(wanted.accounts);
    std::function<void(const progress&)> on_progress;
    if (::isatty(STDERR_FILENO) != 0) on_progress = [&](const progress& now) { line.show(now); };
    done = run(wanted, on_progress);
  }
  if (!done.error.empty()) {
    std::fprintf(stderr, "outro-generate: %s\n", done.error.c_str());
    return done.usage ? exit_usage : exit_failed;
  }
  print_summary(done, wanted, seconds_since(begin));
  return std::fflush(stdout) == 0 ? exit_ok : exit_failed;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run_program(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "outro-generate: %s\n", error.what());
    return exit_failed;
  }
}
