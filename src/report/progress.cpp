#include "report/progress.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cstdio>
#include <cstdlib>

#include "base/json_text.h"
#include "base/plural.h"
#include "base/units.h"

namespace outro {

double rate_of(const progress_state& s) {
  return s.seconds > 0 ? static_cast<double>(s.counts.decoded_bytes) / s.seconds : 0;
}

double seconds_left(const progress_state& s) {
  if (s.needed_seconds >= 0) return s.needed_seconds;
  if (s.total_input == 0 || s.counts.input_bytes == 0 || s.seconds < 2 ||
      s.counts.input_bytes > s.total_input)
    return -1;
  return s.seconds * static_cast<double>(s.total_input - s.counts.input_bytes) /
         static_cast<double>(s.counts.input_bytes);
}

std::array<double, stage_count> busy_shares(const progress_state& before, const progress_state& now) {
  std::array<double, stage_count> shares{};
  const auto available = (now.seconds - before.seconds) * now.threads * 1e9;
  for (std::size_t i = 0; i < stage_count && available > 0; ++i)
    shares[i] = static_cast<double>(now.counts.stage_ns[i] - before.counts.stage_ns[i]) / available;
  return shares;
}

std::string stages_text(const progress_state& before, const progress_state& now) {
  const auto shares = busy_shares(before, now);
  const auto percent = [&](std::initializer_list<stage> stages) {
    double sum = 0;
    for (const auto s : stages) sum += shares[static_cast<std::size_t>(s)];
    return static_cast<int>(100 * sum + 0.5);
  };
  return fmt::format("decode {} > {} > archive {} > {} > write {} % busy",
                     percent({stage::decode, stage::frame}), now.counts.blocks_waiting,
                     percent({stage::read, stage::group, stage::render, stage::compress, stage::note}),
                     now.counts.blocks_unwritten, percent({stage::hash}));
}

std::string progress_text(const progress_state& s) {
  std::string text;
  if (s.total_input > 0 && s.counts.input_bytes <= s.total_input) {
    const auto share = static_cast<double>(s.counts.input_bytes) / static_cast<double>(s.total_input);
    text = fmt::format("{:5.1f} % · ", 100.0 * share);
  }
  text += fmt::format(
      "{} · {} · {}/s · {}", plural(s.counts.documents, "document"), format_size(s.counts.decoded_bytes),
      format_size(static_cast<std::uint64_t>(rate_of(s))), plural(s.counts.dead_letters, "dead letter"));
  if (const auto left = seconds_left(s); left >= 0) text += fmt::format(" · {} left", format_duration(left));
  if (s.finish_ms > 0 && s.headroom > 0) {
    text += " · finish ";
    append_iso8601(text, s.finish_ms / 1000 * 1000);
    text += fmt::format(", {}headroom {:.2f}", s.headroom < 1 ? "TOO LATE, " : "", s.headroom);
  }
  return text;
}

boost::json::object progress_object(const progress_state& s) {
  boost::json::object line{{"event", "progress"},
                           {"seconds", s.seconds},
                           {"inputBytes", s.counts.input_bytes},
                           {"decodedBytes", s.counts.decoded_bytes},
                           {"documents", s.counts.documents},
                           {"deadLetters", s.counts.dead_letters},
                           {"outputBytes", s.counts.output_bytes},
                           {"bytesPerSecond", rate_of(s)},
                           {"blocksWaiting", s.counts.blocks_waiting},
                           {"blocksUnwritten", s.counts.blocks_unwritten},
                           {"memoryUsed", s.memory_used},
                           {"memoryLimit", s.memory_limit}};
  boost::json::object stages;
  for (std::size_t i = 0; i < stage_count; ++i)
    stages[stage_names[i]] = static_cast<double>(s.counts.stage_ns[i]) * 1e-9;
  line["threads"] = s.threads;
  line["stageCpuSeconds"] = stages;
  if (s.total_input > 0) line["inputBytesTotal"] = s.total_input;
  if (const auto left = seconds_left(s); left >= 0) line["secondsLeft"] = left;
  if (s.deadline_ms > 0) line["deadlineMs"] = s.deadline_ms;
  if (s.finish_ms > 0) line["finishMs"] = s.finish_ms;
  if (s.headroom > 0) line["headroom"] = s.headroom;
  return line;
}

std::string progress_json(const progress_state& s) {
  return serialized(progress_object(s));
}

std::pair<std::string_view, std::size_t> first_columns(std::string_view text, std::size_t columns) {
  std::size_t taken = 0, end = 0;
  for (; end < text.size(); ++end) {
    const bool begins = (static_cast<unsigned char>(text[end]) & 0xc0) != 0x80;
    if (begins && taken == columns) break;
    if (begins) ++taken;
  }
  return {text.substr(0, end), taken};
}

/// Of the terminal, asked anew each time: its window may have been resized.
static std::size_t columns_now() {
  constexpr std::size_t usual = 80;  // where the terminal does not know, as on a serial line
  struct winsize size {};
  return ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : usual;
}

static bool can_go_back() {
  const char* kind = std::getenv("TERM");
  return kind != nullptr && *kind != '\0' && std::string_view(kind) != "dumb";
}

terminal_line::terminal_line() : possible_(::isatty(STDERR_FILENO) == 1 && can_go_back()) {}

void terminal_line::show(std::string_view text) {
  // One column stays free: in the last one, some terminals go to the next line at once.
  const auto most = columns_now() - 1;
  const auto [fits, columns] = first_columns(text, most);
  // What an earlier, longer line left is written over, as far as the window is now wide.
  const auto rest = std::min(shown_, most) - std::min({columns, shown_, most});
  const std::string line = "\r" + std::string(fits) + std::string(rest, ' ') + std::string(rest, '\b');
  (void)std::fputs(line.c_str(), stderr);
  (void)std::fflush(stderr);
  shown_ = columns;
  open_ = true;
}

void terminal_line::finish() {
  if (open_) (void)std::fputs("\n", stderr);
  open_ = false;
  shown_ = 0;
}

void terminal_line::clear() {
  if (!open_) return;
  show("");
  (void)std::fputs("\r", stderr);
  open_ = false;
}

progress_printer::progress_printer(bool json, bool quiet) : json_(json), quiet_(quiet) {}

void progress_printer::show(const progress_state& state) {
  if (quiet_) return;
  constexpr double plain_interval = 10;  // a log file wants fewer lines than a person
  if (!line_.is_possible() || json_) {
    if (state.seconds - last_ < (json_ ? 1 : plain_interval)) return;
    last_ = state.seconds;
    const auto text =
        json_ ? progress_json(state) : progress_text(state) + " · " + stages_text(before_, state);
    (void)std::fprintf(stderr, "%s\n", text.c_str());
    before_ = state;
    return;
  }
  const auto text = progress_text(state) + " · " + stages_text(before_, state);
  line_.show(text);
  before_ = state;
}

void progress_printer::finish() {
  line_.finish();
}

}  // namespace outro
