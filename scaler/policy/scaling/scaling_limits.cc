// The rules of a ScalingPolicy that bound what its metrics ask for.
#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "common/base/number_format.h"
#include "common/base/time_format.h"
#include "scaler/policy/hpa/stabilization_step.h"
#include "scaler/policy/scaling/amount.h"
#include "scaler/policy/scaling/scaling_round.h"
#include "scaler/policy/setting_text.h"

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
  round.next = stabilize_by_behavior(stabilizer_, *rules_.behavior, options_.downscale_stabilization, decision);
  // Bounds and floors come later and tell themselves.
  constexpr Bounds kNone{std::numeric_limits<int>::min(), std::numeric_limits<int>::max()};
  Limited limited = limit_by_behavior(decision.current, decision.final, kNone, *rules_.behavior, history_, decision.at,
                                      &decision.unused);
  if (limited.replicas != decision.final) {
    round.next.reset();
    if (limited.next) round.next = NextChange{*limited.next, limited.rule + " lets go of more"};
    round.step(limited.replicas, {.rule = std::move(limited.rule),
                                  .why = std::move(limited.why),
                                  .param = std::move(limited.param),
                                  .remaining = std::move(limited.remaining)});
  }
  // What was held cannot go beyond the bounds anyway.
  const Bounds& bounds = round.limits.bounds;
  if (round.asked > decision.final ? decision.final >= bounds.max : decision.final <= bounds.min) round.next.reset();
}

void ScalingPolicy::apply_limits(Round& round) const {
  for (const Floor& floor : round.limits.floors) {
    Input input;
    input.metric = floor.source;
    input.wants = floor.replicas;
    input.note = floor.why;
    round.decision.inputs.push_back(std::move(input));
  }
  apply_minimum(round);
  apply_maximum(round);
}

void ScalingPolicy::apply_minimum(Round& round) const {
  Decision& decision = round.decision;
  const Limits& limits = round.limits;
  if (decision.final >= limits.bounds.min) return;
  round.next.reset();
  if (!limits.floor) {
    round.step(limits.bounds.min, {.rule = "minReplicas",
                                   .why = "the fewest that are allowed",
                                   .param = base::format_number(std::int64_t{limits.bounds.min})});
    return;
  }
  const Floor& floor = *limits.floor;
  round.floor_raised = true;
  decision.selected = floor.source;
  if (floor.until) round.next = NextChange{*floor.until, floor.source + " ends"};
  round.step(limits.bounds.min,
             {.rule = floor.rule,
              .why = floor.why,
              .param = floor.param.empty() ? base::format_number(std::int64_t{floor.replicas}) : floor.param,
              .remaining = floor.until ? duration_text(*floor.until - decision.at) : ""});
}

void ScalingPolicy::apply_maximum(Round& round) const {
  const Limits& limits = round.limits;
  if (round.decision.final <= limits.bounds.max) return;
  round.next.reset();
  const Ceiling ceiling =
      limits.ceiling.value_or(Ceiling{limits.bounds.max, "maxReplicas", "the most that is allowed"});
  round.step(limits.bounds.max,
             {.rule = ceiling.rule, .why = ceiling.why, .param = base::format_number(std::int64_t{limits.bounds.max})});
}

// Where a rule before it let nothing through there is nothing to hold, but what that rule lets through next would wait.
void ScalingPolicy::apply_cooldown(Round& round) const {
  Decision& decision = round.decision;
  const int current = decision.current;
  const bool is_held = decision.final == current;
  const int towards = is_held ? round.asked : decision.final;
  if (towards == current || (is_held && !round.next)) return;
  const bool upwards = towards > current;
  const char* rule = upwards ? "cooldown.scaleUp" : "cooldown.scaleDown";
  const base::Duration setting = cooldown_.setting(upwards);
  const base::Duration remaining = cooldown_.remaining(decision.at, current, towards);
  const auto& last = cooldown_.last_change();
  if (remaining == base::Duration::zero()) {
    if (setting == base::Duration::zero() || !last) return;
    decision.unused.push_back({rule, fmt::format("last change {} ago >= {}", duration_text(decision.at - *last),
                                                 base::format_duration(setting))});
    return;
  }
  NextChange over{decision.at + remaining, std::string(rule) + " is over"};
  if (is_held) {
    decision.unused.push_back({rule, duration_text(remaining) + " to go, with nothing left to hold"});
    if (over.when > round.next->when) round.next = std::move(over);
    return;
  }
  const Bounds& bounds = round.limits.bounds;
  if (decision.final == (upwards ? std::max(current, bounds.min) : std::min(current, bounds.max))) {
    decision.unused.push_back({rule, "floors and bounds do not wait for it"});
    return;
  }
  round.step(current, {.rule = rule,
                       .why = fmt::format("{}, {} to go",
                                          last ? "the last change is too recent"
                                               : "whether there was a change before the first round is not known",
                                          duration_text(remaining)),
                       .param = base::format_duration(setting),
                       .remaining = duration_text(remaining)});
  apply_minimum(round);
  apply_maximum(round);
  round.next = std::move(over);
}

void ScalingPolicy::apply_zero(Round& round) const {
  if (!zero_.spec()) return;
  Decision& decision = round.decision;
  const auto due = zero_.due();
  const auto& floors = round.limits.floors;
  const auto holding = std::find_if(floors.begin(), floors.end(), [](const Floor& f) { return f.replicas > 0; });
  if (!due || *due > decision.at) {
    // It asks no other rule, so that it may come before what those wait for.
    if (due && (!round.next || *due < round.next->when)) {
      round.next = NextChange{*due, "scaleToZero, if it stays idle"};
    }
    decision.unused.push_back({"scaleToZero", zero_.why_unused(decision.at)});
  } else if (holding != floors.end()) {
    decision.unused.push_back({"scaleToZero", holding->source + " holds a floor"});
  } else if (round.asked > own_.min) {
    decision.unused.push_back(
        {"scaleToZero", fmt::format("{} for {}", round.ladder_asked ? "the ladder asks" : "metrics ask", round.asked)});
  } else {
    round.next.reset();
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
