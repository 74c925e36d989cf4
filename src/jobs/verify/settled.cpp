#include "jobs/verify/settled.h"

#include <algorithm>
#include <atomic>
#include <mutex>

#include "jobs/verify/document.h"

namespace outro {

static bool may_be_settled(reason why) {
  return std::find(settled_reasons.begin(), settled_reasons.end(), why) != settled_reasons.end();
}

std::uint64_t count_settled_letters(verify_context& c, const comparison_rules& rules,
                                    const std::vector<slice_row>& slices,
                                    const std::set<shard_id>& repaired) {
  matched_documents none({});  // nobody asks what the dumps don't hold
  rare_finder rare(c.ledger_path, c.ledger_access);
  tbb::enumerable_thread_specific<document_comparer> all([&] {
    return document_comparer(c, rules.rules, version_limits{.latest_ms = rules.latest_ms}, rare, none);
  });
  std::mutex large;  // before verify_context::large, which the comparison takes
  std::atomic<std::uint64_t> settled{0};
  std::vector<const slice_row*> with_letters;
  for (const auto& s : slices)
    if (s.letters_bytes > 0) with_letters.push_back(&s);
  run_lanes(c.threads, with_letters.size(), [&](std::size_t i) {
    const auto& slice = with_letters[i]->id;
    for (const auto& row : c.reader().books.documents_of(slice)) {
      const auto& d = row.record;
      const shard_id shard{slice.run, slice.unit, d.place.shard};
      if (d.outcome != outcome::dead_letter || !may_be_settled(d.reason) || d.length > rules.max_document ||
          (!row.proven && repaired.contains(shard)))
        continue;
      std::unique_lock alone(large, std::defer_lock);
      if (d.length > c.large_above() / 2) alone.lock();
      if (all.local().is_letter_archived(slice, d)) ++settled;
    }
  });
  return settled;
}

}  // namespace outro
