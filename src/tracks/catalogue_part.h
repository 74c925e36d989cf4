/// @file
/// What one slice tells the catalogue: its tracks, how often each document has them, and what new ones are.
/// FORMAT.md of this folder has the bytes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "account/account_view.h"
#include "account/layout.h"
#include "base/digest.h"
#include "outro/status.h"
#include "tracks/recordings.h"

namespace outro {

inline constexpr std::uint32_t catalogue_part_version = 1;

/// Where an id stands in the catalogue's order: decimal numbers as numbers, then all others as bytes.
struct catalogue_id {
  std::uint64_t order = 0;  ///< of a decimal number, itself; else above all of them
  std::string_view text;    ///< empty for a decimal number

  [[nodiscard]] bool is_number() const { return order < (1ULL << 63); }
  [[nodiscard]] std::string string() const { return is_number() ? std::to_string(order) : std::string(text); }
  bool operator==(const catalogue_id&) const = default;
  auto operator<=>(const catalogue_id&) const = default;
};

/// How often a track occurs.
struct track_counts {
  std::uint64_t accounts = 0, entries = 0, listens = 0;

  track_counts& operator+=(const track_counts& o) {
    accounts += o.accounts, entries += o.entries, listens += o.listens;
    return *this;
  }
};

/// A track object of a slice: one for each id and content.
struct catalogue_record {
  catalogue_id id;
  std::uint64_t content = 0;  ///< digest of its catalogue fields, 48 bits
  track_counts counts;
  std::uint64_t newest = 0;  ///< document that has it: 2 + exportedAt, 1 where it has none, 0: no current one
  bool described = false;    ///< facts and fields are here
  track_facts facts;         ///< but for `id` and `id_order`
  std::string_view fields;   ///< JSON object
};

/// What the blocks of a slice tell, in the order of their documents.
struct catalogue_notes {
  struct use {
    std::uint64_t order, content;
    std::uint32_t document;  ///< index in the slice
    std::uint32_t entries, listens;
    std::uint32_t text_begin, text_length;  ///< of an id that is no number
    bool first_of_id;                       ///< in its document
  };
  struct news {
    std::uint64_t order, content;
    track_facts facts;
    std::uint32_t id_begin, id_length;
    std::uint64_t fields_begin;
    std::uint32_t fields_length;
  };
  std::vector<use> uses;
  std::vector<news> described;
  std::vector<std::uint64_t> exported_at;  ///< by document: 2 + ms, 1 where it has none, 0 where not written
  std::vector<bool> written;               ///< by document
  std::string text;

  void append(catalogue_notes&& other);
};

/// Notes what documents have. One per thread, reused.
class catalogue_noter {
 public:
  explicit catalogue_noter(const layout& rules) : rules_(rules) {}

  /// Adds a written document; `found` has seen the view last.
  void note(const account_view& view, const recording_finder& found, catalogue_notes& notes);
  /// Adds a document that was not written.
  static void skip(catalogue_notes& notes);

 private:
  const layout& rules_;
  std::vector<std::uint32_t> entries_, listens_;  ///< by row
  std::vector<std::pair<std::uint64_t, std::uint32_t>> rows_;
  std::string scratch_;
};

/// What stands in front of a part.
struct catalogue_part_head {
  std::uint32_t run = 0, unit = 0, slice = 0;
  std::uint64_t documents = 0, written = 0, records = 0;
};

/// Appends a record behind one with `last_number` (0 in front), which it updates. Records are in order of id
/// and content.
void append_record(std::string& out, const catalogue_record& record, std::uint64_t& last_number);
/// A part of records and document lists that are encoded already.
std::string wrap_catalogue_part(const catalogue_part_head& head, std::string_view records,
                                std::string_view lists);

/// The part of a slice as it lies on disk.
std::string encode_catalogue_part(const catalogue_notes& notes, std::uint32_t run, std::uint32_t unit,
                                  std::uint32_t slice);

}  // namespace outro
