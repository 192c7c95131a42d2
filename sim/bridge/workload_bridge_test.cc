#include "sim/bridge/workload_bridge.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "common/base/virtual_time.h"

namespace sim {
namespace {

using namespace std::chrono_literals;
using fakeapi::Json;
using fakeapi::Part;

const fakeapi::Resource kPods{"", "pods"};
const fakeapi::Resource kDeployments{"apps", "deployments"};

// One pod of two workers, 100 requests/s of exactly 10 ms each: half of its time is busy.
Scenario scenario() {
  Scenario s;
  s.name = "test";
  s.start = base::Time(std::chrono::sys_days(std::chrono::year(2026) / 1 / 1));
  s.duration = 1min;
  s.engine.sources.push_back({"all", RateProfile::constant(100)});
  s.engine.arrivals.process = ArrivalOptions::Process::kDeterministic;
  s.engine.workers = 2;
  s.engine.service = {ServiceTime::Distribution::kDeterministic, 10 * kMillisecond, 0};
  s.engine.cpu.per_request = 4 * kMillisecond;
  s.engine.cpu.idle = 0.02;
  s.engine.duration = 60 * kSecond;
  s.workload.name = "api";
  s.workload.replicas = 1;
  s.workload.cpu_request = 1;
  return s;
}

struct Fixture {
  Scenario night = scenario();
  base::VirtualTime time{night.start - 1min};
  fakeapi::ObjectStore store{time, base::Random(1), fakeapi::StoreOptions{}};
  Engine engine{night.engine, base::Random(1)};
  WorkloadBridge bridge{night, store, engine};

  void create_pod(const std::string& name) {
    Json pod = {{"apiVersion", "v1"}, {"kind", "Pod"}};
    pod["metadata"] = {{"name", name}, {"namespace", "default"}};
    ASSERT_TRUE(store.create(kPods, pod));
  }

  void set_status(const std::string& name, bool ready) {
    ASSERT_TRUE(store.update(kPods, {"default", name}, Part::kAll, [&](Json& pod) -> base::Result<> {
      pod["status"]["phase"] = "Running";
      pod["status"]["conditions"] = Json::array({{{"type", "Ready"}, {"status", ready ? "True" : "False"}}});
      return {};
    }));
  }
};

TEST(WorkloadBridgeTest, DeploysTheWorkloadAsTheScenarioSaysIt) {
  Fixture f;
  ASSERT_TRUE(f.bridge.deploy());

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
  f.bridge.begin();
  f.time.run_for(10s);
  f.set_status("a", false);
  f.time.run_for(10s);
  f.engine.finish();

  const Totals totals = f.engine.totals();
  EXPECT_EQ(totals.requests, 6000U);
  EXPECT_EQ(totals.succeeded, 1000U);
  EXPECT_EQ(totals.rejected, 5000U);
}

TEST(WorkloadBridgeTest, ADeletionTakesThePodOutAtOnce) {
  Fixture f;
  f.create_pod("a");
  f.set_status("a", true);
  f.time.run_until(f.night.start);
  f.bridge.begin();
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
  EXPECT_FALSE(f.bridge.sample("default", "a", f.time.now()));
  f.set_status("a", true);
  f.time.run_for(30s);

  const auto idle = f.bridge.sample("default", "a", f.time.now());
  ASSERT_TRUE(idle);
  EXPECT_NEAR(static_cast<double>(idle->cpu_nanoseconds), 0.02 * 30e9, 1);

  f.time.run_until(f.night.start);
  f.bridge.begin();
  f.time.run_for(10s);
  const auto busy = f.bridge.sample("default", "a", f.time.now());
  ASSERT_TRUE(busy);
  // A minute of idling before, then ten seconds of 100 requests of 4 ms beside the idling.
  EXPECT_NEAR(static_cast<double>(busy->cpu_nanoseconds), 0.02 * 70e9 + 1000 * 4e6, 1e7);
  EXPECT_NEAR(busy->rates.at("requests_per_second"), 1000, 1);
  EXPECT_FALSE(f.bridge.sample("default", "b", f.time.now()));
}

TEST(WorkloadBridgeTest, APodThatComesBackKeepsItsCounters) {
  Fixture f;
  f.create_pod("a");
  f.set_status("a", true);
  f.time.run_until(f.night.start);
  f.bridge.begin();
  f.time.run_for(10s);
  f.set_status("a", false);
  f.time.run_for(5s);
  f.set_status("a", true);
  f.time.run_for(10s);

  const auto sample = f.bridge.sample("default", "a", f.time.now());
  ASSERT_TRUE(sample);
  EXPECT_NEAR(sample->rates.at("requests_per_second"), 2000, 2);
  EXPECT_NEAR(static_cast<double>(sample->cpu_nanoseconds), 0.02 * 85e9 + 2000 * 4e6, 2e7);
}

TEST(WorkloadBridgeTest, CountsScalingsAndReversals) {
  Fixture f;
  ASSERT_TRUE(f.bridge.deploy());
  f.time.run_until(f.night.start);
  f.bridge.begin();
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

}  // namespace
}  // namespace sim
