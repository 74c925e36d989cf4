/// @file
/// The progress of a long command: its state, and two renderings of it.
#pragma once

#include <cstdint>
#include <string>

namespace outro {

/// What an operator asks of a running job. Plain numbers, so that every rendering shows the same.
struct progress_state {
  double seconds = 0;               ///< since this process began
  std::uint64_t total_input = 0;    ///< bytes on disk of all shards; 0: not known (a pipe)
  std::uint64_t input_bytes = 0;    ///< read so far
  std::uint64_t decoded_bytes = 0;  ///< of documents done
  std::uint64_t documents = 0;
  std::uint64_t dead_letters = 0;
  std::uint64_t output_bytes = 0;
  std::uint64_t blocks_waiting = 0;
  std::uint64_t memory_used = 0;  ///< of the budget
  std::uint64_t memory_limit = 0;
};

/// "12 % · 1,234 accounts · 512 MiB/s · 0 dead letters · 3 min 2 s left"; no line feed.
std::string progress_text(const progress_state& state);
/// One JSON object, no line feed.
std::string progress_json(const progress_state& state);

/// Writes progress to standard error: over itself on a terminal, as plain lines every ten seconds elsewhere,
/// as JSON lines where asked. Not thread-safe.
class progress_printer {
 public:
  progress_printer(bool json, bool quiet);
  void show(const progress_state& state);
  /// Ends the line that is being written over, so that other output starts on a fresh one.
  void finish();

 private:
  bool json_, quiet_, terminal_;
  bool line_open_ = false;
  double last_ = 0;
};

}  // namespace outro
