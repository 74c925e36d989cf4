/// @file
/// What others do to a process: the streams that it is given or not, and the signals that are to stop it.
/// Everything here is per process, as the system has it.
#pragma once

#include <string_view>
#include <vector>

#include "outro/status.h"

namespace outro {

/// Takes the descriptors 0, 1 and 2 where they are closed (`outro … >&-`), so that no file of ours gets one
/// of them and is written to as if it were the log. What is taken can be neither read nor written, so it
/// fails as the closed stream would. Call it before any file is opened.
void hold_standard_streams();

/// Whether standard input was closed when the process began.
bool is_standard_input_closed();

/// From now on a write to a pipe whose reader went away fails, and doesn't end the process. For jobs, which
/// others may watch or not; a command whose only product is what it prints ends with its reader, as usual.
void outlive_readers();

/// Writes the result of a job to standard output. How a job ended doesn't depend on whether somebody reads
/// it: a reader that went away, or a stream that was closed on purpose, is no failure. A full disk is one:
/// somebody wanted the output and has not got it.
status write_result(std::string_view text);

/// Those of SIGINT, SIGTERM and SIGHUP that are to stop this process. What was ignored when it began stays
/// ignored: that is how nohup, and a shell's `&` in a script, protect it (POSIX, exec).
std::vector<int> stopping_signals();

}  // namespace outro
