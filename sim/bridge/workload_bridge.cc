#include "sim/bridge/workload_bridge.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "common/base/check.h"
#include "common/base/number_format.h"
#include "common/kube/quantity.h"
#include "sim/bridge/object_state.h"

namespace sim {
namespace {

using fakeapi::EventType;
using fakeapi::Json;
using fakeapi::Resource;

const Resource kDeployments{"apps", "deployments"};
const Resource kPods{"", "pods"};
// Of a pod whose scenario says nothing of memory.
constexpr std::uint64_t kMemoryBytes = 200ULL << 20;
constexpr const char* kRegionLabel = "topology.kubernetes.io/region";

std::string cores(double n) { return kube::format_milli(std::llround(n * 1000)); }
std::string bytes(double n) { return base::format_number(std::int64_t{std::llround(n)}); }

// Kubernetes takes a share as text and a number as number.
Json int_or_percent(const std::string& text) {
  if (text.ends_with('%')) return text;
  return base::parse_int64(text).value_or(0);
}

Json container_json(const WorkloadSpec& w) {
  Json container = {{"name", w.name}, {"image", w.name + ":1"}};
  if (w.cpu_request > 0) container["resources"]["requests"]["cpu"] = cores(w.cpu_request);
  if (w.cpu_limit) container["resources"]["limits"]["cpu"] = cores(*w.cpu_limit);
  if (w.memory_request > 0) container["resources"]["requests"]["memory"] = bytes(w.memory_request);
  if (w.memory_limit) container["resources"]["limits"]["memory"] = bytes(*w.memory_limit);
  return container;
}

Json deployment(const WorkloadSpec& w) {
  const Json labels = {{"app", w.name}};
  Json object = {{"apiVersion", "apps/v1"}, {"kind", "Deployment"}};
  object["metadata"] = {{"name", w.name}, {"namespace", w.ns}, {"labels", labels}};
  Json& spec = object["spec"];
  spec["replicas"] = w.replicas;
  spec["selector"]["matchLabels"] = labels;
  spec["strategy"]["type"] = "RollingUpdate";
  spec["strategy"]["rollingUpdate"] = {{"maxSurge", int_or_percent(w.max_surge)},
                                       {"maxUnavailable", int_or_percent(w.max_unavailable)}};
  spec["template"]["metadata"]["labels"] = labels;
  Json& pod = spec["template"]["spec"];
  pod["containers"] = Json::array({container_json(w)});
  pod["terminationGracePeriodSeconds"] = w.termination_grace / std::chrono::seconds(1);
  if (w.priority != 0) pod["priority"] = w.priority;
  if (!w.region.empty()) pod["nodeSelector"][kRegionLabel] = w.region;
  return object;
}

}  // namespace

WorkloadBridge::WorkloadBridge(const Scenario& scenario, const WorkloadSpec& workload, fakeapi::ObjectStore& store,
                               RequestEngine& engine, const NodeWatch& nodes, PodId& next_pod)
    : scenario_(scenario),
      workload_(workload),
      name_{workload.ns, workload.name},
      store_(store),
      engine_(engine),
      nodes_(nodes),
      next_pod_(next_pod) {
  if (workload.fixed) return;
  subscriptions_.push_back(store_.subscribe(kPods, [this](const fakeapi::StoreEvent& e) { on_pod(e); }));
  subscriptions_.push_back(store_.subscribe(kDeployments, [this](const fakeapi::StoreEvent& e) { on_deployment(e); }));
}

WorkloadBridge::~WorkloadBridge() {
  for (const auto id : subscriptions_) store_.unsubscribe(id);
}

base::Result<> WorkloadBridge::deploy() {
  if (workload_.fixed) {
    for (int i = 0; i < workload_.replicas; ++i) {
      Pod& pod = pods_[workload_.name + "-" + base::format_number(std::int64_t{i})];
      pod.name = workload_.name + "-" + base::format_number(std::int64_t{i});
      pod.number = created_++;
      pod.ready = true;
      pod.running_since = pod.idle_since = store_.clock().now();
    }
    state_ = {workload_.replicas, workload_.replicas, workload_.replicas};
    return {};
  }
  const auto created = store_.create(kDeployments, deployment(workload_));
  if (!created) return annotate(created.error(), "create the Deployment");
  return {};
}

void WorkloadBridge::begin() {
  begun_ = true;
  for (auto& [name, pod] : pods_) {
    if (pod.ready) enter(pod);
  }
}

base::Result<> WorkloadBridge::roll_out() {
  const std::string image = workload_.name + ":" + base::format_number(++rollouts_ + 1);
  const auto updated =
      store_.update(kDeployments, name_, fakeapi::Part::kAll, [&image](Json& object) -> base::Result<> {
        object["spec"]["template"]["spec"]["containers"][0]["image"] = image;
        return {};
      });
  if (!updated) return annotate(updated.error(), "roll out " + workload_.name);
  return {};
}

base::Result<> WorkloadBridge::scale_to(int replicas) {
  const auto updated =
      store_.update(kDeployments, name_, fakeapi::Part::kAll, [replicas](Json& object) -> base::Result<> {
        object["spec"]["replicas"] = replicas;
        return {};
      });
  if (!updated) return annotate(updated.error(), "scale " + workload_.name);
  return {};
}

void WorkloadBridge::fault(double share, double slowdown, double error_ratio) {
  std::vector<Pod*> oldest;
  for (auto& [name, pod] : pods_) oldest.push_back(&pod);
  std::sort(oldest.begin(), oldest.end(), [](const Pod* a, const Pod* b) { return a->number < b->number; });
  oldest.resize(static_cast<std::size_t>(std::llround(share * static_cast<double>(oldest.size()))));
  for (Pod* pod : oldest) {
    pod->slowdown = slowdown;
    pod->error_ratio = error_ratio;
    if (pod->in_balancer) engine_.change_pod(*pod->serving, now(), traits(*pod));
  }
}

std::string WorkloadBridge::name_of(PodId pod) const {
  const auto found = names_.find(pod);
  return found == names_.end() ? std::string() : found->second;
}

void WorkloadBridge::died(const std::string& name) {
  const auto found = pods_.find(name);
  if (found == pods_.end() || !found->second.serving) return;
  found->second.in_balancer = false;
  names_.erase(*found->second.serving);
}

void WorkloadBridge::on_deployment(const fakeapi::StoreEvent& event) {
  if (event.type == EventType::kDeleted || fakeapi::name_of(*event.object) != name_) return;
  const int desired = event.object->at("spec").value("replicas", 1);
  const int direction = (desired > state_.desired) - (desired < state_.desired);
  state_.desired = desired;
  if (!begun_ || direction == 0) return;
  ++scale_events_;
  if (direction == -last_direction_) ++scale_reversals_;
  last_direction_ = direction;
}

void WorkloadBridge::on_pod(const fakeapi::StoreEvent& event) {
  const auto [ns, name] = fakeapi::name_of(*event.object);
  if (ns != workload_.ns || app_of(*event.object) != workload_.name) return;
  if (event.type == EventType::kDeleted) {
    on_pod_gone(name);
    return;
  }
  const auto [found, is_new] = pods_.try_emplace(name);
  Pod& pod = found->second;
  if (is_new) {
    ++state_.pods;
    pod.name = name;
    pod.number = created_++;
    if (begun_) starts_[pod.number].created = store_.clock().now() - scenario_.start;
  }
  const base::Time at = store_.clock().now();
  pod.node = node_of(*event.object);
  pod.zone = nodes_.of_node(pod.node);
  pod.weight = nodes_.weight(pod.node);
  if (!pod.running_since && is_running(*event.object)) pod.running_since = pod.idle_since = at;
  // A container that ends, by its probe or for want of memory, takes with it what it holds.
  if (pod.serving && has_ended_container(*event.object)) kill(pod);
  const bool ready = condition_is_true(*event.object, "Ready") && !is_deleting(*event.object);
  follow_start(pod, pod.running_since.has_value(), ready);
  set_ready(pod, ready);
}

// What a pod still holds when it goes is lost: its node is gone, or its grace period was too short.
void WorkloadBridge::on_pod_gone(const std::string& name) {
  const auto found = pods_.find(name);
  if (found == pods_.end()) return;
  Pod& pod = found->second;
  if (pod.serving) kill(pod);
  set_ready(pod, false);
  received_by_gone_ += traffic_of(pod, store_.clock().now()).received;
  pods_.erase(found);
  --state_.pods;
}

void WorkloadBridge::follow_start(const Pod& pod, bool running, bool ready) {
  const auto found = starts_.find(pod.number);
  if (found == starts_.end() || found->second.ready) return;
  Start& start = found->second;
  const base::Duration at = store_.clock().now() - scenario_.start;
  if (!pod.node.empty() && !start.scheduled) {
    start.scheduled = at;
    const base::Duration node_ready = nodes_.ready_since(pod.node) - scenario_.start;
    if (node_ready > start.created) start.node = node_ready;
  }
  if (running && !start.started) start.started = at;
  if (ready) start.ready = at;
}

std::vector<PodMoments> WorkloadBridge::moments() const {
  std::vector<PodMoments> moments;
  for (const auto& [number, start] : starts_) {
    if (!start.ready) continue;
    moments.push_back({start.created, start.node, start.scheduled.value_or(start.created),
                       start.started.value_or(*start.ready), *start.ready});
  }
  return moments;
}

void WorkloadBridge::set_ready(Pod& pod, bool ready) {
  if (pod.ready == ready) return;
  pod.ready = ready;
  state_.ready += ready ? 1 : -1;
  if (!begun_) return;
  if (ready) {
    enter(pod);
  } else {
    leave(pod);
  }
}

PodTraits WorkloadBridge::traits(const Pod& pod) const {
  // An engine of pods that are all alike takes no traits.
  if (!engine_.kills()) return {};
  return {workload_.service, pod.zone, pod.weight, pod.slowdown, pod.error_ratio};
}

void WorkloadBridge::enter(Pod& pod) {
  const base::Time at = store_.clock().now();
  // A pod that comes back is a new one to the engine: what it held before is finished under its old number.
  if (pod.serving) {
    const Usage usage = engine_.usage(*pod.serving, ticks(at));
    pod.cpu_before += static_cast<std::uint64_t>(usage.cpu);
    pod.received_before += static_cast<double>(usage.received);
  } else {
    pod.cpu_before += idle_cpu(pod, at);
  }
  pod.serving = next_pod_++;
  pod.in_balancer = true;
  names_[*pod.serving] = pod.name;
  engine_.add_pod(*pod.serving, ticks(at), traits(pod));
}

void WorkloadBridge::leave(Pod& pod) {
  if (!pod.in_balancer) return;
  pod.in_balancer = false;
  engine_.remove_pod(*pod.serving, now());
}

void WorkloadBridge::kill(Pod& pod) {
  if (!engine_.kills()) {
    leave(pod);
    return;
  }
  pod.in_balancer = false;
  if (names_.erase(*pod.serving) > 0) engine_.kill_pod(*pod.serving, now());
}

std::uint64_t WorkloadBridge::idle_cpu(const Pod& pod, base::Time at) const {
  return static_cast<std::uint64_t>(service().cpu.idle * static_cast<double>((at - pod.idle_since).count()));
}

std::optional<fakeapi::PodSample> WorkloadBridge::sample(const std::string& name, base::Time at) {
  const auto found = pods_.find(name);
  if (found == pods_.end() || !found->second.running_since) return std::nullopt;
  const Pod& pod = found->second;
  const MemoryOptions& memory = service().memory;
  fakeapi::PodSample sample;
  sample.cpu_nanoseconds = pod.cpu_before;
  sample.memory_bytes = memory.base > 0 ? memory.base : kMemoryBytes;
  double received = pod.received_before;
  double held = 0;
  if (pod.serving) {
    const Usage usage = engine_.usage(*pod.serving, ticks(at));
    sample.cpu_nanoseconds += static_cast<std::uint64_t>(usage.cpu);
    if (usage.memory > 0) sample.memory_bytes = usage.memory;
    received += static_cast<double>(usage.received);
    held = engine_.load(*pod.serving, ticks(at)).held;
  } else {
    sample.cpu_nanoseconds += idle_cpu(pod, at);
  }
  sample.rates["requests_per_second"] = received;
  sample.gauges["concurrency"] = sample.gauges["requests_in_flight"] = held;
  return sample;
}

WorkloadBridge::Traffic WorkloadBridge::traffic_of(const Pod& pod, base::Time at) {
  Traffic traffic{pod.received_before, 0};
  if (!pod.serving) return traffic;
  const Load load = engine_.load(*pod.serving, ticks(at));
  traffic.received += static_cast<double>(load.received);
  traffic.held = load.held;
  return traffic;
}

std::vector<std::pair<std::string, WorkloadBridge::Traffic>> WorkloadBridge::traffic_of_pods(base::Time at) {
  std::vector<std::pair<std::string, Traffic>> all;
  for (const auto& [name, pod] : pods_) {
    if (pod.running_since) all.emplace_back(name, traffic_of(pod, at));
  }
  return all;
}

WorkloadBridge::Traffic WorkloadBridge::traffic(base::Time at) {
  Traffic sum{received_by_gone_, 0};
  for (const auto& [name, pod] : pods_) {
    const Traffic one = traffic_of(pod, at);
    sum.received += one.received;
    sum.held += one.held;
  }
  if (!begun_) return sum;
  engine_.advance_to(ticks(at));
  sum.held +=
      static_cast<double>(engine_.waiting_for_pods(workload_.service) + engine_.waiting_in_front(workload_.service));
  return sum;
}

fakeapi::ProbeAnswer WorkloadBridge::probe(const std::string& name, base::Time at) {
  const auto found = pods_.find(name);
  // Out of the balancer it has nothing to do but to answer, unless it works off what it got before.
  if (found == pods_.end() || !found->second.serving || names_.count(*found->second.serving) == 0) return {};
  const auto delay = engine_.probe(*found->second.serving, ticks(at));
  if (!delay) return {.after = std::nullopt};
  return {.after = base::Duration(*delay)};
}

bool WorkloadBridge::drained(const std::string& name, base::Time at) {
  const auto found = pods_.find(name);
  if (found == pods_.end() || !found->second.serving || !engine_.kills()) return true;
  return engine_.usage(*found->second.serving, ticks(at)).held == 0;
}

}  // namespace sim
