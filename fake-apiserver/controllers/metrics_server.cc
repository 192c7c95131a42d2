#include "fake-apiserver/controllers/metrics_server.h"

#include <cmath>
#include <set>
#include <utility>

#include "fake-apiserver/controllers/object_fields.h"

namespace fakeapi {
namespace {

bool runs(const Pod* pod) { return pod && pod->phase == PodPhase::kRunning; }

std::string first_container(const Pod& pod) {
  const Json* containers = field_at(*pod.object, {"spec", "containers"});
  if (!containers || !containers->is_array() || containers->empty()) return "";
  return text_at(containers->front(), {"name"});
}

PodSample idle_sample(base::Duration age) {
  constexpr double kCores = 0.020;
  constexpr std::uint64_t kMemory = 50ULL * 1024 * 1024;
  return PodSample{.cpu_nanoseconds = static_cast<std::uint64_t>(static_cast<double>(age.count()) * kCores),
                   .memory_bytes = kMemory,
                   .rates = {}};
}

}  // namespace

MetricsServer::MetricsServer(base::Duration resolution, base::Clock& clock, PodCache& pods, NodeTable& nodes,
                             PodSampler* sampler)
    : resolution_(resolution),
      clock_(clock),
      nodes_(nodes),
      sampler_(sampler),
      next_round_(clock.now() + resolution),
      timers_(clock) {
  pods.listen([this](const Pod* before, const Pod* after) { on_pod(before, after); });
  timers_.call_at(next_round_, [this] { round(); });
}

void MetricsServer::on_pod(const Pod* before, const Pod* after) {
  if (!runs(after)) {
    if (runs(before)) tracked_.erase(before->name);
    return;
  }
  const auto [at, added] = tracked_.try_emplace(after->name);
  Tracked& tracked = at->second;
  const bool restarted = !added && after->restarts != tracked.restarts;
  if (!added && !restarted) return;
  tracked = Tracked{};
  // The start that is seen as it happens is exact; the object tells whole seconds only.
  tracked.started = before && !restarted ? clock_.now() : after->running_since;
  tracked.restarts = after->restarts;
  tracked.container = first_container(*after);
  tracked.node = after->node;
}

void MetricsServer::round() {
  const base::Time now = clock_.now();
  last_round_ = now;
  next_round_ += resolution_;
  timers_.call_at(next_round_, [this] { round(); });
  for (auto& [name, pod] : tracked_) {
    if (auto taken = sample(name, pod, now)) {
      add_sample(pod, Point{now, std::move(*taken)});
    } else {
      pod.last.reset();  // not seen this time: it begins anew with two samples
      pod.window = {};
    }
  }
}

std::optional<PodSample> MetricsServer::sample(const ObjectName& name, const Tracked& pod, base::Time now) {
  return sampler_ ? sampler_->sample(name.ns, name.name, now) : idle_sample(now - pod.started);
}

void MetricsServer::add_sample(Tracked& pod, Point point) {
  // A container that started since the last round has used nothing at its start: that is its first sample.
  const bool fresh = !pod.last && pod.started < point.at && point.at - pod.started <= resolution_;
  const Point before = pod.last ? std::move(*pod.last) : Point{pod.started, {}};
  const bool reset = point.sample.cpu_nanoseconds < before.sample.cpu_nanoseconds;
  pod.window = {};
  pod.rates.clear();
  if ((pod.last || fresh) && !reset) {
    pod.window = point.at - before.at;
    const double used = static_cast<double>(point.sample.cpu_nanoseconds - before.sample.cpu_nanoseconds);
    pod.cpu_nanocores = static_cast<std::uint64_t>(std::llround(used / base::seconds(pod.window)));
    for (const auto& [metric, count] : point.sample.rates) {
      const auto earlier = before.sample.rates.find(metric);
      if (earlier == before.sample.rates.end() && !fresh) continue;
      const double from = earlier == before.sample.rates.end() ? 0 : earlier->second;
      if (count >= from) pod.rates[metric] = (count - from) / base::seconds(pod.window);
    }
    for (const auto& [metric, value] : point.sample.gauges) pod.rates[metric] = value;
  }
  pod.last = std::move(point);
}

std::vector<std::pair<const ObjectName*, const MetricsServer::Tracked*>> MetricsServer::with_rates(
    const std::string& ns) const {
  std::vector<std::pair<const ObjectName*, const Tracked*>> pods;
  auto at = ns.empty() ? tracked_.begin() : tracked_.lower_bound(ObjectName{ns, ""});
  for (; at != tracked_.end() && (ns.empty() || at->first.ns == ns); ++at) {
    if (at->second.window > base::Duration::zero()) pods.emplace_back(&at->first, &at->second);
  }
  return pods;
}

std::vector<PodMetrics> MetricsServer::pod_metrics(const std::string& ns) {
  std::vector<PodMetrics> result;
  for (const auto& [name, pod] : with_rates(ns)) {
    PodMetrics& metrics = result.emplace_back();
    metrics.ns = name->ns;
    metrics.name = name->name;
    metrics.timestamp = pod->last->at;
    metrics.window = pod->window;
    metrics.containers.push_back(ContainerUsage{
        .name = pod->container, .cpu_nanocores = pod->cpu_nanocores, .memory_bytes = pod->last->sample.memory_bytes});
  }
  return result;
}

std::vector<NodeMetrics> MetricsServer::node_metrics() {
  std::vector<NodeMetrics> result;
  if (!last_round_) return result;
  std::map<std::string, NodeMetrics> by_node;
  for (const auto& [name, node] : nodes_.all()) {
    if (!node.ready) continue;
    by_node[name] = NodeMetrics{
        .name = name, .timestamp = *last_round_, .window = resolution_, .cpu_nanocores = 0, .memory_bytes = 0};
  }
  for (const auto& [name, pod] : with_rates("")) {
    const auto node = by_node.find(pod->node);
    if (node == by_node.end()) continue;
    node->second.cpu_nanocores += pod->cpu_nanocores;
    node->second.memory_bytes += pod->last->sample.memory_bytes;
  }
  for (auto& [name, metrics] : by_node) result.push_back(std::move(metrics));
  return result;
}

std::vector<PodMetricValue> MetricsServer::pod_values(const std::string& ns, const std::string& metric) {
  std::vector<PodMetricValue> result;
  for (const auto& [name, pod] : with_rates(ns)) {
    const auto rate = pod->rates.find(metric);
    if (rate == pod->rates.end()) continue;
    result.push_back(PodMetricValue{
        .ns = name->ns, .pod = name->name, .timestamp = pod->last->at, .window = pod->window, .value = rate->second});
  }
  return result;
}

std::vector<std::string> MetricsServer::pod_value_names() {
  std::set<std::string> names;
  for (const auto& [name, pod] : with_rates("")) {
    for (const auto& [metric, rate] : pod->rates) names.insert(metric);
  }
  return {names.begin(), names.end()};
}

}  // namespace fakeapi
