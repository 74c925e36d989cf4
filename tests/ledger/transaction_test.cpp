/// A write that fails, or throws, leaves the ledger as it was, and the next one works.
#include "ledger/transaction.h"
#include "ledger/lookup.h"

#include <gtest/gtest.h>

#include <fmt/format.h>

#include <stdexcept>
#include <tuple>

#include "testing/ledger_testing.h"

namespace outro {
namespace {

class transactions : public ledger_file {
 protected:
  void sql(const std::string& text) {
    const auto s = books_->connection().run(text);
    ASSERT_TRUE(s.ok()) << s.message;
  }
  /// Hides a table from the writes within `work`, as if the file were damaged.
  template <class Work>
  void without(const std::string& table, Work work) {
    sql(fmt::format("ALTER TABLE {} RENAME TO hidden", table));
    work();
    sql(fmt::format("ALTER TABLE hidden RENAME TO {}", table));
  }
  /// The disk is full for the writes within `work`: the file takes only a few pages more.
  template <class Work>
  void with_full_disk(Work work) {
    auto pages = books_->connection().prepare("PRAGMA page_count");
    ASSERT_TRUE(pages.step());
    const auto most = pages.integer(0) + 2;
    pages.rewind();
    sql(fmt::format("PRAGMA max_page_count = {}", most));
    work();
    sql("PRAGMA max_page_count = 1000000");
  }

  std::string index() {
    auto s = books_->connection().prepare(
        "SELECT coalesce(max(sql), '') FROM sqlite_schema WHERE name = 'documents_offered'");
    return s.next() ? std::string(s.text(0)) : std::string();
  }
  /// What the ledger holds, as far as writes change it.
  auto contents() {
    std::vector<std::pair<std::uint32_t, bool>> runs;
    std::size_t shards = 0;
    for (const auto& r : books_->runs()) {
      runs.emplace_back(r.run, r.finished);
      for (const auto& u : books_->planned_units(r.run)) shards += u.shards.size();
    }
    std::size_t units = 0, documents = 0;
    EXPECT_TRUE(books_->for_each_unit([&](std::uint32_t, std::uint32_t) { ++units; }).ok());
    EXPECT_TRUE(books_->for_each_document([&](const document_row&) { return ++documents, true; }).ok());
    const auto roster = books_->roster();
    return std::tuple(runs, units, shards, books_->slices().size(), documents, roster ? roster->accounts : 0,
                      index());
  }

  static std::vector<document_record> many_documents() {
    std::vector<document_record> documents;
    for (int i = 0; i < 2000; ++i) documents.push_back(document(fmt::format("account {}", i), 1, "x"));
    return documents;
  }
};

TEST_F(transactions, a_plan_with_a_unit_twice_leaves_no_part_of_the_run) {
  auto units = two_units();
  units.push_back(units.back());
  const auto before = contents();
  EXPECT_FALSE(books_->begin_run(planned(1), units).ok());
  EXPECT_EQ(contents(), before);
  begin(1);
  commit(1, 1, 1, {document("a", 1, "x")});
}

TEST_F(transactions, a_plan_that_fills_the_disk_leaves_no_part_of_the_run) {
  std::vector<unit> units;
  for (std::uint32_t n = 1; n <= 2000; ++n)
    units.push_back({n, {{"a long name of a shard.ndjson", 1, 2, false}}});
  const auto before = contents();
  with_full_disk([&] { EXPECT_FALSE(books_->begin_run(planned(1), units).ok()); });
  EXPECT_EQ(contents(), before);
  EXPECT_TRUE(books_->begin_run(planned(1), units).ok());
}

TEST_F(transactions, a_plan_whose_writing_throws_leaves_no_part_of_the_run) {
  const auto before = contents();
  without("shards",
          [&] { EXPECT_THROW((void)books_->begin_run(planned(1), two_units()), std::runtime_error); });
  EXPECT_EQ(contents(), before);
  begin(1);
}

TEST_F(transactions, a_slice_that_throws_in_the_middle_leaves_no_row) {
  begin(1);
  commit(1, 1, 1, {document("a", 1, "x")});
  const auto before = contents();
  const auto next = slice({1, 1, 2}, {document("b", 1, "x"), document("c", 1, "x")}, true);
  // The ends of shards are written last.
  without("shards", [&] { EXPECT_THROW((void)books_->commit_slice(next), std::runtime_error); });
  EXPECT_EQ(contents(), before);
  EXPECT_TRUE(books_->commit_slice(next).ok());
  EXPECT_EQ(books_->documents_of({1, 1, 2}).size(), 2U);
  EXPECT_TRUE(books_->progress_of(1).at(1).done);
}

TEST_F(transactions, a_slice_that_fills_the_disk_leaves_no_row) {
  begin(1);
  const auto before = contents();
  const auto large = slice({1, 1, 1}, many_documents());
  with_full_disk([&] { EXPECT_FALSE(books_->commit_slice(large).ok()); });
  EXPECT_EQ(contents(), before);
  EXPECT_TRUE(books_->commit_slice(large).ok());
  EXPECT_EQ(books_->documents_of({1, 1, 1}).size(), large.record.documents.size());
}

TEST_F(transactions, a_slice_that_is_committed_twice_counts_once) {
  begin(1);
  commit(1, 1, 1, {document("a", 1, "x")});
  const auto before = contents();
  EXPECT_FALSE(books_->commit_slice(slice({1, 1, 1}, {document("a", 1, "x")})).ok());
  EXPECT_EQ(contents(), before);
  commit(1, 1, 2, {document("b", 1, "x")});
}

TEST_F(transactions, a_run_that_cannot_be_finished_keeps_the_index_of_the_runs_before) {
  begin(1);
  commit(1, 1, 1, {document("a", 1, "one")});
  finish(1);
  begin(2);
  commit(2, 1, 1, {document("a", 2, "two")});
  const auto before = contents();
  // The state of the run is written last, behind the new index.
  without("runs", [&] { EXPECT_FALSE(books_->finish_run(2, 9, 1, 1).ok()); });
  EXPECT_EQ(contents(), before);
  EXPECT_EQ(earlier_lookup(*books_).of("a", {}).current->record.exported_at, 1);
  finish(2);
  EXPECT_NE(contents(), before);
  EXPECT_EQ(earlier_lookup(*books_).of("a", {}).current->record.exported_at, 2);
}

TEST_F(transactions, a_roster_that_fills_the_disk_leaves_the_one_before) {
  std::vector<std::string> accounts;
  for (int i = 0; i < 5000; ++i) accounts.push_back(fmt::format("an account with a long name {}", i));
  ASSERT_TRUE(books_->set_roster({"a", "b"}).ok());
  with_full_disk([&] { EXPECT_FALSE(books_->set_roster(accounts).ok()); });
  EXPECT_EQ(books_->roster()->accounts, 2U);
  EXPECT_TRUE(books_->set_roster(accounts).ok());
  EXPECT_EQ(books_->roster()->accounts, accounts.size());
}

TEST_F(transactions, a_roster_that_cannot_be_written_keeps_nothing_open) {
  without("roster", [&] { EXPECT_FALSE(books_->set_roster({"a"}).ok()); });
  EXPECT_TRUE(books_->set_roster({"a"}).ok());
  EXPECT_EQ(books_->roster()->accounts, 1U);
}

TEST_F(transactions, one_that_is_left_without_a_commit_is_rolled_back) {
  auto& d = books_->connection();
  const auto before = contents();
  {
    const auto change = transaction::begin(d).value();
    sql("INSERT INTO roster VALUES ('a')");
  }
  EXPECT_EQ(contents(), before);
  try {
    const auto change = transaction::begin(d).value();
    sql("INSERT INTO roster VALUES ('b')");
    throw std::runtime_error("in the middle");
  } catch (const std::runtime_error&) {
    EXPECT_EQ(contents(), before);
  }
  auto change = transaction::begin(d).value();
  sql("INSERT INTO roster VALUES ('c')");
  EXPECT_TRUE(change.commit().ok());
  EXPECT_EQ(books_->roster()->accounts, 1U);
}

TEST_F(transactions, one_whose_commit_fails_is_rolled_back) {
  auto& d = books_->connection();
  sql(R"sql(
    PRAGMA foreign_keys = ON;
    CREATE TABLE parent (id INTEGER PRIMARY KEY);
    CREATE TABLE child (id INTEGER REFERENCES parent DEFERRABLE INITIALLY DEFERRED);)sql");
  {
    auto change = transaction::begin(d).value();
    sql("INSERT INTO roster VALUES ('a'); INSERT INTO child VALUES (1);");
    EXPECT_FALSE(change.commit().ok());
  }
  EXPECT_FALSE(books_->roster().has_value());
  EXPECT_TRUE(books_->set_roster({"a"}).ok());
}

}  // namespace
}  // namespace outro
