#include "scaler/policy/scaling/scaling_policy_reader.h"

#include <fmt/format.h>

#include <algorithm>

#include "scaler/policy/policy_fields.h"
#include "scaler/policy/scaling/demand.h"
#include "scaler/policy/scaling/scaling_rules_reader.h"

namespace scaler {
namespace {

using config::Fields;

// minReplicas may be 0 where 0 is a count that the policy goes to by itself.
ReplicaBounds read_own_bounds(Fields& spec) {
  if (!spec.has("scaleToZero")) return read_bounds(spec, std::numeric_limits<int>::max());
  ReplicaBounds bounds;
  bounds.min = read_int_or(spec, "minReplicas", 1, 0);
  bounds.max = read_int(spec, "maxReplicas", 1);
  if (bounds.max < bounds.min) spec.fail("maxReplicas", fmt::format("must not be below minReplicas ({})", bounds.min));
  return bounds;
}

Tolerance read_tolerance(Fields& spec) {
  Tolerance tolerance;
  if (!spec.has("tolerance")) return tolerance;
  if (!spec.value().at("tolerance").is_object()) {
    tolerance.scale_up = tolerance.scale_down = spec.quantity("tolerance");
    return tolerance;
  }
  Fields sides = spec.object("tolerance");
  tolerance.scale_up = sides.quantity_or("scaleUp", tolerance.scale_up);
  tolerance.scale_down = sides.quantity_or("scaleDown", tolerance.scale_down);
  return tolerance;
}

CooldownSpec read_cooldown(Fields& spec, bool has_behavior) {
  CooldownSpec cooldown;
  // `behavior` has windows of its own.
  if (has_behavior) cooldown.scale_down = base::Duration::zero();
  if (auto fields = spec.object_if("cooldown")) {
    cooldown.scale_up = fields->duration_or("scaleUp", cooldown.scale_up);
    cooldown.scale_down = fields->duration_or("scaleDown", cooldown.scale_down);
  }
  return cooldown;
}

bool read_decision_floor(Fields& spec) {
  auto fields = spec.object_if("decisionService");
  return fields && fields->boolean_or("floor", true);
}

bool advises(const Fields& spec) {
  const auto target = spec.value().find("scaleTargetRef");
  if (target == spec.value().end() || !target->is_object()) return false;
  const auto kind = target->find("kind");
  return kind != target->end() && *kind == "HorizontalPodAutoscaler";
}

// What the rules need of each other.
void check_together(Fields& spec, const ScalingPolicySpec& policy) {
  const bool has_floors = !policy.schedules.empty() || !policy.calendar.empty() || policy.decision_floor;
  if (policy.metrics.empty() && !has_floors && !policy.ladder) {
    spec.fail("needs metrics, schedules or both (or a calendar, a ladder, the decision service)");
  }
  const auto says_what_a_pod_carries = [](const MetricSpec& m) { return m.utilization || m.average_milli; };
  const bool foreseeable = std::any_of(policy.metrics.begin(), policy.metrics.end(), says_what_a_pod_carries);
  if (policy.prediction && !foreseeable) spec.fail("prediction", "needs metrics that it can foresee");
  if (policy.panic && !foreseeable) spec.fail("panic", "needs metrics with a target for one pod, to size its answer");
  const bool tells_at_zero = std::any_of(policy.metrics.begin(), policy.metrics.end(), is_total) ||
                             (policy.ladder && is_total(policy.ladder->metric));
  if (policy.scale_to_zero && !tells_at_zero) {
    spec.fail("scaleToZero", "needs an External or Object metric: at zero replicas no pod can tell of demand");
  }
}

void check_advice(Fields& spec, const ScalingPolicySpec& policy) {
  if (!advises(spec)) return;
  constexpr const char* kWhy = "may not be set where scaleTargetRef names an HPA: such a policy only advises";
  if (policy.scale_to_zero) spec.fail("scaleToZero", kWhy);
  if (policy.decision_floor) spec.fail("decisionService", kWhy);
  const bool has_opinion =
      !policy.schedules.empty() || !policy.calendar.empty() || policy.prediction || policy.ladder || policy.panic;
  if (!has_opinion) spec.fail("needs schedules, a calendar, a ladder, a prediction or panic to advise an HPA with");
}

ScalingPolicySpec read_rules(Fields& spec) {
  ScalingPolicySpec policy;
  const ReplicaBounds bounds = read_own_bounds(spec);
  policy.min_replicas = bounds.min;
  policy.max_replicas = bounds.max;
  policy.metrics = read_metrics(spec);
  policy.tolerance = read_tolerance(spec);
  policy.behavior = read_behavior(spec);
  policy.cooldown = read_cooldown(spec, policy.behavior.has_value());
  policy.schedules = read_schedules(spec, bounds);
  policy.calendar = read_calendar(spec, bounds);
  policy.prediction = read_prediction(spec);
  policy.panic = read_panic(spec, bounds);
  policy.ladder = read_ladder(spec, bounds);
  policy.decision_floor = read_decision_floor(spec);
  policy.scale_to_zero = read_scale_to_zero(spec);
  policy.max_metric_age = spec.duration_or("maxMetricAge", policy.max_metric_age);
  if (policy.max_metric_age <= base::Duration::zero()) spec.fail("maxMetricAge", "must be positive");
  check_together(spec, policy);
  check_advice(spec, policy);
  return policy;
}

}  // namespace

void read_scaling_policy(Fields& spec, PolicySpec& policy) { policy.rules = read_rules(spec); }

}  // namespace scaler
