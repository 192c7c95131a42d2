// Joins one Deployment to its service in the request engine: pods that the cluster reports ready serve requests there,
// and the work that they do is what the cluster's metrics-server measures and its probes feel.
//
// Lives on the simulation's executor; owned by a SystemBridge. The engine is advanced before anything of it changes or
// is read, so batches of requests run between the control plane's events.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "fake-apiserver/controllers/pod_sampler.h"
#include "fake-apiserver/store/object_store.h"
#include "sim/bridge/node_watch.h"
#include "sim/metrics/lag_split.h"
#include "sim/scenario/scenario.h"
#include "sim/service/request_engine.h"

namespace sim {

class WorkloadBridge {
 public:
  // Numbers of pods in the engine, one counter for all workloads. All references must outlive this object.
  WorkloadBridge(const Scenario& scenario, const WorkloadSpec& workload, fakeapi::ObjectStore& store,
                 RequestEngine& engine, const NodeWatch& nodes, PodId& next_pod);
  ~WorkloadBridge();
  WorkloadBridge(const WorkloadBridge&) = delete;
  WorkloadBridge& operator=(const WorkloadBridge&) = delete;

  // Creates the Deployment, or begins the instances of a fixed workload. The cluster's controllers do the rest.
  base::Result<> deploy();

  // Traffic begins: from now on ready pods are in the balancer. REQUIRES: not before the engine's own start.
  void begin();

  struct State {
    int desired = 0;  // spec.replicas
    int ready = 0;    // in the balancer, or would be if traffic had begun
    int pods = 0;     // that exist
  };
  State state() const { return state_; }
  const WorkloadSpec& workload() const { return workload_; }

  // Changes of the Deployment's replicas since begin(), and how many of them went the other way than the one before.
  int scale_events() const { return scale_events_; }
  int scale_reversals() const { return scale_reversals_; }

  // How the pods that were created since begin() and became ready got there, in order of creation. Times since the
  // start of the night.
  std::vector<PodMoments> moments() const;

  // A new version of the template: the next image.
  base::Result<> roll_out();
  base::Result<> scale_to(int replicas);
  // From now on so large a share of the pods that exist, the oldest first, is slow or failing; 1.0 and 0.0 heal them.
  void fault(double share, double slowdown, double error_ratio);

  bool has(const std::string& pod) const { return pods_.count(pod) > 0; }
  // The name of the pod that has this number in the engine; empty if it is not of this workload, or was replaced.
  std::string name_of(PodId pod) const;
  // The pod's container has died in the engine: it serves no more under its number.
  void died(const std::string& pod);

  // The application's metrics are "requests_per_second": all attempts that reached the pod, turned away or not; and
  // what it holds now, as "requests_in_flight" and as "concurrency".
  std::optional<fakeapi::PodSample> sample(const std::string& pod, base::Time at);
  fakeapi::ProbeAnswer probe(const std::string& pod, base::Time at);
  bool drained(const std::string& pod, base::Time at);

  struct Traffic {
    double received = 0;  // attempts since the beginning
    double held = 0;      // requests now
  };
  // Of each pod whose container runs, by name.
  std::vector<std::pair<std::string, Traffic>> traffic_of_pods(base::Time at);
  // All together: what pods that are gone received, and what waits in front of the pods, too.
  Traffic traffic(base::Time at);

 private:
  struct Pod {
    std::string name;
    std::uint64_t number = 0;  // in order of creation
    std::optional<base::Time> running_since;
    bool ready = false;
    std::string node;
    std::uint32_t zone = 0;
    double weight = 1.0;
    double slowdown = 1.0;
    double error_ratio = 0.0;
    std::optional<PodId> serving;  // its number in the engine, while in the balancer or draining
    bool in_balancer = false;
    base::Time idle_since{};       // while not serving: when cpu_before was last brought up to date
    std::uint64_t cpu_before = 0;  // core nanoseconds used before it began to serve
    double received_before = 0;
  };
  Traffic traffic_of(const Pod& pod, base::Time at);

  const ServiceOptions& service() const { return scenario_.system.services[workload_.service]; }
  Ticks ticks(base::Time t) const { return (t - scenario_.start).count(); }
  Ticks now() const { return ticks(store_.clock().now()); }
  void on_pod(const fakeapi::StoreEvent& event);
  void on_pod_gone(const std::string& name);
  void on_deployment(const fakeapi::StoreEvent& event);
  void follow_start(const Pod& pod, bool running, bool ready);
  void set_ready(Pod& pod, bool ready);
  void enter(Pod& pod);
  void leave(Pod& pod);
  void kill(Pod& pod);
  PodTraits traits(const Pod& pod) const;
  std::uint64_t idle_cpu(const Pod& pod, base::Time at) const;

  const Scenario& scenario_;
  const WorkloadSpec& workload_;
  const fakeapi::ObjectName name_;
  fakeapi::ObjectStore& store_;
  RequestEngine& engine_;
  const NodeWatch& nodes_;
  PodId& next_pod_;
  // By number, of the pods created since begin(); `ready` has a value for those that became so.
  struct Start {
    base::Duration created{};
    std::optional<base::Duration> node, scheduled, started, ready;
  };
  std::map<std::uint64_t, Start> starts_;
  std::map<std::string, Pod> pods_;     // by name
  std::map<PodId, std::string> names_;  // of what serves or drains in the engine, and was not killed
  std::vector<fakeapi::ObjectStore::SubscriptionId> subscriptions_;
  State state_;
  double received_by_gone_ = 0;  // by pods that are gone
  bool begun_ = false;
  std::uint64_t created_ = 0;
  std::uint64_t rollouts_ = 0;
  int scale_events_ = 0;
  int scale_reversals_ = 0;
  int last_direction_ = 0;
};

}  // namespace sim
