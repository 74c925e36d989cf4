/// Which numbers occur more than once, whatever shares a place of the table of bits.
#include "catalogue/repeated_numbers.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

namespace {

TEST(repeated_numbers, has_those_that_were_added_twice_and_no_other) {
  for (const std::size_t count : {0, 1, 2, 40, 5000}) {
    std::mt19937 random(static_cast<unsigned>(count));
    outro::repeated_numbers numbers;
    std::map<std::uint32_t, int> times;
    const auto add = [&](std::uint32_t n) { numbers.add(n), ++times[n]; };
    for (std::size_t i = 0; i < count; ++i)
      add(static_cast<std::uint32_t>(i % 3 == 0 ? random() % 1000 : random()));
    for (const auto& [n, t] : times) EXPECT_EQ(numbers.has_twice(n), t > 1) << count << " " << n;
    for (int i = 0; i < 5000; ++i) {
      const auto n = static_cast<std::uint32_t>(random());
      EXPECT_TRUE(!numbers.has_twice(n) || times[n] > 1) << count << " " << n;
    }
  }
}

}  // namespace
