// The distribution of service times as a function, and the few quantiles by which waiting times are described.
//
// Immutable, so safe to share.
#pragma once

#include <array>

#include "sim/service/engine_options.h"

namespace sim {

class ServiceLaw {
 public:
  explicit ServiceLaw(const ServiceTime& service);

  // P(service time <= t), in seconds.
  double below(double t) const;
  // The middles of eight equal parts of the distribution.
  std::array<double, 8> octiles() const;
  double mean() const { return mean_; }
  // Squared coefficient of variation.
  double variation() const { return variation_; }

 private:
  ServiceTime::Distribution distribution_;
  double mean_;
  double variation_;
  double median_log_ = 0;  // kLognormal
  double sigma_ = 0;
};

// A gamma distribution of mean 1 by fourteen points, finer towards the upper tail (Wilson and Hilferty 1931, scaled to
// the exact mean).
class GammaPoints {
 public:
  static constexpr std::size_t kPoints = 14;
  GammaPoints();
  std::array<double, kPoints> at(double shape) const;
  const std::array<double, kPoints>& weights() const { return weights_; }

 private:
  std::array<double, kPoints> weights_;
  std::array<double, kPoints> normal_{};  // the quantiles of a standard normal variate in the middle of the weights
};

}  // namespace sim
