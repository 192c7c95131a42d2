#include "reports/buckets.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "reports/testing/sample_run.h"

namespace report {
namespace {

using nlohmann::json;

RunFile run_of(std::size_t seconds) {
  const std::vector<double> capacity(seconds, 300);
  std::vector<double> arrivals;
  for (std::size_t i = 0; i < seconds; ++i) arrivals.push_back(static_cast<double>(i));
  return *parse_run(testing::sample_run({testing::sample_policy("a", arrivals, capacity)}).dump());
}

const std::vector<double>& values(const Buckets& buckets, const std::string& name) {
  const auto& drawn = buckets.policies.at(0);
  const auto found = std::find_if(drawn.begin(), drawn.end(), [&](const Drawn& d) { return d.name == name; });
  EXPECT_NE(found, drawn.end()) << name;
  return found->values;
}

TEST(BucketsTest, ShortRunsStayAsTheyAre) {
  const RunFile run = run_of(10);

  const Buckets buckets = make_buckets(run, 10);

  EXPECT_EQ(buckets.width, 0);
  EXPECT_EQ(buckets.t, run.policies[0].series.t);
  EXPECT_EQ(values(buckets, "arrivals"), run.policies[0].series[kArrivals]);
  EXPECT_EQ(buckets.policies[0].size(), kColumnCount);
}

TEST(BucketsTest, OneSecondTooManyMakesBucketsOfWholeSeconds) {
  const Buckets buckets = make_buckets(run_of(11), 10);

  EXPECT_EQ(buckets.width, 2);
  EXPECT_EQ(buckets.t, (std::vector<double>{0, 2, 4, 6, 8, 10}));
  EXPECT_EQ(values(buckets, "arrivals"), (std::vector<double>{0.5, 2.5, 4.5, 6.5, 8.5, 10}));
  EXPECT_EQ(values(buckets, "arrivals.min"), (std::vector<double>{0, 2, 4, 6, 8, 10}));
  EXPECT_EQ(values(buckets, "arrivals.max"), (std::vector<double>{1, 3, 5, 7, 9, 10}));
}

TEST(BucketsTest, TheWorstSecondOfABucketIsKept) {
  RunFile run = run_of(100);
  run.policies[0].series.columns[kP99][57] = kFailedMs;
  run.policies[0].series.columns[kReady][57] = 1;
  run.policies[0].series.columns[kDesired][57] = 9;

  const Buckets buckets = make_buckets(run, 10);

  EXPECT_EQ(values(buckets, "p99Ms")[5], kFailedMs);
  EXPECT_EQ(values(buckets, "p99Ms")[4], 90);
  EXPECT_EQ(values(buckets, "ready")[5], 1);
  EXPECT_EQ(values(buckets, "desired")[5], 9);
}

TEST(BucketsTest, MissingSamplesAreLeftOutAndABucketOfThemIsMissing) {
  RunFile run = run_of(20);
  std::vector<double>& p99 = run.policies[0].series.columns[kP99];
  p99[0] = NAN;
  p99[1] = 70;
  p99[2] = p99[3] = NAN;

  const Buckets buckets = make_buckets(run, 10);

  EXPECT_EQ(values(buckets, "p99Ms")[0], 70);
  EXPECT_TRUE(std::isnan(values(buckets, "p99Ms")[1]));
}

TEST(BucketsTest, PoliciesOfDifferentLengthShareOneGrid) {
  RunFile run = run_of(10);
  run.policies.push_back(run_of(6).policies[0]);

  const Buckets buckets = make_buckets(run, 100);

  EXPECT_EQ(buckets.width, 1);
  EXPECT_EQ(buckets.t.size(), 10U);
  EXPECT_EQ(buckets.policies[1][0].values[5], 5);
  EXPECT_TRUE(std::isnan(buckets.policies[1][0].values[6]));
}

TEST(BucketsTest, ARunWithoutSamplesHasNoPoints) {
  const Buckets buckets = make_buckets(run_of(0));

  EXPECT_TRUE(buckets.t.empty());
}

}  // namespace
}  // namespace report
