#include "fake-apiserver/controllers/victim_order.h"

#include <gtest/gtest.h>

#include <chrono>

namespace fakeapi {
namespace {

using namespace std::chrono_literals;

const base::Time kNow = std::chrono::sys_days(std::chrono::year(2026) / 1 / 1);

Pod ready_pod(const char* uid, base::Duration ready_for = 1000s) {
  Pod pod;
  pod.uid = uid;
  pod.node = "n1";
  pod.phase = PodPhase::kRunning;
  pod.ready = true;
  pod.ready_since = kNow - ready_for;
  pod.created = kNow - 2000s;
  return pod;
}

// The uids in the order in which the pods go.
std::vector<std::string> order(std::vector<Pod> pods, const std::map<std::string, int>& neighbours = {}) {
  for (std::size_t i = 0; i < pods.size(); ++i) pods[i].ordinal = i;
  std::vector<const Pod*> victims;
  for (const Pod& pod : pods) victims.push_back(&pod);
  sort_victims(victims, neighbours, kNow);
  std::vector<std::string> uids;
  for (const Pod* pod : victims) uids.push_back(pod->uid);
  return uids;
}

using Order = std::vector<std::string>;

TEST(VictimOrderTest, WhatServesNobodyGoesFirst) {
  Pod unassigned = ready_pod("unassigned");
  unassigned.node.clear();
  unassigned.phase = PodPhase::kPending;
  unassigned.ready = false;
  Pod pending = ready_pod("pending");
  pending.phase = PodPhase::kPending;
  pending.ready = false;
  Pod unknown = ready_pod("unknown");
  unknown.phase = PodPhase::kUnknown;
  Pod unready = ready_pod("unready");
  unready.ready = false;
  EXPECT_EQ(order({ready_pod("ready"), unready, unknown, pending, unassigned}),
            (Order{"unassigned", "pending", "unknown", "unready", "ready"}));
}

TEST(VictimOrderTest, ALowerDeletionCostBeatsEverythingBelowIt) {
  Pod cheap = ready_pod("cheap", 100000s);
  cheap.deletion_cost = -5;
  Pod dear = ready_pod("dear", 1s);
  dear.deletion_cost = 10;
  EXPECT_EQ(order({dear, ready_pod("plain"), cheap}), (Order{"cheap", "plain", "dear"}));
}

TEST(VictimOrderTest, TheFullestNodeLosesFirst) {
  Pod crowded = ready_pod("crowded", 5000s);
  crowded.node = "n2";
  EXPECT_EQ(order({ready_pod("alone", 1s), crowded}, {{"n1", 1}, {"n2", 3}}), (Order{"crowded", "alone"}));
}

TEST(VictimOrderTest, TheShorterReadyGoesFirstByPowersOfTwo) {
  // 63 s and 64 s are in different buckets, 64 s and 127 s in the same: there the uid decides.
  EXPECT_EQ(order({ready_pod("a", 64s), ready_pod("b", 63s)}), (Order{"b", "a"}));
  EXPECT_EQ(order({ready_pod("b", 64s), ready_pod("a", 127s)}), (Order{"a", "b"}));
  EXPECT_EQ(order({ready_pod("a", 127s), ready_pod("b", 64s)}), (Order{"a", "b"}));
}

TEST(VictimOrderTest, RestartsThenYouthBreakTies) {
  Pod restarted = ready_pod("restarted");
  restarted.restarts = 3;
  EXPECT_EQ(order({ready_pod("calm"), restarted}), (Order{"restarted", "calm"}));
  Pod young = ready_pod("young");
  young.created = kNow - 1001s;  // bucket 9, against 10 for 2000 s
  EXPECT_EQ(order({young, ready_pod("old")}), (Order{"young", "old"}));
  EXPECT_EQ(order({ready_pod("first"), ready_pod("second")}), (Order{"second", "first"}));
}

}  // namespace
}  // namespace fakeapi
