#include "scaler/policy/policy_test_support.h"

#include <fmt/format.h>

#include "common/base/check.h"
#include "common/base/time_format.h"

namespace scaler::testing {

base::Time utc(const std::string& rfc3339) {
  const auto time = base::parse_rfc3339(rfc3339);
  CHECK(time.has_value(), rfc3339);
  return *time;
}

Observation target_of(base::Time now, int replicas) {
  Observation observation;
  observation.now = now;
  observation.scale = {replicas, replicas, "app=api"};
  for (int i = 0; i < replicas; ++i) {
    PodObservation pod;
    pod.name = fmt::format("pod-{:03}", i);
    pod.phase = PodPhase::kRunning;
    pod.ready = ConditionStatus::kTrue;
    pod.start_time = pod.ready_transition = now - std::chrono::hours(24);
    ContainerObservation container;
    container.name = "api";
    container.cpu_request_milli = 1000;
    pod.containers.push_back(std::move(container));
    observation.pods.push_back(std::move(pod));
  }
  return observation;
}

Observation with_cpu(Observation observation, int percent) {
  std::vector<PodUsage> usage;
  for (const PodObservation& pod : observation.pods) {
    ContainerUsage container;
    container.name = "api";
    container.cpu_milli = percent * 10;
    usage.push_back({pod.name, observation.now, std::chrono::seconds(30), {container}});
  }
  observation.resource_metrics = std::move(usage);
  return observation;
}

Observation with_rps(Observation observation, double total) {
  std::vector<PodMetricValue> values;
  for (const PodObservation& pod : observation.pods) {
    PodMetricValue value;
    value.pod = pod.name;
    value.value_milli = static_cast<std::int64_t>(1000.0 * total / static_cast<double>(observation.pods.size()));
    value.timestamp = observation.now;
    values.push_back(std::move(value));
  }
  observation.pod_metrics.insert_or_assign(MetricNeed{"rps"},
                                           base::Result<std::vector<PodMetricValue>>(std::move(values)));
  return observation;
}

MetricSpec cpu_metric(int percent) {
  MetricSpec metric;
  metric.utilization = percent;
  return metric;
}

MetricSpec rps_metric(int per_pod) {
  MetricSpec metric;
  metric.source = MetricSpec::Source::kPods;
  metric.name = "rps";
  metric.average_milli = per_pod * 1000;
  return metric;
}

namespace {

PolicySpec named(const char* name, const char* target) {
  PolicySpec spec;
  spec.name = name;
  spec.target = {"apps/v1", "Deployment", target};
  return spec;
}

}  // namespace

PolicySpec hpa(int min, int max, std::vector<MetricSpec> metrics, std::optional<Behavior> behavior) {
  PolicySpec spec = named("hpa", "api");
  spec.rules = HpaSpec{min, max, std::move(metrics), std::move(behavior)};
  return spec;
}

PolicySpec scaling_policy(ScalingPolicySpec rules) {
  PolicySpec spec = named("policy", "api");
  spec.rules = std::move(rules);
  return spec;
}

PolicySpec tuner(HpaTunerSpec rules) {
  PolicySpec spec = named("tuner", "api-hpa");
  spec.rules = rules;
  return spec;
}

ScalingRules rules(std::vector<RatePolicy> policies, std::optional<base::Duration> window, SelectPolicy select) {
  return {.stabilization_window = window, .select = select, .policies = std::move(policies), .tolerance = std::nullopt};
}

RatePolicy pods_per(int pods, base::Duration period) { return {RatePolicy::Type::kPods, pods, period}; }

RatePolicy percent_per(int percent, base::Duration period) { return {RatePolicy::Type::kPercent, percent, period}; }

std::string chain_fault(const Decision& decision) {
  int at = decision.raw.value_or(decision.current);
  for (const Step& step : decision.steps) {
    if (step.before != at) return fmt::format("{} does not begin at {}: {}", step.rule, at, steps_of(decision));
    if (step.after == at) return step.rule + " changes nothing";
    if (step.why.empty()) return step.rule + " says no reason";
    for (const Unused& unused : decision.unused) {
      if (unused.rule == step.rule)
        return fmt::format("{} is not used ({}): {}", step.rule, unused.why, steps_of(decision));
    }
    at = step.after;
  }
  if (at == decision.final) return {};
  return fmt::format("the steps end at {}, the decision is {}: {}", at, decision.final, steps_of(decision));
}

std::string steps_of(const Decision& decision) {
  std::string text;
  for (const Step& step : decision.steps) {
    text += fmt::format("{}{} {}>{}", text.empty() ? "" : "; ", step.rule, step.before, step.after);
  }
  return text;
}

}  // namespace scaler::testing
