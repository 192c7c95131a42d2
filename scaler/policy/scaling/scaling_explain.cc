// What a ScalingPolicy tells about a round beside its steps: advice, the trigger, what was not used, what comes next.
#include <fmt/format.h>

#include <algorithm>

#include "common/base/time_format.h"
#include "scaler/policy/scaling/scaling_round.h"

namespace scaler {

std::optional<int> ScalingPolicy::advised_min(base::Time now) const {
  const Limits limits = limits_at(now, std::nullopt);
  const auto opinion = opinion_at(now, limits);
  return opinion ? std::optional(std::min(*opinion, limits.bounds.max)) : std::nullopt;
}

std::optional<int> ScalingPolicy::opinion_at(base::Time now, const Limits& limits) const {
  int most = 0;
  for (const Floor& floor : limits.floors) most = std::max(most, floor.replicas);
  for (const auto& opinion : {foreseen_, climbed_}) {
    if (opinion && now - opinion->at <= rules_.max_metric_age) most = std::max(most, opinion->replicas);
  }
  return most == 0 ? std::nullopt : std::optional(most);
}

// The trigger is that of the highest floor if it moved the count up, and that of the floor before if its end let go of
// a count that it had held. A panic is told as long as it holds the count.
void ScalingPolicy::set_trigger(Round& round) {
  Decision& decision = round.decision;
  const int floor = round.limits.bounds.min;
  const Trigger now = round.limits.floor ? round.limits.floor->trigger : Trigger::kLoop;
  const bool raised = round.floor_raised && decision.final > decision.current;
  const bool released = floor < last_floor_ && decision.current <= last_floor_ && decision.final < decision.current;
  // Behind metrics that ask for the same, a panic is still what no cooldown could hold.
  const bool panics = now == Trigger::kPanic && decision.final == floor;
  if (raised || panics) {
    decision.trigger = now;
  } else if (released) {
    decision.trigger = last_floor_trigger_;
  }
  last_floor_ = floor;
  last_floor_trigger_ = now == Trigger::kPanic ? Trigger::kLoop : now;
}

void ScalingPolicy::explain(Round& round) const {
  Decision& decision = round.decision;
  const base::Time now = decision.at;
  for (const Schedule& schedule : schedules_) {
    if (!schedule.active(now)) {
      decision.unused.push_back({"schedule " + schedule.spec().name, schedule.why_unused(now)});
    }
  }
  // Of a long calendar, what comes within a day, or else the first.
  const CalendarEvent* first = nullptr;
  for (const CalendarEvent& event : calendar_) {
    if (now < event.begins() && (first == nullptr || event.begins() < first->begins())) first = &event;
  }
  for (const CalendarEvent& event : calendar_) {
    const bool is_near = now < event.begins() && event.begins() - now <= std::chrono::hours(24);
    if (is_near || &event == first) decision.unused.push_back({"event " + event.spec().name, event.why_unused(now)});
  }
  if (panic_ && !panic_->floor()) decision.unused.push_back({"panic", panic_->why_unused()});
  if (rules_.decision_floor && round.observation.decision_min.value_or(0) < 1) {
    decision.unused.push_back({"decisionService", "no opinion"});
  }
  for (const Floor& floor : round.limits.floors) {
    // One that lifted the maximum may be the ceiling that cut what was asked for.
    const bool used = std::any_of(decision.steps.begin(), decision.steps.end(),
                                  [&](const Step& step) { return step.rule == floor.rule; });
    if (used || advises_) continue;
    decision.unused.push_back({floor.rule, fmt::format("{} <= {}", floor.replicas, decision.final)});
  }
}

// What the rule waits for that holds the number; where nothing but the clock moves it, its next edge.
void ScalingPolicy::explain_next(Round& round) const {
  if (!round.next && rules_.metrics.empty() && !ladder_ && !rules_.decision_floor) {
    if (const auto edge = next_wake(round.decision.at)) {
      round.next = NextChange{*edge, "a schedule or an event begins or ends"};
    }
  }
  round.decision.next = std::move(round.next);
}

void ScalingPolicy::advise(Round& round) {
  Decision& decision = round.decision;
  decision.field = "advice";
  ask_forecasts(round);
  ask_ladder(round);
  for (const Floor& floor : round.limits.floors) {
    Input input;
    input.metric = floor.source;
    input.wants = floor.replicas;
    input.note = floor.why;
    decision.inputs.push_back(std::move(input));
  }
  const auto advised = opinion_at(decision.at, round.limits);
  decision.raw = advised;
  if (!advised) {
    decision.note += (decision.note.empty() ? "" : "; ") + std::string("no opinion");
    return;
  }
  decision.final = *advised;
  for (const Input& input : decision.inputs) {
    if (input.wants && decision.selected.empty() && *input.wants >= *advised) decision.selected = input.metric;
  }
  apply_maximum(round);
}

std::optional<base::Time> ScalingPolicy::next_wake(base::Time now) const {
  std::optional<base::Time> wake;
  const auto consider = [&](std::optional<base::Time> edge) {
    if (edge) wake = std::min(wake.value_or(base::Time::max()), *edge);
  };
  for (const Schedule& schedule : schedules_) consider(schedule.next_edge(now));
  for (const CalendarEvent& event : calendar_) consider(event.next_edge(now));
  return wake;
}

}  // namespace scaler
