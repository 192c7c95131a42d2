#include "fake-apiserver/controllers/kubelet.h"

#include <algorithm>

#include "fake-apiserver/controllers/object_fields.h"
#include "fake-apiserver/controllers/pod_status.h"
#include "fake-apiserver/controllers/resources.h"

namespace fakeapi {
namespace {

constexpr const char* kName = "kubelet";

bool is_bound(const Pod* pod) { return pod && !pod->node.empty() && !pod->finished(); }

}  // namespace

base::Time first_success(const ReadinessProbe& probe, base::Time started, base::Time up) {
  const base::Time first = started + probe.initial_delay;
  if (up <= first) return first;
  if (probe.period <= base::Duration::zero()) return up;
  const auto periods = (up - first + probe.period - base::Duration(1)) / probe.period;
  return first + periods * probe.period;
}

Kubelet::Kubelet(PodStartOptions options, ObjectStore& store, base::Clock& clock, base::Random random, PodCache& pods,
                 NodeTable& nodes, EventRecorder& events, base::Metrics& metrics)
    : options_(std::move(options)),
      store_(store),
      clock_(clock),
      random_(random),
      pods_(pods),
      nodes_(nodes),
      events_(events),
      metrics_(metrics),
      timers_(clock) {
  pods.listen([this](const Pod* before, const Pod* after) { on_pod(before, after); });
  nodes.on_removal([this](const Node& node) {
    timers_.call_after(base::Duration::zero(), [this, name = node.name] { evict_from(name); });
  });
}

void Kubelet::on_pod(const Pod* before, const Pod* after) {
  if (!after || after->finished()) {
    const auto found = lives_.find(after ? after->uid : before->uid);
    if (found == lives_.end()) return;
    timers_.cancel(found->second.timer);
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
    plan(known->second, base::Duration::zero(), &Kubelet::stop);
  }
}

void Kubelet::begin(const Pod& pod) {
  Life& life = lives_[pod.uid];
  life.name = pod.name;
  life.uid = pod.uid;
  life.container_delay = draw(options_.container_delay, "kubelet/container", pod);
  life.boot = draw(options_.boot, "kubelet/boot", pod);
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
  life.acknowledged = true;
  life.started = pod.running_since;
  if (!pod.ready) plan(life, until_ready(life), &Kubelet::become_ready);
}

base::Duration Kubelet::draw(const Delay& delay, const char* stream, const Pod& pod) const {
  return delay.draw(random_.fork(stream).fork(pod.name.ns + "/" + pod.owner_name).fork(pod.owner_ordinal));
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
  life.acknowledged = true;
  const base::Duration delay = life.container_delay;
  if (write_status(
          life, [&](Json& object, Json& status) { pod_status::acknowledge(object, status, host_ip, clock_.now()); })) {
    plan(life, delay, &Kubelet::start_containers);
  }
}

void Kubelet::start_containers(Life& life) {
  life.started = clock_.now();
  const base::Duration wait = until_ready(life);
  const std::string address = next_pod_address();
  const bool written = write_status(life, [&](Json& object, Json& status) {
    pod_status::run(object, status, address, clock_.now());
    if (wait <= base::Duration::zero()) pod_status::become_ready(status, clock_.now());
  });
  if (!written) return;
  metrics_.increment("fakeapi_kubelet_started_pods_total", "Pods whose containers were started.");
  tell(life, [this](const Json& pod, const std::string& node) {
    const Json reference = reference_to(pod, "v1", "Pod");
    const Json* containers = field_at(pod, {"spec", "containers"});
    if (!containers || !containers->is_array()) return;
    for (const Json& container : *containers) {
      const std::string name = text_at(container, {"name"});
      const std::string image = text_at(container, {"image"});
      events_.normal(reference, kName, "Pulled", "Container image \"" + image + "\" already present on machine", node);
      events_.normal(reference, kName, "Created", "Created container " + name, node);
      events_.normal(reference, kName, "Started", "Started container " + name, node);
    }
  });
  if (wait > base::Duration::zero()) plan(life, wait, &Kubelet::become_ready);
}

void Kubelet::become_ready(Life& life) {
  (void)write_status(life, [&](Json&, Json& status) { pod_status::become_ready(status, clock_.now()); });
}

void Kubelet::stop(Life& life) {
  const Pod* pod = pods_.find(life.name);
  if (!pod) return;
  const auto grace = std::chrono::seconds(int_at(*pod->object, {"metadata", "deletionGracePeriodSeconds"}));
  const bool has_containers = life.started != base::Time{};
  if (has_containers) {
    tell(life, [this](const Json& object, const std::string& node) {
      const Json* containers = field_at(object, {"spec", "containers"});
      if (!containers || !containers->is_array()) return;
      for (const Json& container : *containers) {
        events_.normal(reference_to(object, "v1", "Pod"), kName, "Killing",
                       "Stopping container " + text_at(container, {"name"}), node);
      }
    });
  }
  // What never ran has nothing to finish.
  const base::Duration drain =
      has_containers ? std::min<base::Duration>(grace, options_.termination_delay) : base::Duration::zero();
  plan(life, drain, &Kubelet::remove);
}

void Kubelet::remove(Life& life) {
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
  const Pod* pod = pods_.find(life.name);
  const base::Time up = life.started + life.boot;
  const auto probe = pod ? probe_of(*pod->object) : std::nullopt;
  return (probe ? first_success(*probe, life.started, up) : up) - clock_.now();
}

std::optional<ReadinessProbe> Kubelet::probe_of(const Json& pod) const {
  if (options_.readiness_probe) return options_.readiness_probe;
  const Json* containers = field_at(pod, {"spec", "containers"});
  if (!containers || !containers->is_array()) return std::nullopt;
  for (const Json& container : *containers) {
    const Json* probe = field_at(container, {"readinessProbe"});
    if (!probe) continue;
    return ReadinessProbe{.initial_delay = std::chrono::seconds(int_at(*probe, {"initialDelaySeconds"})),
                          .period = std::chrono::seconds(int_at(*probe, {"periodSeconds"}, 10))};
  }
  return std::nullopt;
}

bool Kubelet::write_status(Life& life, const std::function<void(Json& pod, Json& status)>& change) {
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
  what(*object, pod->node);
}

// 10.128.0.1 and on; unique for eight million pods.
std::string Kubelet::next_pod_address() {
  const std::uint32_t n = ++addresses_;
  return "10." + std::to_string(128 + (n >> 16) % 128) + "." + std::to_string((n >> 8) % 256) + "." +
         std::to_string(n % 256);
}

}  // namespace fakeapi
