#include "jobs/export/clock_evidence.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <string_view>

#include "account/walk.h"
#include "base/bytes.h"
#include "base/file.h"
#include "base/units.h"
#include "base/utf8.h"
#include "source/first_bytes.h"

namespace outro {

namespace {

constexpr std::int64_t day_ms = 86'400'000;
/// The year 10000. A later date is one in another unit (microseconds, say), and no clock's fault.
constexpr std::int64_t latest_date_ms = 253'402'300'800'000;

/// The first bytes of a shard, past the page cache where it can be: a large shard is read so, and nothing is
/// to be read ahead of it here. Empty where it cannot be read, which is said elsewhere.
std::string beginning_of(const shard& s) {
  constexpr std::size_t most = 1U << 20;
  const auto file = open_regular(s.path);
  if (!file) return {};
  const auto room = make_aligned(most);
  char* const at = room.get();
  if (s.size > most) use_direct_io(file->get());
  auto n = ::pread(file->get(), at, most, 0);
  if (n < 0 && errno == EINVAL) {
    use_cached_io(file->get());
    n = ::pread(file->get(), at, most, 0);
  }
  return n > 0 ? std::string(at, static_cast<std::size_t>(n)) : std::string();
}

/// Takes the earliest date of the whole documents at the beginning of a shard.
void look_into(const shard& s, document_reader& reader, clock_evidence& evidence) {
  constexpr std::size_t decoded_bytes = 1U << 20;
  constexpr std::size_t readable_behind = 64;  // as a document reader wants them
  constexpr int most_documents = 64;
  const auto raw = beginning_of(s);
  auto decoded = first_decoded(raw, decoded_bytes);
  const auto size = decoded.size();
  decoded.append(readable_behind, '\0');
  account_view view;
  std::string_view rest(decoded.data(), size);
  for (int i = 0; i < most_documents; ++i) {
    const auto end = rest.find('\n');
    if (end == rest.npos) return;
    if (reader.read(rest.substr(0, end), view, false) == reason::none && view.exported_at &&
        (evidence.exported_ms == 0 || *view.exported_at < evidence.exported_ms)) {
      evidence.exported_ms = *view.exported_at;
      evidence.exported = s.path;
    }
    rest.remove_prefix(end + 1);
  }
}

std::string instant(std::int64_t ms) {
  std::string text;
  append_iso8601(text, ms / 1000 * 1000);
  return text;
}

}  // namespace

bool clock_evidence::is_behind(std::int64_t at_ms) const {
  return std::max(written_ms, exported_ms) > at_ms + day_ms;
}

clock_evidence evidence_of(const layout& rules, const std::vector<shard>& shards) {
  constexpr std::size_t most = 16;
  constexpr std::int64_t ns_per_ms = 1'000'000;
  clock_evidence evidence;
  for (const auto& s : shards)
    if (const auto ms = s.mtime_ns / ns_per_ms; !s.is_pipe && ms > evidence.written_ms) {
      evidence.written_ms = ms;
      evidence.written = s.path;
    }
  document_reader reader(rules, {.latest_ms = latest_date_ms - 1});
  const auto step = std::max<std::size_t>(1, shards.size() / most);
  for (std::size_t i = 0; i < shards.size() && i / step < most; i += step)
    if (!shards[i].is_pipe && shards[i].size > 0) look_into(shards[i], reader, evidence);
  return evidence;
}

status check_clock(const clock_evidence& e, std::int64_t now) {
  if (!e.is_behind(now)) return {};
  const bool by_files = e.written_ms >= e.exported_ms;
  const auto least = instant(std::max(e.written_ms, e.exported_ms));
  const auto& path = by_files ? e.written : e.exported;
  return fail(
      failure::refused,
      fmt::format(
          "the clock of this machine says {}, and {}: documents that are more than a day ahead of the "
          "clock become dead letters; set it (to {} or later), or go on with --ignore-clock",
          instant(now),
          by_files ? fmt::format("{} was written at {}", shown(path.native()), least)
                   : fmt::format("every document that the shards begin with is later, the earliest "
                                 "of {} ({})",
                                 least, shown(path.native())),
          least));
}

}  // namespace outro
