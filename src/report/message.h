/// @file
/// The messages of a run's log. Each has an id that never changes its meaning: programs tell them apart by
/// it, and the runbook in README.md has a line for each.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "outro/status.h"

namespace outro {

enum class message_id : std::uint8_t {
  run_begins,        ///< a run, new or resumed, begins
  directory_begun,   ///< a new output directory, and the device that it lies on
  input_found,       ///< the input of this process
  disk_need,         ///< the disk space that the output may take, and the free space
  memory_need,       ///< likewise for memory
  workers_ready,     ///< threads, units in flight, I/O engine, level
  status_served,     ///< where --status answers
  recipe_changed,    ///< a delta run writes every account again
  run_resumed,       ///< the finished and the remaining part
  suspects_found,    ///< slices in which earlier processes crashed
  progress,          ///< the figures of the progress line
  dead_letters,      ///< the first dead letters of a reason
  shard_damaged,     ///< a shard, or a part of it, cannot be decoded
  shard_repaired,    ///< a whole shard makes good a damaged one of an earlier run
  account_shrank,    ///< a newer dump lost much of what the account's current one had
  dates_go_back,     ///< most dumps are older than what is current: a clock was wrong
  slow_document,     ///< one document has been in work for a minute
  stalled,           ///< nothing was finished for the time after which `outro status` says hung
  moves_again,       ///< the end of a stall
  deadline_holds,    ///< as a firm forecast says
  deadline_tight,    ///< it will be met with little to spare
  deadline_missed,   ///< it will be missed, or has passed
  deadline_stopped,  ///< --abort-if-late stopped the run
  sealing,           ///< every slice is committed; index and checksums follow
  cpu_profile,       ///< where the CPU time went (--profile)
  run_finished,      ///< all archived
  run_incomplete,    ///< finished with dead letters, damaged shards or missing accounts
  nothing_to_do,     ///< the run was finished before
  run_stopped,       ///< by a signal
  output_busy,       ///< another process writes this output directory
  usage_wrong,       ///< the command line, a layout or a roster
  run_refused,       ///< by a check before any work
  system_failed,     ///< the system refused a read, write, sync, rename or close
  file_corrupt,      ///< a file of ours is not what it must be
  outro_bug          ///< an invariant of ours does not hold
};

enum class message_level : std::uint8_t { info, warning, error };

struct message_kind {
  std::string_view name;
  message_level level = message_level::info;
  std::string_view label;  ///< before its text at the beginning of a run; empty: none
};

inline constexpr std::array<message_kind, 35> message_kinds = {{
    {"RUN_BEGINS", message_level::info, ""},
    {"DIRECTORY_BEGUN", message_level::info, ""},
    {"INPUT_FOUND", message_level::info, "input"},
    {"DISK_NEED", message_level::info, "disk"},
    {"MEMORY_NEED", message_level::info, "memory"},
    {"WORKERS_READY", message_level::info, "workers"},
    {"STATUS_SERVED", message_level::info, "status"},
    {"RECIPE_CHANGED", message_level::warning, ""},
    {"RUN_RESUMED", message_level::info, "resumed"},
    {"SUSPECTS_FOUND", message_level::warning, ""},
    {"PROGRESS", message_level::info, ""},
    {"DEAD_LETTERS", message_level::warning, ""},
    {"SHARD_DAMAGED", message_level::warning, ""},
    {"SHARD_REPAIRED", message_level::info, ""},
    {"ACCOUNT_SHRANK", message_level::warning, ""},
    {"DATES_GO_BACK", message_level::warning, ""},
    {"SLOW_DOCUMENT", message_level::warning, ""},
    {"STALLED", message_level::warning, ""},
    {"MOVES_AGAIN", message_level::info, ""},
    {"DEADLINE_HOLDS", message_level::info, ""},
    {"DEADLINE_TIGHT", message_level::warning, ""},
    {"DEADLINE_MISSED", message_level::error, ""},
    {"DEADLINE_STOPPED", message_level::error, ""},
    {"SEALING", message_level::info, ""},
    {"CPU_PROFILE", message_level::info, ""},
    {"RUN_FINISHED", message_level::info, ""},
    {"RUN_INCOMPLETE", message_level::warning, ""},
    {"NOTHING_TO_DO", message_level::info, ""},
    {"RUN_STOPPED", message_level::error, ""},
    {"OUTPUT_BUSY", message_level::error, ""},
    {"USAGE_WRONG", message_level::error, ""},
    {"RUN_REFUSED", message_level::error, ""},
    {"SYSTEM_FAILED", message_level::error, ""},
    {"FILE_CORRUPT", message_level::error, ""},
    {"OUTRO_BUG", message_level::error, ""},
}};
static_assert(message_kinds.size() == static_cast<std::size_t>(message_id::outro_bug) + 1);

inline const message_kind& kind_of(message_id id) {
  return message_kinds[static_cast<std::size_t>(id)];
}
std::string_view name_of(message_level level);

/// The message for a failure.
message_id message_of(const status& failure);

}  // namespace outro
