/// Failures of the system name the path and the remedy.
#include "base/file.h"

#include <gtest/gtest.h>

#include <cerrno>

namespace outro {
namespace {

TEST(files, names_the_path_and_a_remedy_for_what_disks_do) {
  for (const int error :
       {ENOSPC, EDQUOT, EROFS, EFBIG, EIO, ENOENT, ENOTCONN, ESTALE, ENODEV, EACCES, EMFILE}) {
    const auto s = io_failure("write", "/data/out/packs/x", error);
    EXPECT_EQ(exit_code_of(s), 1);
    EXPECT_NE(s.message.find("/data/out/packs/x"), std::string::npos);
    EXPECT_NE(s.message.find("; "), std::string::npos) << s.message;
  }
}

TEST(files, syncs_the_directory_that_holds_a_path_however_it_is_spelt) {
  for (const char* path : {"/tmp/x", "/tmp/x/", "x", "./x", "/tmp"})
    EXPECT_TRUE(sync_parent(path).ok()) << path;
  const auto s = sync_parent("/not there/x");
  EXPECT_NE(s.message.find("/not there"), std::string::npos) << s.message;
}

}  // namespace
}  // namespace outro
