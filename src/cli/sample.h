/// @file
/// The first documents of some dumps, for commands that only want to look.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "account/reason.h"
#include "outro/status.h"
#include "source/input.h"

namespace outro {

struct sample_end {
  std::uint64_t documents = 0;
  std::vector<std::string> damaged;  ///< "PATH: what is wrong", of shards that were read to their end
  left_out hidden;                   ///< entries of directories, which are not read
};

/// Reads up to `limit` documents in order, from a file, a directory or "-"; plain, .zst or .gz. `each` gets
/// the document, padded as document_reader::read wants it, or an empty one with the reason why it was not
/// even read. Blocks. Errors: usage (nothing there), io.
result<sample_end> read_sample(const std::string& dump, std::uint64_t limit,
                               const std::function<void(std::string_view document, reason why)>& each);

}  // namespace outro
