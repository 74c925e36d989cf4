/// @file
/// Figures over repeated measurements.
#pragma once

#include <cstddef>
#include <vector>

namespace outro {

/// The mean of the middle two where they are even in number; 0 of none.
double median(std::vector<double> values);

/// The mean of some values, and the standard error of that mean by their spread (0 with fewer than two).
struct mean_with_error {
  double mean = 0, error = 0;
};
mean_with_error mean_of(const std::vector<double>& values);

/// How many standard errors around a mean hold the true one with probability `confidence` (Student's t, both
/// sides), where the error comes from the spread of `freedom + 1` values. At least one degree of freedom.
double student_t(double confidence, std::size_t freedom);

}  // namespace outro
