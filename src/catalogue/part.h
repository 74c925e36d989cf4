/// @file
/// The part that one slice adds to the catalogue: how often each document has which tracks, and descriptions
/// of new ones. FORMAT.md in this folder describes the bytes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "account/account_view.h"
#include "base/bytes.h"
#include "base/digest.h"
#include "base/keyed_hash.h"
#include "catalogue/head.h"
#include "layout/layout.h"
#include "pack/slice_id.h"
#include "tracks/recordings.h"

namespace outro {

inline constexpr std::uint32_t catalogue_part_version = 4;

/// Notes of this size are written as a run of a part; so a slice keeps only about this much in memory.
inline constexpr std::size_t catalogue_run_bytes = 4U << 20;

/// What documents add, in their order. A document is never divided between two runs.
struct catalogue_notes {
  std::uint64_t documents = 0;
  std::uint64_t uses = 0;
  std::string lists;                        ///< encoded as in a run
  std::vector<description_head> described;  ///< contents that were not seen before in the process
  std::string text;                         ///< of these: the id, unless it is a number, then the fields

  void append(catalogue_notes&& other);
  /// Empties the notes and frees their memory.
  void release();
  [[nodiscard]] std::size_t bytes() const {
    return lists.size() + text.size() + described.size() * sizeof(description_head);
  }
};

/// Notes the tracks of documents. One per thread, reused.
class catalogue_noter {
 public:
  explicit catalogue_noter(const layout& rules);

  /// Adds a written document; `found` has seen the view last.
  void note(const account_view& view, const recording_finder& found, catalogue_notes& notes);
  /// Adds only the descriptions of a document's tracks, for one whose archive was too large to be kept.
  /// (`note` adds them too.)
  void describe(const account_view& view, const recording_finder& found, catalogue_notes& notes);
  /// Gives back the memory that a huge account took.
  void release() {
    for (auto* numbers : {&entries_, &listens_}) give_back(*numbers);
    give_back(slots_);
    give_back(first_);
    give_back(scratch_);
  }
  /// Adds a document that was not written.
  static void skip(catalogue_notes& notes);

 private:
  void find_firsts(const recording_finder& found);

  const layout& rules_;
  const hash_key& key_;                           ///< of `slots_`, so that no ids can be made to collide
  std::vector<std::uint32_t> entries_, listens_;  ///< by row
  std::vector<std::uint64_t> slots_;              ///< ids of the rows seen, by their place
  std::vector<std::uint8_t> first_;               ///< by row: no earlier one has its id
  std::string scratch_;
};

/// The sizes in front of a run.
struct catalogue_run_head {
  slice_id slice;  ///< that the part belongs to
  std::uint64_t documents = 0, uses = 0, described = 0, layout_bytes = 0, list_bytes = 0, text_bytes = 0;

  static constexpr std::size_t bytes = 4 + 4 + 3 * 4 + 6 * 8;
};

/// The bytes of a run. Empties the notes.
/// @param layout_source the layout's TOML in the first run of a part, which says what the fields mean; empty
/// in the others
std::string encode_catalogue_run(catalogue_notes& notes, slice_id slice, std::string_view layout_source);

}  // namespace outro
