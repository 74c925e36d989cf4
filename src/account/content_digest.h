/// @file
/// The digest that shows whether an account changed; volatile values of the layout do not count.
#pragma once

#include <string>
#include <vector>

#include "account/account_view.h"
#include "layout/layout.h"

namespace outro {

/// Digests track objects during the walk. One per thread: it holds scratch memory.
class row_digester {
 public:
  explicit row_digester(const layout& rules);

  /// XXH3-128 of a row's bytes with its volatile values cut out. The view must hold the row's fields.
  digest128 digest_of_row(const account_view& view, std::size_t row);

 private:
  std::size_t slots_;
  std::vector<std::uint32_t> volatile_slots_;
  std::vector<span_of> cut_;
  std::string scratch_;
};

/// XXH3-128 over the document with volatile values cut out and every track object replaced by the 16 bytes
/// of its own digest. `view` must be complete but for the two digests of the document.
/// `scratch` collects the bytes first: one call of the hash is twice as fast as one for each piece.
digest128 content_digest_of(account_view& view, std::string& scratch);

}  // namespace outro
