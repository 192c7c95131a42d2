#include "sim/service/time_wheel.h"

#include <gtest/gtest.h>

#include <set>

#include "common/base/random.h"

namespace sim {
namespace {

// Against an ordered set, with times of the given spread ahead of the earliest.
void expect_order(Ticks spread, std::size_t entries, std::uint64_t seed) {
  base::Random stream(seed);
  TimeWheel wheel;
  std::set<std::pair<Ticks, std::uint32_t>> expected;
  Ticks now = -5 * kSecond;
  std::uint32_t number = 0;
  const auto push = [&] {
    const Ticks at = now + static_cast<Ticks>(stream.below(static_cast<std::uint64_t>(spread)));
    wheel.push(at, ++number);
    expected.emplace(at, number);
  };
  for (int step = 0; step < 20'000; ++step) {
    while (expected.size() < entries && stream.below(3) > 0) push();
    if (expected.empty()) {
      EXPECT_EQ(wheel.top_time(), kNever);
      now += static_cast<Ticks>(stream.below(100 * kSecond));  // a long pause
      continue;
    }
    ASSERT_EQ(wheel.top_time(), expected.begin()->first);
    if (stream.below(4) == 0) push();  // between looking and taking, perhaps earlier than what was seen
    ASSERT_EQ(wheel.top_time(), expected.begin()->first);
    const TimeWheel::Entry entry = wheel.pop();
    ASSERT_EQ(std::pair(entry.at, entry.number), *expected.begin());
    expected.erase(expected.begin());
    now = entry.at;
    ASSERT_EQ(wheel.empty(), expected.empty());
  }
}

TEST(TimeWheelTest, OrdersWhatFallsIntoOneBucket) { expect_order(50'000, 20, 1); }
TEST(TimeWheelTest, OrdersWhatFallsIntoAllBuckets) { expect_order(kSecond, 500, 2); }
TEST(TimeWheelTest, OrdersWhatLiesBeyondTheLastBucket) { expect_order(20 * kSecond, 300, 3); }
TEST(TimeWheelTest, OrdersAFewEntriesFarApart) { expect_order(100 * kSecond, 3, 4); }
TEST(TimeWheelTest, OrdersSimultaneousEntriesByNumber) { expect_order(3, 50, 5); }

}  // namespace
}  // namespace sim
