/// @file
/// What `outro status` reads of an output directory. The reading is a process of its own, with a time limit:
/// on a file system that hangs (fsfreeze, a dead server) a read of the ledger waits where no signal reaches
/// it, and a process with such a thread cannot even end.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/file.h"
#include "output/live_state.h"
#include "output/writer_life.h"
#include "outro/status.h"

namespace outro {

/// What the ledger holds. It is right even where the process died.
struct committed {
  std::uint32_t run = 0;
  bool finished = false;
  bool cut = false;  ///< interrupted, and its plan is lost
  std::uint64_t slices = 0, documents = 0;
  std::vector<std::pair<std::string, std::string>> damaged;  ///< shard path, what is wrong
};
/// Or why the ledger cannot be read.
using books_or_error = result<committed>;

struct record_seen {
  std::optional<live_state> state;  ///< what OUT/lock says; nothing: it says nothing
  writer_life life = writer_life::unknown;
};

struct ledger_seen {
  books_or_error books;
  bool lost = false;  ///< there are packs, and the ledger is missing or damaged
};

/// A reading under way: the record comes first, then the ledger. Each call waits until a moment; nothing
/// means that there was no answer by then, and a call may follow. Called in this order, from a process that
/// has one thread.
class status_reading {
 public:
  using moment = std::chrono::steady_clock::time_point;

  /// Errors: io.
  static result<status_reading> start(const std::filesystem::path& out);
  /// Ends the reading where it goes on. It isn't waited for: it may hang.
  ~status_reading();
  status_reading(status_reading&& other) noexcept;
  status_reading& operator=(status_reading&&) = delete;

  std::optional<result<record_seen>> record(moment until);
  std::optional<ledger_seen> ledger(moment until);

 private:
  status_reading(pid_t child, file_handle answers) : child_(child), answers_(std::move(answers)) {}
  std::optional<std::string> line(moment until);

  pid_t child_;
  file_handle answers_;
  std::string unread_;
};

}  // namespace outro
