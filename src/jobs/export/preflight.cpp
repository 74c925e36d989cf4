#include "jobs/export/preflight.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/file.h"
#include "base/machine.h"
#include "base/units.h"
#include "base/utf8.h"
#include "source/decoder.h"
#include "source/first_bytes.h"

namespace outro {

/// The bytes that a document takes in the ledger: its row, its entry in the index, and that entry once more
/// in the file by which SQLite sorts the index, which lies in OUT.
static constexpr double ledger_bytes = 500;

/// Documents for each byte on disk, from the beginning of a shard; 0 where that holds not a whole one.
static double documents_a_byte(const shard& s) {
  const auto file = open_regular(s.path);
  if (!file) return 0;  // what cannot be read is said elsewhere
  const auto raw = read_at(file->get(), 0, 64U << 10, s.path);
  if (!raw || raw->empty()) return 0;
  const auto decoded = first_decoded(*raw, 1U << 20);
  // Blank lines are no documents.
  std::uint64_t lines = 0;
  for (std::size_t i = 1; i < decoded.size(); ++i)
    if (decoded[i] == '\n' && decoded[i - 1] != '\n') ++lines;
  return static_cast<double>(lines) / static_cast<double>(raw->size());
}

/// The ledger of that many bytes of dumps, by the beginnings of some shards.
static std::uint64_t ledger_of(const std::vector<shard>& shards) {
  constexpr std::size_t most = 16;
  const auto step = std::max<std::size_t>(1, shards.size() / most);
  double bytes = 0, rates = 0, looked_at = 0;
  for (const auto& s : shards) bytes += static_cast<double>(s.size);
  for (std::size_t i = 0; i < shards.size(); i += step) {
    if (shards[i].is_pipe || shards[i].size == 0) continue;
    rates += documents_a_byte(shards[i]);
    ++looked_at;
  }
  return looked_at == 0 ? 0 : static_cast<std::uint64_t>(bytes * rates / looked_at * ledger_bytes);
}

preflight_needs needs_of(const export_options& o, const std::vector<shard>& shards) {
  preflight_needs n;
  bool known = true;
  for (const auto& s : shards) {
    known = known && !s.is_pipe;
    // Real dumps become a fifth of their plain size; compressed ones grow, because every account has an
    // archive of its own. A tenth of that is the catalogue's.
    n.disk += is_named_compressed(s.path) ? 2 * s.size + s.size / 4 : s.size / 10 * 3;
  }
  n.disk = known ? n.disk + ledger_of(shards) + disk_reserve : 0;
  n.disk_free = free_disk(o.out);
  n.memory = o.memory;
  n.memory_usable = usable_memory();
  return n;
}

static constexpr std::string_view anyway = ", or go on anyway with --ignore-preflight";

status check_disk(const preflight_needs& n, std::uint64_t written, const export_options& o) {
  const auto need = n.disk - std::min(n.disk, written);
  if (o.ignore_preflight || need <= n.disk_free) return {};
  return fail(failure::refused,
              fmt::format("the output may need {}{}, and {} has {} free; make room, choose another --out{}",
                          format_size(need), written > 0 ? " more" : "", shown(o.out.native()),
                          format_size(n.disk_free), anyway));
}

status check_memory(const preflight_needs& n, const export_options& o) {
  if (o.ignore_preflight || n.memory <= n.memory_usable) return {};
  return fail(failure::refused, fmt::format("--memory is {}, and this process may use {}; lower it{}",
                                            format_size(n.memory), format_size(n.memory_usable), anyway));
}

}  // namespace outro
