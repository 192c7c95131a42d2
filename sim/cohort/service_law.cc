#include "sim/cohort/service_law.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace sim {
namespace {

double normal_quantile(double p) {
  double low = -9, high = 9;
  for (int i = 0; i < 60; ++i) {
    const double middle = (low + high) / 2;
    (0.5 * std::erfc(-middle / std::numbers::sqrt2) < p ? low : high) = middle;
  }
  return low;
}

}  // namespace

ServiceLaw::ServiceLaw(const ServiceTime& service)
    : distribution_(service.distribution), mean_(to_seconds(service.mean)) {
  switch (distribution_) {
    case ServiceTime::Distribution::kExponential: variation_ = 1.0; break;
    case ServiceTime::Distribution::kDeterministic: variation_ = 0.0; break;
    case ServiceTime::Distribution::kLognormal: variation_ = service.cv * service.cv; break;
  }
  if (distribution_ == ServiceTime::Distribution::kLognormal && variation_ == 0.0) {
    distribution_ = ServiceTime::Distribution::kDeterministic;
  }
  sigma_ = std::sqrt(std::log1p(variation_));
  median_log_ = std::log(mean_) - sigma_ * sigma_ / 2.0;
}

double ServiceLaw::below(double t) const {
  if (t <= 0) return 0.0;
  switch (distribution_) {
    case ServiceTime::Distribution::kExponential: return -std::expm1(-t / mean_);
    case ServiceTime::Distribution::kDeterministic: return t >= mean_ ? 1.0 : 0.0;
    case ServiceTime::Distribution::kLognormal: break;
  }
  return 0.5 * std::erfc((median_log_ - std::log(t)) / (sigma_ * std::numbers::sqrt2));
}

std::array<double, 8> ServiceLaw::octiles() const {
  std::array<double, 8> out{};
  for (std::size_t i = 0; i < out.size(); ++i) {
    const double p = (static_cast<double>(i) + 0.5) / static_cast<double>(out.size());
    double low = 0, high = 1e6 * mean_;
    for (int step = 0; step < 100; ++step) {
      const double middle = (low + high) / 2;
      (below(middle) < p ? low : high) = middle;
    }
    out[i] = high;
  }
  return out;
}

GammaPoints::GammaPoints() : weights_{0.05, 0.05, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.05, 0.03, 0.015, 0.005} {
  double before = 0;
  for (std::size_t i = 0; i < kPoints; ++i) {
    normal_[i] = normal_quantile(before + weights_[i] / 2.0);
    before += weights_[i];
  }
}

std::array<double, GammaPoints::kPoints> GammaPoints::at(double shape) const {
  std::array<double, kPoints> points{};
  const double ninth = 1.0 / (9.0 * shape);
  double mean = 0;
  for (std::size_t i = 0; i < kPoints; ++i) {
    const double root = std::max(0.0, 1.0 - ninth + normal_[i] * std::sqrt(ninth));
    points[i] = root * root * root;
    mean += weights_[i] * points[i];
  }
  for (double& p : points) p /= mean;
  return points;
}

}  // namespace sim
