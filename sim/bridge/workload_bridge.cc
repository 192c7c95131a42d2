#include "sim/bridge/workload_bridge.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "common/base/number_format.h"
#include "common/kube/quantity.h"

namespace sim {
namespace {

using fakeapi::EventType;
using fakeapi::Json;
using fakeapi::Resource;

const Resource kDeployments{"apps", "deployments"};
const Resource kPods{"", "pods"};
const Resource kNodes{"", "nodes"};
constexpr std::uint64_t kMemoryBytes = 200ULL << 20;  // of every pod: nothing scales by memory yet

std::string cores(double n) { return kube::format_milli(std::llround(n * 1000)); }

Json deployment(const Scenario& scenario) {
  const WorkloadSpec& w = scenario.workload;
  const Json labels = {{"app", w.name}};
  Json container = {{"name", w.name}, {"image", w.name + ":1"}};
  if (w.cpu_request > 0) container["resources"]["requests"]["cpu"] = cores(w.cpu_request);
  if (w.cpu_limit) container["resources"]["limits"]["cpu"] = cores(*w.cpu_limit);
  Json object = {{"apiVersion", "apps/v1"}, {"kind", "Deployment"}};
  object["metadata"] = {{"name", w.name}, {"namespace", w.ns}, {"labels", labels}};
  object["spec"]["replicas"] = w.replicas;
  object["spec"]["selector"]["matchLabels"] = labels;
  object["spec"]["template"]["metadata"]["labels"] = labels;
  object["spec"]["template"]["spec"]["containers"] = Json::array({container});
  return object;
}

bool condition_is_true(const Json& object, std::string_view type) {
  const auto status = object.find("status");
  if (status == object.end()) return false;
  const auto conditions = status->find("conditions");
  if (conditions == status->end()) return false;
  for (const Json& c : *conditions) {
    if (c.value("type", "") == type) return c.value("status", "") == "True";
  }
  return false;
}

bool is_running(const Json& pod) {
  const auto status = pod.find("status");
  return status != pod.end() && status->value("phase", "") == "Running";
}

bool is_deleting(const Json& object) { return object.at("metadata").contains("deletionTimestamp"); }

}  // namespace

WorkloadBridge::WorkloadBridge(const Scenario& scenario, fakeapi::ObjectStore& store, Engine& engine)
    : scenario_(scenario), workload_{scenario.workload.ns, scenario.workload.name}, store_(store), engine_(engine) {
  subscriptions_.push_back(store_.subscribe(kPods, [this](const fakeapi::StoreEvent& e) { on_pod(e); }));
  subscriptions_.push_back(store_.subscribe(kDeployments, [this](const fakeapi::StoreEvent& e) { on_deployment(e); }));
  subscriptions_.push_back(store_.subscribe(kNodes, [this](const fakeapi::StoreEvent& e) { on_node(e); }));
}

WorkloadBridge::~WorkloadBridge() {
  for (const auto id : subscriptions_) store_.unsubscribe(id);
}

base::Result<> WorkloadBridge::deploy() {
  const auto created = store_.create(kDeployments, deployment(scenario_));
  if (!created) return annotate(created.error(), "create the Deployment");
  return {};
}

void WorkloadBridge::begin() {
  begun_ = true;
  for (auto& [name, pod] : pods_) {
    if (pod.ready) enter(pod);
  }
}

void WorkloadBridge::on_deployment(const fakeapi::StoreEvent& event) {
  if (event.type == EventType::kDeleted || fakeapi::name_of(*event.object) != workload_) return;
  const int desired = event.object->at("spec").value("replicas", 1);
  const int direction = (desired > state_.desired) - (desired < state_.desired);
  state_.desired = desired;
  if (!begun_ || direction == 0) return;
  ++scale_events_;
  if (direction == -last_direction_) ++scale_reversals_;
  last_direction_ = direction;
}

void WorkloadBridge::on_node(const fakeapi::StoreEvent& event) {
  const bool was = event.previous && condition_is_true(*event.previous, "Ready");
  const bool is = event.type != EventType::kDeleted && condition_is_true(*event.object, "Ready");
  state_.nodes += int{is} - int{was};
}

void WorkloadBridge::on_pod(const fakeapi::StoreEvent& event) {
  const auto [ns, name] = fakeapi::name_of(*event.object);
  if (ns != scenario_.workload.ns) return;
  if (event.type == EventType::kDeleted) {
    const auto found = pods_.find(name);
    if (found == pods_.end()) return;
    set_ready(found->second, false);
    pods_.erase(found);
    --state_.pods;
    return;
  }
  const auto [found, is_new] = pods_.try_emplace(name);
  if (is_new) ++state_.pods;
  Pod& pod = found->second;
  const base::Time now = store_.clock().now();
  if (!pod.running_since && is_running(*event.object)) pod.running_since = pod.idle_since = now;
  set_ready(pod, condition_is_true(*event.object, "Ready") && !is_deleting(*event.object));
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

void WorkloadBridge::enter(Pod& pod) {
  const base::Time now = store_.clock().now();
  // A pod that comes back is a new one to the engine: what it held before is finished under its old number.
  if (pod.serving) {
    const Usage usage = engine_.usage(*pod.serving, ticks(now));
    pod.cpu_before += static_cast<std::uint64_t>(usage.cpu);
    pod.received_before += static_cast<double>(usage.received);
  } else {
    pod.cpu_before += idle_cpu(pod, now);
  }
  pod.serving = next_pod_++;
  pod.in_balancer = true;
  engine_.add_pod(*pod.serving, ticks(now));
}

void WorkloadBridge::leave(Pod& pod) {
  if (!pod.in_balancer) return;
  pod.in_balancer = false;
  engine_.remove_pod(*pod.serving, ticks(store_.clock().now()));
}

std::uint64_t WorkloadBridge::idle_cpu(const Pod& pod, base::Time at) const {
  return static_cast<std::uint64_t>(scenario_.engine.cpu.idle * static_cast<double>((at - pod.idle_since).count()));
}

std::optional<fakeapi::PodSample> WorkloadBridge::sample(const std::string& ns, const std::string& name,
                                                         base::Time at) {
  const auto found = pods_.find(name);
  if (ns != scenario_.workload.ns || found == pods_.end() || !found->second.running_since) return std::nullopt;
  const Pod& pod = found->second;
  fakeapi::PodSample sample;
  sample.cpu_nanoseconds = pod.cpu_before;
  sample.memory_bytes = kMemoryBytes;
  double received = pod.received_before;
  if (pod.serving) {
    const Usage usage = engine_.usage(*pod.serving, ticks(at));
    sample.cpu_nanoseconds += static_cast<std::uint64_t>(usage.cpu);
    received += static_cast<double>(usage.received);
  } else {
    sample.cpu_nanoseconds += idle_cpu(pod, at);
  }
  sample.rates["requests_per_second"] = received;
  return sample;
}

}  // namespace sim
