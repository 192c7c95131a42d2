// The kubelets of all nodes: they start the containers of bound pods, probe their readiness and end them.
//
// Single-threaded; owned by the Cluster. Containers never fail.
#pragma once

#include <map>
#include <string>

#include "common/base/clock.h"
#include "common/base/metrics.h"
#include "common/base/random.h"
#include "fake-apiserver/controllers/cluster_options.h"
#include "fake-apiserver/controllers/event_recorder.h"
#include "fake-apiserver/controllers/node_table.h"
#include "fake-apiserver/controllers/pod_cache.h"
#include "fake-apiserver/controllers/timers.h"

namespace fakeapi {

// When a probe first sees an application that is up from `up` on, in a container that runs since `started`: at the
// first of started + initial_delay + k * period that is not before `up`.
base::Time first_success(const ReadinessProbe& probe, base::Time started, base::Time up);

class Kubelet {
 public:
  // The n-th pod of an owner draws its delays from streams of that number alone: with the same `random`, policies
  // that start pods at different moments still see the same delays in the same order.
  Kubelet(PodStartOptions options, ObjectStore& store, base::Clock& clock, base::Random random, PodCache& pods,
          NodeTable& nodes, EventRecorder& events, base::Metrics& metrics);

 private:
  struct Life {
    ObjectName name;
    std::string uid;
    base::Duration container_delay{};
    base::Duration boot{};
    base::Time started{};  // of the containers, exact
    bool acknowledged = false;
    bool ending = false;
    Timers::Token timer = 0;
  };
  using Step = void (Kubelet::*)(Life&);

  void on_pod(const Pod* before, const Pod* after);
  void begin(const Pod& pod);
  void resume(const Pod& pod, Life& life);
  base::Duration draw(const Delay& delay, const char* stream, const Pod& pod) const;
  // Runs `step` of the pod after `delay`, instead of what was planned before.
  void plan(Life& life, base::Duration delay, Step step);
  void acknowledge(Life& life);
  void start_containers(Life& life);
  void become_ready(Life& life);
  void stop(Life& life);
  void remove(Life& life);
  void evict_from(const std::string& node);

  base::Duration until_ready(const Life& life) const;
  std::optional<ReadinessProbe> probe_of(const Json& pod) const;
  bool write_status(Life& life, const std::function<void(Json& pod, Json& status)>& change);
  void tell(const Life& life, const std::function<void(const Json& pod, const std::string& node)>& what);
  std::string next_pod_address();

  const PodStartOptions options_;
  ObjectStore& store_;
  base::Clock& clock_;
  const base::Random random_;
  PodCache& pods_;
  NodeTable& nodes_;
  EventRecorder& events_;
  base::Metrics& metrics_;
  std::map<std::string, Life> lives_;  // by uid
  std::uint32_t addresses_ = 0;
  Timers timers_;
};

}  // namespace fakeapi
