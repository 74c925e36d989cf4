/// @file
/// Which tracks are the same recording: a function of the set of tracks, independent of their order.
///
/// Rule 0  the same present id.
/// Rule 1  the same valid ISRC, and the same version.
/// Rule 2  the same match key (title, artists, version), both lengths known and close, and no two valid ISRCs
///         that differ.
///
/// Rules 0 and 1 are equivalences. Rule 2 is not, so it forms clusters: within one key, in the order of
/// (length, id), the first track without a cluster begins one, which takes the tracks that are close to *it*.
/// So there are no chains.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "tracks/track_facts.h"

namespace outro {

/// The greatest difference between two lengths under rule 2, in ms. Releases of a recording differ by a
/// second or two of silence at their ends. Within one album the difference may be greater, since an album
/// rarely contains a song twice. If the remarks differ (a new master, the place of a concert), lengths must
/// be almost equal.
inline constexpr std::uint32_t near_ms = 3000;
inline constexpr std::uint32_t near_on_album_ms = 12000;
inline constexpr std::uint32_t near_despite_remarks_ms = 300;

/// Why a track is in its group: the rule that joined it, and the member that it was joined to.
struct membership {
  std::uint32_t representative = 0;  ///< index of the track that represents the recording
  std::uint32_t joined_to = 0;       ///< index of the other track of the merge; itself for the representative
  std::uint8_t rule = no_rule;

  static constexpr std::uint8_t no_rule = 255;
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

 private:
  struct merge {
    std::uint32_t a, b;
    std::uint8_t rule;
  };

  std::uint32_t root(std::uint32_t i);
  bool join(std::uint32_t a, std::uint32_t b, std::uint8_t rule);
  template <class Less, class Same>
  void join_equal(Less less, Same same, std::uint8_t rule);
  void join_similar(std::span<const track_facts> tracks);
  void explain(std::span<const track_facts> tracks);

  void note_groups(unsigned rule);

  std::vector<std::uint32_t> parent_, order_, by_rules_[2];
  std::vector<std::uint64_t> isrc_;  ///< by root: the only ISRC of its members, or `several`
  std::vector<merge> merges_;
  std::vector<membership> result_;
};

/// Whether the lengths of two tracks of one key are close enough for rule 2.
bool are_near(const track_facts& a, const track_facts& b);

}  // namespace outro
