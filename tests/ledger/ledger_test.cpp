/// The ledger keeps plans, slices and outcomes, and says which archive is current.
#include <gtest/gtest.h>

#include <future>
#include <thread>

#include <filesystem>
#include <fstream>

#include "ledger/lookup.h"
#include "testing/ledger_testing.h"

namespace outro {
namespace {

namespace fs = std::filesystem;

TEST_F(ledger_file, gives_back_the_plan) {
  begin(1);
  const auto units = books_->planned_units(1);
  ASSERT_EQ(units.size(), 2U);
  EXPECT_EQ(units[1].shards[0].path, "b.ndjson");
  EXPECT_EQ(units[1].shards[0].mtime_ns, 40);
  EXPECT_TRUE(units[1].shards[1].is_pipe);
  EXPECT_FALSE(books_->runs()[0].finished);
}

TEST_F(ledger_file, knows_how_far_a_unit_got_after_reopening) {
  begin(1);
  commit(1, 1, 1, {document("a", 1, "x")});
  commit(1, 1, 2, {document("b", 1, "x")}, true);
  commit(1, 2, 1, {});
  books_.reset();
  books_.emplace(ledger::open(folder_ / "ledger.sqlite", database::access::write).value());
  const auto progress = books_->progress_of(1);
  EXPECT_TRUE(progress.at(1).done);
  EXPECT_EQ(progress.at(1).end, 200U);
  EXPECT_FALSE(progress.at(2).done);
  EXPECT_EQ(progress.at(2).slices, 1U);
}

TEST_F(ledger_file, finds_the_current_archive_whatever_the_order_of_arrival) {
  begin(1);
  // Of equal dates the last place decides: here the second unit, though it came first.
  commit(1, 2, 1, {document("a", 30, "mew"), document("b", 5, "x"), document("a", 30, "new")});
  commit(1, 1, 1, {document("a", 20, "old"), document("a", 30, "zew")});
  for (const bool finished : {false, true}) {
    if (finished) finish(1);
    const auto rows = books_->history_of("a");
    ASSERT_EQ(rows.size(), 4U);
    EXPECT_EQ(rows[0].record.digest, digest_of("new"));
    EXPECT_EQ(books_->current_archive("a")->record.digest, digest_of("new"));
    EXPECT_EQ(rows[3].record.exported_at, 20);
    EXPECT_FALSE(books_->current_archive("c"));
    EXPECT_TRUE(books_->history_of("c").empty());
  }
  std::vector<std::string> current;
  ASSERT_TRUE(
      books_
          ->for_each_current([&](const document_row& r) { return current.push_back(r.record.account), true; })
          .ok());
  EXPECT_EQ(current, (std::vector<std::string>{"a", "b"}));
}

TEST_F(ledger_file, prefers_a_proven_archive_to_a_newer_one) {
  begin(1);
  commit(1, 1, 1, {document("a", 30, "new"), document("a", 20, "old")});
  slice_commit c;
  c.record.id = {1, 1, 2};
  c.record.end.shards.push_back({0, 100, 5, 1, 0, false, "zstd: damaged"});
  ASSERT_TRUE(books_->commit_slice(c).ok());  // both documents end behind byte 5
  EXPECT_EQ(books_->books_of(1).unproven, 2U);
  begin(2);
  commit(2, 1, 1, {document("a", 10, "older, but whole")});
  EXPECT_EQ(books_->history_of("a")[0].record.exported_at, 10);
  EXPECT_EQ(books_->current_archive("a")->record.exported_at, 10);
}

TEST_F(ledger_file, proves_a_document_only_together_with_its_line_feed) {
  begin(1);
  slice_commit c;
  c.record.id = {1, 1, 1};
  c.record.documents = {document("whole", 1, "x"), document("cut where the proof ends", 1, "x")};
  c.record.documents[1].place.offset = 11;  // its 10 bytes end at byte 21
  for (const std::uint64_t in_slice : {1, 2}) {
    if (in_slice == 2) c.record.documents.clear(), c.record.id.number = 2;
    c.record.end.shards = {{0, 100, 21, 1, 0, false, "zstd: damaged"}};
    ASSERT_TRUE(books_->commit_slice(c).ok());
    EXPECT_TRUE(books_->history_of("whole")[0].proven);
    EXPECT_FALSE(books_->history_of("cut where the proof ends")[0].proven);
  }
}

TEST_F(ledger_file, is_there_whole_or_not_at_all) {
  books_.reset();
  const auto path = folder_ / "ledger.sqlite";
  fs::remove(path);
  // What a crash may have left of an earlier ledger, and of one that was being made.
  for (const char* name :
       {"ledger.sqlite-wal", "ledger.sqlite-shm", "ledger.sqlite-journal", "ledger.sqlite.partial"})
    std::ofstream(folder_ / name) << std::string(5000, 'x');
  ASSERT_TRUE(ledger::open(path, database::access::create));
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder_)) names.push_back(entry.path().filename());
  EXPECT_EQ(names, std::vector<std::string>{"ledger.sqlite"});
  // Where it cannot be made there is nothing that would be taken for one.
  fs::remove(path);
  fs::create_directory(folder_ / "ledger.sqlite.partial");
  EXPECT_FALSE(ledger::open(path, database::access::create));
  EXPECT_FALSE(fs::exists(path));
}

TEST_F(ledger_file, looks_up_only_finished_runs) {
  begin(1);
  commit(1, 1, 1, {document("a", 1, "one"), document("b", 1, "b")});
  finish(1);
  begin(2);
  commit(2, 1, 1, {document("a", 2, "two")});
  {
    earlier_lookup earlier(*books_);
    EXPECT_EQ(earlier.of("a", digest_of("one")).current->record.exported_at, 1);
    EXPECT_TRUE(earlier.of("a", digest_of("one")).same);
    EXPECT_FALSE(earlier.of("a", digest_of("two")).same);
    EXPECT_FALSE(earlier.of("c", digest_of("one")).current);
  }
  finish(2);
  begin(3);
  EXPECT_EQ(earlier_lookup(*books_).of("a", digest_of("one")).current->record.exported_at, 2);
}

TEST_F(ledger_file, only_a_proven_archive_of_the_same_recipe_is_the_same) {
  begin(1);
  auto c = slice({1, 1, 1}, {document("a", 1, "x"), document("b", 1, "x2")});
  c.record.documents[1].place.offset = 60;
  c.record.end.shards.push_back({0, 100, 50, 1, 0, false, "zstd: damaged"});
  ASSERT_TRUE(books_->commit_slice(c).ok());
  finish(1);
  begin(2);
  EXPECT_TRUE(earlier_lookup(*books_).of("a", digest_of("x")).same);
  EXPECT_FALSE(earlier_lookup(*books_).of("b", digest_of("x2")).same) << "it is not proven";
  finish(2);
  auto other = planned(3);
  other.recipe = "another";
  ASSERT_TRUE(books_->begin_run(other, two_units()).ok());
  EXPECT_FALSE(earlier_lookup(*books_).of("a", digest_of("x")).same);
  EXPECT_TRUE(earlier_lookup(*books_).of("a", digest_of("x")).current);
}

// What was offered last is current, also where its archive was written before what is now superseded.
TEST_F(ledger_file, an_unchanged_dump_makes_its_archive_current_again) {
  begin(1);
  commit(1, 1, 1, {document("a", 1, "one")});
  finish(1);
  begin(2);
  commit(2, 1, 1, {document("a", 2, "two")});
  finish(2);
  begin(3);
  auto again = document("a", 3, "one");
  again.outcome = outcome::unchanged;
  commit(3, 1, 1, {again});
  for (const bool finished : {false, true}) {
    if (finished) finish(3);
    EXPECT_EQ(books_->current_archive("a")->slice.run, 1U);
    std::vector<std::uint32_t> runs;
    ASSERT_TRUE(
        books_->for_each_current([&](const document_row& r) { return runs.push_back(r.slice.run), true; })
            .ok());
    EXPECT_EQ(runs, std::vector<std::uint32_t>{1});
  }
}

TEST_F(ledger_file, keeps_the_books) {
  begin(1);
  auto dead = document("", 0, "bad");
  dead.outcome = outcome::dead_letter;
  dead.reason = reason::malformed;
  auto same = document("a", 1, "x");
  same.outcome = outcome::unchanged;
  commit(1, 1, 1, {document("a", 1, "x"), dead, dead, same});
  const auto b = books_->books_of(1);
  EXPECT_EQ(b.documents, 4U);
  EXPECT_EQ(b.by_outcome, (std::array<std::uint64_t, 3>{1, 1, 2}));
  EXPECT_EQ(b.dead_by_reason.at("MALFORMED"), 2U);
}

TEST_F(ledger_file, balances_the_roster) {
  begin(1);
  auto dead = document("d", 0, "bad");
  dead.outcome = outcome::dead_letter;
  dead.reason = reason::exported_at_range;
  commit(1, 1, 1, {document("a", 1, "x"), dead});
  EXPECT_FALSE(books_->roster().has_value());
  ASSERT_TRUE(books_->set_roster({"a", "d", "m", "a"}).ok());
  for (const bool finished : {false, true}) {
    if (finished) finish(1);
    const auto r = books_->roster();
    ASSERT_TRUE(r.has_value());
    EXPECT_EQ(r->accounts, 3U);
    EXPECT_EQ(r->archived, 1U);
    EXPECT_EQ(r->dead, 1U);
    EXPECT_EQ(r->some_missing, std::vector<std::string>{"m"});
  }
}

TEST_F(ledger_file, leaves_no_log_behind_when_closed) {
  begin(1);
  ASSERT_TRUE(books_->close().ok());
  EXPECT_FALSE(fs::exists(folder_ / "ledger.sqlite-wal"));
  const auto mode = fs::status(folder_ / "ledger.sqlite").permissions();
  EXPECT_EQ(mode, fs::perms::owner_read | fs::perms::owner_write);
}

// SQLite itself does not wait when it turns the log off.
TEST_F(ledger_file, waits_for_a_reader_that_is_through_soon) {
  begin(1);
  auto reader = ledger::open(folder_ / "ledger.sqlite", database::access::read);
  ASSERT_TRUE(reader && reader->runs().size() == 1);
  auto closed = std::async(std::launch::async, [this] { return books_->close(); });
  // The log is truncated right before that.
  while (fs::file_size(folder_ / "ledger.sqlite-wal") > 0) std::this_thread::yield();
  // Without the wait it fails at once; with it, it goes on for ten seconds.
  EXPECT_EQ(closed.wait_for(std::chrono::milliseconds(300)), std::future_status::timeout);
  reader = fail(failure::io, "it is gone");
  const auto s = closed.get();
  EXPECT_TRUE(s.ok()) << s.message;
  EXPECT_FALSE(fs::exists(folder_ / "ledger.sqlite-wal"));
}

TEST_F(ledger_file, never_takes_a_part_for_the_answer) {
  begin(1);
  for (std::uint32_t slice = 1; slice <= 40; ++slice) {
    std::vector<document_record> documents;
    for (int i = 0; i < 50; ++i)
      documents.push_back(document("account" + std::to_string(slice * 100 + i), 1, "x"));
    commit(1, 1, slice, documents);
  }
  finish(1);
  ASSERT_TRUE(books_->close().ok());
  books_.reset();
  const auto path = folder_ / "ledger.sqlite";
  fs::resize_file(path, fs::file_size(path) / 2);  // its later pages are gone
  auto opened = ledger::open(path, database::access::read);
  if (!opened) return;
  EXPECT_ANY_THROW({
    (void)opened->books_of(1);
    for (int i = 100; i < 4100; i += 100) (void)opened->history_of("account" + std::to_string(i));
  });
}

TEST_F(ledger_file, refuses_a_file_that_is_not_ours) {
  const auto path = folder_ / "other.sqlite";
  database::open(path, database::access::create).value().run("CREATE TABLE t (x)");
  const auto opened = ledger::open(path, database::access::read);
  ASSERT_FALSE(opened);
  EXPECT_NE(opened.error().message.find("outro rebuild"), std::string::npos);
}

}  // namespace
}  // namespace outro
