#include "options.h"

#include <initializer_list>
#include <string_view>

#include "faults.h"

namespace outro::generate {

std::optional<std::string> check(const options& wanted) {
  struct share {
    std::string_view name;
    double value;
  };
  for (const share& s : std::initializer_list<share>{{"--malformed", wanted.malformed},
                                                     {"--bad-utf8", wanted.bad_utf8},
                                                     {"--missing-id", wanted.missing_id},
                                                     {"--duplicate-id", wanted.duplicate_id},
                                                     {"--duplicate-key", wanted.duplicate_key},
                                                     {"--oversized", wanted.oversized},
                                                     {"--deep", wanted.deep},
                                                     {"--repeated-pages", wanted.repeated_pages},
                                                     {"--string-ids", wanted.string_ids},
                                                     {"--duplicate-recordings", wanted.duplicate_recordings},
                                                     {"--traps", wanted.traps},
                                                     {"--delta", wanted.delta}}) {
    if (!(s.value >= 0 && s.value <= 1)) return std::string(s.name) + " is a share: from 0 to 1";
  }
  if (wanted.out.empty()) return "--out is required";
  if (wanted.accounts == 0) return "--accounts must be at least 1";
  if (wanted.accounts > 10'000'000'000) return "--accounts: at most 10,000,000,000";
  if (wanted.first_id > 1'000'000'000'000'000'000) return "--first-id: at most 10^18";
  if (wanted.tracks < 100 || wanted.tracks > 1'000'000'000) return "--tracks: from 100 to 1,000,000,000";
  if (wanted.shard_size == 0) return "--shard-size must be positive";
  if (wanted.frame_size > (std::uint64_t{1} << 30)) return "--frame-size: at most 1G";
  if (wanted.frame_size != 0 && wanted.frame_size < 1024) return "--frame-size: 0, or at least 1K";
  if (wanted.level < 1 || wanted.level > 19) return "--level: from 1 to 19";
  if (wanted.threads > 4096) return "--threads: at most 4096";
  if (wanted.exported_at < 1'262'304'000'000 || wanted.exported_at > 4'102'444'800'000) {
    return "--exported-at is in milliseconds since 1970, from 2010 to 2100";
  }
  if (wanted.generation > 10'000) return "--generation: at most 10,000";
  if (wanted.generation == 0 && wanted.delta > 0) return "--delta needs --generation 1 or more";
  if (wanted.duplicate_recordings + wanted.traps > 0.9) {
    return "--duplicate-recordings and --traps: together at most 0.9";
  }
  if (wanted.huge != 0 && wanted.huge < smallest_filled) return "--huge: at least 128K";
  if (wanted.oversized > 0 && wanted.oversized_size < smallest_filled)
    return "--oversized-size: at least 128K";
  if (wanted.huge > (std::uint64_t{4} << 30) || wanted.oversized_size > (std::uint64_t{4} << 30)) {
    return "--huge and --oversized-size: at most 4G";
  }
  if (!fault_plan(wanted).fits()) return "the fault rates add up to more than the accounts";
  return std::nullopt;
}

}  // namespace outro::generate
