/// @file
/// The log of a run on standard error: plain lines for people, or one JSON object a line (`--log json`).
#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <string_view>

#include "report/message.h"
#include "report/progress.h"

namespace outro {

/// {"time":"2021-02-05T00:00:00Z","id":"RUN_BEGINS","level":"info","message":"…",FIELDS}; no line feed.
std::string log_line(message_id id, std::string_view text, const boost::json::object& fields,
                     std::int64_t now_ms);

/// Writes the failure that ended the command as one JSON line on standard error.
void log_failure(const status& failure);

/// Not thread-safe.
class run_log {
 public:
  enum class format : std::uint8_t {
    text,
    json,         ///< progress every ten seconds, as in plain lines
    json_seconds  ///< progress every second, for programs that show it
  };

  /// `quiet`: warnings only, no information and no progress.
  run_log(format as, bool quiet) : as_(as), quiet_(quiet), printer_(as != format::text, quiet) {}

  /// `text` is one line for people; `fields` has the same for programs, in JSON only.
  void say(message_id id, std::string_view text, const boost::json::object& fields = {});
  void progress(const progress_state& state);
  [[nodiscard]] bool is_json() const { return as_ != format::text; }
  /// Ends the line that progress overwrites, so that other output starts on a new line.
  void finish_line() { printer_.finish(); }

 private:
  format as_;
  bool quiet_;
  progress_printer printer_;
  double last_progress_ = 0;
};

}  // namespace outro
