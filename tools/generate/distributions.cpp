#include "distributions.h"

#include <bit>
#include <cmath>

namespace outro::generate {

double natural_log(double x) {
  // x = m * 2^e with m in [sqrt(1/2), sqrt(2)); ln m = 2 artanh((m-1)/(m+1)).
  const auto bits = std::bit_cast<std::uint64_t>(x);
  int exponent = static_cast<int>((bits >> 52) & 0x7ff) - 1023;
  double m = std::bit_cast<double>((bits & 0x000fffffffffffffU) | 0x3ff0000000000000U);
  if (m > 1.4142135623730951) {
    m *= 0.5;
    ++exponent;
  }
  const double f = (m - 1.0) / (m + 1.0);
  const double s = f * f;
  double series = 1.0 / 21.0;
  for (int k = 19; k >= 1; k -= 2) series = series * s + 1.0 / k;
  constexpr double ln2_high = 6.93147180369123816490e-01;
  constexpr double ln2_low = 1.90821492927058770002e-10;
  return exponent * ln2_high + (2.0 * f * series + exponent * ln2_low);
}

double exponential(double x) {
  constexpr double ln2_high = 6.93147180369123816490e-01;
  constexpr double ln2_low = 1.90821492927058770002e-10;
  const double scaled = x * 1.44269504088896338700;
  const int k = static_cast<int>(scaled + (scaled >= 0 ? 0.5 : -0.5));
  const double r = (x - k * ln2_high) - k * ln2_low;
  double series = 1.0;
  for (int n = 14; n >= 1; --n) series = 1.0 + series * r / n;
  const auto power = static_cast<std::uint64_t>(static_cast<std::int64_t>(k) + 1023) << 52;
  return series * std::bit_cast<double>(power);
}

double normal(random_stream& random) {
  for (;;) {
    const double u = 2.0 * random.unit() - 1.0;
    const double v = 2.0 * random.unit() - 1.0;
    const double s = u * u + v * v;
    if (s > 1e-300 && s < 1.0) return u * std::sqrt(-2.0 * natural_log(s) / s);
  }
}

std::uint64_t log_normal::operator()(random_stream& random) const {
  const double value = exponential(mu + sigma * normal(random));
  return value >= static_cast<double>(limit) ? limit : static_cast<std::uint64_t>(value);
}

zipf::zipf(std::uint64_t size, double exponent)
    : size_(size), exponent_(exponent), one_minus_(1.0 - exponent) {
  lower_ = integral(1.5) - 1.0;
  upper_ = integral(static_cast<double>(size) + 0.5);
  shortcut_ = 2.0 - inverse(integral(2.5) - density(2.0));
}

// The integral of x^-exponent, up to a constant: (x^(1-exponent) - 1) / (1-exponent).
double zipf::integral(double x) const {
  return (exponential(one_minus_ * natural_log(x)) - 1.0) / one_minus_;
}

double zipf::inverse(double y) const {
  const double t = 1.0 + y * one_minus_;
  return exponential(natural_log(t < 1e-12 ? 1e-12 : t) / one_minus_);
}

double zipf::density(double x) const {
  return exponential(-exponent_ * natural_log(x));
}

std::uint64_t zipf::operator()(random_stream& random) const {
  for (;;) {
    const double u = upper_ + random.unit() * (lower_ - upper_);
    const double x = inverse(u);
    auto rank = static_cast<std::uint64_t>(x + 0.5);
    if (rank < 1) rank = 1;
    if (rank > size_) rank = size_;
    const auto k = static_cast<double>(rank);
    if (k - x <= shortcut_ || u >= integral(k + 0.5) - density(k)) return rank - 1;
  }
}

}  // namespace outro::generate
