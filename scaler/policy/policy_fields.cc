#include "scaler/policy/policy_fields.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace scaler {
namespace {

using config::Fields;

// Thousandths, rounded up as Kubernetes does, but not for what only the binary fraction adds.
std::int64_t to_milli(double value) {
  const double milli = value * 1000.0;
  const double nearest = std::round(milli);
  const double whole = std::abs(milli - nearest) <= 1e-6 * std::max(1.0, std::abs(milli)) ? nearest : std::ceil(milli);
  constexpr double kMost = 9.2e18;
  return static_cast<std::int64_t>(std::min(whole, kMost));
}

std::int64_t read_positive_milli(Fields& target, const std::string& key) {
  const std::int64_t milli = to_milli(target.quantity(key));
  if (milli <= 0) target.fail(key, "must be positive");
  return milli;
}

void read_resource_target(Fields& body, MetricSpec& metric) {
  Fields target = body.object("target");
  target.choice("type", {"Utilization", "AverageValue", "Value"});
  const bool utilization = target.has("averageUtilization");
  if (utilization && target.has("averageValue")) {
    target.fail("averageValue", "may not be set together with averageUtilization");
  }
  if (utilization) {
    metric.utilization = read_int(target, "averageUtilization", 1);
  } else if (target.has("averageValue")) {
    metric.average_milli = read_positive_milli(target, "averageValue");
  } else {
    target.fail("needs averageUtilization or averageValue");
  }
}

void read_pods_metric(Fields& body, MetricSpec& metric) {
  Fields identifier = body.object("metric");
  metric.name = identifier.text("name");
  if (metric.name.empty()) identifier.fail("name", "must not be empty");
  if (identifier.has("selector")) identifier.fail("selector", "is not supported: metrics are taken by name alone");
  Fields target = body.object("target");
  target.choice("type", {"AverageValue"});
  metric.average_milli = read_positive_milli(target, "averageValue");
}

MetricSpec read_metric(Fields& entry) {
  static constexpr const char* kBodies[] = {"object", "external", "pods", "resource", "containerResource"};
  const std::string type = entry.choice("type", {"Resource", "ContainerResource", "Pods"});
  std::string key = type;
  key.front() = static_cast<char>(key.front() - 'A' + 'a');
  if (!entry.has(key)) entry.fail(key, "must be given in a metric of type " + type);
  for (const char* body : kBodies) {
    if (body != key && entry.has(body)) entry.fail(body, "may not be set in a metric of type " + type);
  }
  MetricSpec metric;
  Fields body = entry.object(key);
  if (type == "Pods") {
    metric.source = MetricSpec::Source::kPods;
    read_pods_metric(body, metric);
    return metric;
  }
  metric.name = body.choice("name", {"cpu", "memory"});
  if (type == "ContainerResource") {
    metric.source = MetricSpec::Source::kContainerResource;
    metric.container = body.text("container");
    if (metric.container.empty()) body.fail("container", "must not be empty");
  }
  read_resource_target(body, metric);
  return metric;
}

ScalingRules read_rules(Fields& fields, ScalingRules rules) {
  if (fields.has("stabilizationWindowSeconds")) {
    rules.stabilization_window = std::chrono::seconds(fields.integer("stabilizationWindowSeconds", 0, 3600));
  }
  const std::string select = fields.choice_or("selectPolicy", {"Max", "Min", "Disabled"}, "Max");
  rules.select = select == "Max" ? SelectPolicy::kMax : select == "Min" ? SelectPolicy::kMin : SelectPolicy::kDisabled;
  if (fields.has("policies")) {
    rules.policies.clear();
    for (Fields& entry : fields.objects("policies")) {
      RatePolicy policy;
      policy.type =
          entry.choice("type", {"Pods", "Percent"}) == "Pods" ? RatePolicy::Type::kPods : RatePolicy::Type::kPercent;
      policy.value = read_int(entry, "value", 1);
      policy.period = std::chrono::seconds(entry.integer("periodSeconds", 1, 1800));
      rules.policies.push_back(policy);
    }
    if (rules.policies.empty()) fields.fail("policies", "must specify at least one policy");
  }
  if (fields.has("tolerance")) rules.tolerance = fields.quantity("tolerance");
  return rules;
}

}  // namespace

int read_int(Fields& fields, const std::string& key, int min, int max) {
  return static_cast<int>(fields.integer(key, min, max));
}

int read_int_or(Fields& fields, const std::string& key, int fallback, int min, int max) {
  return static_cast<int>(fields.integer_or(key, fallback, min, max));
}

ReplicaBounds read_bounds(Fields& spec, int most) {
  ReplicaBounds bounds;
  bounds.min = read_int_or(spec, "minReplicas", 1, 1, most);
  bounds.max = read_int(spec, "maxReplicas", 1, most);
  if (bounds.max < bounds.min) {
    spec.fail("maxReplicas", fmt::format("must not be below minReplicas ({})", bounds.min));
  }
  return bounds;
}

std::vector<MetricSpec> read_metrics(Fields& spec) {
  std::vector<MetricSpec> metrics;
  for (Fields& entry : spec.objects_or_none("metrics")) metrics.push_back(read_metric(entry));
  return metrics;
}

std::optional<Behavior> read_behavior(Fields& spec) {
  auto fields = spec.object_if("behavior");
  if (!fields) return std::nullopt;
  Behavior behavior;
  if (auto up = fields->object_if("scaleUp")) behavior.scale_up = read_rules(*up, behavior.scale_up);
  if (auto down = fields->object_if("scaleDown")) behavior.scale_down = read_rules(*down, behavior.scale_down);
  return behavior;
}

}  // namespace scaler
