/// @file
/// The digest that shows whether an account changed; volatile values of the layout do not count.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "account/account_view.h"
#include "account/digest_memory.h"
#include "base/bytes.h"
#include "layout/layout.h"

namespace outro {

/// Makes `account_view::content_digest`. One per thread: it holds scratch memory.
///
/// It is SHA-256, cut to 16 bytes, because it decides what is not written again: nobody can make two dumps
/// that differ in what counts and have one digest. (2^64 tries would give two of one's own.) What it is of is
/// told in pack/FORMAT.md.
class content_digester {
 public:
  /// `memory`: shared by the readers of a run; null: every object is digested.
  content_digester(const layout& rules, std::shared_ptr<digest_memory> memory);

  /// The view must be complete but for its row digests and its content digest.
  void digest(account_view& view);
  /// Gives back the memory of a large document.
  void release() { give_back(scratch_); }

 private:
  void digest_rows(account_view& view);
  digest128 digest_of_row(const account_view& view, std::size_t row);

  std::size_t slots_;
  std::vector<std::uint32_t> volatile_slots_;
  std::shared_ptr<digest_memory> memory_;
  sha256 sha_;
  std::vector<span_of> cut_;
  std::string scratch_;  ///< collects bytes: one call of the hash is faster than one for each piece
};

}  // namespace outro
