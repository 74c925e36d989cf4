/// @file
/// Which tracks are the same recording: a function of the set of tracks, independent of their order.
///
/// The rules and contradictions are in judgement.h. Rule 0 is an equivalence. Rules 1 and 2 are not, so they
/// form clusters within one ISRC or match key by complete linkage: the smallest gap of lengths is closed
/// first (ties: the smaller length, then the lower id) while the lengths of the whole cluster stay within its
/// bound. So there are no chains. No two groups are joined if a track of one contradicts a track of the
/// other.
///
/// A track is compared with a few neighbours only, in the order of lengths within its key, so that the work
/// is n log n whatever the tracks are.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "tracks/judgement.h"
#include "tracks/placements.h"
#include "tracks/track_facts.h"

namespace outro {

/// Why a track is in its group: the rule that joined it, and the member that it was joined to.
struct membership {
  std::uint32_t representative = 0;  ///< index of the track that represents the recording
  std::uint32_t joined_to = 0;       ///< index of the other track of the merge; itself for the representative
  std::uint8_t rule = no_rule;

  static constexpr std::uint8_t no_rule = outro::no_rule;
};

/// Two recordings that a rule would have joined, but for a contradiction: doubtful.
struct doubt {
  std::uint32_t a = 0, b = 0;  ///< a track of each
  contradiction why = contradiction::none;
};

/// Groups tracks. Reused, so that the steady state allocates little. Not thread-safe.
class track_grouper {
 public:
  /// One membership for each track. A member's chain of `joined_to` leads to its representative, and each
  /// link is one merge by `rule`: taking one out undoes that merge. The representative is available before
  /// delisted, with ISRC before without, then of the lowest id.
  const std::vector<membership>& group(std::span<const track_facts> tracks);

  /// For each of the tracks grouped last, the number of its group under rules 0 to `rule` (0 or 1) alone.
  [[nodiscard]] const std::vector<std::uint32_t>& group_by_rules_to(unsigned rule) const {
    return by_rules_[rule];
  }
  /// What contradictions kept apart, once for each pair of recordings.
  [[nodiscard]] const std::vector<doubt>& doubts() const { return doubts_; }
  /// Ids with tracks of different titles, which rule 0 joined all the same.
  [[nodiscard]] std::uint32_t conflicting_ids() const { return conflicting_ids_; }
  /// Pairs that were compared, for tests.
  [[nodiscard]] std::uint64_t comparisons() const { return comparisons_ + placements_.work(); }

 private:
  struct merge {
    std::uint32_t a, b;
    std::uint8_t rule;
  };
  /// A pair that a rule joins, with what decides the order of joining.
  struct edge {
    std::uint32_t gap, length, first, second;  ///< places in `order_`
    bool operator==(const edge&) const = default;
    auto operator<=>(const edge&) const = default;
  };
  /// What is known of a whole group; groups are named by the root of their tracks.
  struct group_facts {
    std::uint64_t isrc = 0;  ///< the only one, or `several`
    language_set languages = 0;
  };

  std::uint32_t root(std::uint32_t i);
  std::uint32_t cluster(std::uint32_t i);
  void join(std::uint32_t a, std::uint32_t b, std::uint8_t rule);
  contradiction between_groups(std::uint32_t x, std::uint32_t y, std::uint8_t rule);
  void start(std::span<const track_facts> tracks);
  void join_ids();
  void join_twins();
  template <class Key, class InBucket>
  void look_at_neighbours(Key key, InBucket in_bucket, std::uint8_t rule);
  void find_edges_by_isrc();
  void find_edges_by_key();
  void join_edges(std::uint8_t rule);
  void explain();
  void settle_doubts();
  void note_groups(unsigned rule);

  std::span<const track_facts> tracks_;
  std::vector<std::uint32_t> parent_, by_rules_[2];
  std::vector<std::uint32_t> order_;  ///< all tracks in a total order of their facts
  std::vector<std::uint32_t> place_;  ///< of a track in `order_`
  std::vector<std::uint32_t>
      nodes_;  ///< tracks that differ from all before them; the others joined their twins
  std::vector<std::uint32_t> sorted_;
  std::vector<group_facts> groups_;  ///< by root
  std::vector<std::uint32_t> cluster_;
  std::vector<length_span> spans_;  ///< by cluster
  std::vector<edge> edges_;
  std::vector<merge> merges_;
  std::vector<membership> result_;
  std::vector<doubt> doubts_;
  placement_book placements_;
  std::uint32_t conflicting_ids_ = 0;
  std::uint64_t comparisons_ = 0;
};

}  // namespace outro
