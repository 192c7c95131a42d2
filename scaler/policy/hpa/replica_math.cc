#include "scaler/policy/hpa/replica_math.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "common/base/number_format.h"
#include "scaler/policy/hpa/saturate.h"

namespace scaler {
namespace {

base::Error unavailable(std::string message) { return {base::ErrorCode::kUnavailable, std::move(message)}; }

void remove(MetricSamples& samples, const PodGroups& groups, PodGroup group) {
  for (std::size_t i = 0; i < groups.of_pods.size(); ++i) {
    if (groups.of_pods[i] == group) samples.of_pods[i].reset();
  }
}

void add_tolerance_step(Proposal& proposal, int before, int after, double ratio, const Tolerance& tolerance) {
  if (before == after) return;
  std::string why =
      fmt::format("measured/target is {}, inside {} to {}", base::format_fixed(ratio, 3),
                  base::format_number(1.0 - tolerance.scale_down), base::format_number(1.0 + tolerance.scale_up));
  const bool upwards = before > after;
  std::string param = base::format_number(upwards ? tolerance.scale_up : tolerance.scale_down);
  proposal.steps.push_back({"tolerance", before, after, std::move(why), std::move(param)});
}

base::Result<Usage> usage_of(const PodMetricCase& metric, const Requests& requests) {
  if (metric.target_utilization) return utilization_ratio(metric.samples, requests, *metric.target_utilization);
  return average_ratio(metric.samples, metric.target_average_milli);
}

int fallback_percent(const PodMetricCase& metric) { return std::max(100, *metric.target_utilization); }

// Gives the pods without a value the one that is against the direction of the change.
void fill_in(PodMetricCase& metric, const PodGroups& groups, const Requests& requests, double ratio,
             bool up_with_unready) {
  for (std::size_t i = 0; i < groups.of_pods.size(); ++i) {
    const PodGroup group = groups.of_pods[i];
    auto& sample = metric.samples.of_pods[i];
    if (group == PodGroup::kMissing && ratio > 1.0) sample.emplace();
    if (group == PodGroup::kUnready && up_with_unready) sample.emplace();
    if (group == PodGroup::kMissing && ratio < 1.0) {
      sample.emplace().value_milli = metric.target_utilization
                                         ? wrapping_multiply(requests[i], fallback_percent(metric)) / 100
                                         : metric.target_average_milli;
    }
  }
}

// What the pods without a value were counted as, as a step.
struct FillIn {
  const PodMetricCase& metric;
  const PodGroups& groups;
  double ratio = 0;
  bool up_with_unready = false;

  std::string rule() const {
    if (groups.missing == 0) return "unreadyPods";
    return up_with_unready ? "missingPods, unreadyPods" : "missingPods";
  }

  std::string reason() const {
    std::string text;
    if (groups.missing > 0) {
      const std::string at = ratio > 1.0 ? "0"
                             : !metric.target_utilization
                                 ? "the target"
                                 : fmt::format("{} % of their request", fallback_percent(metric));
      text = fmt::format("{} pods without a value count as using {}", groups.missing, at);
    }
    if (up_with_unready) {
      if (!text.empty()) text += ", ";
      text += fmt::format("{} unready pods count as using 0", groups.unready);
    }
    return text;
  }

  void add_step(Proposal& proposal, int after, const char* appendix = "") const {
    if (proposal.raw == after) return;
    proposal.steps.push_back({rule(), proposal.raw, after, reason() + appendix});
  }
};

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

  const FillIn filled{metric, groups, first, up_with_unready};
  const bool turned = (first < 1.0 && ratio > 1.0) || (first > 1.0 && ratio < 1.0) ||
                      (ratio < 1.0 && wants > current) || (ratio > 1.0 && wants < current);
  if (within(metric.tolerance, ratio)) {
    filled.add_step(proposal, wants);
    add_tolerance_step(proposal, wants, current, ratio, metric.tolerance);
    proposal.replicas = current;
  } else if (turned) {
    filled.add_step(proposal, current, ", which would turn the direction");
    proposal.replicas = current;
  } else {
    filled.add_step(proposal, wants);
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
  for (std::size_t i = 0; i < requests.size(); ++i) {
    const auto& sample = samples.of_pods[i];
    if (!sample) continue;
    used = wrapping_add(used, sample->value_milli);
    requested = wrapping_add(requested, requests[i]);
    ++count;
  }
  if (requested == 0) return unavailable("no metrics returned matched known pods");
  // The product wraps as upstream's does: above 92 TB of memory in all.
  const int percent = saturate_to_int(wrapping_divide(wrapping_multiply(used, 100), requested));
  return Usage{.ratio = static_cast<double>(percent) / static_cast<double>(target_percent),
               .average_milli = used / count,
               .utilization = percent};
}

Usage average_ratio(const MetricSamples& samples, std::int64_t target_milli) {
  std::int64_t sum = 0;
  std::int64_t count = static_cast<std::int64_t>(samples.strangers.size());
  for (const auto& stranger : samples.strangers) sum = wrapping_add(sum, stranger.value_milli);
  for (const auto& sample : samples.of_pods) {
    if (!sample) continue;
    sum = wrapping_add(sum, sample->value_milli);
    ++count;
  }
  const std::int64_t average = sum / count;
  return {.ratio = static_cast<double>(average) / static_cast<double>(target_milli),
          .average_milli = average,
          .utilization = std::nullopt};
}

base::Result<Proposal> propose_from_pods(PodMetricCase metric) {
  if (metric.pods.empty()) return unavailable("no pods returned by selector while calculating replica count");
  const PodGroups groups = group_pods(metric.pods, metric.samples, metric.resource, metric.readiness, metric.now);
  if (groups.ignored > 0) remove(metric.samples, groups, PodGroup::kIgnored);
  if (groups.unready > 0) remove(metric.samples, groups, PodGroup::kUnready);
  if (groups.ready == 0 && metric.samples.size() == 0) {
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
  const bool up_with_unready = groups.unready > 0 && usage->ratio > 1.0;
  if (groups.missing > 0 || up_with_unready) {
    return propose_filled_in(metric, groups, requests, std::move(proposal), up_with_unready);
  }
  const bool stays = within(metric.tolerance, usage->ratio);
  proposal.replicas = stays ? metric.current_replicas : proposal.raw;
  add_tolerance_step(proposal, proposal.raw, proposal.replicas, usage->ratio, metric.tolerance);
  return proposal;
}

base::Result<Proposal> propose_from_value(std::int64_t usage_milli, std::int64_t target_milli, int current_replicas,
                                          const std::vector<PodObservation>& pods, const Tolerance& tolerance) {
  Proposal proposal;
  proposal.value_milli = usage_milli;
  const double ratio = static_cast<double>(usage_milli) / static_cast<double>(target_milli);
  proposal.usage.ratio = ratio;
  // From zero there are no pods to count, and no tolerance that could keep them away.
  if (current_replicas == 0) {
    proposal.raw = proposal.replicas = ceil_to_int(ratio);
    return proposal;
  }
  const bool stays = within(tolerance, ratio);
  if (pods.empty() && !stays) {
    return unavailable("unable to calculate ready pods: no pods returned by selector while calculating replica count");
  }
  const auto ready = std::count_if(pods.begin(), pods.end(), [](const PodObservation& pod) {
    return pod.phase == PodPhase::kRunning && pod.ready == ConditionStatus::kTrue;
  });
  proposal.raw = pods.empty() ? current_replicas : ceil_to_int(ratio * static_cast<double>(ready));
  proposal.replicas = stays ? current_replicas : proposal.raw;
  add_tolerance_step(proposal, proposal.raw, proposal.replicas, ratio, tolerance);
  return proposal;
}

Proposal propose_from_total(std::int64_t usage_milli, std::int64_t target_milli, int status_replicas,
                            const Tolerance& tolerance) {
  const double usage = static_cast<double>(usage_milli);
  const double target = static_cast<double>(target_milli);
  Proposal proposal;
  proposal.usage.ratio = usage / (target * static_cast<double>(status_replicas));
  proposal.usage.average_milli = usage_per_pod(usage_milli, status_replicas);
  proposal.raw = ceil_to_int(usage / target);
  proposal.replicas = within(tolerance, proposal.usage.ratio) ? status_replicas : proposal.raw;
  add_tolerance_step(proposal, proposal.raw, proposal.replicas, proposal.usage.ratio, tolerance);
  return proposal;
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
