// Joins the request engine to the cluster: pods that the cluster reports ready serve requests in the engine, and the
// work that they do there is what the cluster's metrics-server measures.
//
// Lives on the simulation's executor. The engine is advanced before anything of it changes or is read, so batches of
// requests run between the control plane's events.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "fake-apiserver/controllers/pod_sampler.h"
#include "fake-apiserver/store/object_store.h"
#include "sim/scenario/scenario.h"
#include "sim/service/engine.h"

namespace sim {

class WorkloadBridge final : public fakeapi::PodSampler {
 public:
  // All must outlive this object.
  WorkloadBridge(const Scenario& scenario, fakeapi::ObjectStore& store, Engine& engine);
  ~WorkloadBridge() override;

  // Creates the workload's Deployment. The cluster's controllers do the rest.
  base::Result<> deploy();

  // Traffic begins: from now on ready pods are in the balancer. REQUIRES: not before the engine's own start.
  void begin();

  struct State {
    int desired = 0;  // spec.replicas
    int ready = 0;    // in the balancer, or would be if traffic had begun
    int pods = 0;     // that exist
    int nodes = 0;    // Ready
  };
  State state() const { return state_; }

  // Changes of the Deployment's replicas since begin(), and how many of them went the other way than the one before.
  int scale_events() const { return scale_events_; }
  int scale_reversals() const { return scale_reversals_; }

  // The application's metric is "requests_per_second": all attempts that reached the pod, turned away or not.
  std::optional<fakeapi::PodSample> sample(const std::string& ns, const std::string& pod, base::Time at) override;

 private:
  struct Pod {
    std::optional<base::Time> running_since;
    bool ready = false;
    std::optional<PodId> serving;  // its number in the engine, while in the balancer or draining
    bool in_balancer = false;
    base::Time idle_since{};       // while not serving: when cpu_before was last brought up to date
    std::uint64_t cpu_before = 0;  // core nanoseconds used before it began to serve
    double received_before = 0;
  };

  Ticks ticks(base::Time t) const { return (t - scenario_.start).count(); }
  void on_pod(const fakeapi::StoreEvent& event);
  void on_deployment(const fakeapi::StoreEvent& event);
  void on_node(const fakeapi::StoreEvent& event);
  void set_ready(Pod& pod, bool ready);
  void enter(Pod& pod);
  void leave(Pod& pod);
  std::uint64_t idle_cpu(const Pod& pod, base::Time at) const;

  const Scenario& scenario_;
  const fakeapi::ObjectName workload_;
  fakeapi::ObjectStore& store_;
  Engine& engine_;
  std::map<std::string, Pod> pods_;  // of the workload's namespace, by name
  std::vector<fakeapi::ObjectStore::SubscriptionId> subscriptions_;
  State state_;
  bool begun_ = false;
  PodId next_pod_ = 0;
  int scale_events_ = 0;
  int scale_reversals_ = 0;
  int last_direction_ = 0;
};

}  // namespace sim
