// The kubelets of all nodes: they start the containers of bound pods, probe, restart and end them.
//
// Single-threaded; owned by the Cluster. All containers of a pod are one application: they start and end together.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "common/base/clock.h"
#include "common/base/metrics.h"
#include "common/base/random.h"
#include "fake-apiserver/controllers/cluster_options.h"
#include "fake-apiserver/controllers/event_recorder.h"
#include "fake-apiserver/controllers/image_pulls.h"
#include "fake-apiserver/controllers/node_table.h"
#include "fake-apiserver/controllers/pod_cache.h"
#include "fake-apiserver/controllers/pod_sampler.h"
#include "fake-apiserver/controllers/prober.h"
#include "fake-apiserver/controllers/timers.h"

namespace fakeapi {

struct KubeletOptions {
  PodStartOptions pod_start;
  std::map<ObjectName, PodStartOptions> pod_start_of;  // by Deployment
  std::optional<ImagePullOptions> image_pull;
};

class Kubelet {
 public:
  // The n-th pod of an owner draws its delays from streams of that number alone: with the same `random`, policies
  // that start pods at different moments still see the same delays in the same order. `sampler` may be null.
  Kubelet(KubeletOptions options, ObjectStore& store, base::Clock& clock, base::Random random, PodSampler* sampler,
          PodCache& pods, NodeTable& nodes, EventRecorder& events, base::Metrics& metrics);

  // All nodes of now hold the initial images.
  void hold_initial_images();

  // See ClusterActions::restart_container().
  bool restart(const ObjectName& pod, const std::string& reason);

 private:
  struct Life {
    ObjectName name;
    std::string uid;
    const PodStartOptions* options = nullptr;
    base::Duration container_delay{};
    base::Duration boot{};
    base::Time started{};  // of the containers, exact
    base::Time kill_at{};  // the end of the grace period
    base::Duration back_off{};
    std::uint64_t restarts = 0;  // seen by this kubelet
    bool running = false;
    bool ending = false;
    Timers::Token timer = 0;
  };
  using Step = void (Kubelet::*)(Life&);

  void on_pod(const Pod* before, const Pod* after);
  void begin(const Pod& pod);
  void resume(const Pod& pod, Life& life);
  const PodStartOptions& options_for(const Pod& pod) const;
  base::Duration draw(const Delay& delay, const char* stream, const Pod& pod, std::uint64_t restarts) const;
  // Runs `step` of the pod after `delay`, instead of what was planned before.
  void plan(Life& life, base::Duration delay, Step step);
  void acknowledge(Life& life);
  base::Duration pull_images(const Pod& pod);
  void start_containers(Life& life);
  void start_again(Life& life);
  void become_ready(Life& life);
  void stop(Life& life);
  void remove_when_drained(Life& life);
  void evict_from(const std::string& node);

  void await_readiness(Life& life, bool ready);
  void on_probe(const std::string& uid, const Prober::Result& result);
  void become_unready(Life& life);
  base::Duration until_ready(const Life& life) const;
  std::optional<ProbeOptions> probe_of(const Life& life, ProbeKind kind) const;
  bool write_status(const Life& life, const std::function<void(Json& pod, Json& status)>& change);
  void tell(const Life& life, const std::function<void(const Json& pod, const std::string& node)>& what);
  // The same for each container by name and image.
  void tell_containers(const Life& life, const char* reason,
                       const std::function<std::string(const std::string&, const std::string&)>& message,
                       bool warning = false);
  void tell_start(const Life& life);
  std::string next_pod_address();

  const KubeletOptions options_;
  ObjectStore& store_;
  base::Clock& clock_;
  const base::Random random_;
  PodSampler* const sampler_;
  PodCache& pods_;
  NodeTable& nodes_;
  EventRecorder& events_;
  base::Metrics& metrics_;
  std::optional<ImagePulls> pulls_;
  std::map<std::string, Life> lives_;  // by uid
  std::uint32_t addresses_ = 0;
  Timers timers_;
  Prober prober_;
};

}  // namespace fakeapi
