/// The truth about the dumps: their contents, and the right outcome of each faulty document.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "account.h"
#include "files.h"
#include "options.h"
#include "recordings.h"
#include "shards.h"

namespace outro::generate {

struct totals {
  std::uint64_t documents = 0;
  std::uint64_t bytes = 0;           ///< decoded
  std::uint64_t accepted_bytes = 0;  ///< decoded, of documents that are no dead letters, with line feeds
  std::uint64_t shards = 0;
  std::uint64_t bytes_written = 0;  ///< on disk
  std::uint64_t changed = 0;
  std::array<std::uint64_t, fault_count> faults{};
  tally all;
  tally accepted;

  [[nodiscard]] std::uint64_t dead_letters() const;
};

/// The header and the lines of faults.tsv.
std::string_view fault_header();
std::string fault_line(const options& wanted, const document& what, const document_place& where,
                       std::string_view detail);

/// The text of truth.json. It does not depend on threads or time.
std::string truth_json(const options& wanted, const totals& found, const recordings_summary* recordings);

}  // namespace outro::generate
