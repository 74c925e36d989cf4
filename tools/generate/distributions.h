/// Log-normal and Zipf variates with the same bits on every machine.
///
/// The C library's log, exp and pow may differ in the last bit between versions and between processors, which
/// would be enough to change a count now and then, and with it every later byte. So both are written here
/// with nothing but IEEE additions, multiplications, divisions and square roots. (Built with
/// -ffp-contract=off.)
#pragma once

#include <cstdint>

#include "rng.h"

namespace outro::generate {

/// Natural logarithm; `x` must be positive and normal. Error below 1e-15 relative to max(1, |result|).
double natural_log(double x);
/// e to the power `x`, for |x| below 700.
double exponential(double x);
/// Standard normal variate (Marsaglia's polar method).
double normal(random_stream& random);

/// Parameters of a count: floor(exp(mu + sigma z)), cut at `limit`.
struct log_normal {
  double mu = 0;
  double sigma = 0;
  std::uint64_t limit = 1'000'000;

  std::uint64_t operator()(random_stream& random) const;
};

/// Ranks 0 .. size-1 with probability proportional to (rank + 1)^-exponent, by rejection-inversion (Hörmann
/// and Derflinger 1996): no table, about 1.1 trials a variate. The exponent must not be 1.
class zipf {
 public:
  zipf(std::uint64_t size, double exponent);

  std::uint64_t operator()(random_stream& random) const;

 private:
  [[nodiscard]] double integral(double x) const;
  [[nodiscard]] double inverse(double y) const;
  [[nodiscard]] double density(double x) const;

  std::uint64_t size_;
  double exponent_;
  double one_minus_;
  double upper_ = 0;
  double lower_ = 0;
  double shortcut_ = 0;
};

}  // namespace outro::generate
