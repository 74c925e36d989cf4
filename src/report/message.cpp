#include "report/message.h"

namespace outro {

std::string_view name_of(message_level level) {
  constexpr std::array<std::string_view, 3> names = {"info", "warning", "error"};
  return names[static_cast<std::size_t>(level)];
}

message_id message_of(const status& s) {
  switch (s.kind) {
    case failure::usage:
      return message_id::usage_wrong;
    case failure::refused:
      return message_id::run_refused;
    case failure::busy:
      return message_id::output_busy;
    case failure::io:
      return message_id::system_failed;
    case failure::corrupt:
      return message_id::file_corrupt;
    case failure::stopped:
      return message_id::run_stopped;
    case failure::late:
      return message_id::deadline_stopped;
    case failure::none:
    case failure::bug:
      break;
  }
  return message_id::outro_bug;
}

}  // namespace outro
