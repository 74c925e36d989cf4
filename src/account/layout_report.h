/// @file
/// What a layout finds in real dumps, what it leaves unclaimed, and which of its paths lead nowhere.
///
/// Unclaimed values are not lost: they stay byte-exact in library.json, and are only missing in the CSVs.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "account/walk.h"
#include "layout/claims.h"
#include "layout/layout.h"

namespace outro {

/// One path of the documents.
struct seen_path {
  std::string path;
  std::uint64_t times = 0;
  std::vector<std::string> claims;
  /// The layout names nothing here or below. Paths below an unclaimed one are not listed.
  bool unclaimed = false;
};

/// A path of the layout without a value in the documents: most likely a slip.
struct unmatched_path {
  std::string path;
  std::vector<std::string> claims;
  /// It is, or leads to, the account id, its version, tracks, playlists or entries; or no path of a track's
  /// role occurred.
  bool is_needed = false;
  std::string hint;  ///< an unclaimed key nearby that is spelt alike; mostly empty
};

struct layout_report {
  std::uint64_t documents = 0;
  std::uint64_t accepted = 0;
  std::map<std::string, std::uint64_t> refused;  ///< by reason code
  std::vector<seen_path> paths;       ///< in the order of the layout, unclaimed ones after their siblings
  std::uint64_t tracks = 0;           ///< track objects, repetitions counted
  std::uint64_t track_rows = 0;       ///< distinct within their document
  std::vector<seen_path> track_keys;  ///< likewise inside track objects, times of `tracks`
  std::array<std::uint64_t, role_count> role_found{};  ///< track objects where a role had a text
  std::vector<unmatched_path> unmatched;

  /// Whether every document was accepted and every needed path was found.
  [[nodiscard]] bool is_clean() const;
};

/// Counts how often each node of a trie occurs, and the keys of its objects that lead to no node.
struct trie_counts {
  /// A bound for objects that are really maps (of ids, of dates).
  static constexpr std::size_t max_unclaimed = 500;

  std::vector<std::uint64_t> seen;                              ///< by node
  std::vector<std::map<std::string, std::uint64_t>> unclaimed;  ///< by node, by key
  std::vector<std::uint64_t> more;                              ///< by node: unclaimed keys beyond the limit
};

/// Adds up documents, one after another. Not thread-safe; refers to the layout.
class layout_sampler {
 public:
  layout_sampler(const layout& rules, version_limits limits);

  /// `document` is padded as document_reader::read wants it. Throws bad_alloc.
  reason add(std::string_view document);
  /// A document that was refused before it could be read.
  void add_refused(reason why);

  [[nodiscard]] layout_report report() const;

 private:
  void count_tracks(const account_view& view);
  void report_unmatched_in_document(layout_report& out) const;
  void report_unmatched_in_tracks(layout_report& out) const;

  const layout& rules_;
  document_reader reader_;
  account_view view_;
  token_finder tokens_;
  trie_counts document_, track_;
  std::vector<bool> slot_found_;
  layout_report totals_;
  std::string scratch_;
};

}  // namespace outro
