#include "scaler/policy/scaling/scaling_policy.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "common/base/check.h"
#include "common/base/number_format.h"
#include "common/base/time_format.h"
#include "scaler/policy/decision_steps.h"
#include "scaler/policy/hpa/saturate.h"
#include "scaler/policy/scaling/demand.h"

namespace scaler {
namespace {

std::vector<Schedule> make_schedules(const std::vector<ScheduleSpec>& specs) {
  std::vector<Schedule> schedules;
  for (const ScheduleSpec& spec : specs) {
    auto schedule = Schedule::make(spec);
    CHECK(schedule.has_value(), "a schedule that was not validated");
    schedules.push_back(std::move(*schedule));
  }
  return schedules;
}

Tolerance resolve(Tolerance own, const std::optional<Behavior>& behavior) {
  if (!behavior) return own;
  return {.scale_down = behavior->scale_down.tolerance.value_or(own.scale_down),
          .scale_up = behavior->scale_up.tolerance.value_or(own.scale_up)};
}

}  // namespace

ScalingPolicy::ScalingPolicy(const PolicySpec& spec, const ControllerOptions& options)
    : name_(spec.name),
      target_(spec.target_path()),
      rules_(std::get<ScalingPolicySpec>(spec.rules)),
      options_(options),
      tolerance_(resolve(rules_.tolerance, rules_.behavior)),
      schedules_(make_schedules(rules_.schedules)),
      cooldown_(rules_.cooldown),
      last_floor_(rules_.min_replicas) {
  if (!rules_.prediction) return;
  for (std::size_t i = 0; i < rules_.metrics.size(); ++i) forecasts_.emplace_back(*rules_.prediction);
}

Decision ScalingPolicy::evaluate(const Observation& observation) {
  const int current = observation.scale.spec_replicas;
  Decision decision;
  decision.at = observation.now;
  decision.policy = name_;
  decision.target = target_;
  decision.current = current;
  decision.final = current;
  if (!seen_) {
    seen_ = true;
    stabilizer_ = Stabilizer({{current, observation.now}});
  }
  cooldown_.seen(observation.now);
  if (current == 0) {
    decision.note = "the target has zero replicas, which switches autoscaling off";
    return decision;
  }

  const ScheduledBounds scheduled = bounds_at(schedules_, {rules_.min_replicas, rules_.max_replicas}, observation.now);
  ask_metrics(observation, decision);
  ask_forecasts(observation, decision);
  apply_behavior(observation, scheduled.bounds, decision);
  const int before_bounds = decision.final;
  apply_bounds(scheduled, observation.now, decision);
  const bool floor_raised = !scheduled.floor_by.empty() && decision.final > before_bounds;
  apply_cooldown(scheduled.bounds, decision);
  set_trigger(scheduled, floor_raised, decision);
  last_floor_ = scheduled.bounds.min;
  return decision;
}

void ScalingPolicy::ask_metrics(const Observation& observation, Decision& decision) const {
  if (rules_.metrics.empty()) {
    decision.raw = rules_.min_replicas;
    decision.final = rules_.min_replicas;
    return;
  }
  Combined combined = combine(rules_.metrics, observation, tolerance_, options_);
  decision.inputs = std::move(combined.inputs);
  decision.error = std::move(combined.error);
  if (!combined.replicas) return;
  decision.raw = combined.raw;
  decision.selected = std::move(combined.selected);
  decision.steps = std::move(combined.steps);
  decision.final = *combined.replicas;
}

void ScalingPolicy::ask_forecasts(const Observation& observation, Decision& decision) {
  for (std::size_t i = 0; i < forecasts_.size(); ++i) {
    const MetricSpec& metric = rules_.metrics[i];
    const auto demand = demand_of(metric, observation, options_);
    if (demand) forecasts_[i].observe(demand->at, demand->total);

    Input input;
    input.metric = "prediction " + display_name(metric);
    const auto foreseen = demand ? forecasts_[i].provisioned(observation.now) : std::nullopt;
    if (!demand) {
      input.note = demand.error().message;
    } else if (!foreseen) {
      input.note = "not enough samples yet";
    } else {
      int wants = ceil_to_int(*foreseen / demand->per_pod);
      input.value = *foreseen;
      input.age = observation.now - demand->at;
      input.target = demand->per_pod;
      input.note =
          fmt::format("demand in {} at quantile {}: {} now, error {} % ({} measured)",
                      base::format_duration(rules_.prediction->horizon),
                      base::format_number(rules_.prediction->quantile), base::format_fixed(demand->total, 1),
                      base::format_fixed(100.0 * forecasts_[i].error_quantile(), 1), forecasts_[i].errors_seen());
      if (within(tolerance_, *foreseen / demand->per_pod / decision.current)) {
        wants = decision.current;
        input.note += ", inside the tolerance";
      }
      input.wants = wants;
      if (wants > decision.final) {
        decision.selected = input.metric;
        step_to(decision, wants, "prediction", input.note);
      }
    }
    decision.inputs.push_back(std::move(input));
  }
}

void ScalingPolicy::apply_behavior(const Observation& observation, Bounds bounds, Decision& decision) {
  if (!rules_.behavior) return;
  const auto up = rules_.behavior->scale_up.stabilization_window.value_or(base::Duration::zero());
  const auto down = rules_.behavior->scale_down.stabilization_window.value_or(options_.downscale_stabilization);
  const bool upwards = decision.final >= decision.current;
  step_to(decision, stabilizer_.between(observation.now, up, down, decision.current, decision.final),
          upwards ? "behavior.scaleUp.stabilizationWindowSeconds" : "behavior.scaleDown.stabilizationWindowSeconds",
          fmt::format("the {} recommendation of the last {}", upwards ? "lowest" : "highest",
                      base::format_duration(upwards ? up : down)));
  Limited limited =
      limit_by_behavior(decision.current, decision.final, bounds, *rules_.behavior, events_, observation.now);
  step_to(decision, limited.replicas, std::move(limited.rule), std::move(limited.why));
}

void ScalingPolicy::apply_bounds(const ScheduledBounds& scheduled, base::Time now, Decision& decision) const {
  for (const Schedule& schedule : schedules_) {
    Input input;
    input.metric = "schedule " + schedule.spec().name;
    if (schedule.active(now)) {
      input.wants = schedule.spec().min_replicas;
    } else if (const auto start = schedule.next_start(now)) {
      input.note = "starts at " + base::format_rfc3339(*start);
    }
    decision.inputs.push_back(std::move(input));
  }
  const Bounds& bounds = scheduled.bounds;
  if (decision.final < bounds.min && !scheduled.floor_by.empty()) {
    decision.selected = "schedule " + scheduled.floor_by;
    step_to(decision, bounds.min, "schedules." + scheduled.floor_by + ".minReplicas", "the schedule's floor");
  }
  if (decision.final < bounds.min) step_to(decision, bounds.min, "minReplicas", "the fewest that are allowed");
  if (decision.final > bounds.max) {
    const bool own = scheduled.ceiling_by.empty();
    step_to(decision, bounds.max, own ? "maxReplicas" : "schedules." + scheduled.ceiling_by + ".maxReplicas",
            own ? "the most that is allowed" : "the schedule's ceiling");
  }
}

void ScalingPolicy::apply_cooldown(Bounds bounds, Decision& decision) const {
  const int current = decision.current;
  const base::Duration remaining = cooldown_.remaining(decision.at, current, decision.final);
  if (remaining == base::Duration::zero()) return;
  const bool upwards = decision.final > current;
  step_to(decision, upwards ? std::max(current, bounds.min) : std::min(current, bounds.max),
          upwards ? "cooldown.scaleUp" : "cooldown.scaleDown",
          fmt::format("the last change is too recent, {} to go", base::format_duration(remaining)));
}

// A floor's beginning moves the count up; its end lets go of a count that it had held.
void ScalingPolicy::set_trigger(const ScheduledBounds& scheduled, bool floor_raised, Decision& decision) const {
  const bool raised = floor_raised && decision.final > decision.current;
  const bool released =
      scheduled.bounds.min < last_floor_ && decision.current <= last_floor_ && decision.final < decision.current;
  if (raised || released) decision.trigger = Trigger::kSchedule;
}

void ScalingPolicy::applied(const Decision& decision) {
  if (decision.final == decision.current) return;
  cooldown_.changed(decision.at);
  if (!rules_.behavior) return;
  const int change = std::abs(decision.final - decision.current);
  if (decision.final > decision.current) {
    store_event(events_.up, rules_.behavior->scale_up, change, decision.at);
  } else {
    store_event(events_.down, rules_.behavior->scale_down, change, decision.at);
  }
}

void ScalingPolicy::inherit(const Policy& previous) {
  const auto* before = dynamic_cast<const ScalingPolicy*>(&previous);
  if (before == nullptr) return;
  seen_ = before->seen_;
  cooldown_.inherit(before->cooldown_);
  stabilizer_ = before->stabilizer_;
  events_ = before->events_;
  for (std::size_t i = 0; i < forecasts_.size(); ++i) {
    for (std::size_t j = 0; j < before->forecasts_.size(); ++j) {
      if (display_name(rules_.metrics[i]) == display_name(before->rules_.metrics[j])) {
        forecasts_[i].inherit(before->forecasts_[j]);
      }
    }
  }
}

std::optional<base::Time> ScalingPolicy::next_wake(base::Time now) const {
  std::optional<base::Time> wake;
  for (const Schedule& schedule : schedules_) {
    const auto edge = schedule.next_edge(now);
    if (edge) wake = std::min(wake.value_or(base::Time::max()), *edge);
  }
  return wake;
}

}  // namespace scaler
