/// One account out of an output directory, as a service's own endpoint would take it.
#include <gtest/gtest.h>

#include "archive/open_archive.h"
#include "ledger/sqlite.h"
#include "outro/output.h"
#include "pack/slice_id.h"
#include "testing/export_testing.h"

namespace outro {
namespace {

using testing::day_one;
using testing::dump;
using testing::read_bytes;
namespace fs = std::filesystem;

/// Two runs: `a` twice, `b` and `c` once, and a dead letter of `late`, whose date is impossible.
class output_reading : public testing::exporting {
 protected:
  void SetUp() override {
    ASSERT_EQ(run(options({write("1.ndjson", first + "\n" + other + "\n" + dead + "\n")})), 3);
    ASSERT_EQ(run(options({write("2.ndjson", second + "\n")})), 0) << last.failure.message;
  }

  output_reader open() const { return output_reader::open(folder / "out").value(); }
  void change_ledger(const char* sql) const {
    auto books = database::open(folder / "out" / "ledger.sqlite", database::access::write);
    ASSERT_TRUE(books);
    ASSERT_TRUE(books->run(sql).ok());
  }
  static void expect_refused(const status& why, failure kind, std::initializer_list<std::string> parts) {
    EXPECT_EQ(why.kind, kind) << why.message;
    for (const auto& part : parts)
      EXPECT_NE(why.message.find(part), std::string::npos) << part << " in: " << why.message;
  }

  const std::string first = dump("a", day_one), second = dump("a", day_one + 5, R"("comments":[1])");
  const std::string other = dump("b", day_one, {}, 7) + "\n" + dump("c", day_one, {}, 9);
  const std::string dead = dump("late", 1);
};

TEST_F(output_reading, finds_the_bytes_of_the_current_archive_in_its_pack) {
  auto out = open();
  const auto place = out.find("a");
  ASSERT_TRUE(place) << place.error().message;
  EXPECT_EQ(place->run, 2U);
  EXPECT_EQ(place->exported_at, day_one + 5);
  EXPECT_TRUE(place->proven);
  const auto archive = out.archive("a");
  ASSERT_TRUE(archive) << archive.error().message;
  EXPECT_EQ(read_bytes(place->pack).substr(place->offset, place->bytes), *archive);
  const auto opened = open_archive(*archive, 1U << 20);
  ASSERT_TRUE(opened) << opened.error().message;
  EXPECT_EQ(opened->manifest.account, "a");
}

TEST_F(output_reading, gives_back_dumps_byte_for_byte) {
  auto out = open();
  EXPECT_EQ(out.dump("a").value(), second);
  EXPECT_EQ(out.dump("b").value() + "\n" + out.dump("c").value(), other);
}

TEST_F(output_reading, gives_an_earlier_runs_archive_where_it_is_asked_for) {
  auto out = open();
  EXPECT_EQ(out.find("a", 1).value().run, 1U);
  EXPECT_EQ(out.dump("a", 1).value(), first);
  EXPECT_EQ(out.dump("a", 2).value(), second);
}

TEST_F(output_reading, says_which_runs_have_an_archive_where_the_one_asked_for_has_none) {
  auto out = open();
  for (const std::uint32_t run : {2U, 3U})
    expect_refused(out.find("b", run).error(), failure::usage,
                   {"run " + std::to_string(run) + " wrote no archive of account b", "run 1"});
  expect_refused(out.find("a", 7).error(), failure::usage, {"1, 2"});
}

TEST_F(output_reading, says_of_a_dead_letter_why_and_where_its_bytes_are) {
  auto out = open();
  for (const auto& why : {out.find("late").error(), out.archive("late").error(), out.dump("late").error()})
    expect_refused(why, failure::usage,
                   {"EXPORTED_AT_RANGE", "1.ndjson:4", letters_path(folder / "out", {1, 1, 1}).string()});
}

TEST_F(output_reading, knows_nothing_of_nobody) {
  auto out = open();
  for (const char* nobody : {"ghost", "", "A", "a ", "a'; DROP TABLE documents; --"}) {
    expect_refused(out.find(nobody).error(), failure::usage, {"there is no account", "--dead-letters"});
    EXPECT_FALSE(out.archive(nobody)) << nobody;
    EXPECT_FALSE(out.dump(nobody)) << nobody;
  }
  EXPECT_TRUE(out.find("a"));
}

TEST_F(output_reading, never_gives_one_account_the_archive_of_another) {
  change_ledger(R"sql(
    UPDATE documents SET (stored_offset, stored_bytes) =
      (SELECT stored_offset, stored_bytes FROM documents WHERE account = 'c') WHERE account = 'b')sql");
  auto out = open();
  ASSERT_EQ(out.find("b").value().offset, out.find("c").value().offset) << "the test changed nothing";
  for (const auto& why : {out.archive("b").error(), out.dump("b").error()})
    expect_refused(why, failure::corrupt, {"not the one that the ledger names", "outro verify"});
  EXPECT_TRUE(out.dump("c"));
}

TEST_F(output_reading, never_gives_an_account_an_older_archive_for_its_current_one) {
  change_ledger("UPDATE documents SET run = 1, unit = 1, slice = 1 WHERE account = 'a' AND run = 2");
  auto out = open();
  const auto why = out.archive("a");
  ASSERT_FALSE(why);
  EXPECT_EQ(why.error().kind, failure::corrupt) << why.error().message;
}

TEST_F(output_reading, takes_no_dead_letter_without_an_account_for_one_of_an_empty_name) {
  ASSERT_EQ(run(options({write("3.ndjson", "{\"nobody\":1}\n")})), 3);
  const auto nobody = open().find("");
  ASSERT_FALSE(nobody);
  expect_refused(nobody.error(), failure::usage, {"there is no account"});
}

TEST_F(output_reading, is_in_no_exports_way) {
  auto out = open();
  ASSERT_TRUE(out.find("a"));
  EXPECT_EQ(run(options({write("3.ndjson", dump("d", day_one) + "\n")})), 0) << last.failure.message;
  EXPECT_TRUE(fs::exists(folder / "out" / "SHA256SUMS"));
  EXPECT_TRUE(out.find("d")) << "what a later run wrote is there";
}

TEST_F(output_reading, says_that_a_ledger_is_damaged_and_throws_nothing) {
  auto out = open();
  const auto path = folder / "out" / "ledger.sqlite";
  auto bytes = read_bytes(path);
  for (std::size_t page = 2 * 4096; page + 200 < bytes.size(); page += 4096)
    std::fill_n(bytes.begin() + static_cast<std::ptrdiff_t>(page), 200, '\xff');
  write("out/ledger.sqlite", bytes);
  const auto found = out.find("a");
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().kind, failure::corrupt) << found.error().message;
  // From its first page on: it cannot even be opened.
  std::fill_n(bytes.begin() + 100, 3000, '\xff');
  write("out/ledger.sqlite", bytes);
  const auto opened = output_reader::open(folder / "out");
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().kind, failure::corrupt) << opened.error().message;
}

TEST_F(output_reading, refuses_a_place_where_no_archive_begins) {
  change_ledger("UPDATE documents SET stored_offset = stored_offset + 1 WHERE account = 'b'");
  auto out = open();
  expect_refused(out.archive("b").error(), failure::corrupt, {"seek table"});
  EXPECT_TRUE(out.dump("c"));
}

TEST_F(output_reading, says_what_to_do_about_a_directory_without_a_ledger) {
  expect_refused(output_reader::open(folder / "nothing").error(), failure::usage,
                 {"not an output directory"});
  fs::remove(folder / "out" / "ledger.sqlite");
  expect_refused(output_reader::open(folder / "out").error(), failure::refused, {"outro rebuild"});
}

}  // namespace
}  // namespace outro
