#include "scaler/policy/hpa/metric_proposals.h"

#include <fmt/format.h>

#include <algorithm>

#include "scaler/policy/hpa/saturate.h"

namespace scaler {
namespace {

using Values = std::vector<std::optional<std::int64_t>>;

std::optional<std::int64_t> value_of(const ContainerUsage& usage, const MetricSpec& metric) {
  return metric.name == "cpu" ? usage.cpu_milli : usage.memory_milli;
}

std::optional<std::int64_t> pod_value(const PodUsage& pod, const MetricSpec& metric) {
  if (metric.source == MetricSpec::Source::kContainerResource) {
    const auto found = std::find_if(pod.containers.begin(), pod.containers.end(),
                                    [&](const ContainerUsage& c) { return c.name == metric.container; });
    return found == pod.containers.end() ? std::nullopt : value_of(*found, metric);
  }
  if (pod.containers.empty()) return std::nullopt;
  std::int64_t sum = 0;
  for (const ContainerUsage& container : pod.containers) {
    const auto value = value_of(container, metric);
    if (!value) return std::nullopt;
    sum = saturating_add(sum, *value);
  }
  return sum;
}

base::Result<MetricSamples> read_resource(const MetricSpec& metric, const Observation& observation) {
  const std::string doing = "unable to get metrics for resource " + metric.name;
  if (!observation.resource_metrics) {
    return annotate(annotate(observation.resource_metrics.error(), "unable to fetch metrics from resource metrics API"),
                    doing);
  }
  if (observation.resource_metrics->empty()) {
    return base::Error{base::ErrorCode::kUnavailable, doing + ": no metrics returned from resource metrics API"};
  }
  MetricSamples samples;
  for (const PodUsage& pod : *observation.resource_metrics) {
    if (const auto value = pod_value(pod, metric)) samples[pod.pod] = {*value, pod.timestamp, pod.window};
  }
  return samples;
}

base::Result<MetricSamples> read_custom(const MetricSpec& metric, const Observation& observation) {
  const std::string doing = "unable to get metric " + metric.name;
  const auto found = observation.pod_metrics.find(need_of(metric));
  if (found == observation.pod_metrics.end()) return base::Error{base::ErrorCode::kNotFound, doing + ": not read"};
  if (!found->second) return annotate(found->second.error(), doing);
  if (found->second->empty()) {
    return base::Error{base::ErrorCode::kUnavailable, doing + ": no metrics returned from custom metrics API"};
  }
  MetricSamples samples;
  for (const PodMetricValue& value : *found->second)
    samples[value.pod] = {value.value_milli, value.timestamp, value.window};
  return samples;
}

std::optional<base::Duration> oldest_age(const MetricSamples& samples, base::Time now) {
  std::optional<base::Duration> oldest;
  for (const auto& [pod, sample] : samples)
    oldest = std::max(oldest.value_or(base::Duration::min()), now - sample.timestamp);
  return oldest;
}

double target_of(const MetricSpec& metric) {
  return metric.utilization ? *metric.utilization : static_cast<double>(metric.average_milli.value_or(0)) / 1000.0;
}

double measured(const Usage& usage) {
  return usage.utilization ? *usage.utilization : static_cast<double>(usage.average_milli) / 1000.0;
}

void add_once(std::vector<MetricNeed>& needs, MetricNeed need) {
  if (std::find(needs.begin(), needs.end(), need) == needs.end()) needs.push_back(std::move(need));
}

std::string explain(const std::vector<Step>& steps) {
  std::string note;
  for (const Step& step : steps) {
    if (!note.empty()) note += "; ";
    note += fmt::format("{} {} -> {}", step.rule, step.before, step.after);
  }
  return note;
}

base::Result<Proposal> propose_from_samples(const MetricSpec& metric, const Observation& observation,
                                            MetricSamples samples, const Tolerance& tolerance,
                                            const ControllerOptions& options) {
  return propose_from_pods({.current_replicas = observation.scale.spec_replicas,
                            .pods = observation.pods,
                            .resource = metric.source == MetricSpec::Source::kPods ? "" : metric.name,
                            .container = metric.container,
                            .samples = std::move(samples),
                            .target_utilization = metric.utilization,
                            .target_average_milli = metric.average_milli.value_or(0),
                            .tolerance = tolerance,
                            .readiness = {options.cpu_initialization_period, options.initial_readiness_delay},
                            .pod_level_resources = options.pod_level_resources,
                            .now = observation.now});
}

struct Evaluated {
  Input input;
  base::Result<Proposal> proposal;
};

Evaluated evaluate(const MetricSpec& metric, const Observation& observation, const Tolerance& tolerance,
                   const ControllerOptions& options) {
  Evaluated result{Input{}, Proposal{}};
  result.input.metric = display_name(metric);
  result.input.target = target_of(metric);
  auto samples = read_samples(metric, observation);
  if (samples) {
    result.input.age = oldest_age(*samples, observation.now);
    result.proposal = propose_from_samples(metric, observation, std::move(*samples), tolerance, options);
  } else {
    result.proposal = samples.error();
  }
  if (!result.proposal) {
    result.input.note = result.proposal.error().message;
    return result;
  }
  result.input.value = measured(result.proposal->usage);
  if (metric.utilization) result.input.average_milli = result.proposal->usage.average_milli;
  result.input.wants = result.proposal->replicas;
  result.input.note = explain(result.proposal->steps);
  return result;
}

}  // namespace

std::string display_name(const MetricSpec& metric) {
  return metric.container.empty() ? metric.name : metric.name + " of container " + metric.container;
}

MetricNeed need_of(const MetricSpec& metric) { return {metric.name, metric.selector, metric.object}; }

MetricNeeds needs_of(const std::vector<MetricSpec>& metrics) {
  MetricNeeds needs;
  for (const MetricSpec& metric : metrics) {
    switch (metric.source) {
      case MetricSpec::Source::kResource:
      case MetricSpec::Source::kContainerResource: needs.resource_metrics = true; break;
      case MetricSpec::Source::kPods: add_once(needs.pods, need_of(metric)); break;
      case MetricSpec::Source::kObject: add_once(needs.objects, need_of(metric)); break;
      case MetricSpec::Source::kExternal: add_once(needs.externals, need_of(metric)); break;
      case MetricSpec::Source::kUnknown: break;
    }
  }
  return needs;
}

base::Result<MetricSamples> read_samples(const MetricSpec& metric, const Observation& observation) {
  return metric.source == MetricSpec::Source::kPods ? read_custom(metric, observation)
                                                    : read_resource(metric, observation);
}

base::Result<Proposal> propose(const MetricSpec& metric, const Observation& observation, const Tolerance& tolerance,
                               const ControllerOptions& options) {
  auto samples = read_samples(metric, observation);
  if (!samples) return samples.error();
  return propose_from_samples(metric, observation, std::move(*samples), tolerance, options);
}

Combined combine(const std::vector<MetricSpec>& metrics, const Observation& observation, const Tolerance& tolerance,
                 const ControllerOptions& options) {
  Combined combined;
  int best = 0;
  std::size_t failed = 0;
  std::string first_error;
  for (const MetricSpec& metric : metrics) {
    Evaluated evaluated = evaluate(metric, observation, tolerance, options);
    if (!evaluated.proposal) {
      if (failed++ == 0) first_error = evaluated.proposal.error().message;
    } else if (best == 0 || evaluated.proposal->replicas > best) {
      best = evaluated.proposal->replicas;
      combined.replicas = best;
      combined.raw = evaluated.proposal->raw;
      combined.selected = evaluated.input.metric;
      combined.steps = std::move(evaluated.proposal->steps);
    }
    combined.inputs.push_back(std::move(evaluated.input));
  }
  if (failed == 0) return combined;
  combined.error =
      fmt::format("invalid metrics ({} invalid out of {}), first error is: {}", failed, metrics.size(), first_error);
  if (best < observation.scale.spec_replicas) {
    combined.replicas.reset();
    combined.raw.reset();
    combined.selected.clear();
    combined.steps.clear();
  }
  return combined;
}

}  // namespace scaler
