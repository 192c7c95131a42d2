#include "scaler/policy/hpa/pod_groups.h"

#include <algorithm>

#include "scaler/policy/hpa/saturate.h"

namespace scaler {
namespace {

enum class Group { kReady, kUnready, kMissing, kIgnored };

bool is_unready_for_cpu(const PodObservation& pod, const MetricSample& sample, const ReadinessOptions& options,
                        base::Time now) {
  if (!pod.ready || !pod.start_time) return true;
  const bool not_ready = *pod.ready == ConditionStatus::kFalse;
  if (*pod.start_time + options.cpu_initialization_period > now) {
    return not_ready || sample.timestamp < pod.ready_transition + sample.window;
  }
  // Past its initialization, only a pod that most likely never became ready is left out.
  return not_ready && *pod.start_time + options.initial_readiness_delay > pod.ready_transition;
}

Group group_of(const PodObservation& pod, const MetricSamples& samples, std::string_view resource,
               const ReadinessOptions& options, base::Time now) {
  if (pod.deleting || pod.phase == PodPhase::kFailed || pod.phase == PodPhase::kSucceeded) return Group::kIgnored;
  if (pod.phase == PodPhase::kPending) return Group::kUnready;
  const auto sample = samples.find(pod.name);
  if (sample == samples.end()) return Group::kMissing;
  if (resource == "cpu" && is_unready_for_cpu(pod, sample->second, options, now)) return Group::kUnready;
  return Group::kReady;
}

std::optional<std::int64_t> request_of(const ContainerObservation& container, std::string_view resource) {
  return resource == "cpu" ? container.cpu_request_milli : container.memory_request_milli;
}

base::Error invalid(std::string message) { return {base::ErrorCode::kInvalid, std::move(message)}; }

base::Error missing_request(std::string_view resource, const std::string& container, const std::string& pod) {
  return invalid("missing request for " + std::string(resource) + " in container " + container + " of Pod " + pod);
}

base::Result<std::int64_t> pod_level_request(const PodObservation& pod, std::string_view resource) {
  const auto& request = resource == "cpu" ? pod.pod_cpu_request_milli : pod.pod_memory_request_milli;
  if (!request) return invalid("missing pod-level request for " + std::string(resource) + " in Pod " + pod.name);
  return *request;
}

base::Result<std::int64_t> container_request(const PodObservation& pod, std::string_view resource,
                                             std::string_view container) {
  const auto found = std::find_if(pod.containers.begin(), pod.containers.end(),
                                  [&](const ContainerObservation& c) { return c.name == container; });
  if (found == pod.containers.end()) {
    return invalid("container " + std::string(container) + " not found in Pod " + pod.name);
  }
  const auto request = request_of(*found, resource);
  if (!request) return missing_request(resource, found->name, pod.name);
  return *request;
}

base::Result<std::int64_t> whole_pod_request(const PodObservation& pod, std::string_view resource) {
  std::int64_t sum = 0;
  for (const ContainerObservation& container : pod.containers) {
    const auto request = request_of(container, resource);
    if (!request) return missing_request(resource, container.name, pod.name);
    sum = saturating_add(sum, *request);
  }
  return sum;
}

}  // namespace

PodGroups group_pods(const std::vector<PodObservation>& pods, const MetricSamples& samples, std::string_view resource,
                     const ReadinessOptions& options, base::Time now) {
  PodGroups groups;
  for (const PodObservation& pod : pods) {
    switch (group_of(pod, samples, resource, options, now)) {
      case Group::kReady: ++groups.ready; break;
      case Group::kUnready: groups.unready.insert(pod.name); break;
      case Group::kMissing: groups.missing.insert(pod.name); break;
      case Group::kIgnored: groups.ignored.insert(pod.name); break;
    }
  }
  return groups;
}

base::Result<Requests> pod_requests(const std::vector<PodObservation>& pods, std::string_view resource,
                                    std::string_view container, bool pod_level) {
  Requests requests;
  for (const PodObservation& pod : pods) {
    const bool has_pod_level = pod.pod_cpu_request_milli || pod.pod_memory_request_milli;
    auto request = !container.empty()           ? container_request(pod, resource, container)
                   : pod_level && has_pod_level ? pod_level_request(pod, resource)
                                                : whole_pod_request(pod, resource);
    if (!request) return request.error();
    requests.emplace(pod.name, *request);
  }
  return requests;
}

}  // namespace scaler
