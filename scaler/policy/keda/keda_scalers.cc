#include "scaler/policy/keda/keda_scalers.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "common/base/check.h"
#include "common/base/number_format.h"
#include "common/base/time_format.h"
#include "scaler/policy/hpa/saturate.h"
#include "scaler/policy/keda/keda_hpa.h"
#include "scaler/policy/setting_text.h"

namespace scaler {
namespace {

using base::Error;
using base::ErrorCode;

// Prometheus' own --query.lookback-delta: what is older it does not answer with.
constexpr base::Duration kOldest = std::chrono::minutes(5);

std::int64_t truncated_milli(double value) {
  constexpr double kMost = 9.2e18;
  return static_cast<std::int64_t>(std::clamp(value * 1000.0, -kMost, kMost));
}

std::string number(double value) { return base::format_number(value); }

// As the HPA counts them for a target of type Value.
int running_and_ready(const std::vector<PodObservation>& pods) {
  return static_cast<int>(std::count_if(pods.begin(), pods.end(), [](const PodObservation& pod) {
    return pod.phase == PodPhase::kRunning && pod.ready == ConditionStatus::kTrue;
  }));
}

std::int64_t sum_of(const std::vector<MetricValue>& values) {
  std::int64_t sum = 0;
  for (const MetricValue& value : values) sum = saturating_add(sum, value.value_milli);
  return sum;
}

base::Time oldest(const std::vector<MetricValue>& values) {
  return std::min_element(values.begin(), values.end(),
                          [](const MetricValue& a, const MetricValue& b) { return a.timestamp < b.timestamp; })
      ->timestamp;
}

}  // namespace

KedaScalers::KedaScalers(const KedaSpec& spec, const std::string& name) : spec_(spec), name_(name) {
  std::vector<std::string> names;
  for (const KedaTrigger& trigger : spec_.triggers) {
    if (trigger.is_resource()) continue;
    Scaler scaler;
    scaler.trigger = trigger;
    scaler.label = keda_label(trigger);
    if (trigger.type == KedaTrigger::Type::kCron) scaler.cron.emplace(trigger);
    scalers_.push_back(std::move(scaler));
    if (!trigger.name.empty()) names.push_back(trigger.name);
  }
  if (!spec_.modifiers) return;
  auto formula = KedaFormula::parse(spec_.modifiers->formula, names);
  CHECK(formula.has_value(), "the reader has checked the formula");
  formula_ = std::move(*formula);
}

KedaScalers::Reading KedaScalers::read_external(const Scaler& scaler, const Observation& observation) const {
  const KedaTrigger& trigger = scaler.trigger;
  const auto fails = [](ErrorCode code, std::string message) {
    Reading reading;
    reading.value_milli = Error{code, std::move(message)};
    return reading;
  };
  const auto found = observation.external_metrics.find(keda_need(trigger.metric, name_));
  if (found == observation.external_metrics.end()) return fails(ErrorCode::kNotFound, "not read");
  if (!found->second) return fails(found->second.error().code, found->second.error().message);

  const std::vector<MetricValue>& values = *found->second;
  const bool stale = !values.empty() && observation.now - oldest(values) > kOldest;
  if (values.empty() || stale) {
    const std::string why = stale ? "the newest value is older than " + base::format_duration(kOldest) : "no value";
    const bool null_is_zero = trigger.type == KedaTrigger::Type::kPrometheus && trigger.ignore_null_values;
    if (!null_is_zero) return fails(ErrorCode::kUnavailable, why);
    Reading reading;
    reading.taken = observation.now;
    reading.active = 0 > trigger.activation;
    reading.note = why + ", which counts as 0 (ignoreNullValues)";
    return reading;
  }
  Reading reading;
  const std::int64_t sum = sum_of(values);
  reading.value_milli = sum;
  reading.taken = oldest(values);
  reading.active = milli(sum) > trigger.activation;
  reading.as_observed = true;
  return reading;
}

KedaScalers::Reading KedaScalers::ask(Scaler& scaler, const Observation& observation) const {
  if (!scaler.cron) return read_external(scaler, observation);
  Reading reading;
  reading.active = scaler.cron->active(observation.now);
  reading.value_milli = std::int64_t{1000} * (reading.active ? scaler.trigger.desired_replicas : 1);
  reading.taken = observation.now;
  return reading;
}

int KedaScalers::fallback_replicas(const Observation& observation) const {
  const int current = observation.scale.spec_replicas;
  switch (spec_.fallback->behavior) {
    case KedaFallback::Behavior::kStatic:
    case KedaFallback::Behavior::kScalingModifiers: return spec_.fallback->replicas;
    case KedaFallback::Behavior::kCurrentReplicas: return current;
    case KedaFallback::Behavior::kCurrentReplicasIfHigher: return std::max(current, spec_.fallback->replicas);
    case KedaFallback::Behavior::kCurrentReplicasIfLower: return std::min(current, spec_.fallback->replicas);
  }
  return spec_.fallback->replicas;
}

std::optional<std::int64_t> KedaScalers::fallback_milli(const Scaler& scaler, const Observation& observation,
                                                        int replicas) const {
  const double target = spec_.modifiers ? spec_.modifiers->target : milli(scaler.trigger.target_milli);
  const bool per_pod = spec_.modifiers ? spec_.modifiers->per_pod : scaler.trigger.per_pod;
  double share = replicas;
  if (!per_pod) {
    const int ready = running_and_ready(observation.pods);
    if (ready == 0) return std::nullopt;
    share /= ready;
  }
  return truncated_milli(target * share);
}

void KedaScalers::settle(Scaler& scaler, const Observation& observation, Reading& reading) const {
  if (reading.value_milli) {
    scaler.failures = 0;
    return;
  }
  if (scaler.failures < std::numeric_limits<int>::max()) ++scaler.failures;
  if (!spec_.fallback || scaler.failures <= spec_.fallback->failure_threshold) return;
  const std::string error = reading.value_milli.error().message;
  const std::string times =
      fmt::format("{} failures in a row > {}: {}", scaler.failures, spec_.fallback->failure_threshold, error);
  if (spec_.modifiers && spec_.fallback->behavior == KedaFallback::Behavior::kScalingModifiers) {
    reading = Reading{};
    reading.nil = true;
    reading.taken = observation.now;
    reading.note = "nil after " + times;
    return;
  }
  const int replicas = fallback_replicas(observation);
  const auto served = fallback_milli(scaler, observation, replicas);
  if (!served) {
    reading.note = "no fallback without a pod that is running and ready";
    return;
  }
  reading = Reading{};
  reading.value_milli = *served;
  reading.fallback_replicas = replicas;
  reading.taken = observation.now;
  reading.active = true;
  reading.note = fmt::format("fallback to {} replicas after {}", replicas, times);
}

KedaMetric KedaScalers::compose(const std::vector<Reading>& readings, const Observation& observation) const {
  KedaMetric metric;
  metric.metric = metric.label = kKedaCompositeMetric;
  metric.taken = observation.now;
  for (const Reading& reading : readings) {
    if (!reading.fallback_replicas) continue;
    metric.value_milli = reading.value_milli;
    metric.fallback_replicas = reading.fallback_replicas;
    metric.note = reading.note;
    return metric;
  }
  KedaFormula::Values values;
  for (std::size_t i = 0; i < readings.size(); ++i) {
    const Reading& reading = readings[i];
    // The formula cannot ask for what has no name, and does not fail with it.
    if (scalers_[i].trigger.name.empty()) continue;
    if (!reading.value_milli) {
      metric.value_milli = annotate(reading.value_milli.error(), scalers_[i].label);
      return metric;
    }
    std::optional<double>& value = values[scalers_[i].trigger.name];
    if (!reading.nil) value = milli(*reading.value_milli);
    if (reading.nil) metric.note = fmt::format("{} is {}", scalers_[i].label, reading.note);
  }
  const auto result = formula_->evaluate(values);
  if (!result) {
    metric.value_milli = annotate(result.error(), "formula");
  } else if (*result) {
    metric.value_milli = truncated_milli(**result);
  } else if (spec_.fallback) {
    metric.value_milli = truncated_milli(spec_.modifiers->target * spec_.fallback->replicas);
    metric.fallback_replicas = spec_.fallback->replicas;
    metric.note = fmt::format("fallback to {} replicas: the formula gave nil", spec_.fallback->replicas);
  } else {
    metric.value_milli = Error{ErrorCode::kUnavailable, "the formula gave nil"};
  }
  return metric;
}

Input KedaScalers::input_of(const Scaler& scaler, const Reading& reading, base::Time now) const {
  Input input;
  input.metric = scaler.label;
  input.target = milli(scaler.trigger.target_milli);
  if (!reading.value_milli) {
    input.note = reading.value_milli.error().message;
    if (!reading.note.empty()) input.note += "; " + reading.note;
    return input;
  }
  if (!reading.nil && !reading.fallback_replicas) {
    input.value = milli(*reading.value_milli);
    input.age = now - reading.taken;
  }
  input.note = reading.active ? "active" : "not active";
  if (!reading.note.empty()) input.note += "; " + reading.note;
  return input;
}

std::string KedaScalers::why_active(const Scaler& scaler, const Reading& reading) {
  if (reading.fallback_replicas) return scaler.label + " is on fallback";
  if (scaler.cron) return scaler.label + " is between start and end";
  return fmt::format("{} is at {} > {}", scaler.label, number(milli(*reading.value_milli)),
                     number(scaler.trigger.activation));
}

KedaPoll KedaScalers::poll(const Observation& observation) {
  KedaPoll poll;
  std::vector<Reading> readings;
  for (Scaler& scaler : scalers_) {
    Reading reading = ask(scaler, observation);
    scaler.polled = reading;
    if (scaler.trigger.type == KedaTrigger::Type::kExternalPush) scaler.pushed = reading.active;
    settle(scaler, observation, reading);
    poll.inputs.push_back(input_of(scaler, reading, observation.now));
    if (!reading.value_milli) {
      if (!poll.failed) poll.error = annotate(reading.value_milli.error(), "trigger " + scaler.label).message;
      poll.failed = true;
    } else if (reading.active && !poll.active && !spec_.modifiers) {
      poll.active = true;
      poll.by = scaler.label;
      poll.why = why_active(scaler, reading);
    }
    readings.push_back(std::move(reading));
  }
  if (scalers_.empty()) {
    poll.active = true;
    poll.why = "cpu and memory alone are always active";
  }
  if (spec_.modifiers && !poll.failed) judge_composite(compose(readings, observation), poll);
  return poll;
}

void KedaScalers::judge_composite(const KedaMetric& composite, KedaPoll& poll) const {
  Input input;
  input.metric = composite.label;
  input.target = spec_.modifiers->target;
  if (composite.value_milli) {
    const double value = milli(*composite.value_milli);
    poll.active = value > spec_.modifiers->activation_target;
    poll.by = composite.label;
    poll.why =
        fmt::format("{} is at {} > {}", composite.label, number(value), number(spec_.modifiers->activation_target));
    if (!composite.fallback_replicas) input.value = value;
    input.note = poll.active ? "active" : "not active";
    if (!composite.note.empty()) input.note += "; " + composite.note;
  } else {
    poll.failed = true;
    poll.error = annotate(composite.value_milli.error(), composite.label).message;
    input.note = composite.value_milli.error().message;
  }
  poll.inputs.push_back(std::move(input));
}

std::vector<KedaMetric> KedaScalers::serve(const Observation& observation) {
  std::vector<Reading> readings;
  std::vector<KedaMetric> metrics;
  for (Scaler& scaler : scalers_) {
    const bool from_cache = scaler.trigger.cached && scaler.polled;
    Reading reading = from_cache ? *scaler.polled : ask(scaler, observation);
    reading.as_observed = reading.as_observed && !from_cache;
    settle(scaler, observation, reading);
    KedaMetric metric{scaler.trigger.metric,     scaler.label,        reading.value_milli, reading.taken,
                      reading.fallback_replicas, reading.as_observed, reading.note};
    if (!spec_.modifiers) metrics.push_back(std::move(metric));
    readings.push_back(std::move(reading));
  }
  if (spec_.modifiers) metrics.push_back(compose(readings, observation));
  for (KedaMetric& metric : metrics) {
    if (!metric.value_milli || *metric.value_milli >= 0) continue;
    // The HPA would take a sum below zero for an overflow and ask for the maximum.
    const double value = milli(*metric.value_milli);
    metric.value_milli = Error{ErrorCode::kInvalid, fmt::format("the value {} is negative", number(value))};
    metric.as_observed = false;
  }
  return metrics;
}

bool KedaScalers::pushed(const Observation& observation) {
  bool changed = false;
  for (Scaler& scaler : scalers_) {
    if (scaler.trigger.type != KedaTrigger::Type::kExternalPush) continue;
    const Reading reading = ask(scaler, observation);
    if (!reading.value_milli) continue;
    changed = changed || scaler.pushed.value_or(false) != reading.active;
    scaler.pushed = reading.active;
  }
  return changed;
}

std::vector<Unused> KedaScalers::waiting() const {
  std::vector<Unused> waiting;
  for (const Scaler& scaler : scalers_) {
    if (scaler.cron && scaler.cron->next_edge()) {
      waiting.push_back({"trigger " + scaler.label, fmt::format("{} {}", scaler.cron->was_active() ? "ends" : "starts",
                                                                base::format_rfc3339(*scaler.cron->next_edge()))});
    }
    if (!spec_.fallback || scaler.failures == 0 || scaler.failures > spec_.fallback->failure_threshold) continue;
    waiting.push_back({"fallback", fmt::format("{} failed {} times in a row <= {}", scaler.label, scaler.failures,
                                               spec_.fallback->failure_threshold)});
  }
  return waiting;
}

void KedaScalers::inherit(const KedaScalers& previous) {
  for (Scaler& scaler : scalers_) {
    const auto before = std::find_if(previous.scalers_.begin(), previous.scalers_.end(),
                                     [&](const Scaler& s) { return s.trigger.metric == scaler.trigger.metric; });
    if (before == previous.scalers_.end()) continue;
    scaler.failures = before->failures;
    scaler.pushed = before->pushed;
  }
}

}  // namespace scaler
