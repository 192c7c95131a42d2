#include "sim/validation/bedrock_evening.h"

#include <gtest/gtest.h>

#include <string>

#include "common/base/file.h"

namespace sim::bedrock {
namespace {

// 20:52:30 and so many seconds.
std::string clock(int at) {
  const auto two = [](int n) { return (n < 10 ? "0" : "") + std::to_string(n); };
  const int seconds = 52 * 60 + 30 + at;
  return "20:" + two(seconds / 60) + ":" + two(seconds % 60);
}

TEST(BedrockEveningTest, IsTheDigitisedFile) {
  const auto file = base::read_file("sim/validation/testdata/bedrock_2022_hpa_reaction_digitised.csv");
  ASSERT_TRUE(file.has_value());
  std::string expected = "time_paris,active_process_pct,pods_available,pods_unavailable\n";
  for (const Sample& s : evening()) {
    expected += clock(s.at) + "," + std::to_string(s.active_percent) + "," + std::to_string(s.available) + "," +
                std::to_string(s.unavailable) + "\n";
  }
  EXPECT_EQ(*file, expected);
}

TEST(BedrockReplayTest, OnlyEverRaisesOnThatEvening) {
  const std::vector<Step> steps = replay();
  ASSERT_GT(steps.size(), 3U);
  EXPECT_EQ(steps.front().replicas, 43);
  for (std::size_t i = 1; i < steps.size(); ++i) {
    EXPECT_GT(steps[i].replicas, steps[i - 1].replicas);
    EXPECT_EQ((steps[i].at - steps[1].at) % kLoop, 0);
  }
}

TEST(BedrockReplayTest, TheFirstStepIsTheRatioOfTheMetricToItsTarget) {
  // Collected at 20:53:05, five seconds after the sample of 72 and ten before that of 73: 43 * 72.33 / 40 = 77.8.
  EXPECT_EQ(replay()[1].replicas, 78);
  EXPECT_EQ(replay()[1].at, 70);
}

}  // namespace
}  // namespace sim::bedrock
