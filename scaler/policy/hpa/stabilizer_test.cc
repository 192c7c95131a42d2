#include "scaler/policy/hpa/stabilizer.h"

#include <gtest/gtest.h>

#include "scaler/policy/policy_test_support.h"

namespace scaler {
namespace {

using namespace std::chrono_literals;
using testing::kStart;

TEST(StabilizerTest, WithoutBehaviorTheHighestOfTheWindowIncludingItsEdgeWins) {
  Stabilizer stabilizer({{8, kStart}});

  EXPECT_EQ(stabilizer.highest(kStart + 5min, 5min, 2), 8);
  EXPECT_EQ(stabilizer.highest(kStart + 5min + 1ns, 5min, 2), 2);
}

TEST(StabilizerTest, WithBehaviorARecommendationOnTheEdgeNoLongerCounts) {
  Stabilizer stabilizer({{8, kStart}});

  EXPECT_EQ(stabilizer.between(kStart + 5min - 1ns, 0s, 5min, 8, 2), 8);
  EXPECT_EQ(stabilizer.between(kStart + 5min, 0s, 5min, 8, 2), 2);
}

// The examples of the enhancement proposal that introduced `behavior`, one recommendation a minute.
TEST(StabilizerTest, ScalesDownToTheHighestOfTheWindow) {
  Stabilizer stabilizer;
  const std::vector<int> recommended = {10, 9, 8, 9, 9, 8, 9, 8, 9, 8};
  int current = 10;
  for (std::size_t minute = 0; minute < recommended.size(); ++minute) {
    current = stabilizer.between(kStart + minute * 1min, 0s, 10min, current, recommended[minute]);
    EXPECT_EQ(current, 10) << minute;
  }

  EXPECT_EQ(stabilizer.between(kStart + 10min, 0s, 10min, current, 8), 9);
}

TEST(StabilizerTest, ScalesUpToTheLowestOfTheWindow) {
  Stabilizer stabilizer;
  const std::vector<int> recommended = {2, 3, 19, 10, 3};
  int current = 2;
  for (std::size_t minute = 0; minute < recommended.size(); ++minute) {
    current = stabilizer.between(kStart + minute * 1min, 5min, 0s, current, recommended[minute]);
    EXPECT_EQ(current, 2) << minute;
  }

  EXPECT_EQ(stabilizer.between(kStart + 5min, 5min, 0s, current, 4), 3);
}

TEST(StabilizerTest, ReusesSlotsSoThatTheHistoryStaysSmall) {
  Stabilizer stabilizer;
  for (int i = 0; i < 10000; ++i) stabilizer.highest(kStart + i * 15s, 5min, 3);

  EXPECT_LE(stabilizer.recommendations().size(), 22u);
}

}  // namespace
}  // namespace scaler
