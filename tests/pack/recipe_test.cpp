#include "pack/recipe.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "testing/reading.h"

namespace outro {
namespace {

recipe some_recipe() {
  return {.service = "xiami",
          .layout = "0123456789abcdef0123456789abcdef",
          .archive = 1,
          .frame = 2,
          .recordings = 3,
          .level = 6,
          .slice = 67'108'864,
          .max_document = 1'073'741'824,
          .libzstd = "1.5.4",
          .icu = "72.1"};
}

/// Every field of a recipe, for comparisons that forget none: a recipe that gets another one does not
/// compile.
auto fields_of(const recipe& r) {
  const auto& [service, layout, archive, frame, recordings, level, slice, max_document, libzstd, icu] = r;
  return std::make_tuple(service, layout, archive, frame, recordings, level, slice, max_document, libzstd,
                         icu);
}

TEST(recipe, has_one_text_that_never_changes) {
  EXPECT_EQ(text_of(some_recipe()),
            R"({"service":"xiami","layout":"0123456789abcdef0123456789abcdef","archive":1,"frame":2,)"
            R"("recordings":3,"level":6,"slice":67108864,"maxDocument":1073741824,"libzstd":"1.5.4",)"
            R"("icu":"72.1"})");
  EXPECT_EQ(recipe_id(text_of(some_recipe())).size(), 32U);
}

RC_GTEST_PROP(recipe, is_read_as_it_was_written, ()) {
  const auto text = [] { return *rc::gen::container<std::string>(rc::gen::inRange<char>(0, 127)); };
  const auto number = [] { return *rc::gen::arbitrary<std::int64_t>(); };
  const auto size = [] { return *rc::gen::arbitrary<std::uint64_t>(); };
  const recipe r{.service = text(),
                 .layout = text(),
                 .archive = number(),
                 .frame = number(),
                 .recordings = number(),
                 .level = number(),
                 .slice = size(),
                 .max_document = size(),
                 .libzstd = text(),
                 .icu = text()};
  const auto back = parse_recipe(text_of(r));
  RC_ASSERT(back.has_value());
  RC_ASSERT(fields_of(*back) == fields_of(r));
}

TEST(recipe, of_this_build_is_read_back_too) {
  const auto r = recipe_of(testing::xiami(), 3, 1000, 2000);
  EXPECT_EQ(r.service, "xiami");
  EXPECT_EQ(r.level, 3);
  EXPECT_EQ(r.slice, 1000U);
  EXPECT_EQ(r.max_document, 2000U);
  const auto back = parse_recipe(text_of(r));
  ASSERT_TRUE(back);
  EXPECT_EQ(fields_of(*back), fields_of(r));
}

TEST(recipe, that_lacks_keys_keeps_the_defaults_of_those) {
  const auto r = parse_recipe(R"({"level":5,"future":[1]})");
  ASSERT_TRUE(r);
  recipe expected;
  expected.level = 5;
  EXPECT_EQ(fields_of(*r), fields_of(expected));
}

TEST(recipe, with_values_of_another_type_keeps_the_defaults_of_those) {
  const auto r = parse_recipe(R"({"service":7,"level":"5","slice":-1,"archive":1.5,"maxDocument":null})");
  ASSERT_TRUE(r);
  EXPECT_EQ(fields_of(*r), fields_of(recipe{}));
}

TEST(recipe, is_nothing_but_one_json_object) {
  for (const char* garbage : {"", " ", "null", "[]", "7", "\"x\"", "{", "{}x", "{\"level\":}", "\0"})
    EXPECT_FALSE(parse_recipe(garbage)) << garbage;
  EXPECT_TRUE(parse_recipe("{}"));
}

TEST(recipe, names_what_differs_then_and_now) {
  auto now = some_recipe();
  const auto then = text_of(now);
  EXPECT_EQ(recipe_differences(then, then), "");
  now.level = 9;
  EXPECT_EQ(recipe_differences(then, text_of(now)), "level: 6 then, 9 now");
  now.libzstd = "1.6";
  EXPECT_EQ(recipe_differences(then, text_of(now)),
            R"(level: 6 then, 9 now; libzstd: "1.5.4" then, "1.6" now)");
  EXPECT_EQ(recipe_differences("{}", R"({"icu":"72.1"})"), R"(icu: absent then, "72.1" now)");
  EXPECT_EQ(recipe_differences("garbage", then), "the recorded recipe cannot be read");
}

TEST(recipe, has_another_id_when_anything_differs) {
  const auto text = text_of(some_recipe());
  auto other = some_recipe();
  ++other.max_document;
  EXPECT_EQ(recipe_id(text), recipe_id(text_of(some_recipe())));
  EXPECT_NE(recipe_id(text), recipe_id(text_of(other)));
}

}  // namespace
}  // namespace outro
