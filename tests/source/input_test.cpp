/// Which files are input, in which order, and what is left out.
#include "source/input.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

namespace outro {
namespace {

namespace fs = std::filesystem;

class input_found : public ::testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/outro-input-XXXXXX";
    ASSERT_NE(::mkdtemp(name), nullptr);
    folder_ = name;
  }
  void TearDown() override { fs::remove_all(folder_); }
  void touch(const std::string& name, std::uint64_t size = 1) {
    fs::create_directories((folder_ / name).parent_path());
    std::ofstream(folder_ / name) << std::string(size, 'x');
  }
  std::vector<std::string> names(const std::vector<shard>& shards) {
    std::vector<std::string> out;
    for (const auto& s : shards) out.push_back(fs::relative(s.path, folder_).string());
    return out;
  }
  fs::path folder_;
};

TEST_F(input_found, is_walked_in_sorted_order_and_what_is_hidden_is_counted_and_named) {
  for (const char* name :
       {"b/2", "b/10", "a", "c", ".hidden", "b/.DS_Store", ".git/x", "_SUCCESS", "b/_temporary/0"})
    touch(name);
  const auto found = find_input({folder_.string()});
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(names(found->shards), (std::vector<std::string>{"a", "b/10", "b/2", "c"}));
  EXPECT_EQ(found->hidden.count, 5U);
  const auto text = text_of(found->hidden);
  EXPECT_TRUE(text.starts_with("5 files or folders whose names begin with . or _ (")) << text;
  for (const char* name : {".git", ".hidden", "_SUCCESS", "b/.DS_Store", "b/_temporary"})
    EXPECT_NE(text.find((folder_ / name).string()), std::string::npos) << text;
  EXPECT_EQ(text_of(left_out{}), "");
}

TEST_F(input_found, names_the_first_of_many_hidden_files) {
  touch("a");
  for (int i = 0; i < 9; ++i) touch("." + std::to_string(i));
  const auto found = find_input({folder_.string()});
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(found->hidden.count, 9U);
  EXPECT_EQ(found->hidden.some.size(), left_out::most_named);
  EXPECT_TRUE(text_of(found->hidden).ends_with(" and 4 more)")) << text_of(found->hidden);
}

TEST_F(input_found, takes_what_is_named_itself_whatever_its_name) {
  touch(".a"), touch("_b"), touch("_c/d"), touch("_c/.e");
  const auto found =
      find_input({(folder_ / ".a").string(), (folder_ / "_b").string(), (folder_ / "_c").string()});
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(names(found->shards), (std::vector<std::string>{".a", "_b", "_c/d"}));
  EXPECT_EQ(found->hidden.count, 1U);
}

TEST_F(input_found, that_is_all_hidden_is_refused_with_the_names) {
  touch(".a");
  const auto found = find_input({folder_.string()});
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().kind, failure::usage);
  EXPECT_NE(found.error().message.find("1 file or folder whose name begins with . or _"), std::string::npos)
      << found.error().message;
}

TEST_F(input_found, refuses_links_to_directories_and_sockets_and_follows_links_to_files) {
  touch("d/a");
  fs::create_symlink(folder_ / "d" / "a", folder_ / "d" / "b");
  const auto linked = find_input({(folder_ / "d").string()});
  // The same file under two names would be read twice.
  ASSERT_FALSE(linked);
  EXPECT_NE(linked.error().message.find("named twice"), std::string::npos) << linked.error().message;
  touch("elsewhere");
  fs::remove(folder_ / "d" / "b");
  fs::create_symlink(folder_ / "elsewhere", folder_ / "d" / "b");
  EXPECT_EQ(find_input({(folder_ / "d").string()})->shards.size(), 2U);
  fs::create_directory_symlink(folder_ / "d", folder_ / "d" / "c");
  EXPECT_EQ(find_input({(folder_ / "d").string()}).error().kind, failure::usage);
  fs::remove(folder_ / "d" / "c");
  const int made = ::mknod((folder_ / "d" / "c").c_str(), S_IFSOCK | 0600, 0);
  ASSERT_EQ(made, 0);
  EXPECT_EQ(find_input({(folder_ / "d").string()}).error().kind, failure::usage);
}

TEST_F(input_found, refuses_what_no_export_reads) {
  const auto refusal = [&](const std::string& name, std::string_view bytes) {
    std::ofstream(folder_ / name, std::ios::binary) << bytes;
    const auto found = find_input({(folder_ / name).string()});
    return found ? std::string() : found.error().message;
  };
  EXPECT_NE(refusal("a.json", "{\n  \"userId\": 1\n}\n").find("pretty-printed"), std::string::npos);
  EXPECT_NE(refusal("a.xz", std::string_view("\xfd\x37zXZ\0", 6)).find("is xz"), std::string::npos);
  EXPECT_NE(refusal("a.zst", "{\"userId\":1}\n").find("plain text"), std::string::npos);
  EXPECT_EQ(refusal("b.zst", ""), "") << "a damaged shard, which only reading tells";
}

TEST_F(input_found, keeps_the_order_of_arguments) {
  touch("z"), touch("a"), touch("d/x");
  const auto found =
      find_input({(folder_ / "z").string(), (folder_ / "d").string(), (folder_ / "a").string()});
  ASSERT_TRUE(found);
  EXPECT_EQ(names(found->shards), (std::vector<std::string>{"z", "d/x", "a"}));
}

TEST_F(input_found, is_refused_when_named_twice_missing_or_none) {
  touch("a");
  fs::create_directories(folder_ / "empty");
  const auto a = (folder_ / "a").string();
  EXPECT_EQ(find_input({a, folder_.string() + "/./a"}).error().kind, failure::usage);
  EXPECT_EQ(find_input({folder_.string(), a}).error().kind, failure::usage);
  EXPECT_EQ(find_input({a + "nothing"}).error().kind, failure::usage);
  EXPECT_EQ(find_input({(folder_ / "empty").string()}).error().kind, failure::usage);
}

TEST_F(input_found, that_is_a_fifo_is_read) {
  ASSERT_EQ(::mkfifo((folder_ / "pipe").c_str(), 0600), 0);
  const auto found = find_input({(folder_ / "pipe").string()});
  ASSERT_TRUE(found);
  EXPECT_TRUE(found->shards.front().is_pipe);
}

TEST_F(input_found, lies_apart_from_the_output) {
  fs::create_directories(folder_ / "d" / "out");
  const auto d = (folder_ / "d").string(), out = (folder_ / "d" / "out").string();
  EXPECT_EQ(check_apart({d}, out).kind, failure::refused);
  EXPECT_EQ(check_apart({out + "/packs"}, out).kind, failure::refused);
  EXPECT_TRUE(check_apart({d, "-"}, folder_ / "out").ok());
}

}  // namespace
}  // namespace outro
