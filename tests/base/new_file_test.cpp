/// What somebody put there before is neither written to, nor followed, nor waited for.
#include "base/new_file.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <set>

#include "testing/files.h"
#include "testing/scratch.h"

namespace outro {
namespace {

namespace fs = std::filesystem;
using testing::read_bytes;

TEST(a_new_file, has_a_name_that_nobody_can_guess_until_it_is_whole) {
  std::set<std::string> names;
  for (int i = 0; i < 100; ++i) names.insert(unguessable_name());
  EXPECT_EQ(names.size(), 100U);
  EXPECT_GE(names.begin()->size(), 32U);
}

TEST(a_new_file, touches_nothing_that_is_called_like_its_half) {
  const testing::scratch folder;
  const auto path = folder / "me.json", partial = folder / "me.json.partial";
  std::ofstream(folder / "mine") << "important";
  fs::create_hard_link(folder / "mine", partial);
  ASSERT_TRUE(write_new_file(path, "dump", false).ok());
  EXPECT_EQ(read_bytes(folder / "mine"), "important");
  EXPECT_EQ(read_bytes(path), "dump");
  EXPECT_EQ(fs::hard_link_count(path), 1U);
  fs::remove(partial);
  ASSERT_EQ(::mkfifo(partial.c_str(), 0666), 0);
  ASSERT_TRUE(write_new_file(path, "again", true).ok());
  EXPECT_EQ(read_bytes(path), "again");
  EXPECT_EQ(std::distance(fs::directory_iterator(folder.path()), {}), 3);  // nothing half-written stays
}

TEST(a_new_file, replaces_a_link_and_not_what_it_leads_to) {
  const testing::scratch folder;
  std::ofstream(folder / "mine") << "important";
  fs::create_symlink("mine", folder / "link");
  EXPECT_EQ(write_new_file(folder / "link", "x", false).kind, failure::refused);
  ASSERT_TRUE(write_new_file(folder / "link", "x", true).ok());
  EXPECT_EQ(read_bytes(folder / "mine"), "important");
  EXPECT_FALSE(fs::is_symlink(folder / "link"));
}

TEST(a_new_file, is_not_taken_for_one_that_another_put_in_its_place) {
  const testing::scratch folder;
  std::ofstream(folder / "swapped") << "another's";
  const file_handle made(::open((folder / "made").c_str(), O_WRONLY | O_CREAT | O_EXCL, 0600));
  const file_handle at(::open(folder.path().c_str(), O_RDONLY | O_DIRECTORY));
  const std::string from = "swapped", to = "name";
  const auto s = give_name({at.get(), from, to, false}, made.get(), folder / "name");
  EXPECT_EQ(s.kind, failure::io) << s.message;
}

TEST(a_private_file, is_made_anew_whatever_has_its_name) {
  const testing::scratch folder;
  const auto path = folder / "x.partial";
  std::ofstream(folder / "mine") << "important";
  const auto expect_new = [&] {
    auto file = create_private(path);
    ASSERT_TRUE(file.has_value()) << file.error().message;
    struct stat info {};
    ASSERT_EQ(::fstat(file->get(), &info), 0);
    EXPECT_TRUE(S_ISREG(info.st_mode));
    EXPECT_EQ(info.st_mode & 07777, 0600U);
    EXPECT_EQ(info.st_nlink, 1U);
    EXPECT_EQ(read_bytes(folder / "mine"), "important");
    fs::remove(path);
  };
  fs::create_hard_link(folder / "mine", path);
  expect_new();
  fs::create_symlink("mine", path);
  expect_new();
  ASSERT_EQ(::mkfifo(path.c_str(), 0666), 0);
  expect_new();
  std::ofstream(path) << "left by a crash";
  ASSERT_EQ(::chmod(path.c_str(), 0666), 0);
  expect_new();
}

TEST(a_small_file, is_never_waited_for) {
  const testing::scratch folder;
  ASSERT_EQ(::mkfifo((folder / "pipe").c_str(), 0600), 0);
  EXPECT_EQ(read_file(folder / "pipe").error().kind, failure::usage);
}

}  // namespace
}  // namespace outro
