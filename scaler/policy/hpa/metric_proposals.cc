#include "scaler/policy/hpa/metric_proposals.h"

#include <fmt/format.h>

#include <algorithm>

#include "scaler/policy/hpa/saturate.h"

namespace scaler {
namespace {

using Source = MetricSpec::Source;

base::Error invalid(std::string message) { return {base::ErrorCode::kInvalid, std::move(message)}; }

// A proposal and how old the values behind it are.
struct Measured {
  base::Result<Proposal> proposal;
  std::optional<base::Time> oldest;
};

std::optional<double> target_of(const MetricSpec& metric) {
  switch (target_form(metric)) {
    case TargetForm::kUtilization: return static_cast<double>(*metric.utilization);
    case TargetForm::kAverage: return static_cast<double>(*metric.average_milli) / 1000.0;
    case TargetForm::kValue: return static_cast<double>(*metric.value_milli) / 1000.0;
    case TargetForm::kNone: break;
  }
  return std::nullopt;
}

double value_of(const Proposal& proposal) {
  if (proposal.usage.utilization) return *proposal.usage.utilization;
  return static_cast<double>(proposal.value_milli.value_or(proposal.usage.average_milli)) / 1000.0;
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

Measured measure_pods(const MetricSpec& metric, TargetForm form, const Observation& observation,
                      const Tolerance& tolerance, const ControllerOptions& options) {
  auto samples = read_samples(metric, observation);
  if (!samples) return {samples.error(), std::nullopt};
  const auto oldest = samples->oldest;
  PodMetricCase pods{.current_replicas = observation.scale.spec_replicas,
                     .pods = observation.pods,
                     .resource = metric.source == Source::kPods ? std::string_view() : std::string_view(metric.name),
                     .container = metric.container,
                     .samples = std::move(*samples),
                     .target_utilization = std::nullopt,
                     .target_average_milli = metric.average_milli.value_or(0),
                     .tolerance = tolerance,
                     .readiness = {options.cpu_initialization_period, options.initial_readiness_delay},
                     .pod_level_resources = options.pod_level_resources,
                     .now = observation.now};
  if (form == TargetForm::kUtilization) pods.target_utilization = metric.utilization;
  return {propose_from_pods(std::move(pods)), oldest};
}

Measured measure_object(const MetricSpec& metric, TargetForm form, const Observation& observation,
                        const Tolerance& tolerance) {
  const auto read = read_values(metric, observation);
  if (!read) return {read.error(), std::nullopt};
  std::optional<base::Time> oldest;
  std::vector<std::int64_t> values;
  for (const MetricValue& value : *read) {
    oldest = std::min(oldest.value_or(value.timestamp), value.timestamp);
    values.push_back(value.value_milli);
  }
  const bool summed = metric.source == Source::kExternal;
  if (form == TargetForm::kValue) {
    const std::int64_t usage = summed ? sum_for_value(values) : values.front();
    return {
        propose_from_value(usage, *metric.value_milli, observation.scale.spec_replicas, observation.pods, tolerance),
        oldest};
  }
  const std::int64_t usage = summed ? sum_for_average(values) : values.front();
  return {propose_from_total(usage, *metric.average_milli, observation.scale.status_replicas, tolerance), oldest};
}

Measured measure(const MetricSpec& metric, const Observation& observation, const Tolerance& tolerance,
                 const ControllerOptions& options) {
  if (metric.source == Source::kUnknown) {
    return {invalid("unknown metric source type \"" + metric.type + "\""), std::nullopt};
  }
  if (!metric.selector_problem.empty()) return {invalid(metric.selector_problem), std::nullopt};
  const TargetForm form = target_form(metric);
  if (form == TargetForm::kNone) {
    return {invalid("the target of metric " + metric.name + " says nothing that its source goes by"), std::nullopt};
  }
  if (metric.source == Source::kObject || metric.source == Source::kExternal) {
    return measure_object(metric, form, observation, tolerance);
  }
  return measure_pods(metric, form, observation, tolerance, options);
}

Input input_of(const MetricSpec& metric, const Measured& measured, base::Time now) {
  Input input;
  input.metric = display_name(metric);
  input.target = target_of(metric);
  // An unset timestamp says nothing.
  if (measured.oldest && *measured.oldest != base::Time{}) input.age = now - *measured.oldest;
  if (!measured.proposal) {
    input.note = measured.proposal.error().message;
    return input;
  }
  const Proposal& proposal = *measured.proposal;
  input.value = value_of(proposal);
  if (proposal.usage.utilization) input.average_milli = proposal.usage.average_milli;
  input.wants = proposal.replicas;
  if (!proposal.steps.empty()) input.note = explain(proposal.steps);
  return input;
}

}  // namespace

std::string display_name(const MetricSpec& metric) {
  if (metric.source == Source::kUnknown) return metric.type;
  return metric.container.empty() ? metric.name : metric.name + " of container " + metric.container;
}

MetricNeed need_of(const MetricSpec& metric) { return {metric.name, metric.selector, metric.object}; }

MetricNeeds needs_of(const std::vector<MetricSpec>& metrics) {
  MetricNeeds needs;
  for (const MetricSpec& metric : metrics) {
    if (!metric.selector_problem.empty()) continue;
    switch (metric.source) {
      case Source::kResource:
      case Source::kContainerResource: needs.resource_metrics = true; break;
      case Source::kPods: add_once(needs.pods, need_of(metric)); break;
      case Source::kObject: add_once(needs.objects, need_of(metric)); break;
      case Source::kExternal: add_once(needs.externals, need_of(metric)); break;
      case Source::kUnknown: break;
    }
  }
  return needs;
}

TargetForm target_form(const MetricSpec& metric) {
  switch (metric.source) {
    case Source::kResource:
    case Source::kContainerResource:
      if (metric.average_milli) return TargetForm::kAverage;
      return metric.utilization ? TargetForm::kUtilization : TargetForm::kNone;
    case Source::kPods: return metric.average_milli ? TargetForm::kAverage : TargetForm::kNone;
    case Source::kObject:
      // The one source that looks at target.type.
      if (metric.target_type == "Value" && metric.value_milli) return TargetForm::kValue;
      return metric.target_type == "AverageValue" && metric.average_milli ? TargetForm::kAverage : TargetForm::kNone;
    case Source::kExternal:
      if (metric.average_milli) return TargetForm::kAverage;
      return metric.value_milli ? TargetForm::kValue : TargetForm::kNone;
    case Source::kUnknown: break;
  }
  return TargetForm::kNone;
}

base::Result<Proposal> propose(const MetricSpec& metric, const Observation& observation, const Tolerance& tolerance,
                               const ControllerOptions& options) {
  return measure(metric, observation, tolerance, options).proposal;
}

Combined combine(const std::vector<MetricSpec>& metrics, const Observation& observation, const Tolerance& tolerance,
                 const ControllerOptions& options) {
  Combined combined;
  int best = 0;
  std::size_t failed = 0;
  combined.inputs.reserve(metrics.size());
  combined.proposals.reserve(metrics.size());
  for (std::size_t i = 0; i < metrics.size(); ++i) {
    Measured measured = measure(metrics[i], observation, tolerance, options);
    combined.inputs.push_back(input_of(metrics[i], measured, observation.now));
    if (!measured.proposal) {
      if (failed++ == 0) combined.first_failed = i;
    } else if (best == 0 || measured.proposal->replicas > best) {
      best = measured.proposal->replicas;
      combined.winner = i;
    }
    combined.proposals.push_back(std::move(measured.proposal));
  }
  if (failed > 0) {
    combined.error = fmt::format("invalid metrics ({} invalid out of {}), first error is: {}", failed, metrics.size(),
                                 combined.proposals[*combined.first_failed].error().message);
  }
  const bool blocked = failed > 0 && best < observation.scale.spec_replicas;
  if (metrics.empty()) combined.error = "there are no metrics";
  if (!combined.winner || blocked) {
    combined.winner.reset();
    return combined;
  }
  Proposal& winner = *combined.proposals[*combined.winner];
  combined.replicas = best;
  combined.raw = winner.raw;
  combined.selected = combined.inputs[*combined.winner].metric;
  combined.steps = std::move(winner.steps);
  return combined;
}

}  // namespace scaler
