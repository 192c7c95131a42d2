// The rules of a ScalingPolicy that bound what its metrics ask for.
#include <fmt/format.h>

#include <algorithm>

#include "common/base/number_format.h"
#include "common/base/time_format.h"
#include "scaler/policy/scaling/amount.h"
#include "scaler/policy/scaling/scaling_round.h"

namespace scaler {
Limits ScalingPolicy::limits_at(base::Time now, std::optional<int> decision_min) const {
  std::vector<Floor> floors;
  std::vector<Ceiling> ceilings;
  for (const Schedule& schedule : schedules_) schedule.add_limits(now, floors, ceilings);
  for (const CalendarEvent& event : calendar_) event.add_limits(now, floors, ceilings);
  if (panic_) {
    if (auto floor = panic_->floor(); floor && *floor->until > now) floors.push_back(std::move(*floor));
  }
  if (rules_.decision_floor && decision_min && *decision_min > 0) {
    floors.push_back({.replicas = *decision_min,
                      .source = "decision service",
                      .rule = "decisionService",
                      .why = "the decision service's minCount",
                      .trigger = Trigger::kLoop,
                      .is_planned = false});
  }
  return limits_of(own_, std::move(floors), ceilings);
}

void ScalingPolicy::apply_behavior(Round& round) {
  if (!rules_.behavior) return;
  Decision& decision = round.decision;
  const auto up = rules_.behavior->scale_up.stabilization_window.value_or(base::Duration::zero());
  const auto down = rules_.behavior->scale_down.stabilization_window.value_or(options_.downscale_stabilization);
  const bool upwards = decision.final >= decision.current;
  round.step(stabilizer_.between(decision.at, up, down, decision.current, decision.final),
             {.rule = upwards ? "behavior.scaleUp.stabilizationWindowSeconds"
                              : "behavior.scaleDown.stabilizationWindowSeconds",
              .why = fmt::format("the {} recommendation of the last {}", upwards ? "lowest" : "highest",
                                 base::format_duration(upwards ? up : down)),
              .param = base::format_duration(upwards ? up : down)});
  if (const auto held = stabilizer_.held_until())
    round.waiting.push_back({*held, "a recommendation leaves its window"});
  Limited limited = limit_by_behavior(decision.current, decision.final, round.limits.bounds, *rules_.behavior, history_,
                                      decision.at, &decision.unused);
  if (limited.replicas != decision.final && limited.next) {
    round.waiting.push_back({*limited.next, limited.rule + " lets go of more"});
  }
  round.step(limited.replicas, {.rule = std::move(limited.rule),
                                .why = std::move(limited.why),
                                .param = std::move(limited.param),
                                .remaining = std::move(limited.remaining)});
}

void ScalingPolicy::apply_limits(Round& round) const {
  Decision& decision = round.decision;
  const Limits& limits = round.limits;
  for (const Floor& floor : limits.floors) {
    Input input;
    input.metric = floor.source;
    input.wants = floor.replicas;
    input.note = floor.why;
    decision.inputs.push_back(std::move(input));
  }
  if (decision.final < limits.bounds.min && limits.floor) {
    const Floor& floor = *limits.floor;
    round.floor_raised = true;
    decision.selected = floor.source;
    if (floor.until) round.waiting.push_back({*floor.until, floor.source + " ends"});
    round.step(limits.bounds.min,
               {.rule = floor.rule,
                .why = floor.why,
                .param = floor.param.empty() ? base::format_number(std::int64_t{floor.replicas}) : floor.param,
                .remaining = floor.until ? base::format_duration(*floor.until - decision.at) : ""});
  }
  if (decision.final < limits.bounds.min) {
    round.step(limits.bounds.min, {.rule = "minReplicas",
                                   .why = "the fewest that are allowed",
                                   .param = base::format_number(std::int64_t{limits.bounds.min})});
  }
  if (decision.final <= limits.bounds.max) return;
  const Ceiling ceiling =
      limits.ceiling.value_or(Ceiling{limits.bounds.max, "maxReplicas", "the most that is allowed"});
  round.step(limits.bounds.max,
             {.rule = ceiling.rule, .why = ceiling.why, .param = base::format_number(std::int64_t{limits.bounds.max})});
}

void ScalingPolicy::apply_cooldown(Round& round) const {
  Decision& decision = round.decision;
  const int current = decision.current;
  if (decision.final == current) return;
  const bool upwards = decision.final > current;
  const char* rule = upwards ? "cooldown.scaleUp" : "cooldown.scaleDown";
  const base::Duration setting = cooldown_.setting(upwards);
  const base::Duration remaining = cooldown_.remaining(decision.at, current, decision.final);
  if (remaining == base::Duration::zero()) {
    if (setting == base::Duration::zero() || !cooldown_.last_change()) return;
    decision.unused.push_back(
        {rule, fmt::format("last change {} ago >= {}", base::format_duration(decision.at - *cooldown_.last_change()),
                           base::format_duration(setting))});
    return;
  }
  const Bounds& bounds = round.limits.bounds;
  round.waiting.push_back({decision.at + remaining, std::string(rule) + " is over"});
  round.step(upwards ? std::max(current, bounds.min) : std::min(current, bounds.max),
             {.rule = rule,
              .why = fmt::format("the last change is too recent, {} to go", base::format_duration(remaining)),
              .param = base::format_duration(setting),
              .remaining = base::format_duration(remaining)});
}

void ScalingPolicy::apply_zero(Round& round) const {
  if (!zero_.spec()) return;
  Decision& decision = round.decision;
  const auto due = zero_.due();
  const auto& floors = round.limits.floors;
  const auto holding = std::find_if(floors.begin(), floors.end(), [](const Floor& f) { return f.replicas > 0; });
  if (!due || *due > decision.at) {
    if (due) round.waiting.push_back({*due, "scaleToZero, if it stays idle"});
    decision.unused.push_back({"scaleToZero", zero_.why_unused(decision.at)});
  } else if (holding != floors.end()) {
    decision.unused.push_back({"scaleToZero", holding->source + " holds a floor"});
  } else if (round.asked > own_.min) {
    decision.unused.push_back({"scaleToZero", fmt::format("metrics ask for {}", round.asked)});
  } else {
    round.step(0, {.rule = "scaleToZero",
                   .why = "no demand for so long, and nothing holds a floor",
                   .param = base::format_duration(zero_.spec()->after),
                   .remaining = "0s"});
  }
}

// From zero replicas: what only pods can tell is not known, and nothing waits.
void ScalingPolicy::wake(Round& round) {
  Decision& decision = round.decision;
  const bool is_ours_to_run = !zero_.spec().has_value();  // the rule that took it to zero was edited away
  if (zero_.spec() && zero_.is_demanded()) {
    round.step(own_.min, {.rule = "scaleToZero.activation",
                          .why = zero_.why_unused(decision.at),
                          .param = amount_text(zero_.spec()->activation)});
  }
  const bool has_floor = std::any_of(round.limits.floors.begin(), round.limits.floors.end(),
                                     [](const Floor& floor) { return floor.replicas > 0; });
  if (decision.final > 0 || has_floor || is_ours_to_run) {
    if (decision.final > 0) ask_ladder(round);
    apply_limits(round);
    return;
  }
  decision.note =
      "asleep at zero replicas: " + (zero_.demand() ? fmt::format("demand {} <= {}", amount_text(*zero_.demand()),
                                                                  amount_text(zero_.spec()->activation))
                                                    : std::string("no data"));
}

}  // namespace scaler
