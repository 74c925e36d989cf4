/// @file
/// One document -> an account view, in one walk: grammar, identity, track objects, rows of tables.
///
/// Invariants on success: every byte outside track objects was checked, every distinct track object was
/// checked once, `refs` do not overlap and are in document order, and each lies under a track path.
#pragma once

#include <random>
#include <string>
#include <string_view>
#include <utility>

#include "account/account_view.h"
#include "account/content_digest.h"
#include "account/reason.h"
#include "account/row_set.h"
#include "account/tokens.h"
#include "base/bytes.h"
#include "layout/layout.h"

namespace outro {

inline constexpr int max_depth = 512;  ///< of nested objects and arrays, the root counted

/// Limits on `exportedAt` that depend on the run, never on the clock of the moment.
struct version_limits {
  std::int64_t earliest_ms = 946684800000;  ///< 2000-01-01
  std::int64_t latest_ms = 0;               ///< a day after the run began
};

/// Reads documents with one layout. One per thread, reused; holds scratch memory, no results.
class document_reader {
 public:
  /// @param hash_seed of the view's hashes of rows: one for all readers whose views are compared by them
  document_reader(const layout& rules, version_limits limits,
                  std::uint64_t hash_seed = std::random_device{}());

  /// Fills `view` from the document, or says why it cannot be exported. `document` needs 64 readable bytes
  /// behind it, the first of them a line feed or zero; it must outlive the view. Where something must be
  /// redacted, the view refers to a redacted copy that lives in this reader until the next call.
  reason read(std::string_view document, account_view& view);

  /// Hands over the redacted copy, for a view that must live past the next `read`.
  [[nodiscard]] buffer take_redacted() { return std::exchange(redacted_copy_, {}); }
  /// Gives back the memory that a huge document took. The last view may refer to what goes.
  void release();

 private:
  reason read_once(std::string_view document, account_view& view, bool redact);
  std::vector<std::string> apply_edits(std::string_view document);
  void shift_offsets(account_view& view) const;

  const layout& rules_;
  version_limits limits_;
  std::uint64_t hash_seed_;
  token_finder tokens_;
  row_set row_set_;
  row_digester row_digests_;
  std::string key_;  ///< a key that had to be unescaped
  struct edit {
    span_of where;
    std::string name;
    std::string_view text;
  };
  std::vector<edit> edits_;       ///< in document order
  std::uint64_t most_work_ = 0;   ///< that may be noted of the document
  bool edits_move_rows_ = false;  ///< they change track objects or values that were noted: read again
  buffer redacted_copy_;
  std::string digested_;  ///< scratch of the content digest

  friend class walk;
};

}  // namespace outro
