/// @file
/// The digest that tells whether an account changed: what the layout calls volatile does not count.
#pragma once

#include "account/account_view.h"
#include "account/layout.h"

namespace outro {

/// XXH3-128 over the document with volatile values cut out and every track object replaced by the 16 bytes
/// of its own digest (again with its volatile values cut out). `view` must be complete but for its digests.
/// `scratch` takes the bytes that are digested: hashing them at once is twice as fast as hashing every piece.
digest128 content_digest_of(account_view& view, const layout& rules, std::string& scratch);

}  // namespace outro
