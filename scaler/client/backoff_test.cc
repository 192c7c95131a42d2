#include "scaler/client/backoff.h"

#include <gtest/gtest.h>

namespace scaler {
namespace {

using namespace std::chrono_literals;

constexpr base::Time kStart = base::Time(std::chrono::hours(490'000));

TEST(BackoffTest, DoublesFromTheInitialDelayToTheMaximum) {
  Backoff backoff({.jitter = 0}, base::Random(1));

  base::Time now = kStart;
  for (const base::Duration expected :
       {base::Duration(800ms), base::Duration(1600ms), base::Duration(3200ms), base::Duration(6400ms),
        base::Duration(12800ms), base::Duration(25600ms), base::Duration(30s), base::Duration(30s)}) {
    EXPECT_EQ(backoff.next(now), expected);
    now += expected;
  }
}

TEST(BackoffTest, StretchesEachDelayByLessThanTheJitter) {
  Backoff backoff({.maximum = 800ms, .jitter = 0.5}, base::Random(7));

  base::Time now = kStart;
  bool stretched = false;
  for (int i = 0; i < 200; ++i) {
    const base::Duration delay = backoff.next(now);
    EXPECT_GE(delay, 800ms);
    EXPECT_LT(delay, 1200ms);
    stretched = stretched || delay > 1000ms;
    now += delay;
  }
  EXPECT_TRUE(stretched);
}

TEST(BackoffTest, StartsOverAfterTwoHealthyMinutesCountedFromTheRetry) {
  Backoff backoff({.jitter = 0}, base::Random(1));
  ASSERT_EQ(backoff.next(kStart), 800ms);
  const base::Time retry = kStart + 800ms;

  Backoff just_before = backoff;
  EXPECT_EQ(just_before.next(retry + 2min - 1ns), 1600ms);
  EXPECT_EQ(backoff.next(retry + 2min), 800ms);
}

TEST(BackoffTest, SameStreamGivesTheSameDelays) {
  Backoff a({}, base::Random(3).fork("pods"));
  Backoff b({}, base::Random(3).fork("pods"));
  Backoff c({}, base::Random(3).fork("nodes"));

  EXPECT_EQ(a.next(kStart), b.next(kStart));
  EXPECT_NE(a.next(kStart), c.next(kStart));
}

}  // namespace
}  // namespace scaler
