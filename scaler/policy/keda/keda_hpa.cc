#include "scaler/policy/keda/keda_hpa.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "common/base/number_format.h"

namespace scaler {
namespace {

// By which KEDA tells the series of one ScaledObject from those of another.
constexpr const char* kObjectLabel = "scaledobject.keda.sh/name";

std::string replaced(std::string text, char what, std::string_view with) {
  std::string out;
  for (const char c : text) {
    if (c == what) {
      out += with;
    } else {
      out += c;
    }
  }
  return out;
}

// Metric names go into URLs: KEDA writes these characters as a dash.
std::string normalized(std::string text) {
  for (char& c : text) {
    if (std::string_view("/.:%()").find(c) != std::string_view::npos) c = '-';
  }
  return text;
}

// A cron expression as a part of a name.
std::string cron_part(std::string cron) {
  std::erase(cron, ' ');
  return replaced(replaced(replaced(std::move(cron), '*', "x"), '/', "Sl"), '?', "Qm");
}

// Go's strconv.ParseBool knows these as false; all that is no boolean counts as true.
bool is_set(const std::map<std::string, std::string>& annotations, const std::string& name) {
  const auto found = annotations.find("autoscaling.keda.sh/" + name);
  if (found == annotations.end()) return false;
  static constexpr std::array<std::string_view, 6> kFalse = {"0", "f", "F", "false", "False", "FALSE"};
  return std::find(kFalse.begin(), kFalse.end(), found->second) == kFalse.end();
}

MetricSpec external_metric(const std::string& metric, const std::string& name, bool per_pod, std::int64_t milli) {
  const MetricNeed need = keda_need(metric, name);
  MetricSpec spec;
  spec.source = MetricSpec::Source::kExternal;
  spec.name = need.name;
  spec.selector = need.selector;
  spec.type = "External";
  spec.target_type = per_pod ? "AverageValue" : "Value";
  (per_pod ? spec.average_milli : spec.value_milli) = milli;
  return spec;
}

MetricSpec metric_of(const KedaTrigger& trigger, const std::string& name) {
  if (!trigger.is_resource()) return external_metric(trigger.metric, name, trigger.per_pod, trigger.target_milli);
  const bool of_container = !trigger.container.empty();
  MetricSpec spec;
  spec.source = of_container ? MetricSpec::Source::kContainerResource : MetricSpec::Source::kResource;
  spec.name = to_string(trigger.type);
  spec.container = trigger.container;
  spec.utilization = trigger.utilization;
  spec.average_milli = trigger.average_milli;
  spec.type = of_container ? "ContainerResource" : "Resource";
  spec.target_type = trigger.utilization ? "Utilization" : "AverageValue";
  return spec;
}

// KEDA sorts the metrics by the name of their type.
int order_of(const MetricSpec& metric) {
  if (metric.source == MetricSpec::Source::kContainerResource) return 0;
  return metric.source == MetricSpec::Source::kExternal ? 1 : 2;
}

// Of the HPA, with the annotations that stop one direction.
std::optional<Behavior> behavior_of(const KedaSpec& spec, const KedaPause& pause) {
  std::optional<Behavior> behavior = spec.behavior;
  if (!behavior && (pause.scale_in || pause.scale_out)) behavior.emplace();
  if (pause.scale_in) behavior->scale_down.select = SelectPolicy::kDisabled;
  if (pause.scale_out) behavior->scale_up.select = SelectPolicy::kDisabled;
  return behavior;
}

}  // namespace

const char* to_string(KedaTrigger::Type type) {
  switch (type) {
    case KedaTrigger::Type::kCpu: return "cpu";
    case KedaTrigger::Type::kMemory: return "memory";
    case KedaTrigger::Type::kPrometheus: return "prometheus";
    case KedaTrigger::Type::kCron: return "cron";
    case KedaTrigger::Type::kExternalPush: return "external-push";
  }
  return "";
}

std::string keda_metric_name(std::size_t index, const KedaTrigger& trigger) {
  std::string name = to_string(trigger.type);
  if (trigger.type == KedaTrigger::Type::kCron) {
    name =
        normalized(fmt::format("cron-{}-{}-{}", trigger.time_zone, cron_part(trigger.start), cron_part(trigger.end)));
  } else if (trigger.type == KedaTrigger::Type::kExternalPush) {
    const auto given = trigger.metadata.find("metricName");
    if (given != trigger.metadata.end() && !given->second.empty()) name = given->second;
  }
  return fmt::format("s{}-{}", index, name);
}

MetricNeed keda_need(const std::string& metric, const std::string& name) {
  return {.name = metric, .selector = std::string(kObjectLabel) + "=" + name};
}

std::string keda_label(const KedaTrigger& trigger) {
  if (trigger.is_resource()) return to_string(trigger.type);
  return trigger.name.empty() ? trigger.metric : fmt::format("{} ({})", trigger.name, trigger.metric);
}

std::vector<KedaExternalTrigger> external_triggers(const KedaSpec& spec, const std::string& name) {
  std::vector<KedaExternalTrigger> triggers;
  for (const KedaTrigger& trigger : spec.triggers) {
    if (trigger.is_resource() || trigger.type == KedaTrigger::Type::kCron) continue;
    const MetricNeed need = keda_need(trigger.metric, name);
    triggers.push_back({.metric = need.name,
                        .selector = need.selector,
                        .labels = {{kObjectLabel, name}},
                        .type = to_string(trigger.type),
                        .query = trigger.query,
                        .null_is_zero = trigger.ignore_null_values,
                        .metadata = trigger.metadata});
  }
  return triggers;
}

KedaPause keda_pause(const std::map<std::string, std::string>& annotations) {
  KedaPause pause;
  pause.paused = is_set(annotations, "paused");
  pause.scale_in = is_set(annotations, "paused-scale-in");
  pause.scale_out = is_set(annotations, "paused-scale-out");
  pause.force_activation = is_set(annotations, "force-activation");
  const auto replicas = annotations.find("autoscaling.keda.sh/paused-replicas");
  if (replicas != annotations.end()) {
    pause.replicas = static_cast<int>(base::parse_int64(replicas->second).value_or(0));
  }
  return pause;
}

KedaHpa keda_hpa(const PolicySpec& scaled_object) {
  const auto& rules = std::get<KedaSpec>(scaled_object.rules);
  struct Labelled {
    MetricSpec metric;
    std::string label;
  };
  std::vector<Labelled> metrics;
  for (const KedaTrigger& trigger : rules.triggers) {
    if (rules.modifiers && !trigger.is_resource()) continue;
    metrics.push_back({metric_of(trigger, scaled_object.name), keda_label(trigger)});
    if (!trigger.container.empty()) metrics.back().label += " of container " + trigger.container;
  }
  if (rules.modifiers) {
    const auto milli = static_cast<std::int64_t>(rules.modifiers->target * 1000.0);
    metrics.push_back({external_metric(kKedaCompositeMetric, scaled_object.name, rules.modifiers->per_pod, milli),
                       kKedaCompositeMetric});
  }
  std::stable_sort(metrics.begin(), metrics.end(),
                   [](const Labelled& a, const Labelled& b) { return order_of(a.metric) < order_of(b.metric); });
  HpaSpec hpa;
  hpa.min_replicas = std::max(1, rules.min_replicas);
  hpa.max_replicas = rules.max_replicas;
  hpa.behavior = behavior_of(rules, keda_pause(scaled_object.annotations));
  KedaHpa made;
  for (Labelled& labelled : metrics) {
    hpa.metrics.push_back(std::move(labelled.metric));
    made.labels.push_back(std::move(labelled.label));
  }
  made.spec.ns = scaled_object.ns;
  made.spec.name = rules.hpa_name;
  made.spec.target = scaled_object.target;
  made.spec.target_where = scaled_object.target_where;
  made.spec.rules = std::move(hpa);
  return made;
}

}  // namespace scaler
