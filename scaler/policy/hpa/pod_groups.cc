#include "scaler/policy/hpa/pod_groups.h"

#include <algorithm>

#include "scaler/policy/hpa/saturate.h"

namespace scaler {
namespace {

using RequestMember = std::optional<std::int64_t> ContainerObservation::*;

PodGroup group_for_cpu(const PodObservation& pod, const MetricSample& sample, const ReadinessOptions& options,
                       base::Time now) {
  if (!pod.ready || !pod.start_time) return PodGroup::kUnready;
  const bool not_ready = *pod.ready == ConditionStatus::kFalse;
  if (*pod.start_time + options.cpu_initialization_period > now) {
    const bool says_nothing = not_ready || sample.timestamp < pod.ready_transition + sample.window;
    return says_nothing ? PodGroup::kUnready : PodGroup::kReady;
  }
  // Past its initialization, only a pod that most likely never became ready is left out.
  const bool never_ready = not_ready && *pod.start_time + options.initial_readiness_delay > pod.ready_transition;
  return never_ready ? PodGroup::kUnready : PodGroup::kReady;
}

PodGroup group_of(const PodObservation& pod, const std::optional<MetricSample>& sample, bool by_cpu,
                  const ReadinessOptions& options, base::Time now) {
  if (pod.deleting || pod.phase == PodPhase::kFailed || pod.phase == PodPhase::kSucceeded) return PodGroup::kIgnored;
  if (pod.phase == PodPhase::kPending) return PodGroup::kUnready;
  if (!sample) return PodGroup::kMissing;
  return by_cpu ? group_for_cpu(pod, *sample, options, now) : PodGroup::kReady;
}

base::Error invalid(std::string message) { return {base::ErrorCode::kInvalid, std::move(message)}; }

base::Error missing_request(std::string_view resource, const std::string& container, const std::string& pod) {
  return invalid("missing request for " + std::string(resource) + " in container " + container + " of Pod " + pod);
}

// How requests of one resource are read; of another resource than these two nobody requests anything.
struct RequestReader {
  std::string_view resource;
  std::string_view container;
  RequestMember member = nullptr;

  std::optional<std::int64_t> of(const ContainerObservation& c) const { return member ? c.*member : std::nullopt; }

  base::Result<std::int64_t> pod_level(const PodObservation& pod) const {
    const auto request = resource == "cpu"      ? pod.pod_cpu_request_milli
                         : resource == "memory" ? pod.pod_memory_request_milli
                                                : std::nullopt;
    if (!request) return invalid("missing pod-level request for " + std::string(resource) + " in Pod " + pod.name);
    return *request;
  }

  base::Result<std::int64_t> of_container(const PodObservation& pod) const {
    const auto found = std::find_if(pod.containers.begin(), pod.containers.end(),
                                    [&](const ContainerObservation& c) { return c.name == container; });
    if (found == pod.containers.end()) {
      return invalid("container " + std::string(container) + " not found in Pod " + pod.name);
    }
    const auto request = of(*found);
    if (!request) return missing_request(resource, found->name, pod.name);
    return *request;
  }

  base::Result<std::int64_t> whole_pod(const PodObservation& pod) const {
    std::int64_t sum = 0;
    for (const ContainerObservation& c : pod.containers) {
      const auto request = of(c);
      if (!request) return missing_request(resource, c.name, pod.name);
      sum = wrapping_add(sum, *request);
    }
    return sum;
  }
};

}  // namespace

std::size_t MetricSamples::size() const {
  const auto known = std::count_if(of_pods.begin(), of_pods.end(), [](const auto& s) { return s.has_value(); });
  return static_cast<std::size_t>(known) + strangers.size();
}

SampleCollector::SampleCollector(const std::vector<PodObservation>& pods) : pods_(pods) {
  samples_.of_pods.resize(pods.size());
}

void SampleCollector::add(std::string_view pod, const MetricSample& sample) {
  samples_.oldest = std::min(samples_.oldest.value_or(base::Time::max()), sample.timestamp);
  if (next_ >= pods_.size() || pods_[next_].name != pod) {
    const auto found = std::lower_bound(pods_.begin(), pods_.end(), pod,
                                        [](const PodObservation& p, std::string_view name) { return p.name < name; });
    if (found == pods_.end() || found->name != pod) return add_stranger(pod, sample);
    next_ = static_cast<std::size_t>(found - pods_.begin());
  }
  samples_.of_pods[next_++] = sample;
}

void SampleCollector::add_stranger(std::string_view pod, const MetricSample& sample) {
  auto& strangers = samples_.strangers;
  const auto place = std::lower_bound(strangers.begin(), strangers.end(), pod,
                                      [](const auto& stranger, std::string_view name) { return stranger.pod < name; });
  if (place != strangers.end() && place->pod == pod) {
    place->value_milli = sample.value_milli;
  } else {
    strangers.insert(place, {pod, sample.value_milli});
  }
}

PodGroups group_pods(const std::vector<PodObservation>& pods, const MetricSamples& samples, std::string_view resource,
                     const ReadinessOptions& options, base::Time now) {
  PodGroups groups;
  groups.of_pods.resize(pods.size());
  const bool by_cpu = resource == "cpu";
  for (std::size_t i = 0; i < pods.size(); ++i) {
    const PodGroup group = group_of(pods[i], samples.of_pods[i], by_cpu, options, now);
    groups.of_pods[i] = group;
    switch (group) {
      case PodGroup::kReady: ++groups.ready; break;
      case PodGroup::kUnready: ++groups.unready; break;
      case PodGroup::kMissing: ++groups.missing; break;
      case PodGroup::kIgnored: ++groups.ignored; break;
    }
  }
  return groups;
}

base::Result<Requests> pod_requests(const std::vector<PodObservation>& pods, std::string_view resource,
                                    std::string_view container, bool pod_level) {
  RequestReader reader{resource, container};
  if (resource == "cpu") reader.member = &ContainerObservation::cpu_request_milli;
  if (resource == "memory") reader.member = &ContainerObservation::memory_request_milli;
  Requests requests(pods.size());
  for (std::size_t i = 0; i < pods.size(); ++i) {
    const bool has_pod_level = pods[i].pod_cpu_request_milli || pods[i].pod_memory_request_milli;
    auto request = !container.empty()           ? reader.of_container(pods[i])
                   : pod_level && has_pod_level ? reader.pod_level(pods[i])
                                                : reader.whole_pod(pods[i]);
    if (!request) return request.error();
    requests[i] = *request;
  }
  return requests;
}

}  // namespace scaler
