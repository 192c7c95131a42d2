#include "fake-apiserver/controllers/rolling_update.h"

#include <gtest/gtest.h>

#include <ostream>

namespace fakeapi::rollout {
namespace {

struct ResolveCase {
  const char* name;
  Json surge;
  Json unavailable;
  std::int64_t replicas;
  std::int64_t want_surge;
  std::int64_t want_unavailable;
  friend void PrintTo(const ResolveCase& c, std::ostream* out) { *out << c.name; }
};

class ResolveTest : public testing::TestWithParam<ResolveCase> {};

TEST_P(ResolveTest, SurgeRoundsUpAndUnavailableDown) {
  const ResolveCase& c = GetParam();
  const auto posts =
      resolve(c.surge.is_null() ? nullptr : &c.surge, c.unavailable.is_null() ? nullptr : &c.unavailable, c.replicas);
  EXPECT_EQ(posts.surge, c.want_surge);
  EXPECT_EQ(posts.unavailable, c.want_unavailable);
}

INSTANTIATE_TEST_SUITE_P(Cases, ResolveTest,
                         testing::Values(ResolveCase{"defaults_of_4", nullptr, nullptr, 4, 1, 1},
                                         ResolveCase{"defaults_of_10", nullptr, nullptr, 10, 3, 2},
                                         ResolveCase{"defaults_of_1", nullptr, nullptr, 1, 1, 0},
                                         ResolveCase{"numbers", 2, 3, 10, 2, 3},
                                         ResolveCase{"both_zero_frees_one", 0, 0, 5, 0, 1},
                                         ResolveCase{"small_percent_frees_one", "0%", "1%", 5, 0, 1},
                                         ResolveCase{"no_more_than_there_are", 0, 9, 5, 0, 5},
                                         ResolveCase{"none_of_none", "25%", "25%", 0, 0, 0},
                                         ResolveCase{"nonsense_is_default", "many", Json::array(), 4, 1, 1},
                                         ResolveCase{"negative_is_none", -3, 1, 4, 0, 1}),
                         [](const auto& each) { return each.param.name; });

constexpr Fenceposts kQuarterOf4{.surge = 1, .unavailable = 1};

TEST(RollingUpdateTest, TheNewSetGrowsOnlyIntoTheSurge) {
  EXPECT_EQ(grown_size(4, 4, 0, kQuarterOf4), 1);
  EXPECT_EQ(grown_size(4, 5, 1, kQuarterOf4), 1);
  EXPECT_EQ(grown_size(4, 4, 1, kQuarterOf4), 2);
  EXPECT_EQ(grown_size(4, 3, 3, kQuarterOf4), 4);
  EXPECT_EQ(grown_size(4, 9, 9, kQuarterOf4), 4);  // too large: back to what is wanted
  EXPECT_EQ(grown_size(100, 0, 0, {.surge = 25, .unavailable = 25}), 100);
}

TEST(RollingUpdateTest, OldPodsGoOnlyAsNewOnesAreAvailable) {
  using Result = std::vector<std::int64_t>;
  EXPECT_EQ(shrunk_sizes(4, {.wanted = 1, .available = 0}, {{.wanted = 4, .available = 4}}, kQuarterOf4), Result{3});
  EXPECT_EQ(shrunk_sizes(4, {.wanted = 2, .available = 0}, {{.wanted = 3, .available = 3}}, kQuarterOf4), Result{3});
  EXPECT_EQ(shrunk_sizes(4, {.wanted = 2, .available = 1}, {{.wanted = 3, .available = 3}}, kQuarterOf4), Result{2});
  EXPECT_EQ(shrunk_sizes(4, {.wanted = 3, .available = 3}, {{.wanted = 2, .available = 2}}, kQuarterOf4), Result{0});
}

TEST(RollingUpdateTest, PodsThatServeNobodyGoFirstFromTheOldestSet) {
  using Result = std::vector<std::int64_t>;
  // 8 wanted, 6 must be available; the second rollout found the first one stuck.
  const std::vector<Sizes> old{{.wanted = 6, .available = 6}, {.wanted = 4, .available = 0}};
  EXPECT_EQ(shrunk_sizes(8, {.wanted = 0, .available = 0}, old, {.surge = 2, .unavailable = 2}), (Result{6, 0}));
  const std::vector<Sizes> older{{.wanted = 4, .available = 1}, {.wanted = 6, .available = 6}};
  EXPECT_EQ(shrunk_sizes(8, {.wanted = 0, .available = 0}, older, {.surge = 2, .unavailable = 2}), (Result{0, 6}));
}

TEST(RollingUpdateTest, AScaledRolloutIsSpreadInProportion) {
  using Result = std::vector<std::int64_t>;
  // The example of the Kubernetes documentation: 10 replicas, maxSurge 3, scaled to 15 in mid-rollout.
  EXPECT_EQ(proportional_sizes(15, 3, {{.wanted = 8, .max_replicas = 13}, {.wanted = 5, .max_replicas = 13}}),
            (Result{11, 7}));
  EXPECT_EQ(proportional_sizes(5, 3, {{.wanted = 8, .max_replicas = 13}, {.wanted = 5, .max_replicas = 13}}),
            (Result{5, 3}));
  EXPECT_EQ(proportional_sizes(0, 0, {{.wanted = 8, .max_replicas = 13}, {.wanted = 5, .max_replicas = 13}}),
            (Result{0, 0}));
  EXPECT_EQ(proportional_sizes(3, 0, {}), Result{});
}

TEST(RollingUpdateTest, WhatRoundingLeavesGoesToTheLargest) {
  using Result = std::vector<std::int64_t>;
  // 3 x 11/9 rounds to 4, but only two are to be added; 3 x 10/9 rounds to 3, so that the one is left over.
  EXPECT_EQ(proportional_sizes(11, 0, {{3, 9}, {3, 9}, {3, 9}}), (Result{4, 4, 3}));
  EXPECT_EQ(proportional_sizes(10, 0, {{3, 9}, {3, 9}, {3, 9}}), (Result{4, 3, 3}));
}

}  // namespace
}  // namespace fakeapi::rollout
