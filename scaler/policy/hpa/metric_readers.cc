#include <algorithm>

#include "scaler/policy/hpa/metric_proposals.h"
#include "scaler/policy/hpa/saturate.h"

namespace scaler {
namespace {

using Source = MetricSpec::Source;
using UsageMember = std::optional<std::int64_t> ContainerUsage::*;

// Null for a resource that the metrics API does not measure.
UsageMember usage_member(const std::string& resource) {
  if (resource == "cpu") return &ContainerUsage::cpu_milli;
  if (resource == "memory") return &ContainerUsage::memory_milli;
  return nullptr;
}

std::optional<std::int64_t> of_container(const PodUsage& pod, const std::string& container, UsageMember member) {
  const auto found = std::find_if(pod.containers.begin(), pod.containers.end(),
                                  [&](const ContainerUsage& c) { return c.name == container; });
  return found == pod.containers.end() ? std::nullopt : (*found).*member;
}

std::optional<std::int64_t> of_pod(const PodUsage& pod, UsageMember member) {
  if (pod.containers.empty()) return std::nullopt;
  std::int64_t sum = 0;
  for (const ContainerUsage& container : pod.containers) {
    const auto& value = container.*member;
    if (!value) return std::nullopt;
    sum = wrapping_add(sum, *value);
  }
  return sum;
}

base::Error nothing(const std::string& message) { return {base::ErrorCode::kUnavailable, message}; }

base::Result<MetricSamples> read_resource(const MetricSpec& metric, const Observation& observation) {
  const auto doing = [&] { return "unable to get metrics for resource " + metric.name; };
  if (!observation.resource_metrics) {
    return annotate(annotate(observation.resource_metrics.error(), "unable to fetch metrics from resource metrics API"),
                    doing());
  }
  if (observation.resource_metrics->empty()) {
    return nothing(doing() + ": no metrics returned from resource metrics API");
  }
  const UsageMember member = usage_member(metric.name);
  const bool one_container = metric.source == Source::kContainerResource;
  SampleCollector samples(observation.pods);
  for (const PodUsage& pod : *observation.resource_metrics) {
    if (!member) break;
    const auto value = one_container ? of_container(pod, metric.container, member) : of_pod(pod, member);
    if (value) samples.add(pod.pod, {*value, pod.timestamp, pod.window});
  }
  return samples.take();
}

base::Result<MetricSamples> read_custom(const MetricSpec& metric, const Observation& observation) {
  const auto doing = [&] { return "unable to get metric " + metric.name; };
  const auto found = observation.pod_metrics.find(need_of(metric));
  if (found == observation.pod_metrics.end()) return nothing(doing() + ": not read");
  if (!found->second) return annotate(found->second.error(), doing());
  if (found->second->empty()) return nothing(doing() + ": no metrics returned from custom metrics API");
  SampleCollector samples(observation.pods);
  for (const PodMetricValue& value : *found->second) {
    samples.add(value.pod, {value.value_milli, value.timestamp, value.window});
  }
  return samples.take();
}

}  // namespace

base::Result<MetricSamples> read_samples(const MetricSpec& metric, const Observation& observation) {
  switch (metric.source) {
    case Source::kResource:
    case Source::kContainerResource: return read_resource(metric, observation);
    case Source::kPods: return read_custom(metric, observation);
    case Source::kObject:
    case Source::kExternal:
    case Source::kUnknown: break;
  }
  return base::Error{base::ErrorCode::kInvalid, "metric " + metric.name + " has no values of pods"};
}

base::Result<std::vector<MetricValue>> read_values(const MetricSpec& metric, const Observation& observation) {
  const auto doing = [&] { return "unable to get metric " + metric.name; };
  if (metric.source == Source::kObject) {
    const auto found = observation.object_metrics.find(need_of(metric));
    if (found == observation.object_metrics.end()) return nothing(doing() + ": not read");
    if (!found->second) return annotate(found->second.error(), doing());
    return std::vector<MetricValue>{*found->second};
  }
  const auto found = observation.external_metrics.find(need_of(metric));
  if (metric.source != Source::kExternal || found == observation.external_metrics.end()) {
    return nothing(doing() + ": not read");
  }
  if (!found->second) return annotate(found->second.error(), doing());
  if (found->second->empty()) return nothing(doing() + ": no metrics returned from external metrics API");
  return *found->second;
}

}  // namespace scaler
