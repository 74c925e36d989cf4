/// Files are private, nothing is overwritten unasked, and failures are said.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <fstream>
#include <string>

#include "files.h"
#include "testing/generate_testing.h"

namespace outro::generate {
namespace {

TEST(generated_files, are_private_and_never_overwritten_unasked) {
  const scratch dir;
  options wanted = small_job(dir / "out");
  wanted.accounts = 3;
  run_well(wanted);
  for (const auto& entry : fs::recursive_directory_iterator(wanted.out)) {
    const auto mode = static_cast<unsigned>(entry.status().permissions());
    EXPECT_EQ(mode, entry.is_directory() ? 0700U : 0600U) << entry.path();
  }
  const result again = run(wanted, {});
  EXPECT_TRUE(again.usage);
  EXPECT_NE(again.error, "");

  std::ofstream(wanted.out / "mine.txt") << "kept";
  std::ofstream(wanted.out / "dumps" / "shard-00009.ndjson") << "stale";
  wanted.force = true;
  run_well(wanted);
  EXPECT_TRUE(fs::exists(wanted.out / "mine.txt"));
  EXPECT_FALSE(fs::exists(wanted.out / "dumps" / "shard-00009.ndjson"));
}

TEST(generated_files, that_fail_are_errors) {
  const scratch dir;
  output_file missing;
  EXPECT_NE(missing.open(dir / "no/such/file"), "");
  output_file file;
  ASSERT_EQ(file.open(dir / "file"), "");
  output_file again;
  EXPECT_NE(again.open(dir / "file"), "") << "an existing file must not be opened";

  // A limit on file size makes the shards' writes fail, as a full disk would.
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  const auto old_handler = std::signal(SIGXFSZ, SIG_IGN);
  rlimit low = before;
  low.rlim_cur = 1 << 20;
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &low), 0);
  const result done = run(small_job(dir / "out"), {});
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
  std::signal(SIGXFSZ, old_handler);
  EXPECT_FALSE(done.usage);
  EXPECT_NE(done.error.find("cannot write"), std::string::npos) << done.error;
  EXPECT_FALSE(fs::exists(dir / "out/truth.json"));
}

}  // namespace
}  // namespace outro::generate
