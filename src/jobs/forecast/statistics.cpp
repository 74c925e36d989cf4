#include "jobs/forecast/statistics.h"

#include <boost/math/distributions/students_t.hpp>
#include <boost/math/statistics/univariate_statistics.hpp>
#include <cmath>

namespace outro {

namespace statistics = boost::math::statistics;

double median(std::vector<double> values) {
  return values.empty() ? 0 : statistics::median(values);
}

mean_with_error mean_of(const std::vector<double>& values) {
  if (values.empty()) return {};
  const auto mean = statistics::mean(values);
  if (values.size() < 2) return {mean, 0};
  return {mean, std::sqrt(statistics::sample_variance(values) / static_cast<double>(values.size()))};
}

double student_t(double confidence, std::size_t freedom) {
  const boost::math::students_t distribution(static_cast<double>(freedom));
  return boost::math::quantile(distribution, (1 + confidence) / 2);
}

}  // namespace outro
