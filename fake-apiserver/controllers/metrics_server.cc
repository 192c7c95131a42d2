#include "fake-apiserver/controllers/metrics_server.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

#include "fake-apiserver/controllers/object_fields.h"
#include "fake-apiserver/controllers/resource_quantity.h"

namespace fakeapi {
namespace {

bool runs(const Pod* pod) { return pod && pod->phase == PodPhase::kRunning; }

// What the kubelet's own rate is taken over.
constexpr base::Duration kRateOver = std::chrono::seconds(10);

std::vector<std::string> container_names(const Pod& pod) {
  std::vector<std::string> names;
  const Json* containers = field_at(*pod.object, {"spec", "containers"});
  if (!containers || !containers->is_array()) return names;
  for (const Json& container : *containers) names.push_back(text_at(container, {"name"}));
  return names;
}

std::uint64_t usage_annotation(const Pod& pod, const char* name, int decimals, std::uint64_t otherwise) {
  const Json* text = field_at(*pod.object, {"metadata", "annotations", name});
  const auto quantity = text && text->is_string() ? whole_quantity(*text, decimals) : std::nullopt;
  constexpr std::int64_t kMost = std::int64_t{1} << 50;  // what is multiplied with times must not overflow
  return quantity && *quantity >= 0 && *quantity <= kMost ? static_cast<std::uint64_t>(*quantity) : otherwise;
}

}  // namespace

MetricsServer::MetricsServer(base::Duration resolution, base::Clock& clock, PodCache& pods, NodeTable& nodes,
                             PodSampler* sampler, std::optional<base::Duration> window)
    : resolution_(resolution),
      window_(window),
      clock_(clock),
      nodes_(nodes),
      sampler_(sampler),
      next_round_(clock.now() + resolution),
      background_(clock),
      timers_(background_) {
  pods.listen([this](const Pod* before, const Pod* after) { on_pod(before, after); });
  plan_round();
}

void MetricsServer::plan_round() {
  if (window_ && resolution_ > kRateOver) timers_.call_at(next_round_ - kRateOver, [this] { look_before_round(); });
  timers_.call_at(next_round_, [this] { round(); });
}

// The first of the two samples between which the rate is taken.
void MetricsServer::look_before_round() {
  const base::Time now = clock_.now();
  for (auto& [name, pod] : tracked_) {
    pod.looked_at = true;
    pod.look.reset();
    if (auto taken = sample(name, pod, now)) pod.look = Point{now, std::move(*taken)};
  }
}

void MetricsServer::read_usage(const Pod& pod, Tracked& tracked) {
  tracked.containers = container_names(pod);
  if (sampler_) {
    tracked.containers.resize(std::min<std::size_t>(1, tracked.containers.size()));
    return;
  }
  constexpr std::uint64_t kIdleMillicores = 20;
  constexpr std::uint64_t kIdleMemory = 50ULL * 1024 * 1024;
  tracked.idle_nanocores = usage_annotation(pod, kCpuAnnotation, 3, kIdleMillicores) * 1'000'000;
  tracked.idle_memory = usage_annotation(pod, kMemoryAnnotation, 0, kIdleMemory);
}

void MetricsServer::on_pod(const Pod* before, const Pod* after) {
  if (!runs(after)) {
    if (runs(before)) tracked_.erase(before->name);
    return;
  }
  const auto [at, added] = tracked_.try_emplace(after->name);
  Tracked& tracked = at->second;
  const bool restarted = !added && after->restarts != tracked.restarts;
  if (!added && !restarted) {
    if (!sampler_ && before && before->object != after->object) read_usage(*after, tracked);
    return;
  }
  tracked = Tracked{};
  // The start that is seen as it happens is exact; the object tells whole seconds only.
  tracked.started = before && !restarted ? clock_.now() : after->running_since;
  tracked.restarts = after->restarts;
  read_usage(*after, tracked);
  tracked.node = after->node;
}

void MetricsServer::round() {
  const base::Time now = clock_.now();
  last_round_ = now;
  next_round_ += resolution_;
  plan_round();
  for (auto& [name, pod] : tracked_) {
    if (std::exchange(pod.looked_at, false)) pod.last = std::exchange(pod.look, std::nullopt);
    if (auto taken = sample(name, pod, now)) {
      add_sample(pod, Point{now, std::move(*taken)});
    } else {
      pod.last.reset();  // not seen this time: it begins anew with two samples
      pod.window = {};
    }
  }
}

std::optional<PodSample> MetricsServer::sample(const ObjectName& name, const Tracked& pod, base::Time now) {
  if (sampler_) return sampler_->sample(name.ns, name.name, now);
  // The counter goes on from where it was: a rate that changes doesn't change the past.
  const double age = base::seconds(pod.last ? now - pod.last->at : now - pod.started);
  const double used = std::max(0.0, age) * static_cast<double>(pod.idle_nanocores);
  const std::uint64_t before = pod.last ? pod.last->sample.cpu_nanoseconds : 0;
  return PodSample{.cpu_nanoseconds = before + static_cast<std::uint64_t>(std::llround(used)),
                   .memory_bytes = pod.idle_memory,
                   .rates = {}};
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
    metrics.window = window_.value_or(pod->window);
    const std::uint64_t parts = std::max<std::uint64_t>(1, pod->containers.size());
    for (const std::string& container : pod->containers) {
      metrics.containers.push_back(ContainerUsage{.name = container,
                                                  .cpu_nanocores = pod->cpu_nanocores / parts,
                                                  .memory_bytes = pod->last->sample.memory_bytes / parts});
    }
  }
  return result;
}

std::vector<NodeMetrics> MetricsServer::node_metrics() {
  std::vector<NodeMetrics> result;
  if (!last_round_) return result;
  std::map<std::string, NodeMetrics> by_node;
  for (const auto& [name, node] : nodes_.all()) {
    if (!node.ready) continue;
    by_node[name] = NodeMetrics{.name = name,
                                .timestamp = *last_round_,
                                .window = window_.value_or(resolution_),
                                .cpu_nanocores = 0,
                                .memory_bytes = 0};
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
