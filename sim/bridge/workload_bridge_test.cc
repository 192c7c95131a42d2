#include "sim/bridge/system_bridge.h"

#include <gtest/gtest.h>

#include "fake-apiserver/controllers/node_table.h"
#include "sim/bridge/bridge_test_support.h"
#include "sim/run/engines.h"

namespace sim {
namespace {

using namespace std::chrono_literals;
using fakeapi::Json;
using fakeapi::Part;
using testing::kPods;

const fakeapi::Resource kDeployments{"apps", "deployments"};

// One pod of two workers, 100 requests/s of exactly 10 ms each: half of its time is busy.
Scenario scenario() {
  Scenario s = testing::even_night(1min);
  ServiceOptions& service = testing::add_service(s, "api", 100, 2, 10 * kMillisecond);
  service.cpu.per_request = 4 * kMillisecond;
  service.cpu.idle = 0.02;
  s.workloads.front().replicas = 1;
  s.workloads.front().cpu_request = 1;
  return s;
}

// The same served by the engine of pods that can die, change and stand in zones.
Scenario breakable() {
  Scenario s = scenario();
  s.cluster.node_pools.push_back({"general", 2, 2, 16, 64e9, {}, {"a", "b"}, {}, 0});
  s.actions.push_back({30s, 10s, PodFault{"api", 1.0, 1.0, 1.0}, ""});
  return s;
}

std::unique_ptr<RequestEngine> engine_of(const Scenario& night) {
  return std::move(*make_engine(night, night.system, {}, base::Random(1)));
}

struct Fixture : testing::BridgeWorld {
  explicit Fixture(Scenario s = scenario()) : BridgeWorld(std::move(s), engine_of) {}
  WorkloadBridge& bridge = system.first();
};

TEST(WorkloadBridgeTest, DeploysTheWorkloadAsTheScenarioSaysIt) {
  Fixture f;
  ASSERT_TRUE(f.system.deploy());

  const auto object = f.store.get(kDeployments, {"default", "api"});
  ASSERT_TRUE(object);
  EXPECT_EQ((**object)["spec"]["replicas"], Json(1));
  EXPECT_EQ((**object)["spec"]["template"]["spec"]["containers"][0]["resources"]["requests"]["cpu"], Json("1"));
  EXPECT_EQ(f.bridge.state().desired, 1);
}

TEST(WorkloadBridgeTest, OnlyReadyPodsServe) {
  Fixture f;
  f.create_pod("a");
  EXPECT_EQ(f.bridge.state().pods, 1);
  EXPECT_EQ(f.bridge.state().ready, 0);
  f.set_status("a", true);
  EXPECT_EQ(f.bridge.state().ready, 1);

  f.time.run_until(f.night.start);
  f.system.begin();
  f.time.run_for(10s);
  f.set_status("a", false);
  f.time.run_for(10s);
  f.engine->finish();

  const Totals totals = f.engine->totals();
  EXPECT_EQ(totals.requests, 6000U);
  EXPECT_EQ(totals.succeeded, 1000U);
  EXPECT_EQ(totals.rejected, 5000U);
}

TEST(WorkloadBridgeTest, ADeletionTakesThePodOutAtOnce) {
  Fixture f;
  f.create_pod("a");
  f.set_status("a", true);
  f.time.run_until(f.night.start);
  f.system.begin();
  f.time.run_for(10s);

  ASSERT_TRUE(f.store.remove(kPods, {"default", "a"}, {}, 30s));

  EXPECT_EQ(f.bridge.state().ready, 0);
  EXPECT_EQ(f.bridge.state().pods, 1);
  ASSERT_TRUE(f.store.remove(kPods, {"default", "a"}, {}, 0s));
  EXPECT_EQ(f.bridge.state().pods, 0);
}

TEST(WorkloadBridgeTest, SamplesAreTheWorkReallyDone) {
  Fixture f;
  f.create_pod("a");
  EXPECT_FALSE(f.system.sample("default", "a", f.time.now()));
  f.set_status("a", true);
  f.time.run_for(30s);

  const auto idle = f.system.sample("default", "a", f.time.now());
  ASSERT_TRUE(idle);
  EXPECT_NEAR(static_cast<double>(idle->cpu_nanoseconds), 0.02 * 30e9, 1);

  f.time.run_until(f.night.start);
  f.system.begin();
  f.time.run_for(10s);
  const auto busy = f.system.sample("default", "a", f.time.now());
  ASSERT_TRUE(busy);
  // A minute of idling before, then ten seconds of 100 requests of 4 ms beside the idling.
  EXPECT_NEAR(static_cast<double>(busy->cpu_nanoseconds), 0.02 * 70e9 + 1000 * 4e6, 1e7);
  EXPECT_NEAR(busy->rates.at("requests_per_second"), 1000, 1);
  EXPECT_FALSE(f.system.sample("default", "b", f.time.now()));
}

TEST(WorkloadBridgeTest, APodThatComesBackKeepsItsCounters) {
  Fixture f;
  f.create_pod("a");
  f.set_status("a", true);
  f.time.run_until(f.night.start);
  f.system.begin();
  f.time.run_for(10s);
  f.set_status("a", false);
  f.time.run_for(5s);
  f.set_status("a", true);
  f.time.run_for(10s);

  const auto sample = f.system.sample("default", "a", f.time.now());
  ASSERT_TRUE(sample);
  EXPECT_NEAR(sample->rates.at("requests_per_second"), 2000, 2);
  EXPECT_NEAR(static_cast<double>(sample->cpu_nanoseconds), 0.02 * 85e9 + 2000 * 4e6, 2e7);
}

TEST(WorkloadBridgeTest, CountsScalingsAndReversals) {
  Fixture f;
  ASSERT_TRUE(f.system.deploy());
  f.time.run_until(f.night.start);
  f.system.begin();
  for (const int replicas : {3, 5, 5, 4, 6}) {
    ASSERT_TRUE(f.store.update(kDeployments, {"default", "api"}, Part::kAll, [&](Json& d) -> base::Result<> {
      d["spec"]["replicas"] = replicas;
      return {};
    }));
  }

  EXPECT_EQ(f.bridge.state().desired, 6);
  EXPECT_EQ(f.bridge.scale_events(), 4);
  EXPECT_EQ(f.bridge.scale_reversals(), 2);
}

TEST(WorkloadBridgeTest, PodsOfOthersAreNotServed) {
  Fixture f;
  Json pod = {{"apiVersion", "v1"}, {"kind", "Pod"}};
  pod["metadata"] = {{"name", "stranger"}, {"namespace", "default"}, {"labels", {{"app", "web"}}}};
  ASSERT_TRUE(f.store.create(kPods, pod));
  f.set_status("stranger", true);

  EXPECT_EQ(f.bridge.state().pods, 0);
  EXPECT_FALSE(f.system.sample("default", "stranger", f.time.now()));
  EXPECT_TRUE(f.system.probe("default", "stranger", f.time.now()).after);
}

TEST(WorkloadBridgeTest, APodThatGoesTakesItsRequestsWithItAndOneThatEndsFinishesThem) {
  for (const bool ends : {false, true}) {
    Scenario s = breakable();
    s.system.services[0].service.mean = 5 * kSecond;
    s.system.services[0].workers = 10;
    s.system.sources[0].traffic.profile = RateProfile::constant(1);
    Fixture f(s);
    f.create_pod("a");
    f.set_status("a", true);
    f.time.run_until(f.night.start);
    f.system.begin();
    f.time.run_for(20s);

    ASSERT_TRUE(f.store.remove(kPods, {"default", "a"}, {}, ends ? 30s : 0s));
    EXPECT_EQ(f.system.drained("default", "a", f.time.now()), !ends);
    f.time.run_for(10s);
    EXPECT_TRUE(f.system.drained("default", "a", f.time.now()));
    f.engine->finish();

    // Fifteen had been answered by then, and five were being served.
    const Totals totals = f.engine->totals();
    EXPECT_EQ(totals.succeeded, ends ? 20U : 15U);
    EXPECT_EQ(totals.succeeded + totals.failed, totals.requests);
  }
}

TEST(WorkloadBridgeTest, WhatOutlivesTheGracePeriodIsLost) {
  Scenario s = breakable();
  s.workloads[0].termination_grace = 10s;
  s.system.services[0].service.mean = 15 * kSecond;
  s.system.services[0].workers = 100;
  s.system.sources[0].traffic.profile = RateProfile::constant(1);
  Fixture f(s);
  f.create_pod("a");
  f.set_status("a", true);
  f.time.run_until(f.night.start);
  f.system.begin();
  f.time.run_for(20s);
  ASSERT_TRUE(f.store.remove(kPods, {"default", "a"}, {}, 10s));
  f.time.run_for(10s);
  EXPECT_FALSE(f.system.drained("default", "a", f.time.now()));
  ASSERT_TRUE(f.store.remove(kPods, {"default", "a"}, {}, 0s));
  f.engine->finish();

  // Of the twenty that came, those of the first fifteen seconds are done within the ten seconds of grace.
  EXPECT_EQ(f.engine->totals().succeeded, 15U);
}

TEST(WorkloadBridgeTest, AContainerThatRestartsLosesWhatItHeld) {
  Scenario s = breakable();
  s.system.services[0].service.mean = 5 * kSecond;
  s.system.services[0].workers = 10;
  s.system.sources[0].traffic.profile = RateProfile::constant(1);
  Fixture f(s);
  f.create_pod("a");
  f.set_status("a", true);
  f.time.run_until(f.night.start);
  f.system.begin();
  f.time.run_for(20s);
  ASSERT_TRUE(f.store.update(kPods, {"default", "a"}, Part::kAll, [](Json& pod) -> base::Result<> {
    pod["status"]["containerStatuses"][0]["state"]["waiting"]["reason"] = "CrashLoopBackOff";
    pod["status"]["conditions"] = Json::array({{{"type", "Ready"}, {"status", "False"}}});
    return {};
  }));
  EXPECT_EQ(f.bridge.state().ready, 0);
  f.time.run_for(10s);
  ASSERT_TRUE(f.store.update(kPods, {"default", "a"}, Part::kAll, [](Json& pod) -> base::Result<> {
    pod["status"].erase("containerStatuses");
    return {};
  }));
  f.set_status("a", true);
  f.engine->finish();

  // 15 before the restart, none of the ten seconds without, and all of the last thirty.
  EXPECT_EQ(f.engine->totals().succeeded, 45U);
}

TEST(WorkloadBridgeTest, FaultsStrikeTheOldestPodsAndHeal) {
  Fixture f(breakable());
  for (const char* name : {"b", "a"}) {
    f.create_pod(name);
    f.set_status(name, true);
  }
  f.time.run_until(f.night.start);
  f.system.begin();
  f.time.run_for(10s);
  f.bridge.fault(0.5, 1.0, 1.0);
  f.time.run_for(10s);
  f.bridge.fault(1.0, 1.0, 0.0);
  f.time.run_for(40s);
  f.engine->finish();

  // Half of what comes in ten seconds of a hundred a second.
  EXPECT_NEAR(static_cast<double>(f.engine->totals().failed), 500, 2);
}

TEST(WorkloadBridgeTest, PodsWeighWhatThePoolOfTheirNodeDoes) {
  Scenario s = breakable();
  s.cluster.node_pools.front().weight = 3;
  s.system.services[0].balancer.algorithm = BalancerOptions::Algorithm::kWeightedRoundRobin;
  Fixture f(s);
  for (const char* pool : {"general", "others"}) {
    Json node = {{"apiVersion", "v1"}, {"kind", "Node"}};
    node["metadata"] = {{"name", std::string(pool) + "-0"}, {"labels", {{fakeapi::kNodePoolLabel, pool}}}};
    ASSERT_TRUE(f.store.create({"", "nodes"}, node));
  }
  f.create_pod("heavy", "api", "general-0");
  f.create_pod("light", "api", "others-0");
  for (const char* name : {"heavy", "light"}) f.set_status(name, true);
  f.time.run_until(f.night.start);
  f.system.begin();
  f.time.run_for(20s);

  // Of two thousand requests.
  EXPECT_NEAR(f.system.sample("default", "heavy", f.time.now())->rates.at("requests_per_second"), 1500, 2);
  EXPECT_NEAR(f.system.sample("default", "light", f.time.now())->rates.at("requests_per_second"), 500, 2);
}

TEST(WorkloadBridgeTest, AProbeFeelsTheQueue) {
  Scenario s = breakable();
  s.system.services[0].service.mean = 1 * kSecond;
  s.system.sources[0].traffic.profile = RateProfile::constant(10);
  Fixture f(s);
  f.create_pod("a");
  f.set_status("a", true);
  EXPECT_EQ(f.system.probe("default", "a", f.time.now()).after, base::Duration::zero());
  f.time.run_until(f.night.start);
  f.system.begin();
  f.time.run_for(10s);

  // Eighty of a hundred still wait for two workers.
  const fakeapi::ProbeAnswer answer = f.system.probe("default", "a", f.time.now());
  ASSERT_TRUE(answer.after);
  EXPECT_NEAR(base::seconds(*answer.after), 41, 2);
}

TEST(WorkloadBridgeTest, FixedInstancesServeFromTheStart) {
  Scenario s = breakable();
  ServiceOptions db = s.system.services[0];
  db.name = "db";
  s.system.services.push_back(db);
  Call call;
  call.to = 1;
  s.system.services[0].calls.push_back(call);
  WorkloadSpec fixed;
  fixed.name = "db";
  fixed.service = 1;
  fixed.fixed = true;
  fixed.replicas = 2;
  s.workloads.push_back(fixed);
  Fixture f(s);
  ASSERT_TRUE(f.system.deploy());
  f.create_pod("a");
  f.set_status("a", true);
  EXPECT_EQ(f.system.workload("db").state().ready, 2);
  f.time.run_until(f.night.start);
  f.system.begin();
  f.engine->finish();

  EXPECT_EQ(f.engine->totals().succeeded, 6000U);
  EXPECT_EQ(f.engine->services().at(1).answered, 6000U);
  EXPECT_FALSE(f.store.get(kDeployments, {"default", "db"}));
}

}  // namespace
}  // namespace sim
