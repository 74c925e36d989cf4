#include "jobs/histories/world.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <fstream>
#include <limits>
#include <thread>
#include <tuple>

#include "jobs/export/export_job.h"
#include "jobs/histories/kept_documents.h"
#include "jobs/rebuild/rebuild.h"
#include "ledger/ledger.h"
#include "outro/output.h"
#include "source/repair.h"

extern char** environ;

namespace outro::histories {

namespace fs = std::filesystem;

namespace {

/// So that a history has many packs.
constexpr std::uint64_t slice_bytes = 1200;

fs::path fastest_folder() {
  std::error_code none;
  return fs::is_directory("/dev/shm", none) ? "/dev/shm" : fs::temp_directory_path();
}

/// What the jobs say is not the test's output.
class silence {
 public:
  silence() {
    const int nothing = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
    (void)std::fflush(stdout);
    for (int fd : {1, 2}) ::dup2(nothing, fd);
    ::close(nothing);
  }
  ~silence() {
    (void)std::fflush(stdout);
    for (int fd : {1, 2}) {
      ::dup2(saved_[fd - 1], fd);
      ::close(saved_[fd - 1]);
    }
  }
  silence(const silence&) = delete;
  silence& operator=(const silence&) = delete;

 private:
  int saved_[2] = {::fcntl(1, F_DUPFD_CLOEXEC, 10), ::fcntl(2, F_DUPFD_CLOEXEC, 10)};
};

/// Fills a pipe once somebody reads it; `first` runs before, when all that is to be read is planned.
class pipe_writer {
 public:
  pipe_writer(fs::path pipe, std::string bytes, std::function<void()> first)
      : thread_([this, pipe = std::move(pipe), bytes = std::move(bytes), first = std::move(first)] {
          int fd = -1;
          while (!stop_ && (fd = ::open(pipe.c_str(), O_WRONLY | O_NONBLOCK)) < 0) std::this_thread::yield();
          if (fd < 0) return;
          first();
          (void)!::write(fd, bytes.data(), bytes.size());
          ::close(fd);
        }) {}
  ~pipe_writer() {
    stop_ = true;
    thread_.join();
  }
  pipe_writer(const pipe_writer&) = delete;
  pipe_writer& operator=(const pipe_writer&) = delete;

 private:
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

/// The digits behind a key of a document of these tests.
std::string number_of(std::string_view line, std::string_view key) {
  const auto at = line.find(key);
  if (at == line.npos) return {};
  const auto digits = line.substr(at + key.size());
  return std::string(digits.substr(0, digits.find_first_not_of("0123456789")));
}
std::string account_of(std::string_view line) {
  return number_of(line, "\"userId\":");
}
/// A document without a time is the oldest.
std::int64_t time_of(std::string_view line) {
  const auto digits = number_of(line, "\"exportedAt\":");
  return digits.empty() ? std::numeric_limits<std::int64_t>::min() : std::stoll(digits);
}

offer offer_of(std::string_view text, bool damaged) {
  offer o;
  o.lines = documents_of(text);
  for (const auto& d : o.lines) o.documents.insert(essence_of(d));
  o.damaged = damaged;
  return o;
}

std::vector<std::string> paths_of(const shard_folder& folder, const std::vector<shard_file>& files) {
  std::vector<std::string> paths;
  for (const auto& f : files) paths.push_back(folder.path_of(f));
  return paths;
}

}  // namespace

world::world()
    : folder_(scratch_folder::make(fastest_folder(), "outro-history").value()),
      out_(folder_.path / "out"),
      shards_(folder_.path / "in") {
  (void)std::signal(SIGPIPE, SIG_IGN);
  (void)::mkfifo((folder_.path / "pipe").c_str(), 0600);
}

std::string world::step(const command& c) {
  switch (c.what) {
    case verb::put:
      return shards_.put(c), "";
    case verb::cut:
      return shards_.cut(c), "";
    case verb::flip:
      return shards_.flip(c), "";
    case verb::empty:
      return shards_.empty(c), "";
    case verb::restore:
      return shards_.restore(c), "";
    case verb::rename:
      return shards_.rename(c), "";
    case verb::hide:
      return shards_.hide(c), "";
    case verb::remove:
      return shards_.remove(c), "";
    case verb::run:
      return run_folder(), wrong_current();
    case verb::run_one:
      return run_one(c), wrong_current();
    case verb::run_piped:
      return run_piped(c), wrong_current();
    case verb::run_changing:
      return run_changing(c), wrong_current();
    case verb::run_crashing:
      return run_crashing(c), wrong_current();
    case verb::lose:
      return lose(c), "";
    case verb::rebuild:
      return rebuild(), "";
    case verb::verify:
      return verify({});
    case verb::verify_against:
      return verify({shards_.path().string()});
    case verb::verify_against_one: {
      const auto seen = shards_.visible();
      return seen.empty() ? "" : verify({shards_.path_of(seen[c.a % seen.size()])});
    }
    case verb::verify_accepting: {
      auto damaged = damaged_shards();
      if (damaged.empty()) return "";
      if (c.b % 2 == 0) damaged = {damaged[c.a % damaged.size()]};
      return verify({shards_.path().string()}, {damaged, {}});
    }
    case verb::verify_accepting_cut:
      return verify({shards_.path().string()}, {{}, {1 + c.a % std::max(runs(), 1U)}});
  }
  return "";
}

std::string world::end() {
  auto wrong = ask_all();
  shards_.restore_all();
  for (int i = 0; i < 2 && wrong.empty(); ++i) {  // the first may only finish what was interrupted
    run_folder();
    wrong = wrong_current();
  }
  return wrong.empty() ? ask_all() : wrong;
}

std::string world::ask_all() {
  auto wrong = verify({});
  if (wrong.empty()) wrong = verify({shards_.path().string()});
  if (wrong.empty()) wrong = verify({}, {damaged_shards(), {}});
  for (const auto& s : shards_.visible())
    if (wrong.empty()) wrong = verify({shards_.path_of(s)});
  return wrong;
}

std::map<std::string, std::string> world::current() const {
  std::map<std::string, std::string> dumps;
  const auto reader = output_reader::open(out_);
  if (!reader) return dumps;
  for (const auto& o : offered_)
    for (const auto& line : o.lines) {
      const auto account = account_of(line);
      if (auto dump = reader->dump(account)) dumps[account] = std::move(*dump);
    }
  return dumps;
}

/// Where nothing went wrong, the current archive of an account is the one that stands for its last document:
/// by its time, then by where it was offered.
std::string world::wrong_current() const {
  if (!clean_ || interrupted_ || !pending_.empty()) return {};
  using place = std::tuple<std::int64_t, std::uint32_t, std::uint32_t, std::uint32_t, std::size_t>;
  std::map<std::string, std::pair<place, std::string>> last;
  for (const auto& o : offered_)
    for (std::size_t i = 0; i < o.lines.size(); ++i) {
      const auto& line = o.lines[i];
      if (line.find("\"bad\"") != line.npos) continue;
      auto& best = last[account_of(line)];
      const place here{time_of(line), o.run, o.unit, o.shard, i};
      if (best.second.empty() || here >= best.first) best = {here, essence_of(line)};
    }
  auto dumps = current();
  for (const auto& [account, expected] : last)
    if (essence_of(dumps[account]) != expected.second)
      return fmt::format("the current archive of {} is {}, and the last document is {}", account,
                         dumps[account], expected.second);
  return {};
}

std::vector<offer> world::offers_of(const std::vector<shard_file>& files, std::uint32_t unit) const {
  std::vector<offer> offers;
  for (const auto& f : files) {
    auto o = offer_of(f.text, f.broken);
    o.unit = unit;
    o.shard = static_cast<std::uint32_t>(offers.size());
    offers.push_back(std::move(o));
  }
  return offers;
}

std::uint32_t world::runs() const {
  if (!fs::exists(out_ / "ledger.sqlite")) return 0;
  auto books = ledger::open(out_ / "ledger.sqlite", database::access::read);
  return books ? static_cast<std::uint32_t>(books->runs().size()) : 0;
}

int world::export_dumps(const arguments& dumps) {
  export_options o;
  o.dumps = dumps;
  o.out = out_;
  o.threads = 1;
  o.shards_in_flight = 1;
  o.memory = 256U << 20;
  o.slice = slice_bytes;
  o.catalogue = false;
  o.ignore_preflight = true;
  o.io = "threads";
  o.quiet = true;
  const silence quiet;
  return run_export(o).exit_code;
}

int world::export_and_die(const arguments& dumps, unsigned step) {
  std::vector<std::string> words{OUTRO_BINARY,
                                 "export",
                                 "--out",
                                 out_.string(),
                                 "--threads",
                                 "1",
                                 "--memory",
                                 "256M",
                                 "--slice",
                                 std::to_string(slice_bytes),
                                 "--io",
                                 "threads",
                                 "--quiet",
                                 "--shards-in-flight",
                                 "1",
                                 "--no-catalogue",
                                 "--ignore-preflight"};
  words.insert(words.end(), dumps.begin(), dumps.end());
  std::vector<char*> argv;
  for (auto& w : words) argv.push_back(w.data());
  argv.push_back(nullptr);
  auto preload = std::string("LD_PRELOAD=") + OUTRO_DIES_AT, at = fmt::format("OUTRO_DIES_AT={}", step);
  std::vector<char*> env{preload.data(), at.data()};
  for (char** e = environ; *e != nullptr; ++e) env.push_back(*e);
  env.push_back(nullptr);
  const silence quiet;
  pid_t child = 0;
  if (::posix_spawn(&child, argv[0], nullptr, nullptr, argv.data(), env.data()) != 0) return -1;
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

void world::note_export(int code, std::vector<offer> offers) {
  const auto now = runs();
  for (auto& o : offers) o.run = now;
  const bool finished = code == 0 || code == 3;
  auto& list = finished ? offered_ : pending_;
  if (finished) pending_.clear();
  if (finished) interrupted_ = false;
  if (!finished && code == 2) return;  // refused: nothing began
  clean_ = clean_ && std::none_of(offers.begin(), offers.end(), [](const offer& o) { return o.damaged; });
  list.insert(list.end(), offers.begin(), offers.end());
}

void world::run(const arguments& dumps, std::vector<offer> offers) {
  const auto before = runs();
  const auto code = export_dumps(dumps);
  if (code != 0 && code != 3 && runs() <= before) return;  // it did not begin
  note_export(code, std::move(offers));
}

void world::run_folder() {
  run({shards_.path().string()}, offers_of(shards_.visible(), 1));
}

void world::run_one(const command& c) {
  const auto seen = shards_.visible();
  if (seen.empty()) return;
  const auto& one = seen[c.a % seen.size()];
  run({shards_.path_of(one)}, offers_of({one}, 1));
}

void world::run_piped(const command& c) {
  auto seen = shards_.visible();
  if (seen.empty()) return;
  const auto one = seen[c.a % seen.size()];
  // A pipe has no name to tell that it should be compressed.
  if (one.broken && (one.stored.size() < 4 || (one.stored[0] != '\x1f' && one.stored[0] != '\x28'))) return;
  std::erase_if(seen, [&](const shard_file& f) { return f.name() == one.name(); });
  auto dumps = paths_of(shards_, seen);
  const auto pipe = folder_.path / "pipe";
  dumps.push_back(pipe.string());
  auto offers = offers_of(seen, 1);
  auto piped = offers_of({one}, seen.empty() ? 1 : 2);
  offers.insert(offers.end(), piped.begin(), piped.end());
  const pipe_writer writer(pipe, one.stored, [] {});
  run(dumps, std::move(offers));
}

void world::run_changing(const command& c) {
  const auto seen = shards_.visible();
  if (seen.empty()) return;
  const auto pipe = folder_.path / "pipe";
  auto dumps = paths_of(shards_, seen);
  dumps.insert(dumps.begin(), pipe.string());
  const auto piped = shards_.new_document();
  auto offers = offers_of(seen, 2);
  bool changed = false;
  {
    const auto before = runs();
    int code = 0;
    {
      const pipe_writer writer(pipe, piped, [&] {
        shards_.change(c);
        changed = true;
      });
      code = export_dumps(dumps);
    }
    if (changed) {
      // It stood for what it held when it was planned, and stands for what it holds now.
      auto& o = offers[c.a % seen.size()];
      const auto now = shards_.visible()[c.a % seen.size()];
      for (const auto& d : documents_of(now.text)) {
        o.documents.insert(essence_of(d));
        o.lines.push_back(d);
      }
      o.damaged = true;
    }
    offers.push_back(offer_of(piped, false));
    offers.back().unit = 1;
    if (code != 0 && code != 3 && runs() <= before) return;
    note_export(code, std::move(offers));
  }
}

void world::run_crashing(const command& c) {
  const auto seen = shards_.visible();
  if (seen.empty()) return;
  const arguments dumps{shards_.path().string()};
  const auto before = runs();
  const auto code = export_and_die(dumps, 1 + c.a % 90);
  interrupted_ = interrupted_ || (code != 0 && code != 3);
  auto offers = offers_of(seen, 1);
  if (code == 0 || code == 3 || runs() > before) note_export(code, offers);
  if (c.b % 2 == 0) run(dumps, std::move(offers));
}

/// A copy of the directory that was not complete, or a disk that forgets.
void world::lose(const command& c) {
  std::vector<fs::path> packs;
  std::error_code none;
  for (const auto& p : fs::directory_iterator(out_ / "packs", none)) packs.push_back(p.path());
  if (packs.empty()) return;
  std::sort(packs.begin(), packs.end());
  clean_ = false;
  const auto& pack = packs[c.a % packs.size()];
  if (c.b % 4 == 3) {
    std::fstream file(pack, std::ios::binary | std::ios::in | std::ios::out);
    const auto at = static_cast<std::streamoff>(fs::file_size(pack) * (c.c % 1000) / 1000);
    file.seekg(at);
    const auto byte = static_cast<char>(file.get() ^ 1);
    file.seekp(at);
    file.put(byte);
    return;
  }
  fs::remove(pack);
  if (c.b % 4 >= 1) fs::remove(out_ / "SHA256SUMS");
  if (c.b % 4 >= 2) fs::remove(out_ / "ledger.sqlite");
}

void world::rebuild() {
  std::error_code none;
  if (!fs::is_directory(out_, none)) return;
  const silence quiet;
  if (!rebuild_ledger(out_)) return;
  // What an interrupted run was given, it was given, although the new ledger does not know its plan.
  if (!pending_.empty()) clean_ = false;
  offered_.insert(offered_.end(), pending_.begin(), pending_.end());
  pending_.clear();
}

bool acceptance::covers(const offer& o) const {
  return std::find(shards.begin(), shards.end(), shard_id{o.run, o.unit, o.shard}) != shards.end() ||
         std::find(cut_runs.begin(), cut_runs.end(), o.run) != cut_runs.end();
}

std::vector<shard_id> world::damaged_shards() const {
  std::vector<shard_id> damaged;
  for (const auto& o : offered_)
    if (o.damaged) damaged.push_back({o.run, o.unit, o.shard});
  return damaged;
}

std::string world::lost(const acceptance& accepted) const {
  const auto kept = kept_documents(out_);
  for (const auto* list : {&offered_, &pending_})
    for (const auto& o : *list) {
      if (accepted.covers(o)) continue;
      for (const auto& d : o.documents)
        if (!kept.contains(d))
          return fmt::format("{} of run {}, unit {}, shard {}{}", d, o.run, o.unit, o.shard,
                             o.damaged ? " (damaged)" : "");
    }
  return {};
}

/// Whether nothing ever went wrong, and the dumps to compare with are among those that were offered.
bool world::must_be_safe(const arguments& against) const {
  if (!clean_ || interrupted_ || !pending_.empty()) return false;
  std::set<std::string> lines;
  for (const auto& o : offered_) lines.insert(o.lines.begin(), o.lines.end());
  if (lines.empty()) return false;
  if (against.empty()) return true;
  bool any = false;
  for (const auto& s : shards_.visible()) {
    if (against.front() != shards_.path().string() && against.front() != shards_.path_of(s)) continue;
    for (const auto& d : documents_of(s.text)) {
      any = true;
      if (s.broken || !lines.contains(d)) return false;
    }
    if (s.broken) return false;
  }
  return any;
}

std::string world::verify(const arguments& against, const acceptance& accepted) {
  verify_options o;
  o.out = out_;
  o.against = against;
  o.threads = 1;
  o.memory = 256U << 20;
  o.accept_dead_letters = true;
  o.quiet = true;
  o.accepted_shards = accepted.shards;
  o.accepted_cut_runs = accepted.cut_runs;
  const auto report = run_verify(o);
  auto how = against.empty() ? std::string("verify") : "verify --against " + against.front();
  for (const auto& id : accepted.shards) how += " --accept-damaged-shard " + name_of(id);
  for (const auto run : accepted.cut_runs) how += fmt::format(" --accept-cut-run {}", run);
  if (report && report->exit_code == 0) {
    said_yes_ = true;
    said_yes_after_damage_ = said_yes_after_damage_ || !clean_;
    const auto what = lost(accepted);
    return what.empty() ? what : how + " says yes, and lost is " + what;
  }
  if (!must_be_safe(against)) return {};
  return how +
         " says no although nothing went wrong: " + (report ? verify_text(*report) : report.error().message);
}

}  // namespace outro::histories
