#include "fake-apiserver/controllers/cloud_capacity.h"

#include <gtest/gtest.h>

namespace fakeapi {
namespace {

using namespace std::chrono_literals;

const base::Time kStart{};

NodePoolOptions pool_in(std::vector<std::string> zones) {
  NodePoolOptions pool;
  pool.name = "p";
  pool.zones = std::move(zones);
  return pool;
}

TEST(CloudCapacityTest, AnOutageEndsWithItsDurationAndTheLongestCounts) {
  CloudCapacity cloud;
  EXPECT_FALSE(cloud.zone_is_out("a", kStart));
  cloud.fail_zone("a", kStart, 10s);
  cloud.fail_zone("a", kStart + 1s, 4s);
  EXPECT_TRUE(cloud.zone_is_out("a", kStart + 10s - 1ns));
  EXPECT_FALSE(cloud.zone_is_out("a", kStart + 10s));
  EXPECT_FALSE(cloud.zone_is_out("b", kStart));
}

TEST(CloudCapacityTest, NoDurationIsForGoodAndTheLongestDoesNotOverflow) {
  CloudCapacity cloud;
  cloud.fail_zone("a", kStart, 0s);
  cloud.begin_shortage("p", kStart + 24h, base::Duration::max());
  EXPECT_TRUE(cloud.zone_is_out("a", kStart + 24h * 3650));
  EXPECT_TRUE(cloud.refuses(pool_in({}), kStart + 24h * 3650));
}

TEST(CloudCapacityTest, APoolIsRefusedNodesInAShortageOrWhenAllItsZonesAreOut) {
  CloudCapacity cloud;
  cloud.fail_zone("a", kStart, 1min);
  EXPECT_FALSE(cloud.refuses(pool_in({"a", "b"}), kStart));
  EXPECT_TRUE(cloud.refuses(pool_in({"a"}), kStart));
  EXPECT_FALSE(cloud.refuses(pool_in({}), kStart));
  cloud.begin_shortage("p", kStart + 1min, 1min);
  EXPECT_FALSE(cloud.refuses(pool_in({"a"}), kStart + 2min));
  EXPECT_TRUE(cloud.refuses(pool_in({"a", "b"}), kStart + 2min - 1ns));
}

TEST(PoolBackOffTest, DoublesFromFiveMinutesToThirtyAndIsForgottenAfterThreeHours) {
  const AutoscalerOptions options;
  PoolBackOff back_off;
  base::Time now = kStart;
  EXPECT_FALSE(back_off.holds(now));
  for (const base::Duration length : {5min, 10min, 20min, 30min, 30min}) {
    back_off.refused(options, now);
    EXPECT_TRUE(back_off.holds(now + length - 1ns));
    EXPECT_FALSE(back_off.holds(now + length));
    now += length;
  }
  now += 3h;
  back_off.refused(options, now);
  EXPECT_FALSE(back_off.holds(now + 5min));
}

TEST(PoolBackOffTest, RefusalsOfTheSameScanAreOne) {
  const AutoscalerOptions options;
  PoolBackOff back_off;
  for (int i = 0; i < 10; ++i) back_off.refused(options, kStart + 1s * i);
  EXPECT_TRUE(back_off.holds(kStart + 5min - 1ns));
  EXPECT_FALSE(back_off.holds(kStart + 5min));
}

}  // namespace
}  // namespace fakeapi
