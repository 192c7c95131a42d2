#include "scaler/policy/hpa/hpa_policy.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "scaler/policy/decision_steps.h"
#include "scaler/policy/hpa/stabilization_step.h"

namespace scaler {
namespace {

using Way = HpaRoundFacts::Way;

Tolerance resolve(const ControllerOptions& options, const std::optional<Behavior>& behavior) {
  const Tolerance& flag = options.tolerance;
  if (!behavior || !options.configurable_tolerance) return flag;
  return {.scale_down = behavior->scale_down.tolerance.value_or(flag.scale_down),
          .scale_up = behavior->scale_up.tolerance.value_or(flag.scale_up)};
}

// Why the selector cannot be used, by the name of the event that upstream sends.
struct SelectorTrouble {
  std::string reason;  // empty: none
  std::string message;
};

SelectorTrouble selector_trouble(const Observation& observation) {
  if (observation.scale.selector.empty()) return {"SelectorRequired", "selector is required"};
  switch (observation.selector_problem) {
    case SelectorProblem::kNone: return {};
    case SelectorProblem::kUnparsable:
      return {"InvalidSelector", "couldn't convert selector into a corresponding internal selector object: " +
                                     observation.selector_message};
    case SelectorProblem::kAmbiguous:
      return {"AmbiguousSelector", observation.selector_message.empty()
                                       ? "pods by this selector are controlled by another HPA too"
                                       : observation.selector_message};
  }
  return {};
}

}  // namespace

HpaPolicy::HpaPolicy(const PolicySpec& spec, const ControllerOptions& options, std::optional<History> history)
    : name_(spec.name),
      target_(spec.target_path()),
      hpa_(std::get<HpaSpec>(spec.rules)),
      options_(options),
      tolerance_(resolve(options, hpa_.behavior)),
      seen_(history.has_value()),
      history_(history ? std::move(*history) : History{}) {}

Decision HpaPolicy::evaluate(const Observation& observation) {
  const int current = observation.scale.spec_replicas;
  Decision decision = replicas_decision(name_, target_, observation);
  if (!seen_) {
    seen_ = true;
    history_.stabilizer = Stabilizer({{current, observation.now}});
  }
  facts_ = HpaRoundFacts{};
  facts_.read = observation.hpa_object;
  const Bounds bounds = bounds_of(observation);
  facts_.min_replicas = bounds.min;

  if (current == 0) {
    if (!may_wake(observation)) {
      facts_.way = Way::kDisabled;
      decision.note = "the target has zero replicas, which switches autoscaling off";
      return decision;
    }
  } else if (jump_into_bounds(bounds, decision)) {
    return decision;
  }
  SelectorTrouble trouble = selector_trouble(observation);
  if (!trouble.reason.empty()) {
    facts_.way = Way::kNoSelector;
    facts_.selector_reason = std::move(trouble.reason);
    facts_.error = decision.error = std::move(trouble.message);
    return decision;
  }
  ask_metrics(observation, bounds, decision);
  return decision;
}

Bounds HpaPolicy::bounds_of(const Observation& observation) const {
  return {observation.current_min_replicas.value_or(hpa_.min_replicas), hpa_.max_replicas};
}

bool HpaPolicy::computes_metrics(const Observation& observation) const {
  const int current = observation.scale.spec_replicas;
  const Bounds bounds = bounds_of(observation);
  return current == 0 ? may_wake(observation) : current >= bounds.min && current <= bounds.max;
}

bool HpaPolicy::may_wake(const Observation& observation) const {
  return fell_asleep(observation) && (bounds_of(observation).min != 0 || has_object_or_external_metric(hpa_));
}

// At zero replicas: whether the HPA itself went there.
bool HpaPolicy::fell_asleep(const Observation& observation) const {
  if (!options_.scale_to_zero) return false;
  if (!observation.hpa_object) return own_sleep_;
  const HpaCondition* condition = find_condition(observation.hpa_object->status, "ScaledToZero");
  return condition != nullptr && condition->status == ConditionStatus::kTrue;
}

// Outside its bounds the HPA jumps to the nearer one: no metric, no window, no rate.
bool HpaPolicy::jump_into_bounds(Bounds bounds, Decision& decision) {
  if (decision.current > bounds.max) {
    facts_.way = Way::kAboveMax;
    step_to(decision, {"maxReplicas", 0, bounds.max, "the current count is above it", std::to_string(bounds.max)});
  } else if (decision.current < bounds.min) {
    facts_.way = Way::kBelowMin;
    step_to(decision, {"minReplicas", 0, bounds.min, "the current count is below it", std::to_string(bounds.min)});
  } else {
    return false;
  }
  return true;
}

void HpaPolicy::ask_metrics(const Observation& observation, Bounds bounds, Decision& decision) {
  Combined combined = combine(hpa_.metrics, observation, tolerance_, options_);
  decision.inputs = std::move(combined.inputs);
  facts_.proposals = std::move(combined.proposals);
  facts_.winner = combined.winner;
  facts_.first_failed = combined.first_failed;
  facts_.error = combined.error;
  decision.error = std::move(combined.error);
  if (!combined.replicas) {
    facts_.way = Way::kNoMetrics;
    return;
  }
  facts_.way = Way::kComputed;
  facts_.desired = std::max(0, *combined.replicas);
  decision.raw = combined.raw;
  decision.selected = std::move(combined.selected);
  decision.steps = std::move(combined.steps);
  normalize(observation.now, facts_.desired, bounds, decision);
  wake_to_minimum(bounds.min, decision);
}

int HpaPolicy::stabilize(int desired, Decision& decision) {
  decision.final = desired;
  const base::Duration down = options_.downscale_stabilization;
  decision.next = hpa_.behavior ? stabilize_by_behavior(history_.stabilizer, *hpa_.behavior, down, decision)
                                : stabilize_downwards(history_.stabilizer, down, decision);
  return decision.final;
}

void HpaPolicy::normalize(base::Time now, int desired, Bounds bounds, Decision& decision) {
  const int stable = stabilize(desired, decision);
  facts_.stabilized = stable;
  Limited limited = hpa_.behavior ? limit_by_behavior(decision.current, stable, bounds, *hpa_.behavior, history_.events,
                                                      now, &decision.unused)
                                  : limit_by_legacy_rules(decision.current, stable, bounds, options_);
  facts_.limit = limited.reason;
  if (limited.replicas == stable) return;
  if (limited.next) {
    decision.next = NextChange{*limited.next, limited.rule + ", " + limited.param + ", has room again"};
  } else if (limited.reason == LimitReason::kTooFewReplicas || limited.reason == LimitReason::kTooManyReplicas) {
    decision.next.reset();  // the bound is reached whatever the windows let through
  }
  step_to(decision, {std::move(limited.rule), 0, limited.replicas, std::move(limited.why), std::move(limited.param),
                     std::move(limited.remaining)});
}

// The minimum was raised while the target slept: no limit of growth may keep it below.
void HpaPolicy::wake_to_minimum(int min, Decision& decision) {
  if (decision.current != 0 || min == 0 || decision.final >= min) return;
  facts_.woken_to_min = true;
  step_to(decision, {"minReplicas", 0, min, "the fewest that are allowed", std::to_string(min)});
}

void HpaPolicy::applied(const Decision& decision) {
  if (decision.final == decision.current) return;
  if (options_.scale_to_zero) {
    own_sleep_ = decision.final == 0 && facts_.min_replicas == 0 && has_object_or_external_metric(hpa_);
  }
  if (hpa_.behavior) {
    store_change(history_.events, *hpa_.behavior, decision.current, decision.final, decision.at);
  }
}

void HpaPolicy::inherit(const Policy& previous) {
  const auto* before = dynamic_cast<const HpaPolicy*>(&previous);
  if (before == nullptr) return;
  seen_ = before->seen_;
  history_ = before->history_;
  own_status_ = before->own_status_;
  own_sleep_ = before->own_sleep_;
}

HpaRound HpaPolicy::conclude(const Decision& decision) {
  const HpaStatus& before = facts_.read ? facts_.read->status : own_status_;
  HpaRound round = conclude_round(facts_, before, hpa_, options_, decision);
  own_status_ = round.status;
  return round;
}

HpaRound HpaPolicy::scale_unreadable(const std::optional<HpaObjectState>& read, base::Time now, HpaErrorKind kind,
                                     const std::string& message) {
  HpaRound round = conclude_unreadable_scale(read ? read->status : own_status_, now, kind, message);
  own_status_ = round.status;
  return round;
}

}  // namespace scaler
