/// Personal data is for its operator alone.
#include <gtest/gtest.h>

#include "testing/export_testing.h"

namespace outro {
namespace {

using testing::accounts;
namespace fs = std::filesystem;

using privacy = testing::exporting;

TEST_F(privacy, holds_for_every_file_and_folder) {
  ASSERT_EQ(run(options({write("in.ndjson", accounts(0, 3) + "bad\n")})), 3);
  for (const auto& entry : fs::recursive_directory_iterator(folder / "out"))
    EXPECT_EQ(entry.status().permissions(),
              entry.is_directory() ? fs::perms::owner_all : fs::perms::owner_read | fs::perms::owner_write)
        << entry.path();
  EXPECT_EQ(fs::status(folder / "out").permissions(), fs::perms::owner_all);
}

TEST_F(privacy, is_given_to_what_is_made_in_a_directory_that_keeps_its_mode) {
  fs::create_directories(folder / "out");
  const auto before = fs::status(folder / "out").permissions();
  ASSERT_EQ(run(options({write("in.ndjson", accounts(0, 3))})), 0);
  EXPECT_EQ(fs::status(folder / "out").permissions(), before);
  for (const auto& entry : fs::directory_iterator(folder / "out"))
    EXPECT_EQ(entry.status().permissions() & (fs::perms::group_all | fs::perms::others_all), fs::perms::none);
}

}  // namespace
}  // namespace outro
