// What the ledger says of documents, and which archive of an account is current.
#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "ledger/columns.h"
#include "ledger/ledger.h"

namespace outro {

namespace {

/// Which archive is current: a proven one before any that is not, then the latest export; the rest only makes
/// the answer the same whatever the order of arrival.
constexpr std::string_view newest_first =
    "proven DESC, exported_at DESC, digest DESC, run DESC, unit DESC, slice DESC, idx DESC";

status for_each_row(statement s, const std::function<bool(const document_row&)>& each) {
  while (s.step())
    if (!each(read_document(s))) return {};
  return s.error();
}

}  // namespace

std::vector<std::optional<document_row>> ledger::newest_before(std::uint32_t run,
                                                               const std::vector<std::string>& accounts) {
  std::vector<std::optional<document_row>> rows(accounts.size());
  const auto last = std::min(indexed_until(), run - 1);
  if (last == 0) return rows;
  // The number of the run stands in the text, because only then does SQLite see that the index covers it.
  auto s = database_.prepare(fmt::format(R"sql(
    SELECT {} FROM documents WHERE run <= {} AND account = ? AND outcome = 0 ORDER BY {} LIMIT 1)sql",
                                         document_columns, last, newest_first));
  for (std::size_t i = 0; i < accounts.size(); ++i) {
    s.bind_text(accounts[i]);
    if (s.next()) rows[i] = read_document(s);
    s.rewind();
  }
  return rows;
}

std::vector<document_row> ledger::history_of(const std::string& account) {
  std::vector<document_row> rows;
  const auto indexed = indexed_until();
  const auto take = [&](std::string_view which) {
    auto s = database_.prepare(fmt::format("SELECT {} FROM documents WHERE run {} {} AND account = ?",
                                           document_columns, which, indexed));
    s.bind_text(account);
    while (s.next()) rows.push_back(read_document(s));
  };
  take("<=");
  // Rows of a run that has not finished have no index yet: they are looked through.
  if (const auto all = runs(); !all.empty() && !all.back().finished) take(">");
  const auto key = [](const document_row& r) {
    return std::tuple(r.record.outcome == outcome::written, r.proven, r.record.exported_at, r.record.digest,
                      r.slice, r.index);
  };
  std::sort(rows.begin(), rows.end(), [&](const auto& a, const auto& b) { return key(a) > key(b); });
  return rows;
}

std::vector<document_row> ledger::documents_of(slice_id slice) {
  std::vector<document_row> rows;
  // A slice's rows were inserted in one transaction, so their numbers follow one another.
  auto s = database_.prepare(fmt::format(R"sql(
    SELECT {} FROM documents,
      (SELECT first_row AS f, documents AS n FROM slices WHERE run=?1 AND unit=?2 AND slice=?3)
    WHERE row >= f AND row < f + n ORDER BY row)sql",
                                         document_columns));
  s.bind(slice.run).bind(slice.unit).bind(slice.number);
  while (s.next()) rows.push_back(read_document(s));
  return rows;
}

status ledger::for_each_document(const std::function<bool(const document_row&)>& each) {
  return for_each_row(database_.prepare(fmt::format("SELECT {} FROM documents ORDER BY run, unit, slice, idx",
                                                    document_columns)),
                      each);
}

status ledger::for_each_dead_letter(const std::function<bool(const document_row&)>& each) {
  return for_each_row(database_.prepare(fmt::format(R"sql(
    SELECT {} FROM documents WHERE outcome = 3 ORDER BY run, unit, slice, idx)sql",
                                                    document_columns)),
                      each);
}

status ledger::for_each_current(const std::function<bool(const document_row&)>& each) {
  auto s = database_.prepare(fmt::format("SELECT {} FROM documents WHERE outcome = 0 ORDER BY account, {}",
                                         document_columns, newest_first));
  std::optional<std::string> last;
  while (s.step()) {
    if (last && *last == s.text(account_column)) continue;
    last = s.text(account_column);
    if (!each(read_document(s))) return {};
  }
  return s.error();
}

}  // namespace outro
