/// @file
/// The tracks of a range of ids: every description once, and how often the current documents have it.
///
/// Takes 88 bytes for each description, 6 to 12 to find it, 12 for each track, and the texts of ids that are
/// not numbers.
#pragma once

#include <atomic>
#include <compare>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/huge_pages.h"
#include "base/keyed_hash.h"
#include "catalogue/reader.h"

namespace outro {

/// An id in the catalogue's order: decimal numbers by value, then all others by bytes.
struct catalogue_id {
  static constexpr std::uint64_t no_number = 1ULL << 63;

  std::uint64_t number = 0;  ///< below 2^63, or `no_number`
  std::string text;          ///< empty for a number

  [[nodiscard]] std::string string() const { return number < no_number ? std::to_string(number) : text; }
  bool operator==(const catalogue_id&) const = default;
  auto operator<=>(const catalogue_id&) const = default;
};

/// Ids from one (inclusive) to another (exclusive); without a value, there is no bound.
struct id_range {
  std::optional<catalogue_id> from, to;
};

/// How often a track occurs.
struct track_counts {
  std::uint64_t accounts = 0, entries = 0, listens = 0;
};

/// What groups tracks, each hash in 32 bits; 0 stands for nothing.
struct track_prints {
  std::uint32_t key = 0, isrc = 0, edition = 0;
};
track_prints prints_of(const track_facts& facts);

class catalogue_table {
 public:
  /// The data of a description that counting it and finding it again take.
  struct variant {
    std::uint64_t id;  ///< a number, or where its text begins
    hash128 content;
    std::uint32_t run, index;
    track_prints prints;
  };
  /// An account says of an id what its first object of that id says: it has one voice for each id.
  struct tally {
    /// The greatest two times of documents that say it: 2 + exportedAt, 1 without one; 0: no document.
    std::uint64_t newest = 0, second = 0;
    std::uint64_t entries = 0, listens = 0;
    std::uint32_t accounts = 0;  ///< that say it
    std::uint32_t beside = 0;    ///< not 0: an account that says something else has it as well

    [[nodiscard]] bool occurs() const { return accounts > 0 || beside > 0; }
  };
  /// A track: its variants are `begin` to `end`, and at least one occurs.
  struct track {
    std::uint32_t begin, end;
    std::uint32_t shown;     ///< the variant that describes it
    std::uint32_t status;    ///< the variant that says whether the service still has it
    std::uint32_t variants;  ///< that occur
    track_counts counts;
  };

  /// Collects the descriptions of a range, then counts them. Uses all threads of the current arena.
  /// Errors: io, corrupt.
  status load(std::span<const catalogue_run> runs, const id_range& range);

  /// The tracks that occur, in order.
  [[nodiscard]] std::size_t tracks() const { return starts_.size(); }
  [[nodiscard]] track at(std::size_t number) const;
  /// Says which variants describe a track. Threads may do so for different tracks at once.
  void show(std::size_t number, std::uint32_t variant, std::uint32_t status) {
    shown_[number] = {variant, status};
  }
  [[nodiscard]] const variant& variant_at(std::uint32_t i) const { return variants_[i]; }
  [[nodiscard]] const tally& tally_of(std::uint32_t i) const { return tallies_[i]; }
  [[nodiscard]] catalogue_id id_of(const variant& v) const;

  /// Uses by current documents, and how many of them were in this range.
  [[nodiscard]] std::uint64_t uses() const { return uses_; }
  [[nodiscard]] std::uint64_t matched() const { return matched_; }

 private:
  status collect(std::span<const catalogue_run> runs, const id_range& range);
  void index();
  status count(std::span<const catalogue_run> runs);
  void count_uses(std::span<const catalogue_use> uses, std::uint64_t time);
  void find_tracks();
  [[nodiscard]] std::string_view text_at(std::uint64_t id) const;
  [[nodiscard]] bool before(const variant& a, const variant& b) const;
  [[nodiscard]] bool same_id(const variant& a, const variant& b) const;

  template <class T>
  using table = std::vector<T, huge_page_allocator<T>>;

  table<variant> variants_;
  table<tally> tallies_;
  const hash_key& key_ = process_key();  ///< of `slots_`, so that no contents can be made to collide
  table<std::uint32_t> slots_;           ///< by content: number of the variant, from 1
  std::vector<std::uint32_t> starts_;    ///< by track: its first variant
  struct shown_variants {
    std::uint32_t variant, status;
  };
  std::vector<shown_variants> shown_;  ///< by track
  std::string texts_;                  ///< of ids: length in 32 bits, then bytes
  std::atomic<std::uint64_t> uses_ = 0, matched_ = 0;
};

}  // namespace outro
