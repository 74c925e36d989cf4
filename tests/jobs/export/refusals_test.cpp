/// What cannot end well is refused before anything is changed.
#include <gtest/gtest.h>

#include <string>

#include "ledger/sqlite.h"
#include "testing/compressed.h"
#include "testing/export_testing.h"

namespace outro {
namespace {

using testing::accounts;
using testing::zstd_frame;
namespace fs = std::filesystem;

using refusals = testing::exporting;

TEST_F(refusals, come_at_once_where_it_cannot_end_well) {
  const auto input = write("in.ndjson", accounts(0, 3));
  const auto pretty = write("pretty.json", "{\n  \"userId\": 1\n}\n");
  EXPECT_EQ(run(options({pretty})), 2);
  EXPECT_NE(last.failure.message.find("tr -d"), std::string::npos);
  EXPECT_FALSE(fs::exists(folder / "out"));
  EXPECT_EQ(run(options({input + "nothing"})), 2);
  auto o = options({input});
  o.memory = 1;
  EXPECT_EQ(run(o), 2);
  o = options({input});
  o.level = 77;
  EXPECT_EQ(run(o), 2);
  o = options({input});
  o.layout = "nothing.toml";
  EXPECT_EQ(run(o), 2);
  write("foreign/file", "x");
  EXPECT_EQ(run(options({input}, "foreign")), 2);
  EXPECT_NE(last.failure.message.find("not Outro's"), std::string::npos);
}

TEST_F(refusals, are_for_shards_packed_in_a_way_that_is_not_read) {
  for (const std::string& magic : {std::string("\xfd\x37zXZ\0", 6), std::string("BZh9"),
                                   std::string("PK\3\4"), zstd_frame(std::string(257, 'x') + "ustar")}) {
    ASSERT_EQ(run(options({write("in.packed", magic + std::string(600, 'x'))})), 2);
    EXPECT_NE(last.failure.message.find("which is not read; unpack it first"), std::string::npos)
        << last.failure.message;
  }
}

TEST_F(refusals, are_for_shards_that_are_not_what_they_are_called) {
  EXPECT_EQ(run(options({write("not.zst", "plain text")})), 2);
  EXPECT_NE(last.failure.message.find("not.zst is named .zst"), std::string::npos) << last.failure.message;
}

TEST_F(refusals, are_for_output_inside_input_and_input_inside_output) {
  write("in/a.ndjson", accounts(0, 3));
  EXPECT_EQ(run(options({(folder / "in").string()}, "in/out")), 2);
  EXPECT_NE(last.failure.message.find("lies inside the dumps"), std::string::npos) << last.failure.message;
  EXPECT_FALSE(fs::exists(folder / "in" / "out"));
  write("out/x.ndjson", accounts(0, 3));
  EXPECT_EQ(run(options({(folder / "out" / "x.ndjson").string()})), 2);
}

TEST_F(refusals, are_for_packs_without_a_ledger) {
  const auto input = write("in.ndjson", accounts(0, 3));
  ASSERT_EQ(run(options({input})), 0);
  fs::remove(folder / "out" / "ledger.sqlite");
  EXPECT_EQ(run(options({input})), 2);
  EXPECT_NE(last.failure.message.find("outro rebuild"), std::string::npos);
}

TEST_F(refusals, are_for_a_directory_that_lost_both_its_ledger_and_its_packs) {
  const auto input = write("in.ndjson", accounts(0, 3));
  ASSERT_EQ(run(options({input})), 0) << last.failure.message;
  for (const char* name : {"ledger.sqlite", "packs", "SHA256SUMS"}) fs::remove_all(folder / "out" / name);
  EXPECT_EQ(run(options({input})), 2);
  EXPECT_NE(last.failure.message.find("neither its ledger nor its packs"), std::string::npos)
      << last.failure.message;
}

TEST_F(refusals, of_packs_without_a_ledger_leave_the_lock_as_it_was) {
  const auto input = write("in.ndjson", accounts(0, 3));
  ASSERT_EQ(run(options({input})), 0) << last.failure.message;
  fs::remove(folder / "out" / "ledger.sqlite");
  const auto before = testing::tree(folder / "out");
  EXPECT_EQ(run(options({input})), 2);
  EXPECT_EQ(testing::tree(folder / "out"), before);
}

TEST_F(refusals, of_a_newer_ledger_leave_every_byte_as_it_was) {
  const auto input = write("in.ndjson", accounts(0, 3));
  ASSERT_EQ(run(options({input})), 0) << last.failure.message;
  {
    auto books = database::open(folder / "out" / "ledger.sqlite", database::access::write);
    ASSERT_TRUE(books && books->run("PRAGMA user_version = 99").ok());
  }
  const auto before = testing::tree(folder / "out");
  EXPECT_EQ(run(options({input})), 2);
  EXPECT_NE(last.failure.message.find("newer Outro"), std::string::npos) << last.failure.message;
  EXPECT_EQ(testing::tree(folder / "out"), before);
}

}  // namespace
}  // namespace outro
