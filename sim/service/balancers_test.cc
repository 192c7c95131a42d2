#include "sim/service/balancers.h"
#include "sim/service/power_of_choices.h"

#include <gtest/gtest.h>

#include <map>

#include "sim/service/least_outstanding.h"

namespace sim {
namespace {

constexpr auto kEqual = [](std::uint32_t) { return 0U; };

TEST(RoundRobinTest, GoesOnWhereItWasWhenPodsComeAndGo) {
  RoundRobin balancer(0, 0);
  EXPECT_EQ(balancer.pick(kEqual), kNoPod);
  for (std::uint32_t slot = 0; slot < 4; ++slot) balancer.add(slot);
  EXPECT_EQ(balancer.pick(kEqual), 0U);
  EXPECT_EQ(balancer.pick(kEqual), 1U);
  balancer.remove(0);  // before the next
  EXPECT_EQ(balancer.pick(kEqual), 2U);
  balancer.remove(3);  // the next, and the last
  EXPECT_EQ(balancer.pick(kEqual), 1U);
  balancer.add(4);
  EXPECT_EQ(balancer.pick(kEqual), 2U);
  EXPECT_EQ(balancer.pick(kEqual), 4U);
  EXPECT_EQ(balancer.pick(kEqual), 1U);
}

TEST(RandomChoiceTest, IsEvenOverThePodsThatAreThere) {
  RandomChoice balancer(1, 0);
  EXPECT_EQ(balancer.pick(kEqual), kNoPod);
  for (std::uint32_t slot = 0; slot < 5; ++slot) balancer.add(slot);
  balancer.remove(3);
  std::map<std::uint32_t, int> counts;
  for (int i = 0; i < 40'000; ++i) ++counts[balancer.pick(kEqual)];

  ASSERT_EQ(counts.size(), 4U);
  for (const auto& [slot, n] : counts) {
    EXPECT_NE(slot, 3U);
    EXPECT_NEAR(n, 10'000, 4 * 87);  // sqrt(40000 * 1/4 * 3/4) = 87
  }
}

TEST(PowerOfChoicesTest, AmongEqualsEveryPodIsAsLikely) {
  for (const std::uint32_t choices : {1U, 2U, 3U, 8U}) {
    PowerOfChoices balancer(1, choices);
    for (std::uint32_t slot = 0; slot < 4; ++slot) balancer.add(slot);
    std::map<std::uint32_t, int> counts;
    for (int i = 0; i < 40'000; ++i) ++counts[balancer.pick(kEqual)];
    for (const auto& [slot, n] : counts) EXPECT_NEAR(n, 10'000, 4 * 87) << choices << " choices, slot " << slot;
  }
}

// Loads 0, 1, 2, 3: of d different pods the least loaded is pod k with probability C(3-k, d-1) / C(4, d).
TEST(PowerOfChoicesTest, DrawsDifferentPodsAndTakesTheLeastLoaded) {
  const std::map<std::uint32_t, std::vector<double>> shares = {{1, {0.25, 0.25, 0.25, 0.25}},
                                                               {2, {3 / 6.0, 2 / 6.0, 1 / 6.0, 0}},
                                                               {3, {0.75, 0.25, 0, 0}},
                                                               {4, {1, 0, 0, 0}},
                                                               {9, {1, 0, 0, 0}}};
  for (const auto& [choices, share] : shares) {
    PowerOfChoices balancer(2, choices);
    for (std::uint32_t slot = 0; slot < 4; ++slot) balancer.add(slot);
    std::vector<int> counts(4);
    for (int i = 0; i < 40'000; ++i) ++counts[balancer.pick([](std::uint32_t slot) { return slot; })];
    for (std::size_t slot = 0; slot < 4; ++slot) {
      EXPECT_NEAR(counts[slot], 40'000 * share[slot], share[slot] == 0 ? 0 : 4 * 100) << choices << " choices";
    }
  }
}

TEST(PowerOfChoicesTest, TakesWhatThereIs) {
  PowerOfChoices balancer(2, 2);
  EXPECT_EQ(balancer.pick(kEqual), kNoPod);
  balancer.add(7);
  EXPECT_EQ(balancer.pick(kEqual), 7U);
  balancer.add(8);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(balancer.pick([](std::uint32_t slot) { return 10 - slot; }), 8U);
}

TEST(LeastOutstandingTest, TakesThePodWithTheFewestAndAmongEqualsTheOneThatIsSoForLongest) {
  LeastOutstanding balancer(0, 0);
  EXPECT_EQ(balancer.pick(kEqual), kNoPod);
  for (std::uint32_t slot = 0; slot < 3; ++slot) balancer.add(slot);
  for (const std::uint32_t expected : {0U, 1U, 2U, 0U, 1U}) {
    EXPECT_EQ(balancer.pick(kEqual), expected);
    balancer.arrived(expected);
  }
  // Held: 2, 2, 1.
  balancer.departed(0);
  EXPECT_EQ(balancer.pick(kEqual), 2U);  // has held one for longer than pod 0
  balancer.departed(1);
  balancer.departed(1);
  EXPECT_EQ(balancer.pick(kEqual), 1U);  // 1, 0, 1
  balancer.remove(1);
  EXPECT_EQ(balancer.pick(kEqual), 2U);
  balancer.add(3);
  EXPECT_EQ(balancer.pick(kEqual), 3U);
}

TEST(LeastOutstandingTest, KeepsCountOfPodsThatLeft) {
  LeastOutstanding balancer(0, 0);
  balancer.add(0);
  balancer.arrived(0);
  balancer.remove(0);
  EXPECT_EQ(balancer.pick(kEqual), kNoPod);
  balancer.departed(0);
  balancer.add(1);
  for (int i = 0; i < 1000; ++i) balancer.arrived(1);
  EXPECT_EQ(balancer.pick(kEqual), 1U);
}

// An outlier comes back with what it still holds, after the others have gone.
TEST(LeastOutstandingTest, APodThatComesBackToNobodyCountsWhatItHolds) {
  LeastOutstanding balancer(0, 0);
  for (std::uint32_t slot = 0; slot < 2; ++slot) balancer.add(slot);
  for (int i = 0; i < 3; ++i) balancer.arrived(1);
  balancer.remove(1);
  balancer.remove(0);  // which held nothing
  balancer.add(1);
  EXPECT_EQ(balancer.pick(kEqual), 1U);
  balancer.look_ahead([](std::uint32_t) { FAIL() << "nobody is behind the first"; });
  balancer.arrived(1);
  balancer.add(2);
  EXPECT_EQ(balancer.pick(kEqual), 2U);
  for (int i = 0; i < 4; ++i) balancer.arrived(2);
  EXPECT_EQ(balancer.pick(kEqual), 1U);  // four each, and pod 1 for longer
}

template <class Balancer>
class LookAheadTest : public testing::Test {};
using Balancers = testing::Types<RoundRobin, RandomChoice, PowerOfChoices, LeastOutstanding>;
TYPED_TEST_SUITE(LookAheadTest, Balancers);

TYPED_TEST(LookAheadTest, ShowsOnlyPodsThatWereAdded) {
  TypeParam balancer(1, 2);
  const auto nobody = [](std::uint32_t slot) { FAIL() << "shows " << slot; };
  balancer.look_ahead(nobody);
  balancer.add(0);
  balancer.remove(0);
  balancer.look_ahead(nobody);
}

}  // namespace
}  // namespace sim
