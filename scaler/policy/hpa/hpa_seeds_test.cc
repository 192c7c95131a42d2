// Timings and sequences that others published: what the settings of a real game night lead to, and the examples of the
// Kubernetes enhancement proposal (KEP-853) that introduced `behavior`.
#include <gtest/gtest.h>

#include <numeric>
#include <vector>

#include "scaler/policy/hpa/hpa_policy.h"
#include "scaler/policy/policy_test_support.h"

namespace scaler {
namespace {

using namespace std::chrono_literals;
using testing::cpu_metric;
using testing::kStart;
using testing::percent_per;
using testing::pods_per;
using testing::rules;
using testing::target_of;
using testing::with_cpu;

constexpr base::Duration kLoop = 15s;

struct Change {
  base::Duration at;
  int replicas;
  friend bool operator==(const Change&, const Change&) = default;
  friend void PrintTo(const Change& change, std::ostream* out) {
    *out << base::seconds(change.at) << "s: " << change.replicas;
  }
};

// A target whose pods follow at once, under one HPA.
struct Deployment {
  HpaPolicy policy;
  int replicas;
  base::Time now = kStart;

  Deployment(PolicySpec spec, int replicas_at_first)
      : policy(std::move(spec), ControllerOptions{}), replicas(replicas_at_first) {}

  Decision round(int cpu_percent) {
    const Decision decision = policy.evaluate(with_cpu(target_of(now, replicas), cpu_percent));
    if (decision.final != decision.current) policy.applied(decision);
    replicas = decision.final;
    return decision;
  }

  // The changes of so long a time at one load of each pod, by their distance from its beginning.
  std::vector<Change> run(base::Duration duration, int cpu_percent) {
    const base::Time from = now;
    std::vector<Change> changes;
    for (; now < from + duration; now += kLoop) {
      const Decision decision = round(cpu_percent);
      if (decision.final != decision.current) changes.push_back({now - from, replicas});
    }
    return changes;
  }
};

PolicySpec hpa(int max, ScalingRules up, ScalingRules down, int target = 50, int min = 1) {
  return testing::hpa(min, max, {cpu_metric(target)}, Behavior{std::move(up), std::move(down)});
}

PolicySpec seed_004() { return hpa(10, rules({pods_per(2, 15s)}, 0s), rules({pods_per(1, 60s)}), 70, 2); }

TEST(HpaSeedsTest, TwoToTenPodsAtTwoEvery15sTakes45s) {
  Deployment deployment(seed_004(), 2);

  EXPECT_EQ(deployment.run(5min, 500), (std::vector<Change>{{0s, 4}, {15s, 6}, {30s, 8}, {45s, 10}}));
}

TEST(HpaSeedsTest, TenToTwoPodsAtOneAMinuteTakes420sAfterTheWindowOf300s) {
  Deployment deployment(seed_004(), 10);
  deployment.run(15s, 500);  // the last high recommendation

  const auto changes = deployment.run(20min, 1);

  ASSERT_EQ(changes.size(), 8u);
  EXPECT_EQ(changes.front(), (Change{285s, 9}));  // 300 s after that recommendation
  EXPECT_EQ(changes.back(), (Change{285s + 420s, 2}));
}

// Stories of KEP-853.
TEST(HpaSeedsTest, AsapUpGrowsTenfoldAMinute) {
  Deployment deployment(hpa(1000, rules({percent_per(900, 60s)}, 0s), default_scale_down_rules()), 1);

  EXPECT_EQ(deployment.run(5min, 1000), (std::vector<Change>{{0s, 10}, {60s, 100}, {120s, 1000}}));
}

TEST(HpaSeedsTest, AsapUpSlowDownLosesOnePodEveryTenMinutes) {
  Deployment deployment(hpa(1000, rules({percent_per(900, 60s)}, 0s), rules({pods_per(1, 600s)}, 0s)), 10);

  EXPECT_EQ(deployment.run(21min, 1), (std::vector<Change>{{0s, 9}, {10min, 8}, {20min, 7}}));
}

TEST(HpaSeedsTest, CautiousUpAddsOnePodEveryFiveMinutes) {
  Deployment deployment(hpa(100, rules({pods_per(1, 300s)}, 0s), default_scale_down_rules()), 3);

  EXPECT_EQ(deployment.run(16min, 400), (std::vector<Change>{{0s, 4}, {5min, 5}, {10min, 6}, {15min, 7}}));
}

TEST(HpaSeedsTest, NeverDownKeepsWhatItHas) {
  Deployment deployment(
      hpa(1000, rules({percent_per(900, 60s)}, 0s), rules({percent_per(100, 15s)}, 0s, SelectPolicy::kDisabled)), 10);

  EXPECT_TRUE(deployment.run(2h, 1).empty());
}

TEST(HpaSeedsTest, SteadyDownWaitsTenMinutesAndLosesFiveAMinute) {
  Deployment deployment(hpa(100, default_scale_up_rules(), rules({pods_per(5, 60s)}, 600s)), 20);

  EXPECT_EQ(deployment.run(13min, 1), (std::vector<Change>{{10min, 15}, {11min, 10}, {12min, 5}}));
}

TEST(HpaSeedsTest, DebouncedUpWaitsForItsWindowAndAddsTwentyAMinute) {
  Deployment deployment(hpa(100, rules({pods_per(20, 60s)}, 300s), default_scale_down_rules()), 10);

  EXPECT_EQ(deployment.run(7min, 400), (std::vector<Change>{{5min, 30}, {6min, 50}}));
}

// The default behavior: what is more of four pods and a doubling every 15 s.
TEST(HpaSeedsTest, TheDefaultsGrowByFourAndThenDouble) {
  Deployment deployment(testing::hpa(1, 100, {cpu_metric(50)}, Behavior{}), 1);

  EXPECT_EQ(deployment.run(2min, 1000),
            (std::vector<Change>{{0s, 5}, {15s, 10}, {30s, 20}, {45s, 40}, {60s, 80}, {75s, 100}}));
}

// What the recommendations of a sequence come to, one each 15 s.
std::vector<int> stabilize(Stabilizer stabilizer, int current, base::Duration up, base::Duration down,
                           const std::vector<int>& recommendations) {
  std::vector<int> sizes;
  base::Time now = kStart;
  for (const int recommendation : recommendations) {
    now += kLoop;
    current = stabilizer.between(now, up, down, current, recommendation);
    sizes.push_back(current);
  }
  return sizes;
}

TEST(HpaSeedsTest, TheHighestOfTheWindowHoldsAScaleDown) {
  // A window that holds ten of them; the 10 was the first.
  const std::vector<int> sizes = stabilize({}, 10, 0s, 10 * kLoop, {10, 9, 8, 9, 9, 8, 9, 8, 9, 8, 9});

  EXPECT_EQ(sizes, (std::vector<int>{10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 9}));
}

TEST(HpaSeedsTest, TheLowestOfTheWindowHoldsAScaleUp) {
  // A window that holds six of them; the 2 was the first.
  const std::vector<int> sizes = stabilize({}, 2, 6 * kLoop, 0s, {2, 3, 19, 10, 3, 4, 4});

  EXPECT_EQ(sizes, (std::vector<int>{2, 2, 2, 2, 2, 2, 3}));
}

}  // namespace
}  // namespace scaler
