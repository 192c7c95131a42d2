#include "scaler/policy/hpa/hpa_policy.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "common/base/time_format.h"
#include "scaler/policy/decision_steps.h"

namespace scaler {
namespace {

Tolerance resolve(const Tolerance& flag, const std::optional<Behavior>& behavior) {
  if (!behavior) return flag;
  return {.scale_down = behavior->scale_down.tolerance.value_or(flag.scale_down),
          .scale_up = behavior->scale_up.tolerance.value_or(flag.scale_up)};
}

}  // namespace

HpaPolicy::HpaPolicy(const PolicySpec& spec, const ControllerOptions& options, std::optional<History> history)
    : name_(spec.name),
      target_(spec.target_path()),
      hpa_(std::get<HpaSpec>(spec.rules)),
      options_(options),
      tolerance_(resolve(options.tolerance, hpa_.behavior)),
      seen_(history.has_value()),
      history_(history ? std::move(*history) : History{}) {}

Decision HpaPolicy::evaluate(const Observation& observation) {
  const int current = observation.scale.spec_replicas;
  Decision decision;
  decision.at = observation.now;
  decision.policy = name_;
  decision.target = target_;
  decision.current = current;
  decision.final = current;
  if (!seen_) {
    seen_ = true;
    history_.stabilizer = Stabilizer({{current, observation.now}});
  }

  const Bounds bounds{observation.current_min_replicas.value_or(hpa_.min_replicas), hpa_.max_replicas};
  if (current == 0) {
    decision.note = "the target has zero replicas, which switches autoscaling off";
    return decision;
  }
  // Outside its bounds the HPA jumps to the nearer one: no metric, no window, no rate.
  if (current > bounds.max) {
    step_to(decision, bounds.max, "maxReplicas", "the current count is above it");
    return decision;
  }
  if (current < bounds.min) {
    step_to(decision, bounds.min, "minReplicas", "the current count is below it");
    return decision;
  }
  if (observation.scale.selector.empty()) {
    decision.error = "selector is required";
    return decision;
  }

  Combined combined = combine(hpa_.metrics, observation, tolerance_, options_);
  decision.inputs = std::move(combined.inputs);
  decision.error = std::move(combined.error);
  if (!combined.replicas) return decision;
  decision.raw = combined.raw;
  decision.selected = std::move(combined.selected);
  decision.steps = std::move(combined.steps);
  normalize(observation, std::max(0, *combined.replicas), bounds, decision);
  return decision;
}

int HpaPolicy::stabilize(const Observation& observation, int desired, Decision& decision) {
  decision.final = desired;
  if (!hpa_.behavior) {
    const int stable = history_.stabilizer.highest(observation.now, options_.downscale_stabilization, desired);
    step_to(decision, stable, "downscaleStabilization",
            "the highest recommendation of the last " + base::format_duration(options_.downscale_stabilization));
    return stable;
  }
  const auto up = hpa_.behavior->scale_up.stabilization_window.value_or(base::Duration::zero());
  const auto down = hpa_.behavior->scale_down.stabilization_window.value_or(options_.downscale_stabilization);
  const int stable = history_.stabilizer.between(observation.now, up, down, decision.current, desired);
  const bool upwards = desired >= decision.current;
  step_to(decision, stable,
          upwards ? "behavior.scaleUp.stabilizationWindowSeconds" : "behavior.scaleDown.stabilizationWindowSeconds",
          fmt::format("the {} recommendation of the last {}", upwards ? "lowest" : "highest",
                      base::format_duration(upwards ? up : down)));
  return stable;
}

void HpaPolicy::normalize(const Observation& observation, int desired, Bounds bounds, Decision& decision) {
  const int stable = stabilize(observation, desired, decision);
  Limited limited = hpa_.behavior ? limit_by_behavior(decision.current, stable, bounds, *hpa_.behavior, history_.events,
                                                      observation.now)
                                  : limit_by_legacy_rules(decision.current, stable, bounds, options_);
  step_to(decision, limited.replicas, std::move(limited.rule), std::move(limited.why));
}

void HpaPolicy::applied(const Decision& decision) {
  if (!hpa_.behavior || decision.final == decision.current) return;
  const int change = std::abs(decision.final - decision.current);
  if (decision.final > decision.current) {
    store_event(history_.events.up, hpa_.behavior->scale_up, change, decision.at);
  } else {
    store_event(history_.events.down, hpa_.behavior->scale_down, change, decision.at);
  }
}

void HpaPolicy::inherit(const Policy& previous) {
  const auto* before = dynamic_cast<const HpaPolicy*>(&previous);
  if (before == nullptr) return;
  seen_ = before->seen_;
  history_ = before->history_;
}

}  // namespace scaler
