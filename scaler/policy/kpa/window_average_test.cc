#include "scaler/policy/kpa/window_average.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "common/base/random.h"
#include "scaler/policy/policy_test_support.h"

namespace scaler {
namespace {

using namespace std::chrono_literals;
using testing::kStart;
using Kind = WindowAverage::Kind;

WindowAverage linear(base::Duration window) { return WindowAverage(window, Kind::kLinear); }

TEST(WindowAverageTest, HasNoDataBeforeTheFirstWrite) {
  const WindowAverage window = linear(10s);
  EXPECT_TRUE(window.empty(kStart));
  EXPECT_EQ(window.average(kStart), 0);
}

TEST(WindowAverageTest, IsPartialRightAfterTheStart) {
  WindowAverage window = linear(10s);
  window.record(kStart, 6);
  EXPECT_EQ(window.average(kStart), 6);
  window.record(kStart + 1s, 3);
  EXPECT_EQ(window.average(kStart + 1s), 4.5);
}

TEST(WindowAverageTest, ForgetsWhatIsOlderThanTheWindow) {
  WindowAverage window = linear(3s);
  for (int second = 0; second < 6; ++second) window.record(kStart + std::chrono::seconds(second), second);
  EXPECT_EQ(window.average(kStart + 5s), 4);  // 3, 4, 5
}

TEST(WindowAverageTest, ValuesOfOneSecondAddUp) {
  WindowAverage window = linear(10s);
  window.record(kStart, 2);
  window.record(kStart + 900ms, 3);
  EXPECT_EQ(window.average(kStart), 5);
}

TEST(WindowAverageTest, GapsBetweenWritesAreZero) {
  WindowAverage window = linear(10s);
  window.record(kStart, 8);
  window.record(kStart + 3s, 8);
  EXPECT_EQ(window.average(kStart + 3s), 4);
}

TEST(WindowAverageTest, BucketsAfterTheLastWriteDoNotCount) {
  WindowAverage window = linear(4s);
  for (int second = 0; second < 4; ++second) window.record(kStart + std::chrono::seconds(second), second);
  EXPECT_EQ(window.average(kStart + 5s), 2.5);  // 2 and 3 are left
  EXPECT_FALSE(window.empty(kStart + 6s));
}

TEST(WindowAverageTest, ASilenceOfAWindowAveragesZeroAndALongerOneHasNoData) {
  for (const Kind kind : {Kind::kLinear, Kind::kWeighted}) {
    WindowAverage window(4s, kind);
    window.record(kStart, 8);
    window.record(kStart + 1s, 8);
    EXPECT_FALSE(window.empty(kStart + 5s));
    EXPECT_EQ(window.average(kStart + 5s), 0);
    EXPECT_TRUE(window.empty(kStart + 6s));
    EXPECT_EQ(window.average(kStart + 6s), 0);
  }
}

TEST(WindowAverageTest, SilenceOfAWindowStartsAnew) {
  WindowAverage window = linear(4s);
  window.record(kStart, 8);
  window.record(kStart + 1s, 8);
  window.record(kStart + 5s, 2);
  EXPECT_EQ(window.average(kStart + 5s), 2);  // of one second, not of four
}

TEST(WindowAverageTest, LateValuesCountIfTheyAreYoungEnough) {
  WindowAverage window = linear(4s);
  window.record(kStart + 3s, 8);
  window.record(kStart + 2s, 4);
  EXPECT_EQ(window.average(kStart + 3s), 6);
  window.record(kStart - 1s, 100);
  EXPECT_EQ(window.average(kStart + 3s), 6);
}

TEST(WindowAverageTest, IsCutAfterSixDecimals) {
  WindowAverage window = linear(3s);
  window.record(kStart, 1);
  window.record(kStart + 1s, 0);
  window.record(kStart + 2s, 1);
  EXPECT_EQ(window.average(kStart + 2s), 0.666666);
}

TEST(WindowAverageTest, WindowOfAPartOfASecondIsRoundedUp) {
  WindowAverage window = linear(1500ms);
  window.record(kStart, 4);
  window.record(kStart + 1s, 2);
  EXPECT_EQ(window.average(kStart + 1s), 3);
}

TEST(WindowAverageTest, WeightsTheNewestMost) {
  WindowAverage window(4s, Kind::kWeighted);
  const double c = 1 - std::pow(0.0001, 1.0 / 4);  // 0.9
  window.record(kStart, 10);
  window.record(kStart + 1s, 5);
  EXPECT_NEAR(window.average(kStart + 1s), 5 * c + 10 * c * (1 - c), 1e-12);
}

TEST(WindowAverageTest, WeightIsAtLeastAFifth) {
  WindowAverage window(60s, Kind::kWeighted);
  window.record(kStart, 10);
  EXPECT_NEAR(window.average(kStart), 2, 1e-12);
}

TEST(WindowAverageTest, MissingRecentSecondsShiftTheWeights) {
  WindowAverage window(60s, Kind::kWeighted);
  window.record(kStart, 10);
  EXPECT_NEAR(window.average(kStart + 2s), 10 * 0.2 * 0.8 * 0.8, 1e-12);
}

// The rules as they are told, over all that was ever written.
double told(const std::map<int, double>& written, int first, int now, int size) {
  const int last = written.rbegin()->first;
  const int from = std::max(first, now - size + 1);
  double sum = 0;
  for (int second = from; second <= last; ++second) {
    const auto found = written.find(second);
    if (found != written.end()) sum += found->second;
  }
  return sum / (last - from + 1);
}

TEST(WindowAverageTest, TheRingForgetsAsTheRulesSay) {
  base::Random random(7);
  for (const int size : {1, 2, 6, 60}) {
    WindowAverage window = linear(std::chrono::seconds(size));
    std::map<int, double> written;
    int first = 0;
    for (int now = 0; now < 1000; ++now) {
      const base::Time time = kStart + std::chrono::seconds(now);
      if (random.uniform() < 0.4) {
        if (written.empty() || now - written.rbegin()->first >= size) first = now;
        const double value = std::floor(random.uniform() * 1000);
        window.record(time, value);
        written[now] = value;
      }
      const int silence = written.empty() ? size + 1 : now - written.rbegin()->first;
      ASSERT_EQ(window.empty(time), silence > size) << size << " " << now;
      if (silence >= size) {
        ASSERT_EQ(window.average(time), 0) << size << " " << now;
      } else {
        ASSERT_NEAR(window.average(time), told(written, first, now, size), 1.1e-6) << size << " " << now;
      }
    }
  }
}

TEST(WindowAverageTest, ResizingKeepsTheNewestData) {
  WindowAverage window = linear(6s);
  for (int second = 0; second < 6; ++second) window.record(kStart + std::chrono::seconds(second), second);
  EXPECT_EQ(window.resized(2s).average(kStart + 5s), 4.5);
  const WindowAverage longer = window.resized(60s);
  EXPECT_EQ(longer.average(kStart + 5s), 2.5);
  EXPECT_FALSE(longer.empty(kStart + 50s));
  EXPECT_TRUE(linear(6s).resized(60s).empty(kStart));
}

}  // namespace
}  // namespace scaler
