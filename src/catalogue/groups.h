/// @file
/// Which tracks of a catalogue are one recording, found in two sweeps over all of them.
///
/// The first sweep finds the keys and ISRCs that occur twice, by 32-bit prints. The second takes the facts of
/// the tracks that have one of these: about 150 bytes for each. All other tracks are recordings by themselves
/// and take no memory.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "catalogue/repeated_numbers.h"
#include "catalogue/table.h"
#include "tracks/grouping.h"

namespace outro {

class catalogue_groups {
 public:
  /// First sweep: call for all tables in order, or with the prints of every track.
  void mark(const catalogue_table& table);
  void mark(const track_prints& prints);
  /// Second sweep: call for the same tables again, or with the facts of every track that is marked, in order.
  /// `number` counts all tracks. Errors: io, corrupt.
  status take(const catalogue_table& table, std::span<const catalogue_run> runs);
  bool is_marked(const track_prints& prints);
  void take(std::uint64_t number, catalogue_id id, const track_facts& facts);
  /// Call once, after both sweeps.
  void group();
  /// Pairs of recordings that only a contradiction keeps apart.
  [[nodiscard]] std::uint64_t doubtful() const { return doubtful_; }

  /// Moves forward over the tracks from number `from` on, counted through all tables.
  class cursor {
   public:
    cursor(const catalogue_groups& groups, std::uint64_t from);
    /// The track that represents the recording of track `number`; null if the track is alone in it.
    const catalogue_id* recording(std::uint64_t number);
    /// Whether the track last asked for represents its recording; if so, appends the other tracks as JSON.
    bool append_others(std::string& out) const;

   private:
    const catalogue_groups& groups_;
    std::size_t at_;
    bool taken_ = false;
  };

 private:
  repeated_numbers keys_, codes_, editions_;
  std::uint64_t seen_ = 0;              ///< tracks of the second sweep
  std::vector<std::uint64_t> numbers_;  ///< of the tracks taken, in order
  std::vector<catalogue_id> ids_;
  std::vector<track_facts> facts_;
  std::vector<membership> members_;
  std::uint64_t doubtful_ = 0;
  std::vector<std::uint32_t> others_begin_, others_;  ///< by representative
};

}  // namespace outro
