#include "scaler/policy/scaling/scaling_rules_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "scaler/policy/hpa/hpa_json.h"
#include "scaler/policy/scaling/amount.h"
#include "scaler/policy/scaling/cron.h"
#include "scaler/policy/scaling/time_zone.h"

namespace scaler {
namespace {

using config::Fields;

base::Duration read_positive(Fields& fields, const std::string& key, base::Duration fallback) {
  const base::Duration duration = fields.duration_or(key, fallback);
  if (duration <= base::Duration::zero()) fields.fail(key, "must be positive");
  return duration;
}

std::string read_rule_name(Fields& entry, std::set<std::string>& names, const char* what) {
  std::string name = entry.text("name");
  if (name.empty()) entry.fail("name", "must not be empty");
  if (!names.insert(name).second) entry.fail("name", fmt::format("is the name of another {} as well", what));
  return name;
}

struct FloorAndCeiling {
  int min = 0;
  std::optional<int> max;
};

FloorAndCeiling read_floor(Fields& entry, ReplicaBounds own) {
  FloorAndCeiling bounds;
  bounds.min = read_int(entry, "minReplicas", 0);
  if (entry.has("maxReplicas")) bounds.max = read_int(entry, "maxReplicas", 1);
  if (bounds.max && *bounds.max < bounds.min) {
    entry.fail("maxReplicas", fmt::format("must not be below minReplicas ({})", bounds.min));
  }
  if (!bounds.max && bounds.min > own.max) {
    entry.fail("minReplicas", fmt::format("must not be above the policy's maxReplicas ({})", own.max));
  }
  return bounds;
}

ScheduleSpec read_schedule(Fields& entry, ReplicaBounds own, std::set<std::string>& names) {
  ScheduleSpec schedule;
  schedule.name = read_rule_name(entry, names, "schedule");
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
  const FloorAndCeiling bounds = read_floor(entry, own);
  schedule.min_replicas = bounds.min;
  schedule.max_replicas = bounds.max;
  return schedule;
}

CalendarEventSpec read_event(Fields& entry, base::Duration lead, ReplicaBounds own, std::set<std::string>& names) {
  CalendarEventSpec event;
  event.name = read_rule_name(entry, names, "event");
  event.at = entry.time("at");
  if (entry.has("until") && entry.has("duration")) entry.fail("until", "may not be set together with duration");
  if (entry.has("until")) {
    event.until = entry.time("until");
    if (event.until <= event.at) entry.fail("until", "must be after the event's `at`");
  } else if (entry.has("duration")) {
    event.until = event.at + read_positive(entry, "duration", {});
  } else {
    entry.fail("needs duration or until");
  }
  event.lead = entry.duration_or("lead", lead);
  const FloorAndCeiling bounds = read_floor(entry, own);
  event.min_replicas = bounds.min;
  event.max_replicas = bounds.max;
  return event;
}

// The metric of a ladder: what is asked for, without a target.
MetricSpec read_ladder_metric(Fields& entry) {
  static const std::map<std::string, std::pair<MetricSpec::Source, std::string>> kTypes = {
      {"External", {MetricSpec::Source::kExternal, "external"}},
      {"Object", {MetricSpec::Source::kObject, "object"}},
      {"Pods", {MetricSpec::Source::kPods, "pods"}}};
  MetricSpec metric;
  metric.type = entry.choice("type", {"External", "Object", "Pods"});
  const auto& [source, key] = kTypes.at(metric.type);
  metric.source = source;
  for (const auto& [type, other] : kTypes) {
    if (other.second != key && entry.has(other.second)) {
      entry.fail(other.second, "may not be set in a metric of type " + metric.type);
    }
  }
  if (!entry.has(key)) entry.fail(key, "must be given in a metric of type " + metric.type);
  Fields body = entry.object(key);
  if (body.has("target")) body.fail("target", "is not used here: the steps say what the metric asks for");
  Fields identifier = body.object("metric");
  metric.name = identifier.text("name");
  if (metric.name.empty()) identifier.fail("name", "must not be empty");
  if (identifier.has("selector")) {
    SelectorText selector = selector_text(identifier.raw("selector"));
    if (!selector.problem.empty()) identifier.fail("selector", "is no label selector: " + selector.problem);
    metric.selector = std::move(selector.text);
  }
  if (source != MetricSpec::Source::kObject) return metric;
  Fields object = body.object("describedObject");
  metric.object = {object.text_or("apiVersion", ""), object.text("kind"), object.text("name")};
  return metric;
}

void read_surge(Fields& fields, LadderSpec& ladder) {
  auto surge = fields.object_if("surge");
  if (!surge) return;
  if (surge->has("perSecond") == surge->has("perMinute")) surge->fail("needs perSecond or perMinute, not both");
  ladder.surge_per_second =
      surge->has("perSecond") ? surge->quantity("perSecond") : surge->quantity("perMinute") / 60.0;
  ladder.start_up = surge->duration("for");
}

std::vector<LadderStep> read_steps(Fields& fields, ReplicaBounds own) {
  std::vector<LadderStep> steps;
  for (Fields& entry : fields.objects("steps")) {
    const LadderStep step{entry.quantity("from"), read_int(entry, "replicas", 0)};
    if (step.replicas > own.max) {
      entry.fail("replicas", fmt::format("must not be above the policy's maxReplicas ({})", own.max));
    }
    if (!steps.empty() && step.from <= steps.back().from) {
      entry.fail("from", fmt::format("must be above that of the step before ({}): the steps ascend",
                                     amount_text(steps.back().from)));
    }
    if (!steps.empty() && step.replicas <= steps.back().replicas) {
      entry.fail("replicas",
                 fmt::format("must be above those of the step before ({}): the steps ascend", steps.back().replicas));
    }
    steps.push_back(step);
  }
  if (steps.empty()) fields.fail("steps", "must hold at least one step");
  return steps;
}

}  // namespace

std::vector<ScheduleSpec> read_schedules(Fields& spec, ReplicaBounds own) {
  std::vector<ScheduleSpec> schedules;
  std::set<std::string> names;
  for (Fields& entry : spec.objects_or_none("schedules")) schedules.push_back(read_schedule(entry, own, names));
  return schedules;
}

std::vector<CalendarEventSpec> read_calendar(Fields& spec, ReplicaBounds own) {
  std::vector<CalendarEventSpec> events;
  auto fields = spec.object_if("calendar");
  if (!fields) return events;
  const base::Duration lead = fields->duration_or("lead", base::Duration::zero());
  std::set<std::string> names;
  for (Fields& entry : fields->objects("events")) events.push_back(read_event(entry, lead, own, names));
  if (events.empty()) fields->fail("events", "must hold at least one event");
  return events;
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
  if (fields->has("maxError")) prediction.max_error = fields->number("maxError", kLeast, 1.0);
  return prediction;
}

std::optional<PanicSpec> read_panic(Fields& spec, ReplicaBounds own) {
  auto fields = spec.object_if("panic");
  if (!fields) return std::nullopt;
  PanicSpec panic;
  panic.window = read_positive(*fields, "window", panic.window);
  panic.stable_window = read_positive(*fields, "stableWindow", panic.stable_window);
  if (panic.window >= panic.stable_window) {
    fields->fail(fields->has("window") ? "window" : "stableWindow",
                 "must leave the panic window shorter than stableWindow, which it is compared with");
  }
  if (fields->has("rise")) {
    panic.rise = fields->number("rise", 0);
    if (*panic.rise <= 1.0) fields->fail("rise", "must be a factor above 1");
  }
  if (fields->has("slopePerSecond")) {
    panic.slope_per_second = fields->quantity("slopePerSecond");
    if (*panic.slope_per_second <= 0.0) fields->fail("slopePerSecond", "must be positive");
  }
  if (!panic.rise && !panic.slope_per_second) fields->fail("needs rise, slopePerSecond or both");
  panic.hold = read_positive(*fields, "hold", panic.hold);
  panic.headroom = fields->number_or("headroom", panic.headroom, 1.0, 100.0);
  panic.min_replicas = read_int_or(*fields, "minReplicas", 0, 0);
  if (panic.min_replicas > own.max) {
    fields->fail("minReplicas", fmt::format("must not be above the policy's maxReplicas ({})", own.max));
  }
  return panic;
}

std::optional<LadderSpec> read_ladder(Fields& spec, ReplicaBounds own) {
  auto fields = spec.object_if("ladder");
  if (!fields) return std::nullopt;
  LadderSpec ladder;
  Fields metric = fields->object("metric");
  ladder.metric = read_ladder_metric(metric);
  read_surge(*fields, ladder);
  ladder.hysteresis = fields->number_or("hysteresis", 0, 0, 0.9);
  ladder.steps = read_steps(*fields, own);
  return ladder;
}

std::optional<ScaleToZeroSpec> read_scale_to_zero(Fields& spec) {
  auto fields = spec.object_if("scaleToZero");
  if (!fields) return std::nullopt;
  ScaleToZeroSpec zero;
  zero.after = fields->duration_or("after", zero.after);
  zero.activation = fields->quantity_or("activation", zero.activation);
  zero.grace = fields->duration_or("grace", zero.grace);
  return zero;
}

}  // namespace scaler
