#include "scaler/policy/hpa/hpa_types.h"

#include <limits>

#include "scaler/policy/hpa/json_values.h"

namespace scaler {
namespace {

using config::Fields;

void check_selector_types(Fields& selector) {
  if (auto labels = selector.object_if("matchLabels")) {
    for (const auto& [key, value] : labels->value().items()) check_text(*labels, key);
  }
  for (Fields& expression : selector.objects_or_none("matchExpressions")) {
    check_text(expression, "key");
    check_text(expression, "operator");
    expression.texts_or_none("values");
  }
}

void check_identifier_types(Fields& body) {
  auto identifier = body.object_if("metric");
  if (!identifier) return;
  check_text(*identifier, "name");
  if (auto selector = identifier->object_if("selector")) check_selector_types(*selector);
}

void check_target_types(Fields& body) {
  auto target = body.object_if("target");
  if (!target) return;
  check_text(*target, "type");
  check_int32(*target, "averageUtilization");
  check_quantity(*target, "averageValue");
  check_quantity(*target, "value");
}

void check_rules_types(Fields& rules) {
  check_int32(rules, "stabilizationWindowSeconds");
  check_text(rules, "selectPolicy");
  check_quantity(rules, "tolerance");
  for (Fields& policy : rules.objects_or_none("policies")) {
    check_text(policy, "type");
    check_int32(policy, "value");
    check_int32(policy, "periodSeconds");
  }
}

}  // namespace

void check_text(Fields& fields, const std::string& key) {
  if (fields.has(key)) fields.text(key);
}

void check_int32(Fields& fields, const std::string& key) {
  if (fields.has(key)) fields.integer(key, std::numeric_limits<int>::min(), std::numeric_limits<int>::max());
}

void check_quantity(Fields& fields, const std::string& key) {
  if (!fields.has(key)) return;
  const config::Json& value = fields.raw(key);
  if (kube::Quantity::parse(json_values::quantity_text(value))) return;
  fields.fail(key, "must be a quantity, such as 500m, 2 or 64Gi, is " +
                       value.dump(-1, ' ', false, config::Json::error_handler_t::replace));
}

void check_reference_types(Fields& reference) {
  for (const char* key : {"apiVersion", "kind", "name"}) check_text(reference, key);
}

void check_metric_types(Fields& metric) {
  check_text(metric, "type");
  for (const char* key : {"resource", "containerResource", "pods", "object", "external"}) {
    auto body = metric.object_if(key);
    if (!body) continue;
    const std::string source = key;
    if (source == "resource" || source == "containerResource") {
      check_text(*body, "name");
      if (source == "containerResource") check_text(*body, "container");
    } else {
      check_identifier_types(*body);
    }
    if (source == "object") {
      if (auto object = body->object_if("describedObject")) check_reference_types(*object);
    }
    check_target_types(*body);
  }
}

void check_behavior_types(Fields& behavior) {
  for (const char* direction : {"scaleUp", "scaleDown"}) {
    if (auto rules = behavior.object_if(direction)) check_rules_types(*rules);
  }
}

void check_hpa_types(Fields& spec) {
  if (auto target = spec.object_if("scaleTargetRef")) check_reference_types(*target);
  check_int32(spec, "minReplicas");
  check_int32(spec, "maxReplicas");
  for (Fields& metric : spec.objects_or_none("metrics")) check_metric_types(metric);
  if (auto behavior = spec.object_if("behavior")) check_behavior_types(*behavior);
}

}  // namespace scaler
