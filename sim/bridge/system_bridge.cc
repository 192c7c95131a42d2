#include "sim/bridge/system_bridge.h"

#include <algorithm>

#include "common/base/check.h"

namespace sim {

SystemBridge::SystemBridge(const Scenario& scenario, fakeapi::ObjectStore& store, RequestEngine& engine)
    : engine_(engine), nodes_(scenario.cluster, store) {
  for (const WorkloadSpec& workload : scenario.workloads) {
    workloads_.push_back(std::make_unique<WorkloadBridge>(scenario, workload, store, engine, nodes_, next_pod_));
  }
}

base::Result<> SystemBridge::deploy() {
  for (const auto& workload : workloads_) {
    if (auto deployed = workload->deploy(); !deployed) return deployed;
  }
  return {};
}

void SystemBridge::begin() {
  for (const auto& workload : workloads_) workload->begin();
}

WorkloadBridge& SystemBridge::workload(const std::string& name) {
  for (const auto& workload : workloads_) {
    if (workload->workload().name == name) return *workload;
  }
  CHECK(false, "the loader knows every workload that an action names");
  return first();
}

int SystemBridge::pods() const {
  int sum = 0;
  for (const auto& workload : workloads_) {
    if (!workload->workload().fixed) sum += workload->state().pods;
  }
  return sum;
}

std::vector<SystemBridge::Failure> SystemBridge::take_failures() {
  std::vector<Failure> failures;
  for (const PodFailure& failure : engine_.take_failures()) {
    for (const auto& workload : workloads_) {
      const std::string name = workload->name_of(failure.pod);
      if (name.empty()) continue;
      workload->died(name);
      failures.push_back({workload->workload().ns, name, "OOMKilled"});
    }
  }
  return failures;
}

WorkloadBridge* SystemBridge::find(const std::string& ns, const std::string& pod) {
  for (const auto& workload : workloads_) {
    if (workload->workload().ns == ns && workload->has(pod)) return workload.get();
  }
  return nullptr;
}

std::optional<fakeapi::PodSample> SystemBridge::sample(const std::string& ns, const std::string& pod, base::Time at) {
  WorkloadBridge* const workload = find(ns, pod);
  return workload ? workload->sample(pod, at) : std::nullopt;
}

fakeapi::ProbeAnswer SystemBridge::probe(const std::string& ns, const std::string& pod, base::Time at) {
  WorkloadBridge* const workload = find(ns, pod);
  return workload ? workload->probe(pod, at) : fakeapi::ProbeAnswer{};
}

bool SystemBridge::drained(const std::string& ns, const std::string& pod, base::Time at) {
  WorkloadBridge* const workload = find(ns, pod);
  return !workload || workload->drained(pod, at);
}

}  // namespace sim
