/// Figures over repeated measurements, against published ones.
#include "jobs/forecast/statistics.h"

#include <gtest/gtest.h>

#include <boost/math/distributions/normal.hpp>
#include <cmath>

#include "jobs/forecast/window_forecast.h"

namespace outro {
namespace {

TEST(median, is_the_middle_whatever_the_order) {
  EXPECT_EQ(median({3, 1, 2}), 2);
  EXPECT_EQ(median({7}), 7);
}

TEST(median, of_an_even_number_lies_between_the_middle_two) {
  EXPECT_EQ(median({4, 1, 100, 2}), 3);
}

TEST(median, of_nothing_is_nothing) {
  EXPECT_EQ(median({}), 0);
}

TEST(mean_of, has_the_error_of_a_mean) {
  const auto m = mean_of({2, 4, 4, 4, 5, 5, 7, 9});  // sum of squared deviations: 32
  EXPECT_DOUBLE_EQ(m.mean, 5);
  EXPECT_DOUBLE_EQ(m.error, std::sqrt(32.0 / 7 / 8));
}

TEST(mean_of, claims_no_error_of_fewer_than_two_values) {
  EXPECT_EQ(mean_of({5}).mean, 5);
  EXPECT_EQ(mean_of({5}).error, 0);
  EXPECT_EQ(mean_of({}).mean, 0);
}

TEST(student_t, is_what_tables_say) {
  EXPECT_NEAR(student_t(0.95, 1), 12.706, 5e-4);
  EXPECT_NEAR(student_t(0.95, 5), 2.571, 5e-4);
  EXPECT_NEAR(student_t(0.95, 30), 2.042, 5e-4);
  EXPECT_NEAR(student_t(0.80, 1), 3.078, 5e-4);
  EXPECT_NEAR(student_t(0.80, 20), 1.325, 5e-4);
}

TEST(student_t, of_many_values_is_a_normal_distributions) {
  EXPECT_NEAR(student_t(0.80, 100'000), eighty_percent, 1e-4);
  EXPECT_NEAR(boost::math::quantile(boost::math::normal(), 0.9), eighty_percent, 1e-4);
}

}  // namespace
}  // namespace outro
