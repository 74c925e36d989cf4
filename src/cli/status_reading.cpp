#include "cli/status_reading.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cerrno>

#include "base/file.h"
#include "base/output_names.h"
#include "base/utf8.h"
#include "output/account_archive.h"
#include "output/live_writer.h"
#include "output/output_directory.h"

namespace outro {

namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

books_or_error committed_of(const fs::path& out) {
  try {
    auto books = open_ledger(out);
    if (!books) return books.error();
    const auto runs = books->runs();
    if (runs.empty()) return fail(failure::usage, fmt::format("nothing was done in {}", shown(out.native())));
    committed c{
        runs.back().run, runs.back().finished, runs.back().cut, 0, 0, books->damaged_shards(runs.back().run)};
    for (const auto& s : books->slices()) {
      if (s.id.run != c.run) continue;
      ++c.slices;
      c.documents += s.documents;
    }
    return c;
  } catch (const std::exception& e) {
    return fail(failure::corrupt, e.what());
  }
}

bool has_lost_ledger(const fs::path& out, const status& reason) {
  const auto packs = has_packs(out);
  const auto ledger = is_there(out / ledger_name);
  return packs && *packs && (reason.kind == failure::corrupt || (ledger && !*ledger));
}

json::object object_of(const status& s) {
  return {{"kind", static_cast<int>(s.kind)}, {"message", s.message}};
}

json::object record_in(const fs::path& out) {
  const auto folder = is_folder(out);
  if (!folder) return {{"error", object_of(folder.error())}};
  if (!*folder)
    return {{"error", object_of(fail(failure::usage, shown(out.native()) + " is not a directory"))}};
  const auto state = read_live_state(out);
  if (!state) return {};
  return {{"state", to_text(*state)}, {"life", static_cast<int>(life_of_writer(out, *state))}};
}

json::object ledger_in(const fs::path& out) {
  const auto books = committed_of(out);
  if (!books) return {{"error", object_of(books.error())}, {"lost", has_lost_ledger(out, books.error())}};
  json::array damaged;
  for (const auto& [path, what] : books->damaged) damaged.push_back(json::array{path, what});
  return {{"run", books->run},       {"finished", books->finished},   {"cut", books->cut},
          {"slices", books->slices}, {"documents", books->documents}, {"damaged", std::move(damaged)}};
}

/// The child: two lines, and its end.
[[noreturn]] void answer(const fs::path& out, int to) {
  // Who reads our output waits for its end, which must not wait for the child.
  const file_handle nothing(::open("/dev/null", O_RDWR | O_CLOEXEC));
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) (void)::dup2(nothing.get(), fd);
  const auto send = [&](const json::object& line) {
    return write_all(to, json::serialize(line) + "\n", "a pipe").ok();
  };
  ::_exit(send(record_in(out)) && send(ledger_in(out)) ? 0 : 1);
}

json::object parsed(const std::string& line) {
  json::parse_options any_bytes;
  any_bytes.allow_invalid_utf8 = true;  // names of files may be in any encoding
  return json::parse(line, {}, any_bytes).as_object();
}

std::string text_of(const json::value& v) {
  return std::string(std::string_view(v.as_string()));
}

status status_of(const json::value& v) {
  return fail(static_cast<failure>(v.at("kind").to_number<int>()), text_of(v.at("message")));
}

}  // namespace

result<status_reading> status_reading::start(const fs::path& out) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return io_failure("make", "a pipe", errno);
  file_handle ours(ends[0]);
  const file_handle theirs(ends[1]);
  const auto child = ::fork();
  if (child < 0) return io_failure("start", "a process that reads the ledger", errno);
  if (child == 0) answer(out, theirs.get());
  return status_reading(child, std::move(ours));
}

status_reading::status_reading(status_reading&& other) noexcept
    : child_(std::exchange(other.child_, -1)),
      answers_(std::move(other.answers_)),
      unread_(std::move(other.unread_)) {}

status_reading::~status_reading() {
  if (child_ <= 0) return;
  (void)::kill(child_, SIGKILL);
  (void)::waitpid(child_, nullptr, WNOHANG);
}

/// The next line of the child.
std::optional<std::string> status_reading::line(moment until) {
  for (std::string bytes(64U << 10, '\0');;) {
    if (const auto end = unread_.find('\n'); end != std::string::npos) {
      auto found = unread_.substr(0, end);
      unread_.erase(0, end + 1);
      return found;
    }
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
    pollfd wait{answers_.get(), POLLIN, 0};
    const int ready = ::poll(&wait, 1, static_cast<int>(std::max<std::int64_t>(left.count(), 0)));
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0) return std::nullopt;
    const auto n = ::read(answers_.get(), bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return std::nullopt;
    unread_.append(bytes, 0, static_cast<std::size_t>(n));
  }
}

std::optional<result<record_seen>> status_reading::record(moment until) {
  const auto said = line(until);
  if (!said) return std::nullopt;
  const auto o = parsed(*said);
  if (const auto* error = o.if_contains("error")) return result<record_seen>(status_of(*error));
  record_seen seen;
  if (const auto* state = o.if_contains("state")) {
    seen.state = parse_live_state(text_of(*state));
    seen.life = static_cast<writer_life>(o.at("life").to_number<int>());
  }
  return result<record_seen>(std::move(seen));
}

std::optional<ledger_seen> status_reading::ledger(moment until) {
  const auto said = line(until);
  if (!said) return std::nullopt;
  const auto o = parsed(*said);
  if (const auto* error = o.if_contains("error"))
    return ledger_seen{status_of(*error), o.at("lost").as_bool()};
  committed c{o.at("run").to_number<std::uint32_t>(),
              o.at("finished").as_bool(),
              o.at("cut").as_bool(),
              o.at("slices").to_number<std::uint64_t>(),
              o.at("documents").to_number<std::uint64_t>(),
              {}};
  for (const auto& v : o.at("damaged").as_array()) {
    const auto& pair = v.as_array();
    c.damaged.emplace_back(text_of(pair.at(0)), text_of(pair.at(1)));
  }
  return ledger_seen{std::move(c), false};
}

}  // namespace outro
