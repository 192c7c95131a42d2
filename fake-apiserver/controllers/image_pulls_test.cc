#include "fake-apiserver/controllers/image_pulls.h"

#include <gtest/gtest.h>

namespace fakeapi {
namespace {

using namespace std::chrono_literals;

const base::Time kStart{};

TEST(ImagePullsTest, ANodePullsAnImageOnceAndOneAfterTheOther) {
  ImagePulls pulls({.bytes = 600, .bytes_per_second = 20});  // 30 s

  const auto first = pulls.request("n-0", "a", kStart);
  EXPECT_TRUE(first.started);
  EXPECT_EQ(first.done, kStart + 30s);
  const auto same = pulls.request("n-0", "a", kStart + 10s);
  EXPECT_FALSE(same.started);
  EXPECT_EQ(same.done, kStart + 30s);
  EXPECT_EQ(pulls.request("n-0", "b", kStart + 10s).done, kStart + 60s);
  EXPECT_EQ(pulls.request("n-1", "a", kStart + 10s).done, kStart + 40s);
  EXPECT_EQ(pulls.request("n-0", "a", kStart + 2min).done, kStart + 2min);
  EXPECT_EQ(pulls.request("n-0", "c", kStart + 2min).done, kStart + 150s);
}

TEST(ImagePullsTest, OnlyInitialNodesHoldTheInitialImages) {
  ImagePulls pulls({.bytes = 600, .bytes_per_second = 20, .initial_images = {"a"}});
  pulls.add_initial_node("n-0");
  EXPECT_EQ(pulls.request("n-0", "a", kStart).done, kStart);
  EXPECT_EQ(pulls.request("n-0", "b", kStart).done, kStart + 30s);
  EXPECT_EQ(pulls.request("n-1", "a", kStart).done, kStart + 30s);
}

TEST(ImagePullsTest, ANodeThatIsForgottenIsColdAgain) {
  ImagePulls pulls({.bytes = 600, .bytes_per_second = 20});
  EXPECT_EQ(pulls.request("n-0", "a", kStart).done, kStart + 30s);
  pulls.forget_node("n-0");
  EXPECT_EQ(pulls.request("n-0", "a", kStart + 1min).done, kStart + 90s);
}

TEST(ImagePullsTest, EveryNodeHoldsThePauseImage) {
  ImagePulls pulls({.bytes = 600, .bytes_per_second = 20});
  const auto pause = pulls.request("n-0", kPauseImage, kStart);
  EXPECT_FALSE(pause.started);
  EXPECT_EQ(pause.done, kStart);
}

TEST(ImagePullsTest, WhatIsNoRateTakesNoTimeAndTheSlowestAYear) {
  struct Case {
    double bytes, rate;
    base::Duration takes;
  };
  for (const Case& c :
       {Case{0, 10, 0s}, Case{10, 0, 0s}, Case{-5, 10, 0s}, Case{5, -10, 0s}, Case{1e300, 1e-300, 8760h}}) {
    ImagePulls pulls({.bytes = c.bytes, .bytes_per_second = c.rate});
    EXPECT_EQ(pulls.request("n", "a", kStart).done, kStart + c.takes) << c.bytes << " " << c.rate;
  }
}

}  // namespace
}  // namespace fakeapi
