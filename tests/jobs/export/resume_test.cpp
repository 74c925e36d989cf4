/// The same command goes on after an interruption, but never on a ground that changed.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <chrono>
#include <string>

#include "ledger/sqlite.h"
#include "testing/export_testing.h"

namespace outro {
namespace {

using testing::accounts;
using testing::day_one;
using testing::dump;
namespace fs = std::filesystem;

using resume = testing::exporting;

TEST_F(resume, cleans_up_what_a_crash_left_of_the_ledger) {
  const auto in = write("a.ndjson", accounts(0, 5));
  ASSERT_EQ(run(options({in})), 0);
  fs::remove(folder / "out/SHA256SUMS");
  // An empty journal has nothing to undo: what is left when the power goes as it is made.
  for (const char* name : {"ledger.sqlite-journal", "ledger.sqlite.partial", "ledger.sqlite.partial-wal",
                           "ledger.sqlite.partial-shm", "ledger.sqlite.partial-journal"})
    write(std::string("out/") + name, "");
  const auto more = write("b.ndjson", accounts(5, 9));
  ASSERT_EQ(run(options({more})), 0) << last.failure.message;
  for (const auto& entry : fs::directory_iterator(folder / "out"))
    EXPECT_EQ(entry.path().filename().string().find(".partial"), std::string::npos) << entry.path();
}

/// Within what passes the page cache, and not at the end of a disk's block.
TEST_F(resume, follows_a_failure_that_names_the_limit_on_file_sizes) {
  std::string dumps;
  for (int i = 0; i < 300; ++i) dumps += dump(std::to_string(i), day_one, {}, 150) + "\n";
  const auto input = write("in.ndjson", dumps);
  rlimit usual{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &usual), 0);
  for (const char* engine : {"uring", "threads"}) {
    auto o = options({input});
    o.out = folder / engine;
    o.io = engine;
    const rlimit limited{300'001, usual.rlim_max};
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &limited), 0);
    const auto code = run(o);
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &usual), 0);
    if (code == 2) continue;  // a kernel without io_uring
    EXPECT_EQ(code, 1);
    EXPECT_NE(last.failure.message.find("ulimit -f"), std::string::npos) << last.failure.message;
    EXPECT_EQ(run(o), 0) << last.failure.message;
  }
}

/// Its digest says that it is what it was; a copy that was put back has another time and inode.
TEST_F(resume, takes_a_shard_that_was_put_back_for_the_same) {
  std::string dumps;
  for (int i = 0; i < 300; ++i) dumps += dump(std::to_string(i), day_one, {}, 150) + "\n";
  const auto input = write("in.ndjson", dumps);
  auto o = options({input});
  o.slice = 400'000;
  o.shards_in_flight = 1;
  rlimit usual{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &usual), 0);
  const rlimit limited{60'000, usual.rlim_max};  // some packs and the ledger's log
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &limited), 0);
  const auto code = run(o);
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &usual), 0);
  ASSERT_EQ(code, 1) << summary;
  fs::rename(input, folder / "kept");
  fs::copy_file(folder / "kept", input);
  fs::last_write_time(input, fs::last_write_time(input) + std::chrono::hours(1));
  EXPECT_EQ(run(o), 0) << last.failure.message << summary;
}

TEST_F(resume, never_happens_beside_a_pack_that_is_missing) {
  const auto in = write("a.ndjson", accounts(0, 5));
  ASSERT_EQ(run(options({in})), 0);
  const auto delta = write("b.ndjson", accounts(0, 9));
  const auto pack = folder / "out/packs/r0001-u000001-s0001.tar.zst";
  const auto says = [&](const std::string& dumps, const std::string& what) {
    EXPECT_EQ(run(options({dumps})), 1);
    EXPECT_NE(last.failure.message.find(pack.string() + what), std::string::npos) << last.failure.message;
  };
  fs::resize_file(pack, fs::file_size(pack) - 1);
  says(in, " is not as long as it was written");
  fs::remove(pack);
  says(in, " is missing");
  says(delta, " is missing");
}

TEST_F(resume, is_refused_with_a_new_shard_which_is_named) {
  write("dumps/b.ndjson", accounts(0, 40));
  auto o = options({(folder / "dumps").string()});
  o.slice = 2000;
  ASSERT_EQ(run(o), 0);
  // As if it had been interrupted.
  {
    auto books = database::open(folder / "out" / "ledger.sqlite", database::access::write);
    ASSERT_TRUE(books);
    ASSERT_TRUE(books->run("UPDATE runs SET state = 'planned'").ok());
  }
  write("dumps/a.ndjson", accounts(40, 41));
  ASSERT_EQ(run(o), 2);
  EXPECT_NE(last.failure.message.find("a.ndjson is new"), std::string::npos) << last.failure.message;
  EXPECT_NE(last.failure.message.find("put the shards back"), std::string::npos) << last.failure.message;
}

}  // namespace
}  // namespace outro
