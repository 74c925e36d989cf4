/// Documents that take long are found by who looks, and cost who works no clock.
#include "report/documents_in_work.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

namespace outro {
namespace {

constexpr std::int64_t limit = 60'000;

TEST(documents_in_work, one_is_slow_after_the_limit_and_is_new_once) {
  documents_in_work all;
  auto& thread = all.add();
  slow_watch watch(limit);
  const document_in_work::scope working(thread, 7, {2, 30, 4}, 500);
  EXPECT_TRUE(watch.look(all, 1000).empty());
  EXPECT_TRUE(watch.look(all, 1000 + limit - 1).empty());
  thread.stage_now() = stage::group;
  const auto first = watch.look(all, 1000 + limit);
  ASSERT_EQ(first.size(), 1U);
  EXPECT_TRUE(first[0].is_new);
  EXPECT_EQ(first[0].since_ms, 1000);
  const auto& d = first[0].document;
  EXPECT_EQ(d.unit, 7U);
  EXPECT_EQ(d.place.shard, 2U);
  EXPECT_EQ(d.place.offset, 30U);
  EXPECT_EQ(d.place.line, 4U);
  EXPECT_EQ(d.length, 500U);
  EXPECT_EQ(d.stage, stage::group);
  const auto again = watch.look(all, 1000 + 2 * limit);
  ASSERT_EQ(again.size(), 1U);
  EXPECT_FALSE(again[0].is_new);
}

TEST(documents_in_work, the_next_one_of_a_thread_has_its_own_time) {
  documents_in_work all;
  auto& thread = all.add();
  slow_watch watch(limit);
  {
    const document_in_work::scope first(thread, 1, {0, 0, 1}, 10);
    EXPECT_TRUE(watch.look(all, 0).empty());
  }
  EXPECT_TRUE(all.look().empty());
  const document_in_work::scope second(thread, 1, {0, 0, 1}, 10);
  EXPECT_TRUE(watch.look(all, limit).empty());
  EXPECT_EQ(watch.look(all, 2 * limit).size(), 1U);
}

TEST(documents_in_work, every_thread_has_its_own) {
  documents_in_work all;
  auto& a = all.add();
  auto& b = all.add();
  slow_watch watch(limit);
  const document_in_work::scope slow(a, 1, {0, 0, 1}, 10);
  (void)watch.look(all, 0);
  const document_in_work::scope fast(b, 2, {0, 0, 1}, 10);
  const auto found = watch.look(all, limit);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].document.unit, 1U);
}

TEST(documents_in_work, people_and_programs_are_told_the_same) {
  const slow_document d{"a.ndjson", 1, 1234, 5, 2048, "recordings", 1000};
  EXPECT_EQ(text_of(d, 91'000),
            "a.ndjson: line 5, byte 1234: a document of 2.0 KiB has been in work for 1 min 30 s, now in the "
            "stage \"recordings\"");
  EXPECT_EQ(boost::json::value(fields_of(d, 91'000)),
            boost::json::parse(R"({"file":"a.ndjson","unit":1,"offset":1234,"line":5,"bytes":2048,
                                   "stage":"recordings","sinceMs":1000,"seconds":9E1})"));
}

}  // namespace
}  // namespace outro
