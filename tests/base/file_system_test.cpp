/// Where a path lies, by the kernel's table of mounts.
#include "base/file_system.h"

#include <gtest/gtest.h>

#include "testing/scratch.h"

namespace outro {
namespace {

const std::string table = R"(22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
30 22 8:1 / /data rw - xfs /dev/sda1 rw
31 30 0:40 / /data/my\040disk rw master:2 shared:3 - tmpfs scratch\040space rw
32 22 8:2 / /data rw - btrfs /dev/sdb1 rw
a line that is none
)";

TEST(a_mount, is_the_longest_one_that_holds_the_path) {
  EXPECT_EQ(mount_in(table, "/database/out")->device, "/dev/vda");
  EXPECT_EQ(mount_in(table, "/")->type, "ext4");
  const auto deep = mount_in(table, "/data/my disk/out");
  EXPECT_EQ(deep->device, "scratch space");
  EXPECT_EQ(deep->point, "/data/my disk");
}

TEST(a_mount, is_the_last_one_of_those_over_one_another) {
  EXPECT_EQ(mount_in(table, "/data/out")->device, "/dev/sdb1");
}

TEST(a_mount, of_no_table_is_nothing) {
  EXPECT_FALSE(mount_in("", "/data"));
}

TEST(nearest_existing, is_the_path_itself_or_a_parent) {
  const testing::scratch folder;
  EXPECT_EQ(nearest_existing(folder / "a" / "b"), folder.path());
  EXPECT_EQ(nearest_existing(folder.path()), folder.path());
  EXPECT_EQ(nearest_existing("/no/such/path"), "/");
  EXPECT_GT(free_disk(folder / "a" / "b"), 0U);
}

}  // namespace
}  // namespace outro
