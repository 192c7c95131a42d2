#include "sim/service/histogram.h"

#include <gtest/gtest.h>

#include "common/base/random.h"

namespace sim {
namespace {

template <class H>
Ticks quantile(const H& histogram, double q, std::uint64_t never = 0) {
  Ticks out = 0;
  histogram.quantiles(std::array{q}, never, std::span(&out, 1));
  return out;
}

TEST(HistogramTest, AnyValueOfAnHourComesBackWithinFourPerMille) {
  for (Ticks value = 1024; value <= Histogram::kTop; value += value / 97 + 1) {
    Histogram h;
    h.add(value);
    for (const double q : {0.001, 0.5, 1.0}) {
      EXPECT_NEAR(static_cast<double>(quantile(h, q)), static_cast<double>(value), 0.004 * static_cast<double>(value));
    }
  }
}

TEST(HistogramTest, BelowAMicrosecondTheErrorIsFourNanoseconds) {
  for (Ticks value = 0; value < 1024; ++value) {
    Histogram h;
    h.add(value);
    EXPECT_NEAR(static_cast<double>(quantile(h, 0.5)), static_cast<double>(value), 4.0);
  }
}

TEST(HistogramTest, LongerThanAnHourIsAnHour) {
  Histogram h;
  h.add(Histogram::kTop * 5);
  h.add(kNever);

  EXPECT_EQ(h.count(), 2U);
  EXPECT_NEAR(static_cast<double>(quantile(h, 0.5)), static_cast<double>(Histogram::kTop), 0.004 * 3.6e12);
}

TEST(HistogramTest, QuantilesAreThoseOfTheSortedValues) {
  base::Random stream(3);
  std::vector<Ticks> values;
  Histogram h;
  for (int i = 0; i < 20'000; ++i) {
    values.push_back(static_cast<Ticks>(stream.lognormal(40e6, 1.0)));
    h.add(values.back());
  }
  std::sort(values.begin(), values.end());
  for (const double q : {0.01, 0.5, 0.9, 0.95, 0.99, 0.999, 1.0}) {
    const auto exact = static_cast<double>(values[rank_of(q, values.size()) - 1]);
    EXPECT_NEAR(static_cast<double>(quantile(h, q)), exact, 0.004 * exact) << q;
  }
}

TEST(HistogramTest, ThoseWithoutAnAnswerCountAsTheTop) {
  Histogram h;
  for (int i = 0; i < 95; ++i) h.add(kMillisecond);

  EXPECT_NEAR(static_cast<double>(quantile(h, 0.95, 5)), 1e6, 4e3);
  EXPECT_EQ(quantile(h, 0.96, 5), Histogram::kTop);
  EXPECT_EQ(quantile(Histogram(), 0.5, 1), Histogram::kTop);
  EXPECT_EQ(quantile(Histogram(), 0.5), 0);
}

TEST(HistogramTest, MergingIsAddingToOne) {
  base::Random stream(4);
  WindowHistogram a, b;
  Histogram merged, one;
  for (int i = 0; i < 5000; ++i) {
    const auto value = static_cast<Ticks>(stream.lognormal(1e6, 3.0));
    (i % 3 == 0 ? a : b).add(value);
    one.add(value);
  }
  merged.merge(a);
  merged.merge(b);

  EXPECT_EQ(merged, one);
  EXPECT_EQ(merged.count(), 5000U);
}

TEST(HistogramTest, ClearedIsAsNew) {
  WindowHistogram h;
  for (Ticks value = 1; value < Histogram::kTop; value *= 3) h.add(value);
  h.clear();

  EXPECT_EQ(h, WindowHistogram());
}

TEST(HistogramTest, RanksAreNearestRanks) {
  EXPECT_EQ(rank_of(0.95, 100), 95U);
  EXPECT_EQ(rank_of(0.95, 101), 96U);
  EXPECT_EQ(rank_of(0.5, 1), 1U);
  EXPECT_EQ(rank_of(0.99, 1'000'000'000), 990'000'000U);
  EXPECT_EQ(rank_of(1.0, 7), 7U);
  EXPECT_EQ(rank_of(0.07, 100), 7U);  // 0.07 * 100 is a little more than 7 in binary
}

TEST(HistogramTest, CountsValuesUpToABound) {
  Histogram h;
  for (Ticks ms = 1; ms <= 1000; ++ms) h.add(ms * kMillisecond);
  h.add(2 * Histogram::kTop);

  EXPECT_EQ(h.count_up_to(-1), 0U);
  EXPECT_EQ(h.count_up_to(kMillisecond - 1), 0U);
  EXPECT_NEAR(static_cast<double>(h.count_up_to(500 * kMillisecond)), 500, 2);
  EXPECT_EQ(h.count_up_to(1010 * kMillisecond), 1000U);
  EXPECT_EQ(h.count_up_to(4 * Histogram::kTop), 1001U);
}

}  // namespace
}  // namespace sim
