#include "sim/cohort/latency_mixture.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>

namespace sim {
namespace {

using Law = ServiceTime::Distribution;

ServiceLaw exponential() { return ServiceLaw({.distribution = Law::kExponential, .mean = 40 * kMillisecond}); }

std::array<double, 3> percentiles(LatencyMixture& mixture, const LatencyMixture::Spectrum& spectrum, double total) {
  LatencyMixture::Histogram histogram = mixture.histogram();
  mixture.expand(spectrum, histogram);
  std::array<double, 3> out{};
  mixture.quantiles(histogram, total, std::array{0.5, 0.95, 0.99}, out);
  return out;
}

TEST(ServiceLawTest, IsTheDistributionAskedFor) {
  const ServiceLaw law = exponential();
  EXPECT_NEAR(law.below(0.04), 1 - std::exp(-1), 1e-12);
  EXPECT_EQ(law.below(0), 0);
  const ServiceLaw fixed({.distribution = Law::kDeterministic, .mean = kSecond});
  EXPECT_EQ(fixed.below(0.999), 0);
  EXPECT_EQ(fixed.below(1.0), 1);
  const ServiceLaw lognormal({.distribution = Law::kLognormal, .mean = kSecond, .cv = 2});
  EXPECT_NEAR(lognormal.below(std::exp(-std::log(5.0) / 2)), 0.5, 1e-12);  // median = mean / sqrt(1 + cv^2)
  EXPECT_EQ(lognormal.variation(), 4);
  const ServiceLaw narrow({.distribution = Law::kLognormal, .mean = kSecond, .cv = 0});
  EXPECT_EQ(narrow.below(1.01), 1);
}

TEST(GammaPointsTest, HaveMeanOneAndAboutTheVariance) {
  const GammaPoints points;
  for (const double shape : {0.5, 1.0, 4.0, 50.0}) {
    const auto at = points.at(shape);
    double mean = 0, square = 0, weight = 0;
    for (std::size_t i = 0; i < at.size(); ++i) {
      weight += points.weights()[i];
      mean += points.weights()[i] * at[i];
      square += points.weights()[i] * at[i] * at[i];
    }
    EXPECT_NEAR(weight, 1, 1e-12);
    EXPECT_NEAR(mean, 1, 1e-12);
    EXPECT_NEAR(square - 1, 1 / shape, 0.12 / shape);
  }
}

TEST(LatencyMixtureTest, WithoutDelayItIsTheServiceTime) {
  const ServiceLaw law = exponential();
  LatencyMixture mixture(law, false);
  LatencyMixture::Spectrum spectrum = mixture.spectrum();
  mixture.add(spectrum, 0, 1000);
  const auto [p50, p95, p99] = percentiles(mixture, spectrum, 1000);
  EXPECT_NEAR(p50, 0.04 * std::log(2), 1e-4);
  EXPECT_NEAR(p95, 0.04 * std::log(20), 1e-4);
  EXPECT_NEAR(p99, 0.04 * std::log(100), 2e-4);
  LatencyMixture::Histogram histogram = mixture.histogram();
  mixture.expand(spectrum, histogram);
  EXPECT_NEAR(mixture.mean_response(histogram), 0.04, 1e-5);
}

TEST(LatencyMixtureTest, ADelayShiftsOrStretches) {
  const ServiceLaw law = exponential();
  for (const bool stretches : {false, true}) {
    LatencyMixture mixture(law, stretches);
    LatencyMixture::Spectrum spectrum = mixture.spectrum();
    mixture.add(spectrum, 0.12, 10);
    EXPECT_NEAR(mixture.mean(spectrum), 0.12, 1e-9);
    const double p50 = percentiles(mixture, spectrum, 10)[0];
    EXPECT_NEAR(p50, stretches ? 4 * 0.04 * std::log(2) : 0.12 + 0.04 * std::log(2), 2e-3);
  }
}

TEST(LatencyMixtureTest, WhatIsNotInTheHistogramTakesForEver) {
  const ServiceLaw law = exponential();
  LatencyMixture mixture(law, false);
  LatencyMixture::Spectrum spectrum = mixture.spectrum();
  mixture.add(spectrum, 0, 96);
  const auto [p50, p95, p99] = percentiles(mixture, spectrum, 100);
  EXPECT_NEAR(p50, -0.04 * std::log(1 - 50.0 / 96), 1e-3);
  EXPECT_LT(p95, 1);
  EXPECT_EQ(p99, LatencyMixture::kTop);
}

TEST(LatencyMixtureTest, ACutLeavesNothingBeyondAndTheWeightAskedFor) {
  const ServiceLaw law = exponential();
  LatencyMixture mixture(law, false);
  LatencyMixture::Spectrum spectrum = mixture.spectrum();
  mixture.add(spectrum, 0, 1);
  LatencyMixture::Histogram histogram = mixture.histogram();
  mixture.expand(spectrum, histogram);
  mixture.cut(histogram, 0.05, 7);
  EXPECT_NEAR(mixture.weight_up_to(histogram, 0.0506), 7, 1e-9);
  EXPECT_NEAR(mixture.weight_up_to(histogram, 0.04), 7 * (1 - std::exp(-1)) / (1 - std::exp(-1.25)), 1e-3);
}

TEST(LatencyMixtureTest, DelayQuantilesFollowTheWeights) {
  const ServiceLaw law = exponential();
  LatencyMixture mixture(law, false);
  LatencyMixture::Spectrum spectrum = mixture.spectrum();
  mixture.add(spectrum, 0, 90);
  mixture.add(spectrum, 0.5, 10);
  EXPECT_EQ(mixture.delay_quantile(spectrum, 0.5), 0);
  EXPECT_NEAR(mixture.delay_quantile(spectrum, 0.95), 0.5, 0.03);
  EXPECT_EQ(mixture.delay_quantile(mixture.spectrum(), 0.5), 0);
}

TEST(LatencyMixtureTest, DelaysBeyondAnHourCountAsAnHour) {
  const ServiceLaw law = exponential();
  LatencyMixture mixture(law, false);
  LatencyMixture::Spectrum spectrum = mixture.spectrum();
  mixture.add(spectrum, 1e9, 1);
  EXPECT_NEAR(percentiles(mixture, spectrum, 1)[0], LatencyMixture::kTop, 40);
}

}  // namespace
}  // namespace sim
