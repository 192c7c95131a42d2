// Small nights and the cluster that they run in, without its controllers: tests make the pods themselves.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "common/base/virtual_time.h"
#include "sim/bridge/system_bridge.h"

namespace sim::testing {

inline const fakeapi::Resource kPods{"", "pods"};

// A night of 2026 on which requests come evenly; what serves them is added by add_service().
inline Scenario even_night(base::Duration duration) {
  Scenario night;
  night.name = "test";
  night.start = base::Time(std::chrono::sys_days(std::chrono::year(2026) / 1 / 1));
  night.duration = duration;
  night.system.arrivals.process = ArrivalOptions::Process::kDeterministic;
  night.system.duration = duration / std::chrono::nanoseconds(1);
  return night;
}

// A service of that name with an entry, a source of `rps` and a workload: `workers` in a pod, each request takes
// exactly `time`.
inline ServiceOptions& add_service(Scenario& night, const std::string& name, double rps, std::uint32_t workers,
                                   Ticks time) {
  const auto index = static_cast<ServiceIndex>(night.system.services.size());
  night.system.entries.push_back({name, {}, {Route{index}}, {}, 1.0});
  night.system.sources.push_back({{name, RateProfile::constant(rps)}, index});
  WorkloadSpec& workload = night.workloads.emplace_back();
  workload.name = name;
  workload.service = index;
  ServiceOptions& service = night.system.services.emplace_back();
  service.name = name;
  service.workers = workers;
  service.service = {ServiceTime::Distribution::kDeterministic, time, 0};
  return service;
}

struct BridgeWorld {
  // Which engine a night gets is decided above this folder.
  using EngineOf = std::unique_ptr<RequestEngine>(const Scenario& night);

  BridgeWorld(Scenario scenario, EngineOf engine_of) : night(std::move(scenario)), engine(engine_of(night)) {}

  Scenario night;
  base::VirtualTime time{night.start - std::chrono::minutes(1)};
  fakeapi::ObjectStore store{time, base::Random(1), fakeapi::StoreOptions{}};
  std::unique_ptr<RequestEngine> engine;
  SystemBridge system{night, store, *engine};

  void create_pod(const std::string& name, const std::string& app = "api", const std::string& node = "") {
    fakeapi::Json pod = {{"apiVersion", "v1"}, {"kind", "Pod"}};
    pod["metadata"] = {{"name", name}, {"namespace", "default"}, {"labels", {{"app", app}}}};
    if (!node.empty()) pod["spec"]["nodeName"] = node;
    ASSERT_TRUE(store.create(kPods, pod));
  }
  void set_status(const std::string& name, bool ready) {
    ASSERT_TRUE(
        store.update(kPods, {"default", name}, fakeapi::Part::kAll, [ready](fakeapi::Json& pod) -> base::Result<> {
          pod["status"]["phase"] = "Running";
          pod["status"]["conditions"] =
              fakeapi::Json::array({{{"type", "Ready"}, {"status", ready ? "True" : "False"}}});
          return {};
        }));
  }
  void create_ready_pod(const std::string& name, const std::string& app = "api") {
    create_pod(name, app);
    set_status(name, true);
  }
  void begin() {
    time.run_until(night.start);
    system.begin();
  }
};

}  // namespace sim::testing
