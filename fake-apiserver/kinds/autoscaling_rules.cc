// Horizontal pod autoscalers, in the stored version v2.
#include <algorithm>

#include "fake-apiserver/kinds/names.h"
#include "fake-apiserver/kinds/object_rules.h"
#include "fake-apiserver/kinds/quantity.h"

namespace fakeapi {
namespace {

constexpr std::int64_t kLongestWindowSeconds = 3600;
constexpr std::int64_t kLongestPeriodSeconds = 1800;

std::string at_most(std::int64_t most) { return "must be less than or equal to " + std::to_string(most); }

bool is_positive(const Json& value) {
  const auto quantity = parse_quantity(view_of(value));
  return quantity && quantity->nano > 0;
}

void check_segment(Problems& problems, const FieldPath& path, std::string_view name) {
  if (name.empty()) problems.required(path);
  problems.invalid_all(path, name, path_segment_problems(name));
}

void check_reference(Problems& problems, const FieldPath& path, const Json& reference, bool any_api_version,
                     bool empty_group) {
  check_segment(problems, path / "kind", view_at(reference, "kind"));
  check_segment(problems, path / "name", view_at(reference, "name"));
  if (any_api_version) return;
  const std::string_view version = view_at(reference, "apiVersion");
  const auto slashes = std::count(version.begin(), version.end(), '/');
  if (slashes > 1) {
    problems.invalid(path / "apiVersion", version, "unexpected GroupVersion string: " + std::string(version));
  } else if (!empty_group && (slashes == 0 || version.front() == '/')) {
    problems.invalid(path / "apiVersion", version, "apiVersion must specify API group");
  }
}

void check_identifier(Problems& problems, const FieldPath& path, const Json& metric) {
  const std::string_view name = view_at(metric, "name");
  if (name.empty()) problems.required(path / "name", "must specify a metric name");
  problems.invalid_all(path / "name", name, path_segment_problems(name));
}

void check_target(Problems& problems, const FieldPath& path, const Json& target) {
  const std::string_view type = view_at(target, "type");
  if (type.empty()) problems.required(path / "type", "must specify a metric target type");
  if (type != "Utilization" && type != "Value" && type != "AverageValue") {
    problems.invalid(path / "type", type, "must be either Utilization, Value, or AverageValue");
  }
  for (const char* key : {"value", "averageValue"}) {
    const Json& value = member(target, key);
    if (!value.is_null() && !is_positive(value)) problems.invalid(path / key, value, "must be positive");
  }
  const Json& utilization = member(target, "averageUtilization");
  if (utilization.is_number_integer() && utilization < 1) {
    problems.invalid(path / "averageUtilization", utilization, "must be greater than 0");
  }
}

struct Targets {
  bool value;
  bool average;
  bool utilization;
};

Targets targets_of(const Json& target) {
  return {!member(target, "value").is_null(), !member(target, "averageValue").is_null(),
          !member(target, "averageUtilization").is_null()};
}

void check_resource_target(Problems& problems, const FieldPath& path, const Json& target) {
  check_target(problems, path, target);
  const Targets set = targets_of(target);
  if (!set.utilization && !set.average) {
    problems.required(path / "averageUtilization", "must set either a target raw value or a target utilization");
  } else if (set.utilization && set.average) {
    problems.forbidden(path / "averageValue", "may not set both a target raw value and a target utilization");
  }
}

void check_container_resource(Problems& problems, const FieldPath& path, const Json& body) {
  const std::string_view name = view_at(body, "name");
  const std::string_view container = view_at(body, "container");
  if (name.empty()) {
    problems.required(path / "name", "must specify a resource name");
  } else if (!qualified_name_problems(name).empty()) {
    problems.invalid_all(path / "name", name, qualified_name_problems(name));
  }
  if (container.empty()) {
    problems.required(path / "container", "must specify a container");
  } else {
    problems.invalid_all(path / "container", container, dns_label_problems(container));
  }
  check_resource_target(problems, path / "target", member(body, "target"));
}

void check_body(Problems& problems, const FieldPath& path, std::string_view key, const Json& body) {
  const Json& target = member(body, "target");
  const FieldPath target_path = path / "target";
  const Targets set = targets_of(target);
  if (key == "containerResource") return check_container_resource(problems, path, body);
  if (key == "resource") {
    if (view_at(body, "name").empty()) problems.required(path / "name", "must specify a resource name");
    return check_resource_target(problems, target_path, target);
  }
  if (key == "object")
    check_reference(problems, path / "describedObject", member(body, "describedObject"), false, true);
  check_identifier(problems, path / "metric", member(body, "metric"));
  check_target(problems, target_path, target);
  if (key == "pods") {
    if (!is_positive(member(target, "averageValue"))) {
      problems.required(target_path / "averageValue", "must specify a positive target averageValue");
    }
  } else if (!set.value && !set.average) {
    problems.required(target_path / "averageValue",
                      key == "object" ? "must set either a target value or averageValue"
                                      : "must set either a target value for metric or a per-pod target");
  } else if (key == "external" && set.value && set.average) {
    problems.forbidden(target_path / "value", "may not set both a target value for metric and a per-pod target");
  }
}

// In the order in which a body to check is looked for.
struct Body {
  const char* key;
  const char* type;
};
constexpr Body kBodies[] = {{"object", "Object"},
                            {"external", "External"},
                            {"pods", "Pods"},
                            {"resource", "Resource"},
                            {"containerResource", "ContainerResource"}};

void check_type(Problems& problems, const FieldPath& path, const Json& type) {
  problems.check_choice(path, type, {"ContainerResource", "External", "Object", "Pods", "Resource"});
}

void check_metric(Problems& problems, const FieldPath& path, const Json& metric) {
  const Json& type = member(metric, "type");
  if (is_unset(type)) problems.required(path / "type", "must specify a metric source type");
  check_type(problems, path / "type", type);
  std::vector<std::string_view> present;
  for (const Body& body : kBodies) {
    if (!member(metric, body.key).is_null()) present.emplace_back(body.key);
  }
  if (!present.empty()) {
    check_body(problems, path / present.front(), present.front(), member(metric, present.front()));
  }
  const auto* expected =
      std::find_if(std::begin(kBodies), std::end(kBodies), [&](const Body& body) { return type == body.type; });
  if (expected == std::end(kBodies)) {
    check_type(problems, path / "type", type);  // the server says it twice
  } else if (member(metric, expected->key).is_null()) {
    problems.required(path / expected->key, "must populate information for the given metric source");
  }
  if (present.size() == 1) return;
  for (const std::string_view key : present) {
    if (expected == std::end(kBodies) || key != expected->key) {
      problems.forbidden(path / key, "must populate the given metric source only");
    }
  }
}

void check_rate_policy(Problems& problems, const FieldPath& path, const Json& policy) {
  problems.check_choice(path / "type", member(policy, "type"), {"Percent", "Pods"});
  for (const char* key : {"value", "periodSeconds"}) {
    const Json& value = member(policy, key);
    if (!value.is_number_integer() || value <= 0) {
      problems.invalid(path / key, value.is_null() ? Json(0) : value, "must be greater than zero");
    }
  }
  const Json& period = member(policy, "periodSeconds");
  if (period.is_number_integer() && period > kLongestPeriodSeconds) {
    problems.invalid(path / "periodSeconds", period, at_most(kLongestPeriodSeconds));
  }
}

void check_scaling_rules(Problems& problems, const FieldPath& path, const Json& rules) {
  const Json& window = member(rules, "stabilizationWindowSeconds");
  if (window.is_number_integer() && window < 0) {
    problems.invalid(path / "stabilizationWindowSeconds", window, "must be greater than or equal to zero");
  }
  if (window.is_number_integer() && window > kLongestWindowSeconds) {
    problems.invalid(path / "stabilizationWindowSeconds", window, at_most(kLongestWindowSeconds));
  }
  const Json& select = member(rules, "selectPolicy");
  if (!select.is_null()) problems.check_choice(path / "selectPolicy", select, {"Disabled", "Max", "Min"});
  const FieldPath policies = path / "policies";
  if (member(rules, "policies").empty()) problems.required(policies, "must specify at least one Policy");
  for_each_item(member(rules, "policies"),
                [&](const Json& policy, std::size_t i) { check_rate_policy(problems, policies[i], policy); });
}

}  // namespace

void check_horizontal_pod_autoscaler(Problems& problems, const Json& object, const Json* before) {
  const FieldPath path("spec");
  const Json& spec = member(object, "spec");
  const Json& least = member(spec, "minReplicas");
  const Json& metrics = member(spec, "metrics");
  const std::int64_t most = integer_at(spec, {"maxReplicas"}).value_or(0);
  const bool needs_no_pods = metrics.is_array() && std::any_of(metrics.begin(), metrics.end(), [](const Json& metric) {
                               return member(metric, "type") == "Object" || member(metric, "type") == "External";
                             });
  if (least.is_number_integer() && least < 0) problems.invalid(path / "minReplicas", least, kNotNegative);
  if (most < 1) problems.invalid(path / "maxReplicas", most, "must be greater than 0");
  if (least.is_number_integer() && most < least) {
    problems.invalid(path / "maxReplicas", most, "must be greater than or equal to `minReplicas`");
  }
  const Json& target = member(spec, "scaleTargetRef");
  const Json& old = before ? at_path(*before, {"spec", "scaleTargetRef"}) : Json();
  const bool same = old.is_object() && member(old, "kind") == member(target, "kind") &&
                    member(old, "apiVersion") == member(target, "apiVersion");
  // Autoscalers of v1 may leave the version of their target out.
  const bool unsaid = view_at(target, "apiVersion").empty();
  check_reference(problems, path / "scaleTargetRef", target, same || unsaid,
                  member(target, "kind") == "ReplicationController");
  const FieldPath metrics_path = path / "metrics";
  for_each_item(metrics, [&](const Json& metric, std::size_t i) { check_metric(problems, metrics_path[i], metric); });
  if (least == 0 && !needs_no_pods) {
    problems.forbidden(metrics_path,
                       "must specify at least one Object or External metric to support scaling to zero replicas");
  }
  const FieldPath behavior = path / "behavior";
  for (const char* direction : {"scaleUp", "scaleDown"}) {
    const Json& rules = at_path(spec, {"behavior", direction});
    if (rules.is_object()) check_scaling_rules(problems, behavior / direction, rules);
  }
}

}  // namespace fakeapi
