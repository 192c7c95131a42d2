#include "scaler/policy/keda/keda_policy.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "common/base/time_format.h"
#include "scaler/policy/decision_steps.h"
#include "scaler/policy/setting_text.h"

namespace scaler {

KedaPolicy::KedaPolicy(const PolicySpec& spec, const ControllerOptions& options)
    : name_(spec.name),
      target_(spec.target_path()),
      rules_(std::get<KedaSpec>(spec.rules)),
      pause_(keda_pause(spec.annotations)),
      made_(keda_hpa(spec)),
      hpa_(made_.spec, options),
      scalers_(rules_, spec.name),
      polls_(rules_.polling_interval),
      rounds_(options.sync_period) {}

MetricNeeds KedaPolicy::needs() const {
  MetricNeeds needs;
  if (pause_.stops_everything()) return needs;
  needs.resource_metrics = hpa_.needs().resource_metrics;
  for (const KedaExternalTrigger& trigger : external_triggers(rules_, name_)) {
    needs.externals.push_back(keda_need(trigger.metric, name_));
  }
  return needs;
}

Decision KedaPolicy::evaluate(const Observation& observation) {
  if (!created_) created_ = observation.now;
  author_ = Author::kNobody;
  Decision decision = replicas_decision(name_, target_, observation);
  if (pause_.stops_everything()) {
    obey_pause(decision);
    return decision;
  }
  const bool pushed = scalers_.pushed(observation);
  const bool poll_due = polls_.due(observation.now) || pushed;
  const bool round_due = rounds_.due(observation.now);
  if (poll_due) run_loop(observation, decision);
  if (pushed && decision.final != decision.current) decision.trigger = Trigger::kEvent;
  if (decision.final == decision.current) {
    if (cooling_) explain_cooldown(decision);
    if (round_due) ask_hpa(observation, decision);
  }
  for (Unused& unused : scalers_.waiting()) decision.unused.push_back(std::move(unused));
  if (decision.final == 0 && decision.current == 0) {
    decision.note = "the target is at zero: only a poll of the triggers wakes it";
    decision.next =
        NextChange{polls_.after(observation.now).value_or(observation.now), "the next poll of the triggers"};
  }
  if (!poll_due && !round_due) decision.note = "neither the poll nor the round of the HPA is due";
  return decision;
}

// KEDA stops its loop and deletes the HPA.
void KedaPolicy::obey_pause(Decision& decision) const {
  if (pause_.replicas) {
    step_to(decision, *pause_.replicas, "paused-replicas", "the annotation holds the target there",
            fmt::format("{}", *pause_.replicas));
  }
  decision.unused.push_back({"triggers", "paused by annotation: no poll, no HPA"});
  decision.note = "paused by annotation";
}

void KedaPolicy::run_loop(const Observation& observation, Decision& decision) {
  cooling_ = false;
  KedaPoll poll = scalers_.poll(observation);
  decision.inputs = std::move(poll.inputs);
  decision.error = poll.error;
  if (poll.active || pause_.force_activation) {
    if (!poll.active) poll.by = poll.why = "force-activation";
    when_active(poll, decision);
  } else {
    when_inactive(poll, decision);
  }
  if (decision.final != decision.current && author_ == Author::kNobody) author_ = Author::kLoop;
}

void KedaPolicy::when_active(const KedaPoll& poll, Decision& decision) {
  const int min = rules_.min_replicas;
  const bool asleep = decision.current == 0 || (rules_.idle_replicas && decision.current < min);
  if (!asleep) {
    if (!poll.failed) last_active_ = decision.at;
    decision.unused.push_back({"activation", poll.why + "; at 1 and more the HPA decides"});
    decision.unused.push_back({"cooldownPeriod", "a trigger is active; it only delays the last step down"});
    return;
  }
  if (pause_.scale_out) {
    decision.unused.push_back({"activation", poll.why + ", but paused-scale-out holds the target"});
    return;
  }
  decision.selected = poll.by;
  step_to(decision, std::max(min, 1), "activation", poll.why, fmt::format("minReplicaCount {}", min));
  author_ = Author::kActivation;
}

void KedaPolicy::when_inactive(const KedaPoll& poll, Decision& decision) {
  const int current = decision.current;
  const int min = rules_.min_replicas;
  if (poll.failed && rules_.fallback && rules_.fallback->replicas != 0) {
    decision.unused.push_back({"cooldownPeriod", "a trigger failed: going down would switch the fallback off"});
    return;
  }
  if (poll.failed && !rules_.fallback) {
    decision.unused.push_back({"cooldownPeriod", "a trigger failed and there is no fallback"});
    return;
  }
  const bool above_idle = rules_.idle_replicas && current > *rules_.idle_replicas;
  if (above_idle || (current > 0 && min == 0)) {
    cool_down(decision);
    if (poll.failed) decision.unused.push_back({"fallback", "to 0 replicas does not keep the target up"});
  } else if (!rules_.idle_replicas && current < min) {
    step_to(decision, min, "minReplicaCount", "the current count is below it", fmt::format("{}", min));
  } else {
    decision.unused.push_back({"activation", "no trigger is active"});
  }
}

KedaPolicy::Cooldown KedaPolicy::cooldown() const {
  if (last_active_) return {"cooldownPeriod", *last_active_, rules_.cooldown_period};
  return {"initialCooldownPeriod", *created_, rules_.initial_cooldown_period};
}

void KedaPolicy::cool_down(Decision& decision) {
  const Cooldown waits = cooldown();
  const std::string since = "no trigger was active after " + base::format_rfc3339(waits.from);
  if (pause_.scale_in) {
    decision.unused.push_back({waits.rule, since + ", but paused-scale-in holds the target"});
    return;
  }
  // Strictly before now, as upstream.
  cooling_ = waits.from + waits.period >= decision.at;
  if (cooling_) return;
  step_to(decision, rules_.idle_replicas.value_or(0), waits.rule, since, seconds_text(waits.period), "0s");
}

void KedaPolicy::explain_cooldown(Decision& decision) const {
  const Cooldown waits = cooldown();
  const base::Time end = waits.from + waits.period;
  decision.unused.push_back(
      {waits.rule,
       fmt::format("no trigger was active after {}: {} of {} left", base::format_rfc3339(waits.from),
                   seconds_text(std::max(end - decision.at, base::Duration::zero())), seconds_text(waits.period))});
  decision.next = NextChange{polls_.after(end).value_or(end),
                             fmt::format("the first poll after {} of {}", waits.rule, seconds_text(waits.period))};
}

void KedaPolicy::ask_hpa(const Observation& observation, Decision& decision) {
  const auto& bounds = std::get<HpaSpec>(made_.spec.rules);
  const int current = decision.current;
  // Outside of its bounds and at zero the HPA reads no metric, so that none can fail.
  const bool reads = current >= bounds.min_replicas && current <= bounds.max_replicas;
  const std::vector<KedaMetric> metrics = reads ? scalers_.serve(observation) : std::vector<KedaMetric>{};
  Decision hpa = evaluate_hpa(observation, metrics);
  explain_hpa(metrics, hpa);
  hpa.policy = name_;
  hpa.target = target_;
  if (hpa.error.empty()) hpa.error = decision.error;
  if (hpa.inputs.empty()) hpa.inputs = std::move(decision.inputs);
  // At its minimum the HPA has nothing to wait for.
  const bool hpa_waits = hpa.next && current > bounds.min_replicas;
  if (decision.next && (!hpa_waits || decision.next->when < hpa.next->when)) hpa.next = decision.next;
  hpa.unused.insert(hpa.unused.begin(), std::make_move_iterator(decision.unused.begin()),
                    std::make_move_iterator(decision.unused.end()));
  decision = std::move(hpa);
  if (decision.final != decision.current) author_ = Author::kHpa;
}

Decision KedaPolicy::evaluate_hpa(const Observation& observation, const std::vector<KedaMetric>& metrics) {
  if (std::all_of(metrics.begin(), metrics.end(), [](const KedaMetric& m) { return m.as_observed; })) {
    return hpa_.evaluate(observation);
  }
  Observation served = observation;
  for (const KedaMetric& metric : metrics) {
    using Values = std::vector<MetricValue>;
    auto values = metric.value_milli ? base::Result<Values>(Values{{*metric.value_milli, metric.taken}})
                                     : base::Result<Values>(metric.value_milli.error());
    served.external_metrics.insert_or_assign(keda_need(metric.metric, name_), std::move(values));
  }
  return hpa_.evaluate(served);
}

// Names the metrics as users know the triggers, and shows where a value is a fallback.
void KedaPolicy::explain_hpa(const std::vector<KedaMetric>& metrics, Decision& hpa) const {
  std::size_t external = 0;
  const bool all_there = hpa.inputs.size() == made_.labels.size();
  const auto& specs = std::get<HpaSpec>(made_.spec.rules).metrics;
  for (std::size_t i = 0; all_there && i < hpa.inputs.size(); ++i) {
    Input& input = hpa.inputs[i];
    const bool selected = hpa.selected == input.metric;
    const bool is_external = specs[i].source == MetricSpec::Source::kExternal;
    input.metric = made_.labels[i];
    if (selected) hpa.selected = input.metric;
    if (!is_external || external >= metrics.size()) continue;
    const KedaMetric& metric = metrics[external++];
    if (metric.fallback_replicas) input.value.reset();
    if (!metric.note.empty()) input.note += (input.note.empty() ? "" : "; ") + metric.note;
    if (!metric.fallback_replicas) continue;
    const std::string param =
        rules_.fallback ? fmt::format("failureThreshold {}", rules_.fallback->failure_threshold) : std::string();
    if (selected && hpa.raw && *hpa.raw != hpa.current) {
      hpa.steps.insert(hpa.steps.begin(), {"fallback", hpa.current, *hpa.raw, metric.note, param});
      hpa.raw = hpa.current;
    } else {
      hpa.unused.push_back({"fallback", metric.note});
    }
  }
}

void KedaPolicy::applied(const Decision& decision) {
  if (author_ == Author::kActivation) last_active_ = decision.at;
  if (author_ == Author::kHpa) hpa_.applied(decision);
}

void KedaPolicy::inherit(const Policy& previous) {
  const auto* before = dynamic_cast<const KedaPolicy*>(&previous);
  if (before == nullptr) return;
  hpa_.inherit(before->hpa_);
  scalers_.inherit(before->scalers_);
  rounds_.inherit(before->rounds_);
  created_ = before->created_;
  last_active_ = before->last_active_;
}

std::optional<base::Time> KedaPolicy::next_wake(base::Time now) const {
  if (pause_.stops_everything()) return std::nullopt;
  return polls_.after(now);
}

}  // namespace scaler
