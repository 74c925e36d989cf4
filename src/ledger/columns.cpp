#include "ledger/columns.h"

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
  return row;
}

}  // namespace outro
