/// What a killed process left is removed by the next one; what is in use, or somebody else's, is not.
#include "base/scratch_folder.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

#include "testing/scratch.h"

namespace outro {
namespace {

namespace fs = std::filesystem;

/// A folder as a killed process leaves it: nobody has it locked.
fs::path abandoned(const fs::path& where, const std::string& name) {
  fs::create_directories(where / name);
  std::ofstream(where / name / "dump") << "personal";
  return where / name;
}

TEST(a_scratch_folder, that_a_kill_left_is_removed_by_the_next_start) {
  const testing::scratch root;
  const auto left = abandoned(root.path(), "sample-Abc123");
  EXPECT_EQ(remove_abandoned(root.path(), "sample"), 1U);
  EXPECT_FALSE(fs::exists(left));
}

TEST(a_scratch_folder, in_use_stays) {
  const testing::scratch root;
  const auto used = scratch_folder::make(root.path(), "sample");
  ASSERT_TRUE(used.has_value());
  EXPECT_EQ(fs::status(used->path).permissions(), fs::perms::owner_all);
  std::ofstream(used->path / "dump") << "personal";
  EXPECT_EQ(remove_abandoned(root.path(), "sample"), 0U);
  EXPECT_TRUE(fs::exists(used->path / "dump"));
}

TEST(a_scratch_folder, that_is_just_being_made_stays) {
  const testing::scratch root;
  fs::create_directory(root / "sample-Abc123");  // made, and not yet locked
  EXPECT_EQ(remove_abandoned(root.path(), "sample"), 0U);
  EXPECT_TRUE(fs::exists(root / "sample-Abc123"));
}

TEST(a_scratch_folder, of_another_name_or_another_user_or_behind_a_link_stays) {
  const testing::scratch root;
  for (const char* name : {"sample", "sample-", "sample-Abc1234", "sample-Abc12", "samples-Abc123"})
    abandoned(root.path(), name);
  const auto target = abandoned(root.path(), "target");
  fs::create_directory_symlink("target", root / "sample-Linked");
  EXPECT_EQ(remove_abandoned(root.path(), "sample"), 0U);
  EXPECT_TRUE(fs::exists(target / "dump"));
  if (::geteuid() != 0) GTEST_SKIP() << "only root can give a folder to another user";
  const auto other = abandoned(root.path(), "sample-Other1");
  ASSERT_EQ(::chown(other.c_str(), 65534, 65534), 0);
  EXPECT_EQ(remove_abandoned(root.path(), "sample"), 0U);
  EXPECT_TRUE(fs::exists(other / "dump"));
}

}  // namespace
}  // namespace outro
