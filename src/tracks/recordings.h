/// @file
/// Which rows of an account are the same recording.
///
/// A recording is one performance, which may have many track ids and releases. Recordings are a function of
/// the set of rows, independent of its order; grouping never removes a row.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "account/account_view.h"
#include "layout/layout.h"
#include "tracks/catalogue_fields.h"
#include "tracks/grouping.h"
#include "tracks/track_memory.h"

namespace outro {

/// The version of the rules and lists of this folder; part of the recipe.
inline constexpr int recording_rules = 4;

/// Groups the rows of one account by the rules of grouping.h. One per thread, reused; the memory is shared.
class recording_finder {
 public:
  /// @param catalogue also collect the catalogue fields of rows that were not seen before
  recording_finder(const layout& rules, std::shared_ptr<track_memory> memory, bool catalogue = false);

  /// Sets `of_row[r]` to the number of row r's recording, counted from 0 in the order of first rows. A row
  /// with neither id nor title gets `no_index`, since nothing is known about it.
  void find(const account_view& view);

  /// Gives back the memory that a huge account took; its results go with it.
  void release();

  /// The strictest rule (0, 1 or 2) by which two rows of one recording are the same.
  [[nodiscard]] unsigned rule_between(std::uint32_t a, std::uint32_t b) const;
  /// Whether no earlier row has this row's id.
  [[nodiscard]] bool is_first_of_id(std::uint32_t row) const { return same_id_[row] == row; }

  std::vector<std::uint32_t> of_row;
  std::uint32_t count = 0;
  std::uint32_t doubtful = 0;         ///< pairs of recordings that only a contradiction keeps apart
  std::uint32_t conflicting_ids = 0;  ///< ids whose tracks have different titles
  std::vector<known_track> tracks;    ///< by row

  /// A row whose catalogue fields were not seen before, and the place of these fields in `fields`.
  struct new_fields {
    std::uint32_t row;
    std::size_t begin, length;
  };
  std::vector<new_fields> news;
  std::string fields;

 private:
  known_track describe(const account_view& view, std::uint32_t row);
  void find_repeated();
  void number_recordings();

  const layout& rules_;
  std::shared_ptr<track_memory> memory_;
  track_describer describer_;
  track_grouper grouper_;
  catalogue_fields allowed_;
  sha256 sha_;
  bool catalogue_;
  std::vector<std::uint32_t> repeated_;  ///< rows that share an id, ISRC or key with another
  std::vector<std::uint32_t> slots_, same_id_, same_code_;
  std::vector<bool> is_repeated_;
  std::vector<track_facts> facts_;
  std::string texts_[role_count];
};

}  // namespace outro
