#include "base/options.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/machine.h"
#include "base/units.h"

namespace outro {

std::uint64_t fixed_memory(unsigned threads) {
  return (48ULL << 20) + threads * (8ULL << 20);
}

result<export_options> complete_options(export_options o) {
  const auto refuse = [](std::string message) { return fail(failure::usage, std::move(message)); };
  constexpr std::uint64_t gib = 1ULL << 30, mib = 1ULL << 20;
  if (o.dumps.empty()) return refuse("no dumps named: give files, directories, or - for standard input");
  if (o.out.empty()) return refuse("--out is missing");
  if (o.threads == 0) o.threads = usable_cpus();
  if (o.threads > 1024) return refuse("--threads is above 1024");
  const auto usable = usable_memory();
  if (o.memory == 0) o.memory = std::clamp(usable / 2, fixed_memory(o.threads) + 32 * mib, 4 * gib);
  if (o.memory < fixed_memory(o.threads) + 16 * mib)
    return refuse(fmt::format("--memory is too small: {} threads need {}; raise it, or lower --threads",
                              o.threads, format_size(fixed_memory(o.threads) + 16 * mib)));
  if (o.abort_if_late && o.deadline_ms == 0) return refuse("--abort-if-late needs a --deadline");
  if (!(o.shrink_warn > 0 && o.shrink_warn <= 1))
    return refuse("--shrink-warn is a share above 0, at most 1");
  if (o.level < 1 || o.level > 19) return refuse("--level is a number from 1 to 19");
  if (o.slice < 1024 || o.slice > 16 * gib) return refuse("--slice is a size from 1K to 16G");
  if (o.max_document < 2 || o.max_document > gib) return refuse("--max-document is a size of at most 1G");
  if (o.shards_in_flight == 0) {
    const auto by_memory = (o.memory - fixed_memory(o.threads)) / (24 * mib);
    o.shards_in_flight =
        static_cast<unsigned>(std::clamp<std::uint64_t>(by_memory, 1, std::clamp(o.threads, 2U, 16U)));
  }
  if (o.shards_in_flight > 256) return refuse("--shards-in-flight is above 256");
  return o;
}

}  // namespace outro
