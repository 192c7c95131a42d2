#include "fake-apiserver/controllers/delay.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <vector>

namespace fakeapi {
namespace {

using namespace std::chrono_literals;

std::vector<double> draws(const Delay& delay, std::uint64_t count) {
  const base::Random random(1);
  std::vector<double> seconds;
  for (std::uint64_t i = 0; i < count; ++i) seconds.push_back(base::seconds(delay.draw(random.fork(i))));
  std::sort(seconds.begin(), seconds.end());
  return seconds;
}

TEST(DelayTest, NoneAndFixedDoNotVary) {
  EXPECT_EQ(Delay::none().draw(base::Random(3)), 0ns);
  EXPECT_EQ(Delay::fixed(2500ms).draw(base::Random(3)), 2500ms);
}

TEST(DelayTest, ALognormalDelayHasItsMedianAndTail) {
  const auto seconds = draws(Delay::lognormal(25s, 0.5), 10000);
  EXPECT_NEAR(seconds[5000], 25, 0.6);
  EXPECT_NEAR(seconds[9900], 25 * std::exp(0.5 * 2.3263), 5);  // about 80 s
  EXPECT_EQ(Delay::lognormal(0s, 0.5).draw(base::Random(1)), 0ns);
}

TEST(DelayTest, AnExponentialDelayHasItsMean) {
  const auto seconds = draws(Delay::exponential(10s), 10000);
  double sum = 0;
  for (const double s : seconds) sum += s;
  EXPECT_NEAR(sum / 10000, 10, 0.4);
}

TEST(DelayTest, AnExtremeDrawStaysWithinTheCalendar) {
  EXPECT_LE(Delay::lognormal(1h, 60).draw(base::Random(5)), 366 * 24h);
}

}  // namespace
}  // namespace fakeapi
