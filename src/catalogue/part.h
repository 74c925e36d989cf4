/// @file
/// What one slice tells the catalogue: how often each document has which tracks, and what new ones are.
/// FORMAT.md of this folder has the bytes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "account/account_view.h"
#include "base/digest.h"
#include "layout/layout.h"
#include "tracks/recordings.h"

namespace outro {

inline constexpr std::uint32_t catalogue_part_version = 2;

/// Notes of this size make a run of a part: what a slice keeps in memory for the catalogue.
inline constexpr std::size_t catalogue_run_bytes = 4U << 20;

/// What documents tell, in their order; a document is told whole.
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
  std::string lists;  ///< as they lie in a run
  std::vector<description> described;
  std::string text;

  void append(catalogue_notes&& other);
  [[nodiscard]] std::size_t bytes() const {
    return lists.size() + text.size() + described.size() * sizeof(description);
  }
};

/// Notes what documents have. One per thread, reused.
class catalogue_noter {
 public:
  explicit catalogue_noter(const layout& rules) : rules_(rules) {}

  /// Adds a written document; `found` has seen the view last.
  void note(const account_view& view, const recording_finder& found, catalogue_notes& notes);
  /// Adds what is new in a document, which does not count; note does this, too.
  void describe(const account_view& view, const recording_finder& found, catalogue_notes& notes);
  /// Adds a document that was not written.
  static void skip(catalogue_notes& notes);

 private:
  const layout& rules_;
  std::vector<std::uint32_t> entries_, listens_;  ///< by row
  std::string scratch_;
};

/// The slice that a part tells of.
struct slice_name_of_part {
  std::uint32_t run = 0, unit = 0, slice = 0;
  bool operator==(const slice_name_of_part&) const = default;
};

/// The sizes in front of a run.
struct catalogue_run_head {
  slice_name_of_part slice;
  std::uint64_t documents = 0, uses = 0, described = 0, list_bytes = 0, text_bytes = 0;

  static constexpr std::size_t bytes = 4 + 4 + 3 * 4 + 5 * 8;
};

/// What stands of a description in a run's heads.
struct description_head {
  std::uint64_t content = 0;
  track_facts facts;  ///< but for `id`
  std::uint32_t text_begin = 0, id_length = 0, fields_length = 0;

  static constexpr std::size_t bytes = 5 * 8 + 3 * 4 + 2 + 2 + 3 * 4;
};

/// A run as it lies on disk. Empties the notes.
std::string encode_catalogue_run(catalogue_notes& notes, const slice_name_of_part& slice);

}  // namespace outro
