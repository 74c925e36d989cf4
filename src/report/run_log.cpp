#include "report/run_log.h"

#include <boost/json.hpp>
#include <cstdio>

#include "base/json_text.h"
#include "base/units.h"
#include "base/utf8.h"

namespace outro {

namespace json = boost::json;

std::string log_line(message_id id, std::string_view text, const json::object& fields, std::int64_t now_ms) {
  const auto& kind = kind_of(id);
  std::string time;
  append_iso8601(time, now_ms);
  json::object line{{"time", time}, {"id", kind.name}, {"level", name_of(kind.level)}, {"message", text}};
  for (const auto& [key, value] : fields) line[key] = value;
  return serialized(line);
}

void log_failure(const status& s) {
  const auto line = log_line(message_of(s), s.message, {{"exitCode", exit_code_of(s)}}, now_ms());
  (void)std::fprintf(stderr, "%s\n", line.c_str());
}

void run_log::say(message_id id, std::string_view text, const json::object& fields) {
  const auto& kind = kind_of(id);
  if (quiet_ && kind.level == message_level::info) return;
  std::string line;
  if (as_ != format::text) {
    line = log_line(id, text, fields, now_ms());
  } else {
    if (!kind.label.empty()) line.append("  ").append(kind.label).resize(11, ' ');
    if (kind.level == message_level::warning) line += "WARNING: ";
    line += legible(text);
  }
  printer_.finish();
  (void)std::fprintf(stderr, "%s\n", line.c_str());
}

void run_log::progress(const progress_state& state) {
  if (as_ == format::text) return printer_.show(state);
  const double interval = as_ == format::json_seconds ? 1 : 10;
  if (quiet_ || state.seconds - last_progress_ < interval) return;
  last_progress_ = state.seconds;
  say(message_id::progress, progress_text(state), progress_object(state));
}

}  // namespace outro
