#include "sim/scenario/action_reader.h"

#include <gtest/gtest.h>

#include "sim/scenario/scenario_test_support.h"

namespace sim {
namespace {

using namespace std::chrono_literals;

constexpr const char* kCluster =
    "  cluster: {nodePools: [{name: general, nodes: 2, zones: [a, b], allocatable: {cpu: 4, memory: 8Gi}}]}\n";

NightText with_actions(const std::vector<std::string>& actions) {
  NightText night;
  night.workloads = many_workloads({"name: api", "name: db, fixed: true"});
  night.rest = std::string(kCluster) + "  actions:\n";
  for (const std::string& action : actions) night.rest += "    - {" + action + "}\n";
  return night;
}

TEST(ActionReaderTest, ReadsEveryKindInOrderOfTime) {
  const ScenarioFolder folder;
  const Scenario s = folder.load(with_actions({
      "at: 9m, for: 30s, podFault: {workload: db, share: 0.5, slowdown: 3, errorRatio: 0.1}",
      "at: 1m, for: 5m, zoneOutage: {zone: b}",
      "at: 2m, nodeLoss: {pool: general, nodes: 2, notice: 2m}",
      "at: 3m, for: 10m, capacityShortage: {pool: general}",
      "at: 4m, rollout: {workload: api}",
      "at: 5m, for: 90s, metricsOutage: {stale: true}",
      "at: 6m, for: 1m, apiFault: {status: 429, probability: 0.5, writesOnly: true}",
      "at: 7m, watchDrop: {}",
      "at: \"2026-09-26T19:28:00+10:00\", for: 20s, scalerRestart: {}",
  }));

  ASSERT_EQ(s.actions.size(), 9U);
  for (std::size_t i = 0; i < 9; ++i) EXPECT_EQ(s.actions[i].at, std::chrono::minutes(i + 1));
  EXPECT_EQ(std::get<ZoneOutage>(s.actions[0].what).zone, "b");
  EXPECT_EQ(s.actions[0].lasts, 5min);
  EXPECT_EQ(std::get<NodeLoss>(s.actions[1].what).pool, "general");
  EXPECT_EQ(std::get<NodeLoss>(s.actions[1].what).nodes, 2);
  EXPECT_EQ(std::get<NodeLoss>(s.actions[1].what).notice, 2min);
  EXPECT_EQ(std::get<CapacityShortage>(s.actions[2].what).pool, "general");
  EXPECT_EQ(std::get<Rollout>(s.actions[3].what).workload, "api");
  EXPECT_TRUE(std::get<MetricsOutage>(s.actions[4].what).stale);
  EXPECT_EQ(std::get<ApiFault>(s.actions[5].what).status, 429);
  EXPECT_DOUBLE_EQ(std::get<ApiFault>(s.actions[5].what).probability, 0.5);
  EXPECT_TRUE(std::get<ApiFault>(s.actions[5].what).writes_only);
  EXPECT_TRUE(std::holds_alternative<WatchDrop>(s.actions[6].what));
  EXPECT_TRUE(std::holds_alternative<ScalerRestart>(s.actions[7].what));
  EXPECT_EQ(s.actions[7].lasts, 20s);
  EXPECT_EQ(std::get<PodFault>(s.actions[8].what).workload, "db");
  EXPECT_DOUBLE_EQ(std::get<PodFault>(s.actions[8].what).share, 0.5);
  EXPECT_DOUBLE_EQ(std::get<PodFault>(s.actions[8].what).slowdown, 3);
  EXPECT_DOUBLE_EQ(std::get<PodFault>(s.actions[8].what).error_ratio, 0.1);
  EXPECT_TRUE(s.actions[8].where.ends_with("night.yaml:14:36")) << s.actions[8].where;
}

TEST(ActionReaderTest, AnOutageBelongsToTheService) {
  const ScenarioFolder folder;
  const Scenario s =
      folder.load(with_actions({"at: 20m, outage: {workload: db}", "at: 5m, for: 8s, outage: {workload: api}"}));

  EXPECT_TRUE(s.actions.empty());
  ASSERT_EQ(s.system.outages.size(), 2U);
  EXPECT_EQ(s.system.outages[0].service, 0U);
  EXPECT_EQ(s.system.outages[0].begin, 300 * kSecond);
  EXPECT_EQ(s.system.outages[0].end, 308 * kSecond);
  EXPECT_EQ(s.system.outages[1].service, 1U);
  EXPECT_EQ(s.system.outages[1].end, 30 * 60 * kSecond);
}

TEST(ActionReaderTest, TheWorkloadOfAnActionIsTheFirstUnlessNamed) {
  const ScenarioFolder folder;
  const Scenario s = folder.load(with_actions({"at: 1m, rollout: {}", "at: 2m, apiFault: {}"}));

  EXPECT_EQ(std::get<Rollout>(s.actions.at(0).what).workload, "api");
  EXPECT_EQ(std::get<ApiFault>(s.actions.at(1).what).status, 503);
  EXPECT_EQ(s.actions[1].lasts, 0s);
}

struct Case {
  const char* name;
  std::string action;
  const char* complaint;
  friend void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }
};

class RefusedAction : public testing::TestWithParam<Case> {};

TEST_P(RefusedAction, SaysWhatIsWrongAndWhere) {
  const ScenarioFolder folder;

  const std::string complaint = folder.refusal(with_actions({GetParam().action}));

  EXPECT_TRUE(complaint.starts_with("night.yaml:14:")) << complaint;
  EXPECT_NE(complaint.find(GetParam().complaint), std::string::npos) << complaint;
}

INSTANTIATE_TEST_SUITE_P(
    All, RefusedAction,
    testing::Values(
        Case{"Nothing", "at: 1m",
             "an action has exactly one of zoneOutage, nodeLoss, capacityShortage, rollout, metricsOutage, apiFault, "
             "watchDrop, scalerRestart, podFault, outage"},
        Case{"TwoAtOnce", "at: 1m, rollout: {}, watchDrop: {}", "an action has exactly one of"},
        Case{"UnknownZone", "at: 1m, zoneOutage: {zone: c}", "zone must be one of a, b, is \"c\""},
        Case{"UnknownPool", "at: 1m, capacityShortage: {pool: genral}",
             "pool must be one of general, is \"genral\"; did you mean \"general\"?"},
        Case{"UnknownWorkload", "at: 1m, podFault: {workload: dbs}",
             "workload must be one of api, db, is \"dbs\"; did you mean \"db\"?"},
        Case{"RolloutOfAFixedWorkload", "at: 1m, rollout: {workload: db}", "workload must be one of api, is \"db\""},
        Case{"AfterTheNight", "at: 31m, watchDrop: {}", "at must be inside the night, from 0s to before 30m, is 31m"},
        Case{"WithoutTime", "watchDrop: {}", "\"at\" is missing"},
        Case{"ARolloutThatLasts", "at: 1m, for: 1m, rollout: {}", "for has no meaning for rollout"},
        Case{"LastingNoTime", "at: 1m, for: 0s, metricsOutage: {}", "for must be positive"},
        Case{"SuccessAsFault", "at: 1m, apiFault: {status: 200}", "status must be one of 409, 429, 500, 503, is 200"},
        Case{"AFaultThatNobodyKnows", "at: 1m, apiFault: {status: 404}",
             "status must be one of 409, 429, 500, 503, is 404"},
        Case{"ARestartBeforeTheStart", "at: 0s, scalerRestart: {}",
             "at must be after 0s, when the scaler itself starts"},
        Case{"ShareAboveOne", "at: 1m, podFault: {share: 2}", "share must be at most 1, is 2"},
        Case{"InfinitelySlow", "at: 1m, podFault: {slowdown: 1000000}", "slowdown must be at most 1000"}),
    [](const auto& c) { return c.param.name; });

struct Pair {
  const char* name;
  std::string first, second;
  friend void PrintTo(const Pair& p, std::ostream* out) { *out << p.name; }
};

class OverlappingActions : public testing::TestWithParam<Pair> {};

TEST_P(OverlappingActions, AreRefusedWithBothPlaces) {
  const ScenarioFolder folder;

  const std::string complaint = folder.refusal(with_actions({GetParam().first, GetParam().second}));

  EXPECT_TRUE(complaint.starts_with("night.yaml:15:")) << complaint;
  EXPECT_NE(complaint.find(" overlaps the one at night.yaml:14:"), std::string::npos) << complaint;
}

INSTANTIATE_TEST_SUITE_P(
    All, OverlappingActions,
    testing::Values(Pair{"MetricsOutages", "at: 1m, for: 5m, metricsOutage: {}",
                         "at: 5m59s, for: 1m, metricsOutage: {stale: true}"},
                    Pair{"TheLaterWrittenFirst", "at: 5m, for: 1m, metricsOutage: {}", "at: 1m, metricsOutage: {}"},
                    Pair{"AnOutageForGood", "at: 1m, metricsOutage: {}", "at: 20m, for: 1m, metricsOutage: {}"},
                    Pair{"AFaultForGood", "at: 1m, podFault: {slowdown: 2}",
                         "at: 9m, for: 1m, podFault: {workload: api}"},
                    Pair{"ARestartWhileAway", "at: 1m, for: 2m, scalerRestart: {}", "at: 2m, scalerRestart: {}"},
                    Pair{"TwoRestartsAtOnce", "at: 1m, scalerRestart: {}", "at: 1m, scalerRestart: {}"}),
    [](const auto& p) { return p.param.name; });

TEST(ActionReaderTest, ActionsThatDoNotEndEachOtherMayMeet) {
  const ScenarioFolder folder;
  const Scenario s = folder.load(with_actions({
      "at: 1m, for: 2m, metricsOutage: {}",
      "at: 3m, metricsOutage: {stale: true}",
      "at: 1m, podFault: {workload: api, slowdown: 2}",
      "at: 2m, podFault: {workload: db, slowdown: 2}",
      "at: 1m, for: 2m, scalerRestart: {}",
      "at: 3m, scalerRestart: {}",
      "at: 1m, for: 9m, apiFault: {}",
      "at: 2m, for: 9m, apiFault: {status: 409}",
      "at: 1m, for: 9m, zoneOutage: {zone: a}",
      "at: 2m, for: 9m, zoneOutage: {zone: b}",
  }));

  EXPECT_EQ(s.actions.size(), 10U);
}

TEST(ActionReaderTest, WithoutPoolsThereIsNoZoneToLose) {
  const ScenarioFolder folder;
  NightText night;
  night.rest = "  actions: [{at: 1m, zoneOutage: {zone: a}}]\n";

  EXPECT_EQ(folder.refusal(night),
            "night.yaml:10:41: zone names one of the zones of the node pools, but there are none");
}

}  // namespace
}  // namespace sim
