// The kubelets of all nodes: they start the containers of bound pods, probe, restart and end them.
//
// Single-threaded; owned by the Cluster. The containers of a pod are one application: they start and end together,
// after its init containers, which run one by one.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "common/base/clock.h"
#include "common/base/metrics.h"
#include "common/base/random.h"
#include "fake-apiserver/controllers/cluster_options.h"
#include "fake-apiserver/controllers/event_recorder.h"
#include "fake-apiserver/controllers/image_pulls.h"
#include "fake-apiserver/controllers/node_table.h"
#include "fake-apiserver/controllers/pod_cache.h"
#include "fake-apiserver/controllers/pod_sampler.h"
#include "fake-apiserver/controllers/pod_status.h"
#include "fake-apiserver/controllers/prober.h"
#include "fake-apiserver/controllers/run_plan.h"
#include "fake-apiserver/controllers/run_so_far.h"
#include "fake-apiserver/controllers/timers.h"
#include "fake-apiserver/controllers/write_limit.h"

namespace fakeapi {

struct KubeletOptions {
  PodStartOptions pod_start;
  std::map<ObjectName, PodStartOptions> pod_start_of;  // by Deployment
  std::optional<ImagePullOptions> image_pull;
  ProbeTiming probe_timing = ProbeTiming::kAtOnce;
  std::vector<std::string> broken_images{};  // that no registry has
  // Of each kubelet's client. One that has to wait before it can tell what it does, does it then.
  std::optional<WriteRate> rate{};
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

  // The kubelet of a silent node reaches nobody: it neither starts nor ends pods until it is heard again.
  void set_silent(const std::string& node, bool silent);

 private:
  // A pod waits for one thing of each kind at a time.
  // The verdicts of probes have no timer of their own: they are only kept while the node is silent.
  enum Alarm { kNext, kEnd, kDeadline, kStatus, kAlarms, kReadinessVerdict, kLivenessVerdict };
  struct Life {
    ObjectName name;
    std::string uid;
    const PodStartOptions* options = nullptr;
    RunPlan plan;
    base::Duration container_delay{};
    base::Duration boot{};
    std::optional<double> probe_phase{};  // of a period
    std::size_t inits = 0;                // init containers that are done
    int failed_pulls = 0;                 // in a row, of the images that are needed next
    base::Time started{};                 // of the containers, exact
    base::Time answers{};  // when the application passes its probes: it is up, and its startup probe has seen it
    base::Time kill_at{};  // the end of the grace period
    std::optional<base::Time> asked_to_end{};  // by one before this kubelet
    base::Duration back_off{};
    std::uint64_t restarts = 0;  // seen by this kubelet
    bool running = false;
    bool ending = false;
    ObjectPtr told;  // the pod as this kubelet has last told of it
    std::array<Timers::Token, kAlarms> alarms{};
  };
  using Step = void (Kubelet::*)(Life&);
  struct Postponed {
    std::string uid;
    Alarm alarm;
    Step step;
  };
  using StatusChange = std::function<void(Json& pod, Json& status)>;
  using Message = std::function<std::string(const ContainerSpec&)>;

  void on_pod(const Pod* before, const Pod* after);
  void begin(const Pod& pod);
  // A pod that came to its node before this kubelet was there goes on where its status says that it is.
  void resume(const Pod& pod, Life& life, const RunSoFar& run);
  void resume_application(const Pod& pod, Life& life, const RunSoFar& run);
  void resume_start(Life& life, const RunSoFar& run);
  void forget(const std::string& uid);
  const PodStartOptions& options_for(const Pod& pod) const;
  base::Duration draw(const Delay& delay, const char* stream, const Pod& pod, std::uint64_t restarts) const;
  base::Random stream_of(const char* stream, const Pod& pod) const;
  // Runs `step` of the pod after `delay`, instead of what the alarm was set to before.
  void plan(Life& life, base::Duration delay, Step step, Alarm alarm = kNext);
  void ring(const std::string& uid, Step step, Alarm alarm);
  WriteLimit& limit_of(const std::string& node);

  void acknowledge(Life& life);
  void prepare(Life& life);
  void start_init(Life& life);
  void end_init(Life& life);
  void fail_pull(Life& life, const Pod& pod, const std::string& image);
  void back_off_pull(Life& life);
  base::Duration pull_images(const Pod& pod, const std::vector<ContainerSpec>& containers);
  std::vector<ContainerSpec> next_containers(const Life& life, const Json& pod) const;
  std::optional<std::string> broken_image(const std::vector<ContainerSpec>& containers) const;
  void start_containers(Life& life);
  void run_application(Life& life, const StatusChange& first);
  void start_again(Life& life);
  void pass_startup(Life& life);
  void fail_startup(Life& life);
  void become_ready(Life& life);
  void complete(Life& life);
  void exceed_deadline(Life& life);
  void finish(Life& life, const pod_status::ContainerEnd& containers, const pod_status::PodEnd& end);
  void stop(Life& life);
  void remove_when_drained(Life& life);
  void evict_from(const std::string& node);

  // What begins with the containers: startup, readiness and liveness, and their own end.
  void watch_containers(Life& life, bool ready);
  void await_readiness(Life& life, bool ready);
  void on_probe(const std::string& uid, const Prober::Result& result);
  void become_unready(Life& life);
  void fail_liveness(Life& life);
  // Instead of what was to happen at this alarm, once the node is heard again.
  void postpone(const std::string& node, const Postponed& step);
  void drop_postponed(const Life& life, Alarm alarm);
  bool end_run(Life& life, const std::string& reason, std::optional<int> exit_code);
  base::Duration until_ready(const Life& life) const;
  std::optional<ProbeOptions> probe_of(const Life& life, ProbeKind kind) const;
  static ProbeOptions with_phase(const Life& life, ProbeOptions probe);
  std::optional<ProbeOptions> probe_in_spec(const Life& life, const char* field) const;

  bool write_status(const Life& life, const StatusChange& change);
  // What others have made of the status is put right with the next sync.
  void note_status(Life& life, const Pod& before, const Pod& after);
  void put_status_right(Life& life);
  void tell(const Life& life, const char* reason, const std::vector<ContainerSpec>& containers, const Message& message,
            bool warning = false);
  void tell_containers(const Life& life, const char* reason, const Message& message, bool warning = false);
  void tell_start(const Life& life, const std::vector<ContainerSpec>& containers);
  std::string pod_address(const Json& pod, const std::string& host_ip);

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
  std::map<std::string, Life> lives_;         // by uid
  std::map<std::string, WriteLimit> limits_;  // by node; only if there is a rate
  const base::Time began_;
  bool writes_status_ = false;
  std::set<std::string> silent_;
  std::map<std::string, std::vector<Postponed>> postponed_;  // by node
  std::uint32_t addresses_ = 0;
  std::set<std::string> inherited_addresses_;  // of the pods that were there before this kubelet
  Timers timers_;
  Prober prober_;
};

}  // namespace fakeapi
