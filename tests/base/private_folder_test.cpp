/// A folder is used where nobody else may change what is in it, and is looked at before it is changed.
#include "base/private_folder.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "testing/scratch.h"

namespace outro {
namespace {

namespace fs = std::filesystem;

mode_t mode_of(const fs::path& path) {
  struct stat info {};
  EXPECT_EQ(::lstat(path.c_str(), &info), 0) << path;
  return info.st_mode & 07777;
}

class a_private_folder : public ::testing::Test {
 protected:
  fs::path folder_of_mode(mode_t mode) {
    fs::create_directory(path);
    EXPECT_EQ(::chmod(path.c_str(), mode), 0);
    return path;
  }

  testing::scratch root;
  fs::path path = root / "folder";
};

TEST_F(a_private_folder, is_its_owners_alone_whatever_the_umask) {
  for (const mode_t mask : {0000U, 0022U, 0077U}) {
    const auto before = ::umask(mask);
    const auto made = make_private_directory(path);
    ::umask(before);
    ASSERT_TRUE(made.ok()) << made.message;
    EXPECT_EQ(mode_of(path), 0700U);
    fs::remove(path);
  }
  ASSERT_EQ(::chmod(root.path().c_str(), 02700), 0);  // the set-group-ID bit goes on to what is made within
  ASSERT_TRUE(make_private_directory(path).ok());
  EXPECT_EQ(mode_of(path), 0700U);
}

TEST_F(a_private_folder, that_was_there_keeps_its_mode) {
  for (const mode_t mode : {0700U, 0755U, 0500U}) {
    EXPECT_TRUE(make_private_directory(folder_of_mode(mode)).ok()) << mode;
    EXPECT_EQ(mode_of(path), mode);
  }
}

TEST_F(a_private_folder, that_others_may_write_to_is_refused_and_left_as_it_was) {
  for (const mode_t mode : {0777U, 01777U, 0770U, 02775U, 0702U}) {
    const auto s = make_private_directory(folder_of_mode(mode));
    EXPECT_EQ(s.kind, failure::refused) << mode;
    EXPECT_NE(s.message.find("chmod go-w"), std::string::npos) << s.message;
    EXPECT_EQ(mode_of(path), mode);
  }
}

TEST_F(a_private_folder, is_never_reached_by_a_link_unless_asked_for) {
  fs::create_directory(root / "target");
  fs::create_directory_symlink("target", path);
  for (const char* spelt : {"folder", "folder/"}) {
    EXPECT_EQ(make_private_directory(root / spelt).kind, failure::refused) << spelt;
    EXPECT_TRUE(make_private_directory(root / spelt, links::followed).ok()) << spelt;
  }
  ASSERT_EQ(::chmod((root / "target").c_str(), 0777), 0);
  EXPECT_EQ(make_private_directory(path, links::followed).kind, failure::refused);
}

TEST_F(a_private_folder, is_no_file_and_no_link_to_nothing) {
  std::ofstream(path) << "x";
  EXPECT_EQ(make_private_directory(path).kind, failure::refused);
  fs::remove(path);
  fs::create_symlink("nothing", path);
  EXPECT_FALSE(make_private_directory(path).ok());
  EXPECT_FALSE(make_private_directory(path, links::followed).ok());
  fs::remove(path);
  fs::create_symlink("folder", path);  // a circle
  EXPECT_FALSE(make_private_directory(path, links::followed).ok());
}

TEST_F(a_private_folder, of_another_user_is_refused_and_so_is_a_link_of_theirs) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can give a folder to another user";
  constexpr uid_t nobody = 65534;
  ASSERT_EQ(::chown(folder_of_mode(0700).c_str(), nobody, nobody), 0);
  const auto s = make_private_directory(path);
  EXPECT_EQ(s.kind, failure::refused);
  EXPECT_NE(s.message.find("user 65534"), std::string::npos) << s.message;
  fs::create_directory(root / "target");
  fs::create_directory_symlink("target", root / "link");
  ASSERT_EQ(::lchown((root / "link").c_str(), nobody, nobody), 0);
  EXPECT_EQ(make_private_directory(root / "link", links::followed).kind, failure::refused);
}

TEST_F(a_private_folder, takes_as_its_file_only_a_regular_one_that_others_may_not_write) {
  std::ofstream(path) << "x";
  EXPECT_TRUE(check_own_file(path).ok());
  ASSERT_EQ(::chmod(path.c_str(), 0660), 0);
  EXPECT_EQ(check_own_file(path).kind, failure::refused);
  fs::create_symlink("folder", root / "link");
  EXPECT_EQ(check_own_file(root / "link").kind, failure::refused);
  ASSERT_EQ(::mkfifo((root / "pipe").c_str(), 0600), 0);
  EXPECT_EQ(check_own_file(root / "pipe").kind, failure::refused);
}

}  // namespace
}  // namespace outro
