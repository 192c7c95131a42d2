#include "common/base/random.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <functional>
#include <set>
#include <vector>

namespace base {
namespace {

struct Moments {
  double mean = 0;
  double variance = 0;
};

Moments moments_of(int n, const std::function<double()>& draw) {
  double sum = 0;
  double squares = 0;
  for (int i = 0; i < n; ++i) {
    const double x = draw();
    sum += x;
    squares += x * x;
  }
  const double mean = sum / n;
  return {mean, squares / n - mean * mean};
}

constexpr int kDraws = 200'000;

// Five standard errors: with a fixed seed the outcome is fixed, and a wrong formula is far outside.
double tolerance_of_mean(double standard_deviation) { return 5 * standard_deviation / std::sqrt(kDraws); }

TEST(RandomTest, GivesTheSameNumbersForever) {
  Random random(1);
  const std::array<std::uint64_t, 3> first = {random.u64(), random.u64(), random.u64()};
  Random again(1);
  for (const std::uint64_t x : first) EXPECT_EQ(again.u64(), x);
  EXPECT_EQ(first[0], 0x99672ee7e2947272ULL);
  EXPECT_EQ(first[1], 0x6d2b9f4be9d9220cULL);
  EXPECT_EQ(first[2], 0xc46ec5feac586436ULL);
  EXPECT_EQ(Random(1).fork("kubelet/startup").fork(7).u64(), 0xdf1384b33cb62f1eULL);
}

TEST(RandomTest, AnotherSeedGivesOtherNumbers) {
  std::set<std::uint64_t> seen;
  for (std::uint64_t seed = 0; seed < 1000; ++seed) seen.insert(Random(seed).u64());
  EXPECT_EQ(seen.size(), 1000U);
}

TEST(RandomTest, AForkDependsOnTheNameAloneAndNotOnWhatWasDrawn) {
  Random random(5);
  const std::uint64_t before = random.fork("arrivals").u64();
  random.u64();
  random.normal(0, 1);

  EXPECT_EQ(random.fork("arrivals").u64(), before);
  EXPECT_NE(random.fork("service").u64(), before);
  EXPECT_NE(random.fork(0).u64(), random.fork(1).u64());
  EXPECT_EQ(random.fork(3).u64(), random.fork(3).u64());
}

TEST(RandomTest, ForkedStreamsAreUncorrelated) {
  const Random parent(11);
  Random a = parent.fork(0);
  Random b = parent.fork(1);
  double product = 0;
  for (int i = 0; i < kDraws; ++i) product += (a.uniform() - 0.5) * (b.uniform() - 0.5);
  EXPECT_NEAR(product / kDraws, 0, tolerance_of_mean(1.0 / 12.0));
}

TEST(RandomTest, ACopyReplaysTheRest) {
  Random random(3);
  random.u32();
  Random copy = random;
  EXPECT_EQ(copy.fingerprint(), random.fingerprint());
  for (int i = 0; i < 10; ++i) EXPECT_EQ(copy.u32(), random.u32());
}

TEST(RandomTest, EveryDrawMovesTheFingerprint) {
  Random random(3);
  std::set<std::uint64_t> seen;
  for (int i = 0; i < 100; ++i) {
    seen.insert(random.fingerprint());
    random.u32();
  }
  EXPECT_EQ(seen.size(), 100U);
}

TEST(RandomTest, UniformFillsTheUnitIntervalEvenly) {
  Random random(17);
  std::array<int, 20> cells{};
  for (int i = 0; i < kDraws; ++i) {
    const double x = random.uniform();
    ASSERT_GE(x, 0.0);
    ASSERT_LT(x, 1.0);
    ++cells[static_cast<std::size_t>(x * 20)];
  }
  const double expected = kDraws / 20.0;
  double chi_square = 0;
  for (const int n : cells) chi_square += (n - expected) * (n - expected) / expected;
  EXPECT_LT(chi_square, 43.8);  // 19 degrees of freedom, 0.1 %
}

TEST(RandomTest, BelowStaysBelowAndIsEven) {
  Random random(19);
  std::array<int, 7> cells{};
  for (int i = 0; i < 70'000; ++i) ++cells[random.below(7)];
  for (const int n : cells) EXPECT_NEAR(n, 10'000, 5 * std::sqrt(10'000 * 6.0 / 7.0));
  EXPECT_EQ(random.below(1), 0U);
  const std::uint64_t large = (1ULL << 63) + 1;
  for (int i = 0; i < 100; ++i) EXPECT_LT(random.below(large), large);
}

TEST(RandomDeathTest, AnEmptyRangeHasNoMember) { EXPECT_DEATH(Random(1).below(0), "no member"); }

TEST(RandomTest, ExponentialHasItsMeanAndVariance) {
  Random random(23);
  const auto m = moments_of(kDraws, [&] { return random.exponential(4); });
  EXPECT_NEAR(m.mean, 4, tolerance_of_mean(4));
  EXPECT_NEAR(m.variance, 16, tolerance_of_mean(16 * std::sqrt(8)));  // fourth central moment 9 s^4
}

TEST(RandomTest, NormalHasItsMeanAndVariance) {
  Random random(29);
  const auto m = moments_of(kDraws, [&] { return random.normal(10, 3); });
  EXPECT_NEAR(m.mean, 10, tolerance_of_mean(3));
  EXPECT_NEAR(m.variance, 9, tolerance_of_mean(9 * std::sqrt(2)));
}

TEST(RandomTest, LognormalHasItsMedianAndItsMean) {
  Random random(31);
  int below_median = 0;
  const auto m = moments_of(kDraws, [&] {
    const double x = random.lognormal(20, 0.5);
    below_median += x < 20 ? 1 : 0;
    return x;
  });
  EXPECT_NEAR(below_median / double{kDraws}, 0.5, tolerance_of_mean(0.5));
  const double mean = 20 * std::exp(0.125);
  EXPECT_NEAR(m.mean, mean, tolerance_of_mean(mean * std::sqrt(std::exp(0.25) - 1)));
}

TEST(RandomTest, GammaHasItsMeanAndVarianceOnBothSidesOfShapeOne) {
  for (const double shape : {0.3, 1.0, 7.5}) {
    Random random(37);
    const auto m = moments_of(kDraws, [&] { return random.gamma(shape, 2); });
    EXPECT_NEAR(m.mean, shape * 2, tolerance_of_mean(2 * std::sqrt(shape))) << shape;
    // Kurtosis of the gamma distribution: 3 + 6 / shape.
    EXPECT_NEAR(m.variance, shape * 4, tolerance_of_mean(4 * shape * std::sqrt(2 + 6 / shape))) << shape;
  }
}

TEST(RandomTest, PoissonHasItsMeanAndVarianceInBothMethods) {
  for (const double mean : {0.2, 5.0, 29.9, 30.0, 400.0, 1e6}) {
    Random random(41);
    const auto m = moments_of(kDraws, [&] { return static_cast<double>(random.poisson(mean)); });
    EXPECT_NEAR(m.mean, mean, tolerance_of_mean(std::sqrt(mean))) << mean;
    EXPECT_NEAR(m.variance, mean, tolerance_of_mean(mean * std::sqrt(2 + 1 / mean))) << mean;
  }
}

TEST(RandomTest, PoissonFollowsItsProbabilitiesAboveTheChangeOfMethod) {
  constexpr double kMean = 35;
  Random random(43);
  std::vector<int> counts(120);
  for (int i = 0; i < kDraws; ++i) ++counts.at(random.poisson(kMean));
  for (int k = 20; k <= 50; ++k) {
    const double p = std::exp(k * std::log(kMean) - kMean - std::lgamma(k + 1.0));
    EXPECT_NEAR(counts[static_cast<std::size_t>(k)] / double{kDraws}, p, tolerance_of_mean(std::sqrt(p))) << k;
  }
}

TEST(RandomTest, PoissonOfNothingIsNothing) {
  Random random(47);
  EXPECT_EQ(random.poisson(0), 0U);
  EXPECT_EQ(random.poisson(-1), 0U);
}

TEST(StableHashTest, DependsOnEveryByteAndTheSeed) {
  EXPECT_EQ(stable_hash("a"), stable_hash("a"));
  EXPECT_NE(stable_hash("ab"), stable_hash("ba"));
  EXPECT_NE(stable_hash("a"), stable_hash("a", 1));
  EXPECT_NE(stable_hash(""), stable_hash(std::string_view("\0", 1)));
}

}  // namespace
}  // namespace base
