#include "fake-apiserver/controllers/kubelet.h"

#include <algorithm>
#include <utility>

#include "fake-apiserver/controllers/object_fields.h"
#include "fake-apiserver/controllers/pod_status.h"
#include "fake-apiserver/controllers/resources.h"

namespace fakeapi {
namespace {

constexpr const char* kName = "kubelet";
// The kubelet's defaults for CrashLoopBackOff.
constexpr base::Duration kFirstBackOff = std::chrono::seconds(10);
constexpr base::Duration kLongestBackOff = std::chrono::minutes(5);
constexpr base::Duration kForgiven = std::chrono::minutes(10);
constexpr base::Duration kDrainPoll = std::chrono::seconds(1);

bool is_bound(const Pod* pod) { return pod && !pod->node.empty() && !pod->finished(); }

// Calls `what` with the name and the image of each container.
template <class What>
void each_container(const Json& pod, What what) {
  const Json* containers = field_at(pod, {"spec", "containers"});
  if (!containers || !containers->is_array()) return;
  for (const Json& container : *containers) what(text_at(container, {"name"}), text_at(container, {"image"}));
}

// Of the Deployment whose ReplicaSet made the pod: <deployment>-<hash>.
std::string deployment_of(const Pod& pod) {
  const std::string hash = "-" + text_at(*pod.object, {"metadata", "labels", "pod-template-hash"});
  if (hash.size() == 1 || !pod.owner_name.ends_with(hash)) return pod.owner_name;
  return pod.owner_name.substr(0, pod.owner_name.size() - hash.size());
}

}  // namespace

Kubelet::Kubelet(KubeletOptions options, ObjectStore& store, base::Clock& clock, base::Random random,
                 PodSampler* sampler, PodCache& pods, NodeTable& nodes, EventRecorder& events, base::Metrics& metrics)
    : options_(std::move(options)),
      store_(store),
      clock_(clock),
      random_(random),
      sampler_(sampler),
      pods_(pods),
      nodes_(nodes),
      events_(events),
      metrics_(metrics),
      timers_(clock),
      prober_(clock, sampler, [this](const std::string& uid, const Prober::Result& result) { on_probe(uid, result); }) {
  if (options_.image_pull) pulls_.emplace(*options_.image_pull);
  pods.listen([this](const Pod* before, const Pod* after) { on_pod(before, after); });
  nodes.on_removal([this](const Node& node) {
    if (pulls_) pulls_->forget_node(node.name);
    timers_.call_after(base::Duration::zero(), [this, name = node.name] { evict_from(name); });
  });
}

void Kubelet::hold_initial_images() {
  if (!pulls_) return;
  for (const auto& [name, node] : nodes_.all()) pulls_->add_initial_node(name);
}

void Kubelet::on_pod(const Pod* before, const Pod* after) {
  if (!after || after->finished()) {
    const auto found = lives_.find(after ? after->uid : before->uid);
    if (found == lives_.end()) return;
    timers_.cancel(found->second.timer);
    prober_.stop(found->first);
    lives_.erase(found);
    return;
  }
  const auto known = lives_.find(after->uid);
  if (known == lives_.end()) {
    if (is_bound(after) || after->deleting) begin(*after);
    return;
  }
  if (after->deleting && !known->second.ending) {
    known->second.ending = true;
    prober_.stop(after->uid);
    plan(known->second, base::Duration::zero(), &Kubelet::stop);
  }
}

void Kubelet::begin(const Pod& pod) {
  Life& life = lives_[pod.uid];
  life.name = pod.name;
  life.uid = pod.uid;
  life.options = &options_for(pod);
  life.container_delay = draw(life.options->container_delay, "kubelet/container", pod, 0);
  life.boot = draw(life.options->boot, "kubelet/boot", pod, 0);
  if (pod.deleting) {
    life.ending = true;
    plan(life, base::Duration::zero(), &Kubelet::stop);
  } else if (pod.phase == PodPhase::kRunning) {
    resume(pod, life);
  } else {
    plan(life, base::Duration::zero(), &Kubelet::acknowledge);
  }
}

// A pod that ran before this kubelet was there.
void Kubelet::resume(const Pod& pod, Life& life) {
  life.started = pod.running_since;
  life.running = true;
  await_readiness(life, pod.ready);
}

const PodStartOptions& Kubelet::options_for(const Pod& pod) const {
  if (options_.pod_start_of.empty()) return options_.pod_start;
  const auto found = options_.pod_start_of.find(ObjectName{pod.name.ns, deployment_of(pod)});
  return found == options_.pod_start_of.end() ? options_.pod_start : found->second;
}

base::Duration Kubelet::draw(const Delay& delay, const char* stream, const Pod& pod, std::uint64_t restarts) const {
  const base::Random random = random_.fork(stream).fork(pod.name.ns + "/" + pod.owner_name).fork(pod.owner_ordinal);
  return delay.draw(restarts == 0 ? random : random.fork("restart").fork(restarts));
}

void Kubelet::plan(Life& life, base::Duration delay, Step step) {
  timers_.cancel(life.timer);
  life.timer = timers_.call_after(delay, [this, uid = life.uid, step] {
    const auto found = lives_.find(uid);
    if (found != lives_.end()) (this->*step)(found->second);
  });
}

void Kubelet::acknowledge(Life& life) {
  const Pod* pod = pods_.find(life.name);
  if (!pod) return;
  const Node* node = nodes_.find(pod->node);
  if (!node) return evict_from(pod->node);
  const std::string host_ip = node->address;
  const base::Duration delay = life.container_delay + (pulls_ ? pull_images(*pod) : base::Duration::zero());
  if (write_status(
          life, [&](Json& object, Json& status) { pod_status::acknowledge(object, status, host_ip, clock_.now()); })) {
    plan(life, delay, &Kubelet::start_containers);
  }
}

// How long the pod waits for its images.
base::Duration Kubelet::pull_images(const Pod& pod) {
  const base::Time now = clock_.now();
  base::Time done = now;
  const ObjectPtr object = pod.object;
  const std::string node = pod.node;
  each_container(*object, [&](const std::string&, const std::string& image) {
    const ImagePulls::Pull pull = pulls_->request(node, image, now);
    done = std::max(done, pull.done);
    if (!pull.started) return;
    metrics_.increment("fakeapi_kubelet_image_pulls_total", "Images pulled by nodes.");
    if (!events_.enabled()) return;
    events_.normal(reference_to(*object, "v1", "Pod"), kName, "Pulling", "Pulling image \"" + image + "\"", node);
  });
  return done - now;
}

void Kubelet::start_containers(Life& life) {
  life.started = clock_.now();
  life.running = true;
  const auto probe = probe_of(life, ProbeKind::kReadiness);
  const bool ready = !(probe && probe->does_work) && until_ready(life) <= base::Duration::zero();
  const std::string address = next_pod_address();
  const bool written = write_status(life, [&](Json& object, Json& status) {
    pod_status::run(object, status, address, clock_.now());
    if (ready) pod_status::become_ready(status, clock_.now());
  });
  if (!written) return;
  metrics_.increment("fakeapi_kubelet_started_pods_total", "Pods whose containers were started.");
  tell_start(life);
  await_readiness(life, ready);
}

// Either the one moment when a pod that always passes is seen Ready, or probes for as long as it runs.
void Kubelet::await_readiness(Life& life, bool ready) {
  const Prober::Subject subject{life.name, life.uid, life.started, life.started + life.boot};
  const auto readiness = probe_of(life, ProbeKind::kReadiness);
  if (readiness && readiness->does_work) {
    prober_.start(subject, ProbeKind::kReadiness, *readiness, ready);
  } else if (!ready) {
    plan(life, until_ready(life), &Kubelet::become_ready);
  }
  const auto liveness = probe_of(life, ProbeKind::kLiveness);
  if (liveness && liveness->does_work) prober_.start(subject, ProbeKind::kLiveness, *liveness, true);
}

void Kubelet::become_ready(Life& life) {
  (void)write_status(life, [&](Json&, Json& status) { pod_status::become_ready(status, clock_.now()); });
}

void Kubelet::become_unready(Life& life) {
  metrics_.increment("fakeapi_kubelet_unready_pods_total", "Pods that failed their readiness probe after passing it.");
  (void)write_status(life, [&](Json& pod, Json& status) { pod_status::become_unready(pod, status, clock_.now()); });
}

void Kubelet::on_probe(const std::string& uid, const Prober::Result& result) {
  const auto found = lives_.find(uid);
  if (found == lives_.end()) return;
  Life& life = found->second;
  const bool liveness = result.kind == ProbeKind::kLiveness;
  if (!result.passed) {
    metrics_.increment("fakeapi_kubelet_failed_probes_total", "Probes that an application failed.",
                       {{"probe", liveness ? "liveness" : "readiness"}});
    const std::string why = result.timed_out ? "context deadline exceeded" : "connection refused";
    tell_containers(
        life, "Unhealthy",
        [&](const auto&, const auto&) { return (liveness ? "Liveness" : "Readiness") + (" probe failed: " + why); },
        true);
  }
  if (!result.changes_verdict) return;
  if (!liveness) return result.passed ? become_ready(life) : become_unready(life);
  if (result.passed) return;
  tell_containers(life, "Killing", [](const std::string& name, const auto&) {
    return "Container " + name + " failed liveness probe, will be restarted";
  });
  restart(life.name, "Error");
}

bool Kubelet::restart(const ObjectName& name, const std::string& reason) {
  const Pod* pod = pods_.find(name);
  const auto found = pod ? lives_.find(pod->uid) : lives_.end();
  if (found == lives_.end() || !found->second.running || found->second.ending) return false;
  Life& life = found->second;
  const base::Time now = clock_.now();
  life.running = false;
  prober_.stop(life.uid);
  if (now - life.started >= kForgiven) life.back_off = base::Duration::zero();
  const base::Duration wait = life.back_off;
  life.back_off = std::min(kLongestBackOff, std::max(kFirstBackOff, 2 * life.back_off));
  metrics_.increment("fakeapi_kubelet_ended_containers_total", "Pods whose containers ended and are restarted.",
                     {{"reason", reason}});
  plan(life, std::max(wait, life.options->restart_delay), &Kubelet::start_again);
  const bool written = write_status(life, [&](Json& object, Json& status) {
    pod_status::end_containers(object, status, {.reason = reason, .started = life.started, .back_off = wait}, now);
  });
  if (written && wait > base::Duration::zero()) {
    tell_containers(
        life, "BackOff",
        [&](const std::string& container, const auto&) {
          return "Back-off restarting failed container " + container + " in pod " + name.name;
        },
        true);
  }
  return written;
}

void Kubelet::start_again(Life& life) {
  const Pod* pod = pods_.find(life.name);
  if (!pod) return;
  life.started = clock_.now();
  life.running = true;
  life.boot = draw(life.options->boot, "kubelet/boot", *pod, ++life.restarts);
  const bool written =
      write_status(life, [&](Json& object, Json& status) { pod_status::run_again(object, status, clock_.now()); });
  if (!written) return;
  tell_start(life);
  await_readiness(life, false);
}

void Kubelet::stop(Life& life) {
  const Pod* pod = pods_.find(life.name);
  if (!pod) return;
  const auto grace = std::chrono::seconds(int_at(*pod->object, {"metadata", "deletionGracePeriodSeconds"}));
  life.kill_at = clock_.now() + grace;
  // What does not run has nothing to finish.
  if (!life.running) return plan(life, base::Duration::zero(), &Kubelet::remove_when_drained);
  tell_containers(life, "Killing", [](const std::string& name, const auto&) { return "Stopping container " + name; });
  plan(life, std::min<base::Duration>(grace, life.options->termination_delay), &Kubelet::remove_when_drained);
}

void Kubelet::remove_when_drained(Life& life) {
  const base::Time now = clock_.now();
  const bool waits = life.running && now < life.kill_at && sampler_;
  if (waits && !sampler_->drained(life.name.ns, life.name.name, now)) {
    return plan(life, std::min(kDrainPoll, life.kill_at - now), &Kubelet::remove_when_drained);
  }
  const Preconditions same{.uid = life.uid, .resource_version = std::nullopt};
  const ObjectName name = life.name;  // `life` ends with the pod
  (void)store_.remove(resources::kPods, name, same, base::Duration::zero());
}

// The pod garbage collector: pods of a node that is gone go without grace.
void Kubelet::evict_from(const std::string& node) {
  const std::string name = node;
  if (nodes_.find(name)) return;
  std::vector<ObjectName> orphans;
  for (const Pod* pod : pods_.of_node(name)) orphans.push_back(pod->name);
  for (const ObjectName& orphan : orphans) {
    (void)store_.remove(resources::kPods, orphan, {}, base::Duration::zero());
  }
}

base::Duration Kubelet::until_ready(const Life& life) const {
  const base::Time up = life.started + life.boot;
  const auto probe = probe_of(life, ProbeKind::kReadiness);
  if (!probe) return up - clock_.now();
  const int more = std::max(0, probe->success_threshold - 1);
  return first_success(*probe, life.started, up) + more * probe->period - clock_.now();
}

std::optional<ProbeOptions> Kubelet::probe_of(const Life& life, ProbeKind kind) const {
  const bool readiness = kind == ProbeKind::kReadiness;
  const auto& option = readiness ? life.options->readiness_probe : life.options->liveness_probe;
  if (option) return option;
  const Pod* pod = pods_.find(life.name);
  const Json* containers = pod ? field_at(*pod->object, {"spec", "containers"}) : nullptr;
  if (!containers || !containers->is_array()) return std::nullopt;
  for (const Json& container : *containers) {
    const Json* probe = field_at(container, {readiness ? "readinessProbe" : "livenessProbe"});
    if (!probe) continue;
    const auto seconds = [&](const char* field, std::int64_t otherwise) {
      return std::chrono::seconds(int_at(*probe, {field}, otherwise));
    };
    return ProbeOptions{.initial_delay = seconds("initialDelaySeconds", 0),
                        .period = seconds("periodSeconds", 10),
                        .timeout = seconds("timeoutSeconds", 1),
                        .success_threshold = static_cast<int>(int_at(*probe, {"successThreshold"}, 1)),
                        .failure_threshold = static_cast<int>(int_at(*probe, {"failureThreshold"}, 3)),
                        .does_work = life.options->spec_probes_do_work};
  }
  return std::nullopt;
}

bool Kubelet::write_status(const Life& life, const std::function<void(Json& pod, Json& status)>& change) {
  const ObjectName name = life.name;
  const auto written = store_.update(resources::kPods, name, Part::kStatus, [&](Json& pod) -> base::Result<> {
    change(pod, object_in(pod, "status"));
    return {};
  });
  return written.has_value();
}

void Kubelet::tell(const Life& life, const std::function<void(const Json& pod, const std::string& node)>& what) {
  if (!events_.enabled()) return;
  const Pod* pod = pods_.find(life.name);
  if (!pod) return;
  const ObjectPtr object = pod->object;
  const std::string node = pod->node;
  what(*object, node);
}

void Kubelet::tell_containers(const Life& life, const char* reason,
                              const std::function<std::string(const std::string&, const std::string&)>& message,
                              bool warning) {
  tell(life, [&](const Json& pod, const std::string& node) {
    const Json reference = reference_to(pod, "v1", "Pod");
    each_container(pod, [&](const std::string& name, const std::string& image) {
      if (warning) {
        events_.warning(reference, kName, reason, message(name, image), node);
      } else {
        events_.normal(reference, kName, reason, message(name, image), node);
      }
    });
  });
}

void Kubelet::tell_start(const Life& life) {
  tell(life, [this](const Json& pod, const std::string& node) {
    const Json reference = reference_to(pod, "v1", "Pod");
    each_container(pod, [&](const std::string& name, const std::string& image) {
      events_.normal(reference, kName, "Pulled", "Container image \"" + image + "\" already present on machine", node);
      events_.normal(reference, kName, "Created", "Created container " + name, node);
      events_.normal(reference, kName, "Started", "Started container " + name, node);
    });
  });
}

// 10.128.0.1 and on; unique for eight million pods.
std::string Kubelet::next_pod_address() {
  const std::uint32_t n = ++addresses_;
  return "10." + std::to_string(128 + (n >> 16) % 128) + "." + std::to_string((n >> 8) % 256) + "." +
         std::to_string(n % 256);
}

}  // namespace fakeapi
