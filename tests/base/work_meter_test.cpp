/// Memory is counted as it is allocated, and what goes beyond a share is refused.
#include "base/work_meter.h"

#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "base/bytes.h"

namespace outro {
namespace {

constexpr std::size_t kib = 1024;

TEST(work_meter, counts_what_a_buffer_holds_and_gives_back) {
  std::int64_t used = 0;
  const work_meter meter(used);
  {
    buffer bytes;
    bytes.reserve(100 * kib);
    EXPECT_GE(used, static_cast<std::int64_t>(100 * kib));
    EXPECT_LE(used, static_cast<std::int64_t>(104 * kib));
    bytes.reserve(300 * kib);
    EXPECT_GE(used, static_cast<std::int64_t>(300 * kib)) << "grown, not counted twice";
    EXPECT_LE(used, static_cast<std::int64_t>(304 * kib));
  }
  EXPECT_EQ(used, 0);
}

TEST(work_meter, refuses_what_goes_beyond_the_limit_and_leaves_the_rest_as_it_was) {
  std::int64_t used = 0;
  work_meter meter(used, 200 * kib);
  buffer bytes;
  bytes.append(std::string_view("kept"));
  bytes.reserve(100 * kib);
  EXPECT_FALSE(meter.has_refused());
  EXPECT_THROW(bytes.reserve(300 * kib), std::bad_alloc);
  EXPECT_TRUE(meter.has_refused());
  EXPECT_EQ(bytes.view(), "kept");
  EXPECT_LE(used, static_cast<std::int64_t>(104 * kib));
  meter.lift();
  bytes.reserve(300 * kib);
  EXPECT_EQ(bytes.view(), "kept");
}

TEST(work_meter, goes_on_counting_where_another_thread_goes_on) {
  std::int64_t used = 0;
  buffer bytes;
  std::thread([&] {
    const work_meter meter(used);
    bytes.reserve(100 * kib);
  }).join();
  EXPECT_GE(used, static_cast<std::int64_t>(100 * kib));
  const work_meter meter(used);
  bytes = {};
  EXPECT_EQ(used, 0);
}

TEST(work_meter, counts_neither_behind_its_end_nor_while_it_is_paused) {
  std::int64_t used = 0, inner = 0;
  buffer uncounted, of_inner;
  const work_meter meter(used, 0);
  {
    const work_meter::pause pause;
    uncounted.reserve(100 * kib);
  }
  {
    const work_meter nested(inner);
    of_inner.reserve(100 * kib);
  }
  EXPECT_EQ(used, 0);
  EXPECT_GE(inner, static_cast<std::int64_t>(100 * kib));
}

TEST(give_back, frees_what_an_emptied_vector_or_string_keeps) {
  std::vector<int> numbers(1000);
  std::string text(1000, 'x');
  give_back(numbers);
  give_back(text);
  EXPECT_EQ(numbers.capacity(), 0U);
  EXPECT_EQ(text.capacity(), std::string().capacity());
}

}  // namespace
}  // namespace outro
