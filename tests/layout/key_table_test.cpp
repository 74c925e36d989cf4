/// A key is found as itself and as nothing else.
#include "layout/key_table.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>

namespace outro {
namespace {

using children = std::vector<std::pair<std::string, std::uint32_t>>;

TEST(key_table, tells_similar_keys_apart) {
  const children given = {{"", 1},
                          {"a", 2},
                          {"id", 3},
                          {"songName", 4},
                          {"songNane", 5},
                          {"artistStringIds", 6},
                          {"a key that is longer than two words", 7},
                          {"a key that is longer than ten words", 8}};
  const key_table table(given, {});
  for (const auto& [name, child] : given) {
    ASSERT_NE(table.find(name), nullptr) << name;
    EXPECT_EQ(table.find(name)->child, child) << name;
    EXPECT_FALSE(table.find(name)->is_redacted);
  }
  for (const char* other : {"b", "di", "songNxme", "artistStringIdx", "a key that is longer than six words"})
    EXPECT_EQ(table.find(other), nullptr) << other;
}

TEST(key_table, knows_what_is_redacted_and_what_leads_on) {
  const std::vector<std::string> redacted = {"token", "both"};
  const key_table table(children{{"both", 1}, {"path", 2}}, redacted);
  EXPECT_TRUE(table.find("token")->is_redacted);
  EXPECT_EQ(table.find("token")->child, no_index);
  EXPECT_TRUE(table.find("both")->is_redacted);
  EXPECT_EQ(table.find("both")->child, 1U);
  EXPECT_FALSE(table.find("path")->is_redacted);
  EXPECT_EQ(key_table().find("path"), nullptr);
}

RC_GTEST_PROP(key_table, finds_what_a_map_finds, ()) {
  // Few letters and lengths around the words that are compared, so that many differ in one byte.
  const auto name = rc::gen::mapcat(rc::gen::inRange(0, 20), [](int n) {
    return rc::gen::container<std::string>(static_cast<std::size_t>(n), rc::gen::element('a', 'b'));
  });
  const auto names = *rc::gen::container<std::vector<std::string>>(name);
  std::map<std::string, std::uint32_t> truth;
  children given;
  for (const auto& n : names)
    if (truth.emplace(n, static_cast<std::uint32_t>(truth.size())).second) given.emplace_back(n, truth.at(n));
  const key_table table(given, {});
  for (const auto& [n, child] : truth) RC_ASSERT(table.find(n)->child == child);
  const auto other = *name;
  RC_ASSERT((table.find(other) != nullptr) == truth.contains(other));
}

}  // namespace
}  // namespace outro
