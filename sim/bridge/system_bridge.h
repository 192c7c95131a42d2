// Joins a scenario's workloads to the services of its request engine: one WorkloadBridge each, and what they share.
// Lives on the simulation's executor.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "fake-apiserver/controllers/pod_sampler.h"
#include "fake-apiserver/store/object_store.h"
#include "sim/bridge/node_watch.h"
#include "sim/bridge/workload_bridge.h"
#include "sim/scenario/scenario.h"
#include "sim/service/request_engine.h"

namespace sim {

class SystemBridge final : public fakeapi::PodSampler {
 public:
  // All must outlive this object.
  SystemBridge(const Scenario& scenario, fakeapi::ObjectStore& store, RequestEngine& engine);

  base::Result<> deploy();
  void begin();

  // In the scenario's order; the first is what it is about.
  const std::vector<std::unique_ptr<WorkloadBridge>>& workloads() const { return workloads_; }
  WorkloadBridge& workload(const std::string& name);
  WorkloadBridge& first() { return *workloads_.front(); }
  const WorkloadBridge& first() const { return *workloads_.front(); }
  int ready_nodes() const { return nodes_.ready_nodes(); }
  int pods() const;  // of all Deployments

  struct Failure {
    std::string ns;
    std::string pod;
    std::string reason;  // as Kubernetes names it: "OOMKilled"
  };
  // Containers that died by what their requests did, since the last call.
  std::vector<Failure> take_failures();

  std::optional<fakeapi::PodSample> sample(const std::string& ns, const std::string& pod, base::Time at) override;
  fakeapi::ProbeAnswer probe(const std::string& ns, const std::string& pod, base::Time at) override;
  bool drained(const std::string& ns, const std::string& pod, base::Time at) override;

 private:
  WorkloadBridge* find(const std::string& ns, const std::string& pod);

  RequestEngine& engine_;
  NodeWatch nodes_;
  PodId next_pod_ = 0;
  std::vector<std::unique_ptr<WorkloadBridge>> workloads_;
};

}  // namespace sim
