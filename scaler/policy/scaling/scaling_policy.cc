#include "scaler/policy/scaling/scaling_policy.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "common/base/check.h"
#include "common/base/number_format.h"
#include "common/base/time_format.h"
#include "scaler/policy/hpa/saturate.h"
#include "scaler/policy/scaling/amount.h"
#include "scaler/policy/scaling/demand.h"
#include "scaler/policy/scaling/scaling_round.h"
#include "scaler/policy/scaling/usable_metrics.h"

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

std::vector<std::string> names_of(const std::vector<MetricSpec>& metrics) {
  std::vector<std::string> names;
  for (const MetricSpec& metric : metrics) names.push_back(display_name(metric));
  return names;
}

Tolerance resolve(Tolerance own, const std::optional<Behavior>& behavior) {
  if (!behavior) return own;
  return {.scale_down = behavior->scale_down.tolerance.value_or(own.scale_down),
          .scale_up = behavior->scale_up.tolerance.value_or(own.scale_up)};
}

// A display name does not tell: a selector, an object or the source may be another.
bool measures_the_same(const MetricSpec& a, const MetricSpec& b) {
  return a.source == b.source && a.container == b.container && need_of(a) == need_of(b);
}

}  // namespace

ScalingPolicy::ScalingPolicy(const PolicySpec& spec, const ControllerOptions& options)
    : name_(spec.name),
      target_(spec.target_path()),
      advises_(spec.target.kind == "HorizontalPodAutoscaler"),
      rules_(std::get<ScalingPolicySpec>(spec.rules)),
      options_(options),
      tolerance_(resolve(rules_.tolerance, rules_.behavior)),
      own_{std::max(rules_.min_replicas, 1), rules_.max_replicas},
      names_(names_of(rules_.metrics)),
      schedules_(make_schedules(rules_.schedules)),
      calendar_(rules_.calendar.begin(), rules_.calendar.end()),
      zero_(rules_.scale_to_zero),
      cooldown_(rules_.cooldown),
      last_floor_(own_.min) {
  if (rules_.prediction) {
    for (std::size_t i = 0; i < rules_.metrics.size(); ++i) forecasts_.emplace_back(*rules_.prediction);
  }
  if (rules_.panic) panic_.emplace(*rules_.panic, rules_.metrics.size());
  if (rules_.ladder) ladder_.emplace(*rules_.ladder);
}

MetricNeeds ScalingPolicy::needs() const {
  std::vector<MetricSpec> metrics = rules_.metrics;
  if (rules_.ladder) metrics.push_back(rules_.ladder->metric);
  MetricNeeds needs = needs_of(metrics);
  needs.decision_service = rules_.decision_floor;
  return needs;
}

Decision ScalingPolicy::evaluate(const Observation& read) {
  const auto usable = without_unusable(read, rules_.max_metric_age);
  Round round{.observation = usable ? usable->observation : read};
  Decision& decision = round.decision;
  decision.at = read.now;
  decision.policy = name_;
  decision.target = target_;
  decision.current = decision.final = read.scale.spec_replicas;
  if (usable) decision.note = fmt::format("{}", fmt::join(usable->left_out, "; "));
  remember(read);
  const bool asleep = decision.current == 0 && !advises_;
  if (asleep && !zero_.may_wake()) {
    decision.note = "the target has zero replicas, which switches autoscaling off";
    return std::move(round.decision);
  }

  measure(round);
  round.limits = limits_at(read.now, read.decision_min);
  if (advises_) {
    advise(round);
  } else if (asleep) {
    wake(round);
  } else {
    ask_metrics(round);
    ask_forecasts(round);
    ask_ladder(round);
    round.asked = decision.final;
    apply_behavior(round);
    apply_limits(round);
    apply_cooldown(round);
    apply_zero(round);
  }
  set_trigger(round);
  explain(round);
  explain_next(round);
  return std::move(round.decision);
}

void ScalingPolicy::remember(const Observation& observation) {
  if (!seen_) {
    seen_ = true;
    stabilizer_ = Stabilizer({{observation.scale.spec_replicas, observation.now}});
  }
  cooldown_.seen(observation.now);
  if (!advises_) zero_.seen(observation.scale.spec_replicas);
}

// Feeds whatever looks at the demand.
void ScalingPolicy::measure(Round& round) {
  const base::Time now = round.observation.now;
  if (panic_ || rules_.prediction) {
    for (const MetricSpec& metric : rules_.metrics) {
      round.demands.push_back(demand_of(metric, round.observation, options_));
    }
  }
  for (std::size_t i = 0; i < forecasts_.size(); ++i) {
    if (round.demands[i]) forecasts_[i].observe(round.demands[i]->at, round.demands[i]->total);
  }
  if (panic_) panic_->observe(now, advises_ ? 0 : round.decision.current, round.demands, names_);
  if (ladder_) round.ladder_total = total_of(ladder_->spec().metric, round.observation);
  if (!zero_.spec()) return;
  std::optional<double> demand;
  bool all_known = true;
  const auto count = [&](const MetricSpec& metric, const base::Result<Total>& total) {
    if (!is_total(metric)) return;
    all_known = all_known && total.has_value();
    if (!total) round.decision.error = display_name(metric) + ": " + total.error().message;
    if (total) demand = std::max(demand.value_or(0), total->total);
  };
  for (const MetricSpec& metric : rules_.metrics) {
    if (is_total(metric)) count(metric, total_of(metric, round.observation));
  }
  if (ladder_) count(ladder_->spec().metric, *round.ladder_total);
  if (!all_known && demand.value_or(0) <= zero_.spec()->activation) demand.reset();
  zero_.measured(now, demand);
}

void ScalingPolicy::ask_metrics(Round& round) const {
  Decision& decision = round.decision;
  if (rules_.metrics.empty()) {
    decision.raw = own_.min;
    decision.final = own_.min;
    return;
  }
  Combined combined = combine(rules_.metrics, round.observation, tolerance_, options_);
  decision.inputs = std::move(combined.inputs);
  decision.error = std::move(combined.error);
  if (!combined.replicas) return;
  decision.raw = combined.raw;
  decision.selected = std::move(combined.selected);
  decision.steps = std::move(combined.steps);
  decision.final = *combined.replicas;
}

void ScalingPolicy::ask_forecasts(Round& round) {
  Decision& decision = round.decision;
  std::optional<int> most;
  for (std::size_t i = 0; i < forecasts_.size(); ++i) {
    const auto& demand = round.demands[i];
    Input input;
    input.metric = "prediction " + names_[i];
    const auto foreseen = demand ? forecasts_[i].provisioned(decision.at) : std::nullopt;
    if (!demand) {
      input.note = demand.error().message;
    } else if (!foreseen) {
      input.note = "not enough samples yet";
    } else if (const double error = forecasts_[i].error_quantile();
               error > rules_.prediction->max_error.value_or(1.0)) {
      input.note =
          fmt::format("gated: errors {} % above maxError {} % ({} seen)", base::format_fixed(100.0 * error, 1),
                      base::format_fixed(100.0 * *rules_.prediction->max_error, 1), forecasts_[i].errors_seen());
    } else {
      int wants = ceil_to_int(*foreseen / demand->per_pod);
      most = std::max(most.value_or(0), wants);
      input.value = foreseen;
      input.target = demand->per_pod;
      input.age = decision.at - demand->at;
      input.note =
          fmt::format("in {}, of {} now; errors {} % ({} seen)", base::format_duration(rules_.prediction->horizon),
                      amount_text(demand->total), base::format_fixed(100.0 * forecasts_[i].error_quantile(), 1),
                      forecasts_[i].errors_seen());
      if (!advises_ && within(tolerance_, *foreseen / demand->per_pod / std::max(decision.current, 1))) {
        wants = decision.current;
        input.note += ", inside the tolerance";
      }
      input.wants = wants;
      if (wants > decision.final && !advises_) {
        decision.selected = input.metric;
        round.step(
            wants,
            {.rule = "prediction", .why = input.note, .param = base::format_duration(rules_.prediction->horizon)});
      }
    }
    decision.inputs.push_back(std::move(input));
  }
  if (most) foreseen_ = Opinion{decision.at, *most};
}

void ScalingPolicy::ask_ladder(Round& round) {
  if (!ladder_) return;
  Decision& decision = round.decision;
  Input input;
  input.metric = "ladder " + display_name(ladder_->spec().metric);
  const auto& total = *round.ladder_total;
  if (!total) {
    input.note = total.error().message;
    if (decision.error.empty()) decision.error = input.metric + ": " + input.note;
    if (!advises_ && decision.final < decision.current) {
      round.ladder_asked = true;
      round.step(decision.current, {.rule = "ladder", .why = "without data it lets nothing go down: " + input.note});
    }
  } else {
    const Ladder::Answer answer = ladder_->ask(total->total);
    input.value = total->total;
    input.age = decision.at - total->at;
    input.wants = answer.replicas;
    input.note = answer.why;
    if (answer.replicas) climbed_ = Opinion{decision.at, *answer.replicas};
    if (answer.replicas && *answer.replicas > decision.final && !advises_) {
      decision.selected = input.metric;
      round.ladder_asked = true;
      round.step(
          *answer.replicas,
          {.rule = "ladder", .why = answer.why, .param = fmt::format("{} looked up", amount_text(answer.looked_up))});
    }
  }
  decision.inputs.push_back(std::move(input));
}

void ScalingPolicy::applied(const Decision& decision) {
  if (decision.final == decision.current || advises_) return;
  cooldown_.changed(decision.at);
  zero_.changed(decision.at, decision.current, decision.final);
  if (rules_.behavior) store_change(history_, *rules_.behavior, decision.current, decision.final, decision.at);
}

void ScalingPolicy::inherit(const Policy& previous) {
  const auto* before = dynamic_cast<const ScalingPolicy*>(&previous);
  if (before == nullptr) return;
  seen_ = before->seen_;
  cooldown_.inherit(before->cooldown_);
  zero_.inherit(before->zero_);
  stabilizer_ = before->stabilizer_;
  history_ = before->history_;
  last_floor_ = before->last_floor_;
  last_floor_trigger_ = before->last_floor_trigger_;
  const auto& metrics = rules_.metrics;
  const auto& old = before->rules_.metrics;
  const bool same = std::equal(metrics.begin(), metrics.end(), old.begin(), old.end(), measures_the_same);
  if (panic_ && before->panic_) panic_->inherit(*before->panic_, same);
  if (ladder_ && before->ladder_ && measures_the_same(ladder_->spec().metric, before->ladder_->spec().metric)) {
    ladder_->inherit(*before->ladder_);
  }
  if (rules_.prediction) foreseen_ = before->foreseen_;
  if (rules_.ladder) climbed_ = before->climbed_;
  if (before->forecasts_.empty()) return;
  for (std::size_t i = 0; i < forecasts_.size(); ++i) {
    for (std::size_t j = 0; j < old.size(); ++j) {
      if (measures_the_same(metrics[i], old[j])) forecasts_[i].inherit(before->forecasts_[j]);
    }
  }
}

}  // namespace scaler
