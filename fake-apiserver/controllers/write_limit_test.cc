#include "fake-apiserver/controllers/write_limit.h"

#include "fake-apiserver/controllers/cluster_test_fixture.h"

namespace fakeapi {
namespace {

TEST(WriteLimitTest, ABurstGoesAtOnceTheRestAtItsRate) {
  base::VirtualTime clock(kClusterStart);
  WriteLimit limit(clock, WriteRate{.per_second = 20, .burst = 30});
  for (int i = 0; i < 30; ++i) EXPECT_TRUE(limit.try_take()) << i;
  EXPECT_FALSE(limit.try_take());
  EXPECT_EQ(limit.wait(), 50ms);
  clock.run_for(50ms);
  EXPECT_TRUE(limit.try_take());
  EXPECT_FALSE(limit.try_take());
  clock.run_for(1h);
  for (int i = 0; i < 30; ++i) EXPECT_TRUE(limit.try_take()) << i;  // it saves no more than a burst
  EXPECT_FALSE(limit.try_take());
}

TEST(WriteLimitTest, AWriteThatGoesAnywayIsPaidLater) {
  base::VirtualTime clock(kClusterStart);
  WriteLimit limit(clock, WriteRate{.per_second = 10, .burst = 1});
  for (int i = 0; i < 3; ++i) limit.take();
  EXPECT_EQ(limit.wait(), 300ms);
}

TEST(WriteLimitTest, WithoutARateThereIsNoLimit) {
  base::VirtualTime clock(kClusterStart);
  WriteLimit limit(clock, std::nullopt);
  for (int i = 0; i < 10'000; ++i) ASSERT_TRUE(limit.try_take());
  EXPECT_EQ(limit.wait(), base::Duration::zero());
}

class LimitedClusterTest : public ClusterTest {
 protected:
  // Seconds until `count` pods are there.
  double seconds_to_create(int count, bool limited) {
    ClusterOptions options = simple_options();
    options.client_side_limits = limited;
    options.events = false;
    start(options);
    create_deployment("web", {.replicas = count});
    while (pods().size() < static_cast<std::size_t>(count) && clock_.now() < kClusterStart + 10min) {
      clock_.run_for(10ms);
    }
    return base::seconds(clock_.now() - kClusterStart);
  }
};

TEST_F(LimitedClusterTest, FiveHundredPodsTakeTheirTimeWhateverTheServer) {
  const double seconds = seconds_to_create(500, true);
  EXPECT_GE(seconds, (500 - 30) / 20.0);
  EXPECT_LE(seconds, 26);
}

TEST_F(LimitedClusterTest, WithoutLimitsTheyAreThereAtOnce) { EXPECT_LT(seconds_to_create(500, false), 1); }

}  // namespace
}  // namespace fakeapi
