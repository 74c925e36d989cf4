/// @file
/// The distinct track objects of one account, found by their bytes.
///
/// Two ways in. `guess` looks at the first 40 bytes of a track object and, where the row they point to has
/// the same bytes throughout, knows its end without reading a token: an object that is byte-identical up to
/// its closing brace ends there. `insert` takes an object whose end is known from the walk.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "account/account_view.h"
#include "base/bytes.h"
#include "base/keyed_hash.h"

namespace outro {

class row_set {
 public:
  row_set();

  /// Forgets the rows and prepares for a document of this size.
  void clear(std::size_t document_bytes);

  /// The row whose bytes start at `at`, or `no_index`. At least 64 bytes behind the document are readable.
  [[nodiscard]] std::uint32_t guess(const account_view& view, std::uint32_t at) const;

  /// The row with the object's bytes, added to `view.rows` if there is none yet.
  /// Second: whether it is new.
  std::pair<std::uint32_t, bool> insert(account_view& view, track_row object);

  /// Gives back the tables of a document with many rows; call once its rows are complete.
  void release_large();
  /// Gives back all.
  void release() {
    give_back(exact_);
    give_back(guesses_);
  }

 private:
  void grow(const account_view& view);

  [[nodiscard]] std::size_t guess_of(const char* object) const;

  const hash_key& key_;   ///< keeps hostile documents from choosing colliding hashes
  std::uint64_t seed_;    ///< of `guess_of`
  std::size_t mask_ = 0;  ///< both tables are used up to here, so that small documents clear little
  std::vector<std::uint32_t> guesses_;  ///< by hash of the first bytes: 1 + the latest row
  std::vector<std::uint32_t> exact_;    ///< open addressing by hash of all bytes: 1 + row
};

}  // namespace outro
