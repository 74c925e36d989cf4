/// @file
/// Why a document became a dead letter. The names are stable: ledgers, summaries and runbooks hold them.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace outro {

enum class reason : std::uint8_t {
  none,                   ///< the document is accepted
  malformed,              ///< not RFC 8259 grammar
  bad_utf8,               ///< not UTF-8
  too_deep,               ///< nested deeper than 512
  too_large,              ///< longer than --max-document, or its work is (see work_limit.h)
  not_an_object,          ///< JSON, but the root is not an object
  id_missing,             ///< no account id at the top level
  id_duplicate,           ///< the account id occurs twice at the top level
  id_invalid,             ///< neither a string of 1 to 128 bytes nor a plain decimal integer
  exported_at_duplicate,  ///< the version field occurs twice at the top level
  exported_at_invalid,    ///< not a plain decimal integer
  exported_at_range,      ///< before 2000, or more than a day after the run began
  crashed,                ///< ended the process twice
  out_of_memory           ///< the machine had no memory for it, even once it was the first in line
};

inline constexpr std::array<std::string_view, 14> reason_names = {"NONE",
                                                                  "MALFORMED",
                                                                  "BAD_UTF8",
                                                                  "TOO_DEEP",
                                                                  "TOO_LARGE",
                                                                  "NOT_AN_OBJECT",
                                                                  "ID_MISSING",
                                                                  "ID_DUPLICATE",
                                                                  "ID_INVALID",
                                                                  "EXPORTED_AT_DUPLICATE",
                                                                  "EXPORTED_AT_INVALID",
                                                                  "EXPORTED_AT_RANGE",
                                                                  "CRASHED",
                                                                  "OUT_OF_MEMORY"};

inline std::string_view name_of(reason r) {
  return reason_names[static_cast<std::size_t>(r)];
}

}  // namespace outro
