#include "sim/traffic/arrival_process.h"

#include <gtest/gtest.h>

#include <cmath>

namespace sim {
namespace {

const QuantileTable kDemand = QuantileTable::exponential(1e6);

ArrivalProcess make(RateProfile profile, ArrivalOptions options = {}, std::uint64_t seed = 1) {
  return {std::move(profile), options, kDemand, base::Random(seed)};
}

ArrivalBatch all(const ArrivalProcess& process, std::int64_t from_slice, std::int64_t to_slice) {
  ArrivalBatch out, batch;
  for (std::int64_t slice = from_slice; slice < to_slice; ++slice) {
    process.generate(slice, batch);
    out.at.insert(out.at.end(), batch.at.begin(), batch.at.end());
    out.demand.insert(out.demand.end(), batch.demand.begin(), batch.demand.end());
  }
  return out;
}

struct Counts {
  double mean = 0;
  double dispersion = 0;  // variance / mean
};
Counts per_second(const ArrivalBatch& batch, std::int64_t seconds) {
  std::vector<double> counts(static_cast<std::size_t>(seconds), 0.0);
  for (const Ticks at : batch.at) counts[static_cast<std::size_t>(step_of(at, kSecond))] += 1;
  double sum = 0, squares = 0;
  for (const double n : counts) {
    sum += n;
    squares += n * n;
  }
  const auto n = static_cast<double>(seconds);
  const double mean = sum / n;
  return {mean, (squares - n * mean * mean) / (n - 1) / mean};
}

const RateProfile kRamp =
    RateProfile::from_points(std::vector<RateProfile::Point>{{0, 0}, {20 * kSecond, 1000}, {40 * kSecond, 200}},
                             RateProfile::Interpolation::kLinear)
        .value();

TEST(ArrivalProcessTest, ASliceIsTheSameWhateverWasDrawnBefore) {
  const ArrivalProcess process = make(kRamp);
  ArrivalBatch first, again;
  process.generate(100, first);
  for (const std::int64_t other : {3, 99, 101, 400}) process.generate(other, again);
  process.generate(100, again);

  ASSERT_GT(first.size(), 10U);
  EXPECT_EQ(first.at, again.at);
  EXPECT_EQ(first.demand, again.demand);
}

TEST(ArrivalProcessTest, SeedsAndSlicesDiffer) {
  ArrivalBatch a, b, c;
  make(RateProfile::constant(1000), {}, 1).generate(5, a);
  make(RateProfile::constant(1000), {}, 2).generate(5, b);
  make(RateProfile::constant(1000), {}, 1).generate(6, c);

  EXPECT_NE(a.demand, b.demand);
  EXPECT_NE(a.demand, c.demand);
}

TEST(ArrivalProcessTest, ArrivalsAreInOrderAndInsideTheirSlice) {
  for (const auto process :
       {ArrivalOptions::Process::kPoisson, ArrivalOptions::Process::kDeterministic, ArrivalOptions::Process::kGamma}) {
    const ArrivalProcess arrivals = make(kRamp, {.process = process, .dispersion = 3});
    ArrivalBatch batch;
    for (std::int64_t slice = -3; slice < 700; ++slice) {
      arrivals.generate(slice, batch);
      ASSERT_EQ(batch.at.size(), batch.demand.size());
      EXPECT_TRUE(std::is_sorted(batch.at.begin(), batch.at.end()));
      if (batch.size() == 0) continue;
      EXPECT_GE(batch.at.front(), slice * kSlice);
      EXPECT_LT(batch.at.back(), (slice + 1) * kSlice);
      EXPECT_GE(*std::min_element(batch.demand.begin(), batch.demand.end()), 1);
    }
  }
}

TEST(ArrivalProcessTest, PoissonCountsHaveTheMeanOfTheIntegralAndDispersionOne) {
  constexpr std::int64_t kSeconds = 4000;
  const Counts c = per_second(all(make(RateProfile::constant(200)), 0, kSeconds * 16), kSeconds);

  // Standard errors: sqrt(200 / 4000) = 0.22, and sqrt(2 / 4000) = 0.022.
  EXPECT_NEAR(c.mean, 200, 4 * 0.22);
  EXPECT_NEAR(c.dispersion, 1.0, 4 * 0.022);
}

TEST(ArrivalProcessTest, PoissonFollowsARampInsideASlice) {
  // One slice from 0 to 800,000 requests/s: half of them come in the last 29 %.
  const RateProfile steep = RateProfile::from_points(std::vector<RateProfile::Point>{{0, 0}, {kSlice, 800'000}},
                                                     RateProfile::Interpolation::kLinear)
                                .value();
  ArrivalBatch batch;
  make(steep).generate(0, batch);

  EXPECT_NEAR(static_cast<double>(batch.size()), 25'000, 4 * std::sqrt(25'000));
  const double median = static_cast<double>(batch.at[batch.size() / 2]) / static_cast<double>(kSlice);
  EXPECT_NEAR(median, std::sqrt(0.5), 4 * 0.5 / std::sqrt(25'000));
}

TEST(ArrivalProcessTest, GapsOfPoissonArrivalsAreExponential) {
  const ArrivalBatch batch = all(make(RateProfile::constant(100)), 0, 16 * 5000);
  double sum = 0, squares = 0;
  for (std::size_t i = 1; i < batch.size(); ++i) {
    const double gap = to_seconds(batch.at[i] - batch.at[i - 1]);
    sum += gap;
    squares += gap * gap;
  }
  const auto n = static_cast<double>(batch.size() - 1);
  const double mean = sum / n;
  EXPECT_NEAR(mean, 0.01, 4 * 0.01 / std::sqrt(n));
  EXPECT_NEAR((squares / n - mean * mean) / (mean * mean), 1.0, 0.03);
}

TEST(ArrivalProcessTest, DeterministicArrivalsAreEquallySpacedAcrossSlices) {
  const ArrivalBatch batch =
      all(make(RateProfile::constant(1000), {.process = ArrivalOptions::Process::kDeterministic}), 0, 160);

  ASSERT_EQ(batch.size(), 10'000U);
  EXPECT_NEAR(static_cast<double>(batch.at.front()), 0.5e6, 1);
  for (std::size_t i = 1; i < batch.size(); ++i) {
    EXPECT_NEAR(static_cast<double>(batch.at[i] - batch.at[i - 1]), 1e6, 2) << i;
  }
}

TEST(ArrivalProcessTest, DeterministicArrivalsAreEquallySpacedInTheIntegratedRate) {
  const ArrivalProcess process = make(kRamp, {.process = ArrivalOptions::Process::kDeterministic});
  const ArrivalBatch batch = all(process, 0, 16 * 40);

  ASSERT_EQ(batch.size(), 22'000U);  // 10,000 up and 12,000 down
  for (std::size_t i = 0; i < batch.size(); ++i) {
    EXPECT_NEAR(kRamp.expected(0, batch.at[i]), static_cast<double>(i) + 0.5, 1e-4) << i;
  }
}

TEST(ArrivalProcessTest, GammaModulationYieldsTheDispersionAndKeepsTheMean) {
  constexpr std::int64_t kSeconds = 6000;
  for (const double dispersion : {1.0, 2.5, 6.0}) {
    const ArrivalOptions options{.process = ArrivalOptions::Process::kGamma, .dispersion = dispersion};
    const Counts c = per_second(all(make(RateProfile::constant(100), options), 0, kSeconds * 16), kSeconds);

    EXPECT_NEAR(c.mean, 100, 4 * std::sqrt(dispersion * 100 / kSeconds)) << dispersion;
    EXPECT_NEAR(c.dispersion, dispersion, 5 * dispersion * std::sqrt(2.0 / kSeconds)) << dispersion;
  }
}

TEST(ArrivalProcessTest, NothingArrivesAtRateZero) {
  EXPECT_EQ(all(make(RateProfile::constant(0)), 0, 100).size(), 0U);
  const ArrivalOptions gamma{.process = ArrivalOptions::Process::kGamma, .dispersion = 2};
  EXPECT_EQ(all(make(RateProfile::constant(0), gamma), 0, 100).size(), 0U);
}

}  // namespace
}  // namespace sim
