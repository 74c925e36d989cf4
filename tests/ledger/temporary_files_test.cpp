/// What SQLite sorts and cannot hold in memory stays in the output directory.
#include "ledger/temporary_files.h"

#include <gtest/gtest.h>

#include <set>

#include "ledger/sqlite.h"
#include "testing/scratch.h"

namespace outro {
namespace {

namespace fs = std::filesystem;

/// The folders of the temporary files that this process has open. SQLite unlinks them at once.
std::set<std::string> folders_of_temporary_files() {
  std::set<std::string> folders;
  std::error_code error;
  for (const auto& fd : fs::directory_iterator("/proc/self/fd")) {
    const auto target = fs::read_symlink(fd.path(), error);
    if (target.filename().native().starts_with("etilqs_")) folders.insert(target.parent_path().string());
  }
  return folders;
}

/// Sorts more than SQLite's cache holds, and returns where it keeps that meanwhile.
std::set<std::string> sorts_in(const fs::path& file) {
  auto opened = database::open(file, database::access::create);
  EXPECT_TRUE(opened.has_value());
  EXPECT_TRUE(opened->run("PRAGMA cache_size=10").ok());
  auto sort = opened->prepare(R"sql(
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 30000)
    SELECT hex(randomblob(200)) AS id FROM n ORDER BY id)sql");
  EXPECT_TRUE(sort.step());
  return folders_of_temporary_files();
}

TEST(temporary_files, lie_in_the_folder_that_was_named) {
  const testing::scratch out;
  keep_temporary_files_in(out.path());
  EXPECT_EQ(sorts_in(out / "x.sqlite"), std::set{fs::canonical(out.path()).string()});
}

TEST(temporary_files, are_none_where_the_folder_is_gone) {
  {
    const testing::scratch gone;
    keep_temporary_files_in(gone.path());
  }
  const testing::scratch out;
  EXPECT_EQ(sorts_in(out / "x.sqlite"), std::set<std::string>{});
}

}  // namespace
}  // namespace outro
