/// @file
/// Which tracks of a catalogue are one recording, found in two sweeps over all of them.
///
/// The first sweep marks keys and ISRCs that occur twice, in four bits each; the second takes the facts of
/// the tracks that have such a one: about 150 bytes for each of these, and nothing for all others, which are
/// recordings by themselves.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "catalogue/table.h"
#include "tracks/grouping.h"

namespace outro {

class catalogue_groups {
 public:
  /// First sweep, all tracks in order.
  void mark(const catalogue_table& table);
  /// Second sweep, the same. Errors: io, corrupt.
  status take(const catalogue_table& table, std::span<const catalogue_run> runs);
  /// Then, once.
  void group();

  /// What is known of tracks from number `from` on, counted through all sweeps' tables: goes forward only.
  class cursor {
   public:
    cursor(const catalogue_groups& groups, std::uint64_t from);
    /// The track that stands for the recording of track `number`; null where it is one by itself.
    const catalogue_id* recording(std::uint64_t number);
    /// Of the track last asked for: whether it stands for its recording; appends the others, as JSON.
    bool append_others(std::string& out) const;

   private:
    const catalogue_groups& groups_;
    std::size_t at_;
    bool taken_ = false;
  };

 private:
  /// Prints that occur twice: sorted, once `mark` has seen all tracks.
  std::vector<std::uint32_t> keys_, codes_;
  bool marked_ = false;
  std::uint64_t seen_ = 0;              ///< tracks of the second sweep
  std::vector<std::uint64_t> numbers_;  ///< of the tracks taken, in order
  std::vector<catalogue_id> ids_;
  std::vector<track_facts> facts_;
  std::vector<membership> members_;
  std::vector<std::uint32_t> others_begin_, others_;  ///< by representative
};

}  // namespace outro
