/// @file
/// Finds the documents that end a process. The documents of a suspect slice are archived in a process of
/// their own first, the crash probe, which dies in place of the job.
///
/// A document counts as crashing only when two processes died of it, the second of which had seen no other
/// document. Whatever else ended the job (an operator's kill -9, say) convicts none. Where the second one was
/// killed (SIGKILL, which no fault of ours raises and the kernel sends where memory is short) or said that it
/// had no memory, the document is no fault of ours: it is one for a larger machine.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include "base/options.h"
#include "frame/block.h"
#include "jobs/export/worker.h"
#include "outro/status.h"

namespace outro {

/// The command that starts a crash probe: program and arguments. Empty where the options name no program.
std::vector<std::string> crash_probe_command(const export_options& options, std::int64_t latest_ms);

/// For every document of the block why it ends a process: crashed, out_of_memory, or none; an empty command
/// finds none. Blocks for as long
/// as archiving takes, so it is not for a worker's thread. `stop`: the job has failed; return after the
/// document at hand. Errors: io where no process can be started, bug where one exits before its socket ends.
result<std::vector<reason>> find_crashing(const block& input, const std::vector<std::string>& command,
                                          const std::atomic<bool>& stop);

/// The probe's side: archives every document that comes on the socket and answers each with one byte, until
/// the socket ends. A document comes as its length (8 bytes, as the machine has them) and its bytes.
status serve_crash_probe(int socket, worker& w);

}  // namespace outro
