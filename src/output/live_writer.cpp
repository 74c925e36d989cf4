#include "output/live_writer.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include "base/file.h"
#include "base/machine.h"
#include "base/output_names.h"
#include "base/units.h"
#include "output/writer_life.h"

namespace outro {

/// After this many crashes in a slice, the crash probe tries its documents one by one. One crash may have an
/// outside cause (the OOM killer, a power cut); two in the same slice are probably a document's.
static constexpr unsigned ends_of_a_suspect = 2;
/// The file is filled up to whole pages, so that one write replaces it at once.
static constexpr std::size_t page = 4096;
static constexpr std::int64_t beat_interval_ms = 1000;

live_writer::live_writer(int fd, live_state state) : fd_(fd), state_(std::move(state)) {
  state_.started_ms = state_.moved_ms = now_ms();
  write();
}

void live_writer::begins(std::uint32_t run, const std::map<std::uint32_t, unit_progress>& done) {
  state_.run = run;
  std::erase_if(state_.suspects, [&](const auto& s) {
    const auto unit = done.find(s.id.unit);
    return s.id.run != run || (unit != done.end() && s.id.number <= unit->second.slices);
  });
  write();
}

void live_writer::slice_begins(slice_id id) {
  state_.in_flight.push_back({id, {}, 0});
  write();
}

void live_writer::slice_reads(slice_id id, const std::string& shard, std::uint64_t offset) {
  for (auto& f : state_.in_flight)
    if (f.id == id) {
      f.shard = shard;
      f.offset = offset;
    }
}

void live_writer::slice_committed(slice_id id) {
  std::erase_if(state_.in_flight, [&](const auto& f) { return f.id == id; });
  std::erase_if(state_.suspects, [&](const auto& s) { return s.id == id; });
  state_.last_commit_ms = now_ms();
  ++state_.counts.slices;
  write();
}

bool live_writer::is_suspect(slice_id id) const {
  return std::any_of(state_.suspects.begin(), state_.suspects.end(),
                     [&](const auto& s) { return s.id == id && s.ends >= ends_of_a_suspect; });
}

void live_writer::beat(const progress_state& p) {
  note(p);
  if (now_ms() - state_.beat_ms >= beat_interval_ms) write();
}

void live_writer::note(const progress_state& p) {
  const auto& before = state_.counts;
  if (p.counts.documents != before.documents || p.counts.input_bytes != before.input_bytes)
    state_.moved_ms = now_ms();
  state_.counts = p.counts;
  state_.input_total = p.total_input;
  state_.deadline_ms = p.deadline_ms;
  state_.finish_ms = p.finish_ms;
}

void live_writer::begins_sealing(const progress_state& p) {
  note(p);
  state_.now = live_state::phase::sealing;
  state_.in_flight.clear();
  state_.slow.clear();
  write();
}

void live_writer::ends(const status& why, int exit_code) {
  state_.now = why.ok()                                                    ? live_state::phase::finished
               : why.kind == failure::stopped || why.kind == failure::late ? live_state::phase::stopped
                                                                           : live_state::phase::failed;
  state_.error = why.message;
  state_.exit_code = exit_code;
  state_.in_flight.clear();
  state_.slow.clear();
  write();
}

void live_writer::write() {
  state_.beat_ms = now_ms();
  auto text = std::to_string(state_.pid) + "\n" + to_text(state_) + "\n";
  const auto size = (text.size() + page - 1) / page * page;
  text.resize(size, '\n');
  if (::pwrite(fd_, text.data(), text.size(), 0) != static_cast<ssize_t>(text.size())) return;
  if (::ftruncate(fd_, static_cast<off_t>(size)) != 0) return;  // what is behind it is line feeds alone
}

live_state live_state_of_this_process() {
  live_state s;
  s.pid = ::getpid();
  s.process_start = process_start(s.pid);
  s.boot = boot_id();
  s.pid_namespace = pid_namespace();
  std::error_code error;
  s.folder = std::filesystem::current_path(error).string();
  return s;
}

std::optional<live_state> read_live_state(const std::filesystem::path& out) {
  for (int attempt = 0; attempt < 5; ++attempt) {
    if (attempt > 0) std::this_thread::sleep_for(std::chrono::milliseconds(20));
    const auto text = read_file(out / lock_name, 16U << 20);
    if (!text) return std::nullopt;
    const auto line = text->find('\n');
    if (line == std::string::npos) return std::nullopt;
    const auto end = std::min(text->find('\n', line + 1), text->size());
    if (auto state = parse_live_state(std::string_view(*text).substr(line + 1, end - line - 1))) return state;
  }
  return std::nullopt;
}

}  // namespace outro
