#include "scaler/policy/scaling/scaling_policy_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "scaler/policy/policy_fields.h"
#include "scaler/policy/scaling/cron.h"
#include "scaler/policy/scaling/time_zone.h"

namespace scaler {
namespace {

using config::Fields;

ScheduleSpec read_schedule(Fields& entry, ReplicaBounds own) {
  ScheduleSpec schedule;
  schedule.name = entry.text("name");
  if (schedule.name.empty()) entry.fail("name", "must not be empty");
  schedule.cron = entry.text("cron");
  if (const auto cron = Cron::parse(schedule.cron); !cron)
    entry.fail("cron", "is no cron expression: " + cron.error().message);
  schedule.time_zone = entry.text_or("timeZone", "UTC");
  if (!TimeZone::find(schedule.time_zone)) {
    const std::string meant = config::did_you_mean(schedule.time_zone, TimeZone::names());
    entry.fail("timeZone", fmt::format("names no known time zone: \"{}\"{}", schedule.time_zone,
                                       meant.empty() ? "" : fmt::format("; did you mean \"{}\"?", meant)));
  }
  schedule.duration = entry.duration("duration");
  if (schedule.duration <= base::Duration::zero()) entry.fail("duration", "must be positive");
  schedule.min_replicas = read_int(entry, "minReplicas", 0);
  if (entry.has("maxReplicas")) schedule.max_replicas = read_int(entry, "maxReplicas", 1);
  if (schedule.max_replicas && *schedule.max_replicas < schedule.min_replicas) {
    entry.fail("maxReplicas", fmt::format("must not be below minReplicas ({})", schedule.min_replicas));
  }
  if (!schedule.max_replicas && schedule.min_replicas > own.max) {
    entry.fail("minReplicas", fmt::format("must not be above the policy's maxReplicas ({})", own.max));
  }
  return schedule;
}

std::vector<ScheduleSpec> read_schedules(Fields& spec, ReplicaBounds own) {
  std::vector<ScheduleSpec> schedules;
  std::set<std::string> names;
  for (Fields& entry : spec.objects_or_none("schedules")) {
    schedules.push_back(read_schedule(entry, own));
    if (!names.insert(schedules.back().name).second) entry.fail("name", "is the name of another schedule as well");
  }
  return schedules;
}

std::optional<PredictionSpec> read_prediction(Fields& spec) {
  auto fields = spec.object_if("prediction");
  if (!fields) return std::nullopt;
  PredictionSpec prediction;
  constexpr double kLeast = 0.001;
  fields->choice("model", {"dampedTrend"});
  prediction.horizon = fields->duration("horizon");
  if (prediction.horizon <= base::Duration::zero()) fields->fail("horizon", "must be positive");
  prediction.quantile = fields->number_or("quantile", prediction.quantile, kLeast, 1.0 - kLeast);
  prediction.history = fields->duration_or("history", std::max(prediction.history, 5 * prediction.horizon));
  if (prediction.history < prediction.horizon) {
    fields->fail("history", "must not be shorter than horizon, or no forecast could be compared with what came");
  }
  prediction.alpha = fields->number_or("alpha", prediction.alpha, kLeast, 1.0);
  prediction.beta = fields->number_or("beta", prediction.beta, kLeast, 1.0);
  prediction.phi = fields->number_or("phi", prediction.phi, kLeast, 1.0);
  return prediction;
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

ScalingPolicySpec read_rules(Fields& spec) {
  ScalingPolicySpec policy;
  const ReplicaBounds bounds = read_bounds(spec, std::numeric_limits<int>::max());
  policy.min_replicas = bounds.min;
  policy.max_replicas = bounds.max;
  policy.metrics = read_metrics(spec);
  policy.tolerance = read_tolerance(spec);
  policy.behavior = read_behavior(spec);
  policy.cooldown = read_cooldown(spec, policy.behavior.has_value());
  policy.schedules = read_schedules(spec, bounds);
  policy.prediction = read_prediction(spec);
  if (policy.metrics.empty() && policy.schedules.empty()) spec.fail("needs metrics, schedules or both");
  if (policy.prediction && policy.metrics.empty()) spec.fail("prediction", "needs metrics that it can foresee");
  return policy;
}

}  // namespace

void read_scaling_policy(Fields& spec, PolicySpec& policy) { policy.rules = read_rules(spec); }

}  // namespace scaler
