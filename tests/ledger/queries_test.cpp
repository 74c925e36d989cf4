/// What verify, list and a comparison with dumps ask the ledger.
#include <gtest/gtest.h>

#include <map>
#include <stdexcept>

#include "ledger/audit.h"
#include "ledger/lookup.h"
#include "testing/ledger_testing.h"

namespace outro {
namespace {

class ledger_queries : public ledger_file {
 protected:
  static document_record dead_letter(std::string_view content, std::uint64_t offset) {
    auto d = document("", 0, content);
    d.outcome = outcome::dead_letter;
    d.reason = reason::malformed;
    d.place.offset = offset;
    return d;
  }
  /// A run whose first unit is this slice, and whose shard ended like this.
  void commit_run(std::uint32_t run, std::vector<document_record> documents, const shard_end& end) {
    begin(run);
    auto c = slice({run, 1, 1}, std::move(documents), true);
    c.record.end.shards = {end};
    ASSERT_TRUE(books_->commit_slice(c).ok());
    finish(run);
  }
  static shard_end whole() { return {0, 100, 100, 2, 0, false, ""}; }
  static shard_end damaged() { return {0, 100, 50, 2, 0, false, "zstd: damaged"}; }
};

TEST_F(ledger_queries, shards_come_in_order_with_their_ends_where_they_ended) {
  commit_run(1, {}, damaged());
  std::vector<shard_row> shards;
  ASSERT_TRUE(books_->for_each_shard([&](const shard_row& s) { return shards.push_back(s), true; }).ok());
  ASSERT_EQ(shards.size(), 3U);
  EXPECT_EQ(shards[0].planned, two_units()[0].shards[0]);
  EXPECT_EQ(shards[0].end, damaged());
  EXPECT_EQ(shards[2].unit, 2U);
  EXPECT_EQ(shards[2].number, 1U);
  EXPECT_TRUE(shards[2].planned.is_pipe);
  EXPECT_FALSE(shards[2].end.has_value());
  ledger_lookup lookup(*books_);
  EXPECT_EQ(lookup.end_of_shard(1, 1, 0), damaged());
  EXPECT_FALSE(lookup.end_of_shard(1, 2, 0).has_value());
  EXPECT_FALSE(lookup.end_of_shard(9, 9, 9).has_value());
}

TEST_F(ledger_queries, a_slice_comes_back_as_it_was_committed) {
  begin(1);
  auto c = slice({1, 1, 1}, {document("a", 1, "x"), document("b", 1, "y")}, true);
  c.pack_bytes = 7;
  c.pack_sha256 = "ab";
  c.record.totals = {1, 2, 3, 4, 5, 6, 7, 8, 9};
  ASSERT_TRUE(books_->commit_slice(c).ok());
  const auto slices = books_->slices();
  ASSERT_EQ(slices.size(), 1U);
  EXPECT_EQ(slices[0].id, c.record.id);
  EXPECT_EQ(slices[0].end, c.record.end.offset);
  EXPECT_EQ(slices[0].digest, c.record.end.digest);
  EXPECT_TRUE(slices[0].last);
  EXPECT_EQ(slices[0].documents, 2U);
  EXPECT_EQ(slices[0].document_bytes, 20U);
  EXPECT_EQ(slices[0].pack_bytes, 7U);
  EXPECT_EQ(slices[0].pack_sha256, "ab");
  EXPECT_EQ(slices[0].totals, c.record.totals);
}

TEST_F(ledger_queries, a_damaged_shard_stands_until_a_later_one_is_shown_to_repair_it) {
  auto end = damaged();
  end.remains = {std::string(64, 'a'), std::string(64, 'b')};
  commit_run(1, {dead_letter("behind the damage", 60), dead_letter("before it", 10), document("a", 1, "x")},
             end);
  auto rows = books_->damaged_rows(2);
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].id, (shard_id{1, 1, 0}));
  EXPECT_EQ(rows[0].path, "a.ndjson");
  EXPECT_EQ(rows[0].extent.decoded, 100U);
  EXPECT_EQ(rows[0].extent.proven, 50U);
  EXPECT_EQ(rows[0].remains, end.remains);
  EXPECT_FALSE(rows[0].repaired);

  // A whole shard of the same name is none.
  commit_run(2, {}, whole());
  EXPECT_FALSE(books_->damaged_rows(3)[0].repaired);
  auto repair = whole();
  repair.repairs = {{1, 1, 0}};
  commit_run(3, {}, repair);
  EXPECT_TRUE(books_->damaged_rows(4)[0].repaired);
  EXPECT_FALSE(books_->damaged_rows(3)[0].repaired) << "run 3 itself, once more, finds the same repairs";
  EXPECT_EQ(ledger_lookup(*books_).end_of_shard(3, 1, 0), repair);
  EXPECT_EQ(wrong_repairs(*books_), 0U);

  // Of the dead letters the one behind the proven end came with the repair.
  EXPECT_EQ(standing_letters(*books_, {}), 2U);
  EXPECT_EQ(standing_letters(*books_, {{1, 1, 0}}), 1U);
}

TEST_F(ledger_queries, repairs_that_nothing_can_show_are_counted_as_wrong) {
  commit_run(1, {}, damaged());  // it left nothing to be recognised by
  auto repair = whole();
  repair.repairs = {{1, 1, 0}, {1, 2, 0}, {2, 1, 0}, {9, 9, 9}};
  commit_run(2, {}, repair);
  EXPECT_EQ(wrong_repairs(*books_), 4U);
}

TEST_F(ledger_queries, the_end_of_a_damaged_shard_unproves_what_earlier_slices_hold) {
  begin(1);
  const auto at = [](std::uint32_t shard, std::uint64_t offset) {
    auto d = document("a" + std::to_string(shard) + "-" + std::to_string(offset), 1, "x");
    d.place.shard = shard;
    d.place.offset = offset;
    return d;
  };
  commit(1, 2, 1, {at(0, 60), at(1, 10), at(1, 60)});
  commit(1, 2, 2, {at(1, 80)});
  auto last = slice({1, 2, 3}, {at(1, 100)}, true);
  auto end = damaged();
  end.shard = 1;
  last.record.end.shards = {whole(), end};
  ASSERT_TRUE(books_->commit_slice(last).ok());
  std::map<std::string, bool> proven;
  ASSERT_TRUE(books_
                  ->for_each_document([&](const document_row& r) {
                    proven[r.record.account] = r.proven;
                    return true;
                  })
                  .ok());
  EXPECT_EQ(proven,
            (std::map<std::string, bool>{
                {"a0-60", true}, {"a1-10", true}, {"a1-60", false}, {"a1-80", false}, {"a1-100", false}}));
}

TEST_F(ledger_queries, an_account_is_unproven_until_a_proven_archive_of_it_is_there) {
  auto behind = document("a", 1, "x");
  behind.place.offset = 60;
  commit_run(1, {behind}, damaged());
  EXPECT_EQ(unproven_accounts(*books_, {}), 1U);
  // Of a shard that was repaired, what lay behind the proven end may never have existed.
  EXPECT_EQ(unproven_accounts(*books_, {{1, 1, 0}}), 0U);
  commit_run(2, {document("a", 0, "y")}, whole());
  EXPECT_EQ(unproven_accounts(*books_, {}), 0U);
}

TEST_F(ledger_queries, documents_and_dead_letters_are_found_by_what_they_are) {
  commit_run(1, {document("a", 5, "x"), document("a", 5, "x"), dead_letter("bad", 10)}, whole());
  begin(2);
  ledger_lookup lookup(*books_);
  const auto rows_of = [&](const std::string& account, std::optional<std::int64_t> at) {
    std::vector<std::uint64_t> rows;
    lookup.for_each_row(account, at, digest_of("x"),
                        [&](const found_row& r) { return rows.push_back(r.index), true; });
    return rows;
  };
  EXPECT_EQ(rows_of("a", 5), (std::vector<std::uint64_t>{1, 0}));
  EXPECT_TRUE(rows_of("a", 6).empty());
  EXPECT_TRUE(rows_of("a", std::nullopt).empty());
  EXPECT_TRUE(rows_of("b", 5).empty());
  const auto archive = lookup.archive_of_content("a", digest_of("x"), 2);
  ASSERT_TRUE(archive);
  EXPECT_EQ(archive->index, 1U);
  EXPECT_FALSE(lookup.archive_of_content("a", digest_of("y"), 2));
  letter_lookup letters(*books_);
  const auto letters_of = [&](const char* bytes) {
    std::size_t n = 0;
    letters.for_each_letter(digest_of(bytes), [&](const found_row&) { return ++n, true; });
    return n;
  };
  EXPECT_EQ(letters_of("bad"), 1U);
  EXPECT_EQ(letters_of("x"), 0U);
  std::size_t dead = 0;
  ASSERT_TRUE(books_->for_each_dead_letter([&](const document_row&) { return ++dead, true; }).ok());
  EXPECT_EQ(dead, 1U);
}

TEST_F(ledger_queries, counts_show_tables_that_do_not_agree) {
  commit_run(1, {document("a", 1, "x"), document("b", 1, "x")}, whole());
  EXPECT_EQ(impossible_documents(*books_), 0U);
  EXPECT_EQ(wrong_proofs(*books_), 0U);
  EXPECT_EQ(count_documents(*books_), count_documents_of_slices(*books_));
  EXPECT_EQ(unread_shards(*books_, 0), 2U);  // of the second unit
  EXPECT_EQ(unread_shards(*books_, 1), 0U);
  EXPECT_EQ(count_units(*books_, 1), 2U);
  ASSERT_TRUE(books_->connection()
                  .run("UPDATE documents SET outcome = 7 WHERE account = 'a';"
                       "UPDATE documents SET proven = 0 WHERE account = 'b';"
                       "INSERT INTO documents SELECT 9, run, unit, slice, idx, account, exported_at, digest, "
                       "content, outcome, reason, 1, shard, offset, line, length, stored_offset, "
                       "stored_bytes, entries, "
                       "favourites, listens, suspects, kept, older, volatile_only "
                       "FROM documents WHERE account = 'b'")
                  .ok());
  EXPECT_EQ(impossible_documents(*books_), 1U);
  EXPECT_EQ(wrong_proofs(*books_), 1U);
  EXPECT_EQ(count_documents(*books_), 1 + count_documents_of_slices(*books_));
}

TEST_F(ledger_queries, a_roster_that_cannot_be_counted_is_not_taken_for_none) {
  begin(1);
  ASSERT_TRUE(books_->set_roster({"a"}).ok());
  ASSERT_TRUE(books_->connection().run("ALTER TABLE documents RENAME TO hidden").ok());
  EXPECT_THROW((void)books_->roster(), std::runtime_error);
  ASSERT_TRUE(books_->connection().run("ALTER TABLE hidden RENAME TO documents").ok());
  EXPECT_EQ(books_->roster()->missing, 1U);
}

}  // namespace
}  // namespace outro
