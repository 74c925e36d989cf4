/// What counts as a change, and what does not.
#include "account/content_digest.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "testing/reading.h"

namespace outro {
namespace {

digest128 content_of(const std::string& rest) {
  const testing::reading r(R"({"userId":7,)" + rest + "}");
  EXPECT_EQ(r.why, reason::none) << rest;
  return r.view.content_digest;
}

TEST(content_digest, tells_apart_two_texts_of_one_xxh3) {
  const auto dump = [](const char* first, const char* second) {
    std::string message(2048, 'x');
    message.replace(1020, 5, first).replace(1084, 5, second);
    return R"({"userId":7,"comments":[{"message":")" + message + R"("}]})";
  };
  const testing::reading a(dump(" @@@a", "icvsc")), b(dump(" @@@c", "icvsa"));
  ASSERT_EQ(a.why, reason::none);
  ASSERT_EQ(a.view.digest, b.view.digest) << "they are no longer what they were made for";
  EXPECT_NE(a.view.content_digest, b.view.content_digest);
}

TEST(content_digest, passes_over_a_volatile_value_but_not_over_its_type) {
  EXPECT_EQ(content_of(R"("profile":{"visits":5})"), content_of(R"("profile":{"visits":600})"));
  EXPECT_NE(content_of(R"("profile":{"visits":5})"), content_of(R"("profile":{"visits":"5"})"));
  EXPECT_NE(content_of(R"("profile":{"visits":5})"), content_of(R"("profile":{"visits":null})"));
  EXPECT_NE(content_of(R"("profile":{"visits":5})"), content_of(R"("profile":{"visits":[]})"));
}

TEST(content_digest, is_the_same_with_and_without_a_memory_of_objects) {
  std::string dump = R"({"userId":7,"favorites":{"songs":[)";
  for (int i = 0; i < 5000; ++i)
    dump += (i > 0 ? "," : "") + std::string(R"({"song":{"songId":)") + std::to_string(i % 3000) + "}}";
  dump += "]}}";
  const testing::reading plain(dump);
  ASSERT_EQ(plain.why, reason::none);
  buffer bytes;
  bytes.append(dump).append("\n");
  bytes.pad();
  // The least memory forgets most of them.
  document_reader reader(testing::xiami(), {.latest_ms = testing::some_time},
                         std::make_shared<digest_memory>(1));
  for (int again = 0; again < 3; ++again) {
    account_view view;
    ASSERT_EQ(reader.read(bytes.view().substr(0, dump.size()), view), reason::none);
    EXPECT_EQ(view.content_digest, plain.view.content_digest);
  }
}

TEST(digest_memory, gives_back_what_it_was_told_and_nothing_else) {
  digest_memory memory(1U << 20);
  const auto object = [](std::uint64_t i) { return process_key().of(std::to_string(i)); };
  for (std::uint64_t i = 0; i < 1000; ++i) memory.remember(object(i), digest_of(std::to_string(i)));
  int found = 0;
  for (std::uint64_t i = 0; i < 2000; ++i) {
    digest128 digest;
    if (!memory.find(object(i), digest)) continue;
    ++found;
    EXPECT_LT(i, 1000U);
    EXPECT_EQ(digest, digest_of(std::to_string(i)));
  }
  EXPECT_GT(found, 950);
}

}  // namespace
}  // namespace outro
