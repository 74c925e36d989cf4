// What the ledger says of documents, and which archive of an account is current.
#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "ledger/columns.h"
#include "ledger/ledger.h"
#include "ledger/lookup.h"

namespace outro {

namespace {

status for_each_row(statement s, const std::function<bool(const document_row&)>& each) {
  while (s.step())
    if (!each(read_document(s))) return {};
  return s.error();
}

/// Rows of an account that have an archive are compared by this: the greatest was offered last.
auto offer_of(const document_row& r) {
  return std::tuple(r.proven, r.record.exported_at, r.slice, r.index);
}

}  // namespace

std::optional<document_row> ledger::current_archive(const std::string& account) {
  archive_finder archives(*this);
  const auto archive_of = [&](const document_row& r) { return archives.archive_of(r); };
  const auto indexed = indexed_until();

  // Rows of a run that has not finished have no index yet: they are looked through.
  std::vector<document_row> unindexed;
  if (const auto all = runs(); !all.empty() && !all.back().finished) {
    auto s = database_.prepare(
        fmt::format("SELECT {} FROM documents WHERE run > {} AND outcome < 2 AND account = ?",
                    document_columns, indexed));
    s.bind_text(account);
    while (s.next()) unindexed.push_back(read_document(s));
    std::sort(unindexed.begin(), unindexed.end(),
              [](const auto& a, const auto& b) { return offer_of(a) > offer_of(b); });
  }
  auto s = database_.prepare(fmt::format("SELECT {} FROM documents d WHERE {} AND account = ? ORDER BY {}",
                                         document_columns, offered_of("d", indexed), last_first));
  s.bind_text(account);
  auto next = unindexed.begin();
  while (s.next()) {
    const auto row = read_document(s);
    for (; next != unindexed.end() && offer_of(*next) > offer_of(row); ++next)
      if (auto found = archive_of(*next)) return found;
    if (auto found = archive_of(row)) return found;
  }
  for (; next != unindexed.end(); ++next)
    if (auto found = archive_of(*next)) return found;
  return std::nullopt;
}

std::vector<document_row> ledger::history_of(const std::string& account) {
  std::vector<document_row> rows;
  const auto indexed = indexed_until();
  const auto take = [&](const std::string& which) {
    auto s = database_.prepare(
        fmt::format("SELECT {} FROM documents d WHERE {} AND account = ?", document_columns, which));
    s.bind_text(account);
    while (s.next()) rows.push_back(read_document(s));
  };
  take(offered_of("d", indexed));
  take(letters_of("d", indexed));
  // Rows of a run that has not finished have no index yet: they are looked through.
  if (const auto all = runs(); !all.empty() && !all.back().finished) take(fmt::format("run > {}", indexed));
  const auto key = [](const document_row& r) {
    return std::tuple(r.record.outcome != outcome::dead_letter, offer_of(r));
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
    SELECT {} FROM documents WHERE outcome = 2 ORDER BY run, unit, slice, idx)sql",
                                                    document_columns)),
                      each);
}

status ledger::for_each_current(const std::function<bool(const document_row&)>& each) {
  archive_finder archives(*this);
  const auto all = runs();
  const bool indexed = all.empty() || all.back().finished;
  auto s = database_.prepare(
      fmt::format("SELECT {} FROM documents d WHERE {} ORDER BY account, {}", document_columns,
                  indexed ? offered_of("d", indexed_until()) : "outcome < 2", last_first));
  std::optional<std::string> done;
  while (s.step()) {
    if (done && *done == s.text(account_column)) continue;
    const auto current = archives.archive_of(read_document(s));
    if (!current) continue;  // its archive is lost: the row before decides
    done = s.text(account_column);
    if (!each(*current)) return {};
  }
  return s.error();
}

status ledger::for_each_shrunk(unsigned kept_percent, const std::function<bool(const document_row&)>& each) {
  auto s = database_.prepare(fmt::format(
      "SELECT {} FROM documents WHERE outcome = 0 AND kept <= {} ORDER BY account, run, unit, slice, idx",
      document_columns, kept_percent));
  return for_each_row(std::move(s), each);
}

status ledger::for_each_suspect(const std::function<bool(const document_row&)>& each) {
  return for_each_current([&](const document_row& r) { return r.record.counts.suspects == 0 || each(r); });
}

}  // namespace outro
