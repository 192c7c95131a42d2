#include "sim/metrics/lag_split.h"

#include <gtest/gtest.h>

namespace sim {
namespace {

using namespace std::chrono_literals;

LagMoments moments() {
  return {.needed = 100s,
          .measured = 110s,
          .asked = 130s,
          .decided = 145s,
          .pod = {.created = 146s, .node = 206s, .scheduled = 207s, .started = 227s, .ready = 257s}};
}

TEST(LagSplitTest, CutsTheLagAtItsMoments) {
  const LagSplit split = lag_split(moments());

  EXPECT_EQ(split.waiting, 10s);
  EXPECT_EQ(split.metric_age, 20s);
  EXPECT_EQ(split.limits, 15s);
  EXPECT_EQ(split.scheduling, 2s);
  EXPECT_EQ(split.node, 60s);
  EXPECT_EQ(split.boot, 20s);
  EXPECT_EQ(split.readiness, 30s);
  EXPECT_EQ(split.total(), 157s);
}

TEST(LagSplitTest, WithoutANewNodeAllUntilItIsBoundIsScheduling) {
  LagMoments m = moments();
  m.pod.node.reset();
  EXPECT_EQ(lag_split(m).node, 0s);
  EXPECT_EQ(lag_split(m).scheduling, 62s);
}

TEST(LagSplitTest, ASampleFromBeforeTheNeedAgesOnlySinceThen) {
  LagMoments m = moments();
  m.measured = 90s;
  EXPECT_EQ(lag_split(m).waiting, 0s);
  EXPECT_EQ(lag_split(m).metric_age, 30s);
}

TEST(LagSplitTest, PodsThatCameInTimeCostNothing) {
  LagMoments m = moments();
  m.needed = 1000s;
  EXPECT_EQ(lag_split(m), LagSplit{});
}

TEST(LagSplitTest, APodInBootWhenItIsNeededCostsTheRest) {
  LagMoments m = moments();
  m.needed = 217s;
  EXPECT_EQ(lag_split(m).boot, 10s);
  EXPECT_EQ(lag_split(m).total(), 40s);
}

TEST(MeanLagTest, IsTheMeanOfEachPart) {
  const std::vector<LagSplit> splits = {{.node = 10s, .boot = 4s}, {.boot = 8s}};
  EXPECT_EQ(mean_lag(splits), (LagSplit{.node = 5s, .boot = 6s}));
  EXPECT_EQ(mean_lag({}), LagSplit{});
}

// Demand rises from 2 to 4 at second 10. Decisions each 15 s: at 15 the metric is from before, at 30 it asks for 4 and
// is held back, at 45 it is granted.
TEST(ScaleUpsTest, FindsTheNeedTheQuestionAndTheAnswer) {
  std::vector<int> demand(100, 2);
  std::fill(demand.begin() + 10, demand.end(), 4);
  const std::vector<DecisionMoment> decisions = {{.at = 15s, .metric_age = 12s, .current = 2, .raw = 2, .final = 2},
                                                 {.at = 30s, .metric_age = 12s, .current = 2, .raw = 4, .final = 2},
                                                 {.at = 45s, .metric_age = 9s, .current = 2, .raw = 4, .final = 4}};
  const std::vector<PodMoments> pods = {{.created = 0s, .node = {}, .scheduled = 0s, .started = 0s, .ready = 0s},
                                        {.created = 46s, .node = {}, .scheduled = 46s, .started = 48s, .ready = 60s},
                                        {.created = 46s, .node = {}, .scheduled = 46s, .started = 50s, .ready = 60s}};

  const std::vector<ScaleUp> ups = scale_ups(demand, decisions, pods);

  ASSERT_EQ(ups.size(), 1U);
  EXPECT_EQ(ups[0].from, 2);
  EXPECT_EQ(ups[0].to, 4);
  EXPECT_EQ(ups[0].pods, 2);
  EXPECT_EQ(ups[0].lag, (LagSplit{.waiting = 8s,
                                  .metric_age = 12s,
                                  .limits = 15s,
                                  .scheduling = 1s,
                                  .node = 0s,
                                  .boot = 3s,
                                  .readiness = 11s}));
}

TEST(ScaleUpsTest, ARaiseAheadOfTheDemandIsCountedFromTheDemand) {
  std::vector<int> demand(100, 2);
  std::fill(demand.begin() + 50, demand.end(), 4);
  const std::vector<DecisionMoment> decisions = {{.at = 30s, .metric_age = 5s, .current = 2, .raw = 4, .final = 4}};
  const std::vector<PodMoments> pods = {{.created = 31s, .node = {}, .scheduled = 31s, .started = 40s, .ready = 55s}};

  const std::vector<ScaleUp> ups = scale_ups(demand, decisions, pods);

  ASSERT_EQ(ups.size(), 1U);
  EXPECT_EQ(ups[0].lag, LagSplit{.readiness = 5s});
}

TEST(ScaleUpsTest, ARaiseThatNobodyNeededHasNoLag) {
  const std::vector<int> demand(100, 2);
  const std::vector<DecisionMoment> decisions = {{.at = 30s, .metric_age = 5s, .current = 2, .raw = 4, .final = 4}};
  const std::vector<PodMoments> pods = {{.created = 31s, .node = {}, .scheduled = 31s, .started = 40s, .ready = 55s}};

  const std::vector<ScaleUp> ups = scale_ups(demand, decisions, pods);

  ASSERT_EQ(ups.size(), 1U);
  EXPECT_EQ(ups[0].pods, 1);
  EXPECT_EQ(ups[0].lag, LagSplit{});
}

TEST(ScaleUpsTest, EachPodBelongsToTheRaiseBeforeIt) {
  const std::vector<int> demand(100, 9);
  const std::vector<DecisionMoment> decisions = {{.at = 10s, .metric_age = 0s, .current = 2, .raw = 9, .final = 4},
                                                 {.at = 20s, .metric_age = 0s, .current = 4, .raw = 3, .final = 3},
                                                 {.at = 30s, .metric_age = 0s, .current = 3, .raw = 9, .final = 9}};
  const std::vector<PodMoments> pods = {{.created = 10s, .node = {}, .scheduled = 10s, .started = 10s, .ready = 15s},
                                        {.created = 30s, .node = {}, .scheduled = 30s, .started = 30s, .ready = 39s}};

  const std::vector<ScaleUp> ups = scale_ups(demand, decisions, pods);

  ASSERT_EQ(ups.size(), 2U);
  EXPECT_EQ(ups[0].lag.readiness, 5s);
  EXPECT_EQ(ups[1].lag.readiness, 9s);
  EXPECT_EQ(ups[1].lag.limits, 20s);  // the first decision asked for more than three already
}

TEST(ScaleUpsTest, NothingHappensInAnEmptyRun) { EXPECT_TRUE(scale_ups({}, {}, {}).empty()); }

}  // namespace
}  // namespace sim
