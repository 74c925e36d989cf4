#include "ledger/columns.h"

#include <fmt/format.h>

#include <algorithm>

namespace outro {

digest128 digest_at(const statement& s, int column) {
  digest128 d;
  const auto blob = s.blob(column);
  if (blob.size() == d.bytes.size()) std::copy(blob.begin(), blob.end(), d.bytes.begin());
  return d;
}

document_row read_document(const statement& s) {
  document_row row;
  row.slice = {small_at(s, 0), small_at(s, 1), small_at(s, 2)};
  row.index = big_at(s, 3);
  auto& d = row.record;
  d.account = s.text(account_column);
  if (!s.is_null(5)) d.exported_at = s.integer(5);
  d.digest = digest_at(s, 6);
  d.content_digest = digest_at(s, 7);
  d.outcome = static_cast<outcome>(std::clamp<std::int64_t>(s.integer(8), 0, outcome_names.size() - 1));
  d.reason = static_cast<reason>(std::clamp<std::int64_t>(s.integer(9), 0, reason_names.size() - 1));
  row.proven = s.integer(10) != 0;
  d.place = {small_at(s, 11), big_at(s, 12), big_at(s, 13)};
  d.length = big_at(s, 14);
  d.stored_offset = big_at(s, 15);
  d.stored_bytes = big_at(s, 16);
  d.counts = {small_at(s, 17), small_at(s, 18), small_at(s, 19), small_at(s, 20)};
  d.kept_percent = static_cast<std::uint8_t>(s.integer(21));
  d.is_older = s.integer(22) != 0;
  d.volatile_only = s.integer(23) != 0;
  return row;
}

std::string offered_of(const std::string& table, std::uint32_t indexed_until) {
  return fmt::format("{0}.run <= {1} AND {0}.outcome < 2", table, indexed_until);
}
std::string archives_of(const std::string& table, std::uint32_t indexed_until) {
  return fmt::format("{0}.run <= {1} AND {0}.outcome = 0", table, indexed_until);
}
std::string letters_of(const std::string& table, std::uint32_t indexed_until) {
  return fmt::format("{0}.run <= {1} AND {0}.outcome = 2", table, indexed_until);
}

}  // namespace outro
