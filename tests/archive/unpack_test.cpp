#include "archive/unpack.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include "archive/open_archive.h"
#include "base/new_file.h"
#include "testing/archive_testing.h"
#include "testing/files.h"
#include "testing/scratch.h"

namespace outro {
namespace {

namespace fs = std::filesystem;
using testing::read_bytes;

mode_t mode_of(const fs::path& path) {
  struct stat info {};
  EXPECT_EQ(::lstat(path.c_str(), &info), 0) << path;
  return info.st_mode & 0777;
}

/// An empty directory `into`, and beside it one that nothing may be written to.
class unpacking : public ::testing::Test {
 protected:
  unpacking() {
    fs::create_directory(into_ = root_ / "into");
    fs::create_directory(outside_ = root_ / "outside");
    old_umask_ = ::umask(0);  // modes must not depend on it
  }
  ~unpacking() override { ::umask(old_umask_); }

  static std::vector<std::string> names_in(const fs::path& directory) {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(directory)) names.push_back(entry.path().filename());
    std::sort(names.begin(), names.end());
    return names;
  }

  testing::scratch root_;
  fs::path into_, outside_;
  mode_t old_umask_ = 0;
};

using strings = std::vector<std::string>;

TEST_F(unpacking, writes_every_member_for_its_owner_alone) {
  const auto archive = open_archive(archive_of(sample_dump), max_tar_bytes);
  ASSERT_TRUE(archive.has_value());
  const auto s = unpack(archive->folder, archive->members, into_);
  ASSERT_TRUE(s.ok()) << s.message;
  EXPECT_EQ(names_in(into_), strings{"xiami-1000"});
  EXPECT_EQ(mode_of(into_ / "xiami-1000"), 0700U);
  EXPECT_EQ(mode_of(into_ / "xiami-1000/playlists"), 0700U);
  std::size_t files = 0;
  for (const auto& entry : fs::recursive_directory_iterator(into_))
    files += entry.is_regular_file() ? 1U : 0U;
  EXPECT_EQ(files, archive->members.size());
  for (const auto& m : archive->members) {
    EXPECT_EQ(read_bytes(into_ / m.path), m.content) << m.path;
    EXPECT_EQ(mode_of(into_ / m.path), 0600U) << m.path;
  }
}

TEST_F(unpacking, leaves_alone_what_already_has_the_folders_name) {
  const std::vector<tar_member> members{{"f/a", "new"}};
  fs::create_directory(into_ / "f");
  EXPECT_EQ(unpack("f", members, into_).kind, failure::refused);
  EXPECT_TRUE(names_in(into_ / "f").empty());
  fs::remove(into_ / "f");
  fs::create_directory_symlink(outside_, into_ / "f");
  EXPECT_EQ(unpack("f", members, into_).kind, failure::refused);
  EXPECT_TRUE(names_in(outside_).empty());
  fs::remove(into_ / "f");
  fs::create_directory_symlink(root_ / "nowhere", into_ / "f");
  EXPECT_EQ(unpack("f", members, into_).kind, failure::refused);
  fs::remove(into_ / "f");
  std::ofstream(into_ / "f") << "old";
  EXPECT_EQ(unpack("f", members, into_).kind, failure::refused);
  EXPECT_EQ(read_bytes(into_ / "f"), "old");
}

TEST_F(unpacking, does_not_follow_a_link_in_place_of_its_partial_folder) {
  const std::vector<tar_member> members{{"f/a", "new"}};
  fs::create_directory_symlink(outside_, into_ / "f.partial");
  EXPECT_TRUE(unpack("f", members, into_).ok());
  EXPECT_TRUE(names_in(outside_).empty());
  EXPECT_TRUE(fs::is_symlink(into_ / "f.partial"));
  EXPECT_EQ(names_in(into_), (strings{"f", "f.partial"}));
}

TEST_F(unpacking, refuses_paths_that_leave_the_folder_and_cleans_up) {
  for (const std::string& bad :
       {std::string("f/../secret"), std::string("f/d/../../../outside/secret"), std::string("/secret"),
        std::string("../outside/secret"), std::string("f//secret"), std::string("f/./secret"),
        std::string("f/.."), std::string("f/d/."), std::string("f/secret/"), std::string("f/"),
        std::string("f"), std::string("g/secret"), std::string("ff/secret"),
        std::string("f/secret\0x", 10)}) {
    const std::vector<tar_member> members{{"f/first", "1"}, {"f/d/second", "2"}, {bad, "3"}};
    const auto s = unpack("f", members, into_);
    EXPECT_EQ(s.kind, failure::corrupt) << bad;
    EXPECT_EQ(s.message.find("secret"), std::string::npos) << "what the user called it is told";
    EXPECT_TRUE(names_in(into_).empty()) << bad;
    EXPECT_TRUE(names_in(outside_).empty()) << bad;
    EXPECT_EQ(names_in(root_.path()), (strings{"into", "outside"})) << bad;
  }
}

TEST_F(unpacking, refuses_folders_that_are_no_single_name) {
  for (const std::string_view folder : {"", ".", "..", "a/b", "/tmp"}) {
    const std::vector<tar_member> members{{std::string(folder) + "/a", "1"}};
    EXPECT_EQ(unpack(folder, members, into_).kind, failure::corrupt) << folder;
    EXPECT_TRUE(names_in(into_).empty()) << folder;
  }
}

TEST_F(unpacking, refuses_members_that_cannot_stand_side_by_side) {
  const std::vector<tar_member> twice{{"f/a", "1"}, {"f/a", "2"}}, file_first{{"f/a", "1"}, {"f/a/b", "2"}},
      folder_first{{"f/a/b", "1"}, {"f/a", "2"}};
  for (const auto& members : {twice, file_first, folder_first}) {
    EXPECT_EQ(unpack("f", members, into_).kind, failure::corrupt);
    EXPECT_TRUE(names_in(into_).empty());
  }
}

TEST_F(unpacking, fails_where_there_is_no_directory) {
  const std::vector<tar_member> members{{"f/a", "1"}};
  EXPECT_EQ(unpack("f", members, into_ / "missing").kind, failure::io);
}

TEST_F(unpacking, a_new_file_replaces_nothing_unless_told_to) {
  const auto path = into_ / "file";
  ASSERT_TRUE(write_new_file(path, "one", false).ok());
  EXPECT_EQ(mode_of(path), 0600U);
  EXPECT_EQ(write_new_file(path, "two", false).kind, failure::refused);
  EXPECT_EQ(read_bytes(path), "one");
  ASSERT_TRUE(write_new_file(path, "three", true).ok());
  EXPECT_EQ(read_bytes(path), "three");
  EXPECT_EQ(mode_of(path), 0600U);
  EXPECT_EQ(names_in(into_), strings{"file"});
}

TEST_F(unpacking, a_new_file_does_not_follow_links) {
  fs::create_symlink(outside_ / "target", into_ / "file");
  EXPECT_EQ(write_new_file(into_ / "file", "x", false).kind, failure::refused);
  ASSERT_TRUE(write_new_file(into_ / "file", "x", true).ok());
  EXPECT_FALSE(fs::is_symlink(into_ / "file"));
  fs::create_symlink(outside_ / "target", into_ / "other.partial");
  EXPECT_TRUE(write_new_file(into_ / "other", "x", false).ok()) << "nobody knows the name that it has before";
  EXPECT_TRUE(names_in(outside_).empty());
}

TEST_F(unpacking, a_new_file_that_fails_leaves_nothing) {
  EXPECT_EQ(write_new_file(into_ / "missing" / "file", "x", false).kind, failure::io);
  EXPECT_TRUE(names_in(into_).empty());
}

TEST_F(unpacking, leaves_nothing_of_a_path_that_is_longer_than_a_system_call_takes) {
  std::string path = "f";
  while (path.size() < 5000) path += "/" + std::string(100, 'd');
  const std::vector<tar_member> members{{"f/first", "x"}, {path, "x"}};
  EXPECT_EQ(unpack("f", members, into_).kind, failure::corrupt);
  EXPECT_EQ(names_in(into_), strings{});
}

}  // namespace
}  // namespace outro
