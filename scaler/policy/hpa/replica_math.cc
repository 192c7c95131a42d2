#include "scaler/policy/hpa/replica_math.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "common/base/number_format.h"
#include "scaler/policy/hpa/saturate.h"

namespace scaler {
namespace {

base::Error unavailable(std::string message) { return {base::ErrorCode::kUnavailable, std::move(message)}; }

std::int64_t sum_of(const MetricSamples& samples) {
  std::int64_t sum = 0;
  for (const auto& [pod, sample] : samples) sum = saturating_add(sum, sample.value_milli);
  return sum;
}

void remove(MetricSamples& samples, const std::set<std::string>& pods) {
  for (const std::string& pod : pods) samples.erase(pod);
}

void add_step(std::vector<Step>& steps, std::string rule, int before, int after, std::string why) {
  if (before != after) steps.push_back({std::move(rule), before, after, std::move(why)});
}

std::string tolerance_reason(double ratio, const Tolerance& tolerance) {
  return fmt::format("measured/target is {}, inside {} to {}", base::format_fixed(ratio, 3),
                     base::format_number(1.0 - tolerance.scale_down), base::format_number(1.0 + tolerance.scale_up));
}

base::Result<Usage> usage_of(const PodMetricCase& metric, const Requests& requests) {
  if (metric.target_utilization) return utilization_ratio(metric.samples, requests, *metric.target_utilization);
  return average_ratio(metric.samples, metric.target_average_milli);
}

// Gives the pods without a value the one that is against the direction of the change.
void fill_in(PodMetricCase& metric, const PodGroups& groups, const Requests& requests, double ratio,
             bool up_with_unready) {
  for (const std::string& pod : groups.missing) {
    if (ratio < 1.0) {
      const auto request = requests.find(pod);
      const std::int64_t requested = request == requests.end() ? 0 : request->second;
      metric.samples[pod].value_milli = metric.target_utilization
                                            ? multiply_divide(requested, std::max(100, *metric.target_utilization), 100)
                                            : metric.target_average_milli;
    } else if (ratio > 1.0) {
      metric.samples[pod].value_milli = 0;
    }
  }
  if (up_with_unready) {
    for (const std::string& pod : groups.unready) metric.samples[pod].value_milli = 0;
  }
}

std::string fill_in_rule(const PodGroups& groups, bool up_with_unready) {
  if (groups.missing.empty()) return "unreadyPods";
  return up_with_unready ? "missingPods, unreadyPods" : "missingPods";
}

std::string fill_in_reason(const PodMetricCase& metric, const PodGroups& groups, double ratio, bool up_with_unready) {
  std::string reason;
  if (!groups.missing.empty()) {
    const std::string at = ratio > 1.0 ? "0"
                           : !metric.target_utilization
                               ? "the target"
                               : fmt::format("{} % of their request", std::max(100, *metric.target_utilization));
    reason = fmt::format("{} pods without a value count as using {}", groups.missing.size(), at);
  }
  if (up_with_unready) {
    if (!reason.empty()) reason += ", ";
    reason += fmt::format("{} unready pods count as using 0", groups.unready.size());
  }
  return reason;
}

// The second look, over the sample with the missing and unready pods filled in.
base::Result<Proposal> propose_filled_in(PodMetricCase& metric, const PodGroups& groups, const Requests& requests,
                                         Proposal proposal, bool up_with_unready) {
  const double first = proposal.usage.ratio;
  const int current = metric.current_replicas;
  fill_in(metric, groups, requests, first, up_with_unready);
  auto second = usage_of(metric, requests);
  if (!second) return second.error();
  const double ratio = second->ratio;
  const int wants = ceil_to_int(ratio * static_cast<double>(metric.samples.size()));

  const std::string rule = fill_in_rule(groups, up_with_unready);
  const std::string reason = fill_in_reason(metric, groups, first, up_with_unready);
  const bool turned = (first < 1.0 && ratio > 1.0) || (first > 1.0 && ratio < 1.0) ||
                      (ratio < 1.0 && wants > current) || (ratio > 1.0 && wants < current);
  if (within(metric.tolerance, ratio)) {
    add_step(proposal.steps, rule, proposal.raw, wants, reason);
    add_step(proposal.steps, "tolerance", wants, current, tolerance_reason(ratio, metric.tolerance));
    proposal.replicas = current;
  } else if (turned) {
    add_step(proposal.steps, rule, proposal.raw, current, reason + ", which would turn the direction");
    proposal.replicas = current;
  } else {
    add_step(proposal.steps, rule, proposal.raw, wants, reason);
    proposal.replicas = wants;
  }
  return proposal;
}

}  // namespace

bool within(const Tolerance& tolerance, double ratio) {
  return 1.0 - tolerance.scale_down <= ratio && ratio <= 1.0 + tolerance.scale_up;
}

base::Result<Usage> utilization_ratio(const MetricSamples& samples, const Requests& requests, int target_percent) {
  std::int64_t used = 0;
  std::int64_t requested = 0;
  std::int64_t count = 0;
  for (const auto& [pod, sample] : samples) {
    const auto request = requests.find(pod);
    if (request == requests.end()) continue;
    used = saturating_add(used, sample.value_milli);
    requested = saturating_add(requested, request->second);
    ++count;
  }
  if (requested == 0) return unavailable("no metrics returned matched known pods");
  const int percent = saturate_to_int(static_cast<double>(multiply_divide(used, 100, requested)));
  return Usage{.ratio = static_cast<double>(percent) / static_cast<double>(target_percent),
               .average_milli = used / count,
               .utilization = percent};
}

Usage average_ratio(const MetricSamples& samples, std::int64_t target_milli) {
  const std::int64_t average = sum_of(samples) / static_cast<std::int64_t>(samples.size());
  return {.ratio = static_cast<double>(average) / static_cast<double>(target_milli),
          .average_milli = average,
          .utilization = std::nullopt};
}

base::Result<Proposal> propose_from_pods(PodMetricCase metric) {
  if (metric.pods.empty()) return unavailable("no pods returned by selector while calculating replica count");
  const PodGroups groups = group_pods(metric.pods, metric.samples, metric.resource, metric.readiness, metric.now);
  remove(metric.samples, groups.ignored);
  remove(metric.samples, groups.unready);
  if (metric.samples.empty()) {
    return unavailable("did not receive metrics for targeted pods (pods might be unready)");
  }
  Requests requests;
  if (metric.target_utilization) {
    auto read = pod_requests(metric.pods, metric.resource, metric.container, metric.pod_level_resources);
    if (!read) return read.error();
    requests = std::move(*read);
  }
  auto usage = usage_of(metric, requests);
  if (!usage) return usage.error();

  Proposal proposal;
  proposal.usage = *usage;
  proposal.raw = ceil_to_int(usage->ratio * static_cast<double>(groups.ready));
  const bool up_with_unready = !groups.unready.empty() && usage->ratio > 1.0;
  if (!groups.missing.empty() || up_with_unready) {
    return propose_filled_in(metric, groups, requests, std::move(proposal), up_with_unready);
  }
  const bool stays = within(metric.tolerance, usage->ratio);
  proposal.replicas = stays ? metric.current_replicas : proposal.raw;
  add_step(proposal.steps, "tolerance", proposal.raw, proposal.replicas,
           tolerance_reason(usage->ratio, metric.tolerance));
  return proposal;
}

base::Result<ValueProposal> propose_from_value(std::int64_t usage_milli, std::int64_t target_milli,
                                               int current_replicas, const std::vector<PodObservation>& pods,
                                               const Tolerance& tolerance) {
  const double ratio = static_cast<double>(usage_milli) / static_cast<double>(target_milli);
  // From zero there are no pods to count, and no tolerance that could keep them away.
  if (current_replicas == 0) return ValueProposal{ceil_to_int(ratio), usage_milli};
  if (within(tolerance, ratio)) return ValueProposal{current_replicas, usage_milli};
  if (pods.empty()) return unavailable("no pods returned by selector while calculating replica count");
  const auto ready = std::count_if(pods.begin(), pods.end(), [](const PodObservation& pod) {
    return pod.phase == PodPhase::kRunning && pod.ready == ConditionStatus::kTrue;
  });
  return ValueProposal{ceil_to_int(ratio * static_cast<double>(ready)), usage_milli};
}

ValueProposal propose_from_total(std::int64_t usage_milli, std::int64_t target_milli, int status_replicas,
                                 const Tolerance& tolerance) {
  const double usage = static_cast<double>(usage_milli);
  const double target = static_cast<double>(target_milli);
  const double ratio = usage / (target * static_cast<double>(status_replicas));
  const int replicas = within(tolerance, ratio) ? status_replicas : ceil_to_int(usage / target);
  return {replicas, usage_per_pod(usage_milli, status_replicas)};
}

std::int64_t sum_for_value(const std::vector<std::int64_t>& values_milli) {
  std::int64_t sum = 0;
  for (const std::int64_t value : values_milli) sum = saturating_add(sum, value);
  return sum;
}

std::int64_t sum_for_average(const std::vector<std::int64_t>& values_milli) {
  std::int64_t sum = 0;
  for (const std::int64_t value : values_milli) {
    sum = saturating_add(sum, value);
    // Upstream takes any sum below zero for an overflow.
    if (sum < 0) sum = std::numeric_limits<std::int64_t>::max();
  }
  return sum;
}

std::int64_t usage_per_pod(std::int64_t usage_milli, int status_replicas) {
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
  if (usage_milli == kMost) return kMost;
  if (status_replicas == 0) return 0;
  const double average = std::ceil(static_cast<double>(usage_milli) / static_cast<double>(status_replicas));
  return average >= static_cast<double>(kMost) ? kMost : static_cast<std::int64_t>(average);
}

}  // namespace scaler
