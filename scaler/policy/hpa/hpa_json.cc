#include "scaler/policy/hpa/hpa_json.h"

#include <chrono>
#include <nlohmann/json.hpp>

#include "scaler/policy/hpa/hpa_defaults.h"
#include "scaler/policy/hpa/json_values.h"

namespace scaler {
namespace {

using json_values::find;
using json_values::find_list;
using json_values::find_object;
using json_values::Json;
using json_values::quantity;
using json_values::small_integer;
using json_values::text;

struct SourceName {
  const char* type;
  const char* body;
  MetricSpec::Source source;
};
constexpr SourceName kSources[] = {
    {"Resource", "resource", MetricSpec::Source::kResource},
    {"ContainerResource", "containerResource", MetricSpec::Source::kContainerResource},
    {"Pods", "pods", MetricSpec::Source::kPods},
    {"Object", "object", MetricSpec::Source::kObject},
    {"External", "external", MetricSpec::Source::kExternal},
};

const Json& empty_object() {
  static const Json kEmpty = Json::object();
  return kEmpty;
}

const Json& object_or_empty(const Json& object, const char* key) {
  const Json* found = find_object(object, key);
  return found ? *found : empty_object();
}

void decode_target(const Json& target, MetricSpec& metric) {
  metric.target_type = text(target, "type");
  metric.utilization = small_integer(target, "averageUtilization");
  if (const auto average = quantity(target, "averageValue")) metric.average_milli = average->milli();
  if (const auto value = quantity(target, "value")) metric.value_milli = value->milli();
}

void decode_identifier(const Json& identifier, MetricSpec& metric) {
  metric.name = text(identifier, "name");
  const Json* selector = find(identifier, "selector");
  if (!selector) return;
  metric.selector_given = selector->is_object();
  SelectorText decoded = selector_text(*selector);
  metric.selector = std::move(decoded.text);
  metric.selector_problem = std::move(decoded.problem);
}

RatePolicy decode_rate_policy(const Json& entry) {
  RatePolicy policy;
  policy.type = text(entry, "type") == "Pods" ? RatePolicy::Type::kPods : RatePolicy::Type::kPercent;
  policy.value = small_integer(entry, "value").value_or(0);
  policy.period = std::chrono::seconds(small_integer(entry, "periodSeconds").value_or(0));
  return policy;
}

ScalingRules decode_rules(const Json& fields) {
  ScalingRules rules;
  if (const auto window = small_integer(fields, "stabilizationWindowSeconds")) {
    rules.stabilization_window = std::chrono::seconds(*window);
  }
  const std::string select = text(fields, "selectPolicy");
  rules.select = select == "Min"        ? SelectPolicy::kMin
                 : select == "Disabled" ? SelectPolicy::kDisabled
                                        : SelectPolicy::kMax;
  if (const Json* policies = find_list(fields, "policies")) {
    for (const Json& entry : *policies) rules.policies.push_back(decode_rate_policy(entry));
  }
  if (const auto tolerance = quantity(fields, "tolerance")) rules.tolerance = tolerance->approximate();
  return rules;
}

}  // namespace

MetricSpec decode_metric(const Json& entry) {
  MetricSpec metric;
  metric.name.clear();
  const std::string type = text(entry, "type");
  const SourceName* source = nullptr;
  for (const SourceName& candidate : kSources) {
    if (type == candidate.type) source = &candidate;
  }
  if (!source) {
    metric.source = MetricSpec::Source::kUnknown;
    metric.type = type;
    return metric;
  }
  metric.source = source->source;
  const Json& body = object_or_empty(entry, source->body);
  decode_target(object_or_empty(body, "target"), metric);
  if (metric.source == MetricSpec::Source::kResource || metric.source == MetricSpec::Source::kContainerResource) {
    metric.name = text(body, "name");
    if (metric.source == MetricSpec::Source::kContainerResource) metric.container = text(body, "container");
    return metric;
  }
  decode_identifier(object_or_empty(body, "metric"), metric);
  if (metric.source == MetricSpec::Source::kObject) {
    const Json& object = object_or_empty(body, "describedObject");
    metric.object = {text(object, "apiVersion"), text(object, "kind"), text(object, "name")};
  }
  return metric;
}

Behavior decode_behavior(const Json& behavior) {
  const Json filled = apply_behavior_defaults(behavior);
  Behavior decoded;
  decoded.scale_up = decode_rules(object_or_empty(filled, "scaleUp"));
  decoded.scale_down = decode_rules(object_or_empty(filled, "scaleDown"));
  return decoded;
}

HpaSpec decode_hpa_spec(const Json& spec) {
  const Json filled = apply_hpa_defaults(spec);
  HpaSpec hpa;
  hpa.min_replicas = small_integer(filled, "minReplicas").value_or(1);
  hpa.max_replicas = small_integer(filled, "maxReplicas").value_or(0);
  if (const Json* metrics = find_list(filled, "metrics")) {
    for (const Json& metric : *metrics) hpa.metrics.push_back(decode_metric(metric));
  }
  if (const Json* behavior = find_object(filled, "behavior")) hpa.behavior = decode_behavior(*behavior);
  return hpa;
}

}  // namespace scaler
