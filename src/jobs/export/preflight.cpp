#include "jobs/export/preflight.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/file.h"
#include "base/machine.h"
#include "base/units.h"
#include "base/utf8.h"
#include "source/decoder.h"

namespace outro {

preflight_needs needs_of(const export_options& o, const std::vector<shard>& shards) {
  preflight_needs n;
  bool known = true;
  for (const auto& s : shards) {
    known = known && !s.is_pipe;
    // Real dumps become a fifth of their plain size; compressed ones grow, because every account has an
    // archive of its own. A tenth of that is the catalogue's.
    n.disk += is_named_compressed(s.path) ? 2 * s.size + s.size / 4 : s.size / 10 * 3;
  }
  n.disk = known ? n.disk + disk_reserve : 0;
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
                          format_size(need), written > 0 ? " more" : "", o.out.string(),
                          format_size(n.disk_free), anyway));
}

status check_memory(const preflight_needs& n, const export_options& o) {
  if (o.ignore_preflight || n.memory <= n.memory_usable) return {};
  return fail(failure::refused, fmt::format("--memory is {}, and this process may use {}; lower it{}",
                                            format_size(n.memory), format_size(n.memory_usable), anyway));
}

}  // namespace outro
