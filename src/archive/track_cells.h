/// @file
/// The cells of an account's distinct tracks, rendered once for each row: most tables repeat them.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "account/account_view.h"
#include "archive/csv.h"
#include "base/bytes.h"
#include "layout/layout.h"

namespace outro {

/// The order of a row's cells: columns that are neighbours in most tables are copied at once.
inline constexpr std::array<role, role_count> cell_order = {
    role::title,        role::artists, role::album,        role::isrc,     role::duration,      role::id,
    role::availability, role::disc,    role::track_number, role::album_id, role::track_language};
constexpr std::uint32_t place_of(role r) {
  std::uint32_t i = 0;
  while (cell_order[i] != r) ++i;
  return i;
}

class track_cells {
 public:
  /// @param details whether any column shows the roles behind `first_detail_role`
  track_cells(const layout& rules, bool details);

  /// Renders all rows of the account. Adds to `changed` what cells had to change.
  void render(const account_view& view, csv_counts& changed);
  /// Appends the cells at places [first, last] (`place_of`) of a row (1-based, 0: no track), joined by
  /// commas.
  void append(buffer& out, std::uint32_t row, std::size_t first, std::size_t last) const;
  /// Gives back the memory that a huge account took.
  void release();

 private:
  bool append_plain(const account_view& view, std::size_t row, role what);
  void render_role(const account_view& view, std::size_t row, role what, csv_counts& changed);

  /// The first slot of a role, if it is not inside an array, and whether there is no other.
  struct plain_slot {
    std::uint32_t slot = no_index;
    bool alone = false;
  };

  const layout& rules_;
  std::array<plain_slot, role_count> plain_;  ///< by role
  std::size_t row_cells_;
  buffer cells_;                     ///< per row, the cells of all roles, joined by commas
  std::vector<std::uint32_t> ends_;  ///< per row and role: where its cell ends in cells_
  std::string scratch_;
};

}  // namespace outro
