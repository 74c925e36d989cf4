/// What verify, list and a comparison with dumps ask the ledger.
#include <gtest/gtest.h>

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

TEST_F(ledger_queries, a_damaged_shard_stands_until_a_later_run_reads_it_whole) {
  commit_run(1, {dead_letter("behind the damage", 60), dead_letter("before it", 10), document("a", 1, "x")},
             damaged());
  ASSERT_EQ(unmended_shards(*books_).size(), 1U);
  EXPECT_EQ(unmended_shards(*books_)[0].path, "a.ndjson");
  EXPECT_EQ(letters_outside_mended_shards(*books_), 2U);
  EXPECT_EQ(letters_outside_damaged_shards(*books_), 1U);
  commit_run(2, {}, whole());
  EXPECT_TRUE(unmended_shards(*books_).empty());
  EXPECT_EQ(letters_outside_mended_shards(*books_), 1U);
}

TEST_F(ledger_queries, an_account_is_unproven_until_a_proven_archive_of_it_is_there) {
  auto behind = document("a", 1, "x");
  behind.place.offset = 60;
  commit_run(1, {behind}, damaged());
  EXPECT_EQ(unproven_accounts(*books_, 1), 1U);
  commit_run(2, {document("a", 0, "y")}, whole());
  EXPECT_EQ(unproven_accounts(*books_, 2), 0U);
}

TEST_F(ledger_queries, documents_and_dead_letters_are_found_by_what_they_are) {
  commit_run(1, {document("a", 5, "x"), dead_letter("bad", 10)}, whole());
  ledger_lookup lookup(*books_);
  ASSERT_EQ(lookup.rows_of("a", digest_of("x")).size(), 1U);
  EXPECT_EQ(lookup.rows_of("a", digest_of("x"))[0].exported_at, 5);
  EXPECT_TRUE(lookup.rows_of("b", digest_of("x")).empty());
  EXPECT_TRUE(lookup.has_content("a", digest_of("x"), 2));
  EXPECT_FALSE(lookup.has_content("a", digest_of("x"), 1));  // before its own run there is none
  EXPECT_TRUE(lookup.has_newer("a", 4, 2));
  EXPECT_FALSE(lookup.has_newer("a", 5, 2));
  letter_lookup letters(*books_);
  ASSERT_EQ(letters.letters_of(digest_of("bad")).size(), 1U);
  EXPECT_TRUE(letters.letters_of(digest_of("x")).empty());
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
  ASSERT_TRUE(
      books_->connection()
          .run("UPDATE documents SET outcome = 7 WHERE account = 'a';"
               "UPDATE documents SET proven = 0 WHERE account = 'b';"
               "INSERT INTO documents SELECT 9, run, unit, slice, idx, account, exported_at, digest, "
               "content, outcome, reason, 1, shard, offset, line, length, stored_offset, stored_bytes "
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
