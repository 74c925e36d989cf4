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
#include "layout/layout.h"
#include "pack/slice_id.h"
#include "tracks/recordings.h"

namespace outro {

inline constexpr std::uint32_t catalogue_part_version = 3;

/// Notes of this size are written as a run of a part; so a slice keeps only about this much in memory.
inline constexpr std::size_t catalogue_run_bytes = 4U << 20;

/// What documents add, in their order. A document is never divided between two runs.
struct catalogue_notes {
  /// An object whose content was not seen before in the process.
  struct description {
    std::uint64_t content;
    track_facts facts;
    std::uint64_t text_begin;  ///< in `text`: the id, unless it is a number, then the fields
    std::uint32_t id_length, fields_length;
  };
  std::uint64_t documents = 0;
  std::uint64_t uses = 0;
  std::string lists;  ///< encoded as in a run
  std::vector<description> described;
  std::string text;

  void append(catalogue_notes&& other);
  /// Empties the notes and frees their memory.
  void release();
  [[nodiscard]] std::size_t bytes() const {
    return lists.size() + text.size() + described.size() * sizeof(description);
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
  std::uint64_t scatter_;                         ///< seed of `slots_`, so that no ids can be made to collide
  std::vector<std::uint32_t> entries_, listens_;  ///< by row
  std::vector<std::uint64_t> slots_;              ///< ids of the rows seen, by their hash
  std::vector<std::uint8_t> first_;               ///< by row: no earlier one has its id
  std::string scratch_;
};

/// The sizes in front of a run.
struct catalogue_run_head {
  slice_id slice;  ///< that the part belongs to
  std::uint64_t documents = 0, uses = 0, described = 0, layout_bytes = 0, list_bytes = 0, text_bytes = 0;

  static constexpr std::size_t bytes = 4 + 4 + 3 * 4 + 6 * 8;
};

/// A description's entry among a run's heads.
struct description_head {
  std::uint64_t content = 0;
  track_facts facts;  ///< all but `id`
  std::uint32_t text_begin = 0, id_length = 0, fields_length = 0;

  static constexpr std::size_t bytes = 5 * 8 + 2 * 4 + 4 * 4 + 10 * 2 + 2 * 1 + 2 + 3 * 4;
};

/// The bytes of a run. Empties the notes.
/// @param layout_source the layout's TOML in the first run of a part, which says what the fields mean; empty
/// in the others
std::string encode_catalogue_run(catalogue_notes& notes, slice_id slice, std::string_view layout_source);

}  // namespace outro
