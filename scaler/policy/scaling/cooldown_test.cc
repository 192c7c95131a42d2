#include "scaler/policy/scaling/cooldown.h"

#include <gtest/gtest.h>

#include "scaler/policy/policy_test_support.h"

namespace scaler {
namespace {

using namespace std::chrono_literals;
using testing::kStart;

TEST(CooldownTest, EndsExactlyAfterItsTime) {
  Cooldown cooldown({.scale_up = 1min, .scale_down = 5min});
  cooldown.changed(kStart);

  EXPECT_EQ(cooldown.remaining(kStart + 1min - 1ns, 4, 5), 1ns);
  EXPECT_EQ(cooldown.remaining(kStart + 1min, 4, 5), 0ns);
  EXPECT_EQ(cooldown.remaining(kStart + 1min, 4, 3), 4min);
  EXPECT_EQ(cooldown.remaining(kStart + 5min, 4, 3), 0ns);
}

TEST(CooldownTest, AFirstScaleUpMayHappenAtOnceButAFirstScaleDownMayNot) {
  Cooldown cooldown({.scale_up = 1min, .scale_down = 5min});
  cooldown.seen(kStart);
  cooldown.seen(kStart + 15s);

  EXPECT_EQ(cooldown.remaining(kStart + 15s, 4, 5), 0ns);
  EXPECT_EQ(cooldown.remaining(kStart + 15s, 4, 3), 5min - 15s);
}

TEST(CooldownTest, StayingNeedsNoWait) {
  Cooldown cooldown({.scale_up = 1min, .scale_down = 5min});
  cooldown.changed(kStart);

  EXPECT_EQ(cooldown.remaining(kStart, 4, 4), 0ns);
}

}  // namespace
}  // namespace scaler
