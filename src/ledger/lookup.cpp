#include "ledger/lookup.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "ledger/columns.h"

namespace outro {

namespace {

constexpr std::string_view found_columns =
    "run, unit, slice, idx, outcome, digest, content, stored_offset, stored_bytes";

found_row read_found(const statement& s) {
  found_row r;
  r.slice = {small_at(s, 0), small_at(s, 1), small_at(s, 2)};
  r.index = big_at(s, 3);
  r.outcome = static_cast<outcome>(std::clamp<std::int64_t>(s.integer(4), 0, outcome_names.size() - 1));
  r.digest = digest_at(s, 5);
  r.content = digest_at(s, 6);
  r.stored_offset = big_at(s, 7);
  r.stored_bytes = big_at(s, 8);
  return r;
}

}  // namespace

archive_finder::archive_finder(ledger& books) {
  for (auto& r : books.runs()) {
    recipes_.push_back(std::move(r.recipe));
    has_cut_runs_ = has_cut_runs_ || r.cut;
  }
  content_ = books.connection().prepare(fmt::format(R"sql(
    SELECT {} FROM documents d
    WHERE {} AND content = ? AND proven = 1 AND run <= ? AND account = ? ORDER BY {} LIMIT 1)sql",
                                                    document_columns, archives_of("d", books.indexed_until()),
                                                    last_run_first));
}

std::optional<document_row> archive_finder::find(const std::string& account, const digest128& content,
                                                 std::uint32_t last, std::uint32_t recipe_run) {
  if (recipe_run < 1 || recipe_run > recipes_.size()) return std::nullopt;
  const auto& recipe = recipes_[recipe_run - 1];
  // One step for each run that has this content with another recipe.
  while (last > 0) {
    content_.bind_blob(content.view()).bind(last).bind_text(account);
    std::optional<document_row> row;
    if (content_.next()) row = read_document(content_);
    content_.rewind();
    if (!row || row->slice.run < 1 || row->slice.run > last) return std::nullopt;
    if (row->slice.run <= recipes_.size() && recipes_[row->slice.run - 1] == recipe) return row;
    last = row->slice.run - 1;
  }
  return std::nullopt;
}

std::optional<document_row> archive_finder::archive_of(const document_row& row) {
  if (row.record.outcome == outcome::written) return row;
  if (row.record.outcome != outcome::unchanged) return std::nullopt;
  const auto& d = row.record;
  if (auto found = find(d.account, d.content_digest, row.slice.run - 1, row.slice.run)) return found;
  // Where an earlier run lost packs, its documents were written again by any later run.
  if (!has_cut_runs_) return std::nullopt;
  return find(d.account, d.content_digest, static_cast<std::uint32_t>(recipes_.size()), row.slice.run);
}

earlier_lookup::earlier_lookup(ledger& books)
    : archives_(books),
      indexed_until_(books.indexed_until()),
      run_(books.runs().empty() ? 0 : books.runs().back().run) {
  current_ = books.connection().prepare(
      fmt::format("SELECT {} FROM documents d WHERE {} AND account = ? ORDER BY {} LIMIT 1", document_columns,
                  offered_of("d", indexed_until_), last_first));
}

earlier_document earlier_lookup::of(const std::string& account, const digest128& content) {
  earlier_document found;
  current_.bind_text(account);
  if (current_.next()) found.current = read_document(current_);
  current_.rewind();
  if (found.current) found.same = archives_.find(account, content, indexed_until_, run_);
  return found;
}

ledger_lookup::ledger_lookup(ledger& books) : archives_(books) {
  auto& from = books.connection();
  rows_ = from.prepare(fmt::format(R"sql(
    SELECT {} FROM documents d
    WHERE {} AND account = ? AND proven IN (0, 1) AND exported_at IS ? AND digest = ? ORDER BY row DESC)sql",
                                   found_columns, offered_of("d", books.indexed_until())));
  shard_ = from.prepare(R"sql(
    SELECT decoded_bytes, proven_end, lines, blank_lines, bom, damage, decoded_sha256, proven_sha256 FROM shards
    WHERE run = ? AND unit = ? AND shard = ?)sql");
  repairs_ = from.prepare(R"sql(
    SELECT of_run, of_unit, of_shard FROM repairs WHERE run = ? AND unit = ? AND shard = ?
    ORDER BY of_run, of_unit, of_shard)sql");
}

void ledger_lookup::for_each_row(const std::string& account, std::optional<std::int64_t> exported_at,
                                 const digest128& digest, const std::function<bool(const found_row&)>& each) {
  rows_.bind_text(account);
  exported_at ? rows_.bind(*exported_at) : rows_.bind_null();
  rows_.bind_blob(digest.view());
  while (rows_.step())
    if (!each(read_found(rows_))) break;
  rows_.rewind();
}

std::optional<document_row> ledger_lookup::archive_of_content(const std::string& account,
                                                              const digest128& content, std::uint32_t run) {
  document_row row;
  row.slice.run = run;
  row.record.account = account;
  row.record.content_digest = content;
  row.record.outcome = outcome::unchanged;
  return archives_.archive_of(row);
}

std::optional<shard_end> ledger_lookup::end_of_shard(std::uint32_t run, std::uint32_t unit,
                                                     std::uint32_t shard) {
  auto& s = shard_.bind(run).bind(unit).bind(shard);
  std::optional<shard_end> end;
  if (s.step() && !s.is_null(5))
    end = {shard,
           big_at(s, 0),
           big_at(s, 1),
           big_at(s, 2),
           big_at(s, 3),
           s.integer(4) != 0,
           std::string(s.text(5)),
           {std::string(s.text(6)), std::string(s.text(7))},
           {}};
  s.rewind();
  if (!end) return end;
  auto& r = repairs_.bind(run).bind(unit).bind(shard);
  while (r.step()) end->repairs.push_back({small_at(r, 0), small_at(r, 1), small_at(r, 2)});
  r.rewind();
  return end;
}

letter_lookup::letter_lookup(ledger& books) {
  auto& from = books.connection();
  const auto s = from.run(R"sql(
    CREATE TEMP TABLE letters AS SELECT digest AS of, row AS letter FROM documents WHERE outcome = 2;
    CREATE INDEX temp.letters_of ON letters (of, letter))sql");
  if (!s.ok()) throw std::runtime_error(s.message);
  letters_ = from.prepare(fmt::format(
      "SELECT {} FROM temp.letters CROSS JOIN documents WHERE of = ? AND row = letter ORDER BY letter DESC",
      found_columns));
}

void letter_lookup::for_each_letter(const digest128& digest,
                                    const std::function<bool(const found_row&)>& each) {
  letters_.bind_blob(digest.view());
  while (letters_.step() && each(read_found(letters_))) continue;
  letters_.rewind();
}

}  // namespace outro
