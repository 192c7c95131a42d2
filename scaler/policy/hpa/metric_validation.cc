#include <algorithm>
#include <array>

#include "scaler/policy/hpa/hpa_validation.h"
#include "scaler/policy/hpa/json_values.h"
#include "scaler/policy/hpa/names.h"
#include "scaler/policy/hpa/validation_rules.h"

namespace scaler {
namespace validation {
namespace {

using json_values::child_or_null;
using json_values::find;
using json_values::quantity;
using json_values::text;

// Rounding away from zero keeps the sign.
bool is_positive(const kube::Quantity& value) { return value.milli() > 0; }

void check_identifier(FieldProblems& problems, const FieldPath& path, const Json& identifier) {
  const std::string name = text(identifier, "name");
  const FieldPath name_path = path.child("name");
  if (name.empty()) required(problems, name_path, "must specify a metric name");
  for (std::string& problem : path_segment_problems(name)) invalid(problems, name_path, name, std::move(problem));
}

void check_positive(FieldProblems& problems, const FieldPath& path, const Json& target, const char* key) {
  const auto value = quantity(target, key);
  if (value && !is_positive(*value)) invalid(problems, path.child(key), target.at(key), "must be positive");
}

void check_target(FieldProblems& problems, const FieldPath& path, const Json& target) {
  const std::string type = text(target, "type");
  if (type.empty()) required(problems, path.child("type"), "must specify a metric target type");
  if (type != "Utilization" && type != "Value" && type != "AverageValue") {
    invalid(problems, path.child("type"), type, "must be either Utilization, Value, or AverageValue");
  }
  check_positive(problems, path, target, "value");
  check_positive(problems, path, target, "averageValue");
  const auto utilization = json_values::integer(target, "averageUtilization");
  if (utilization && *utilization < 1) {
    invalid(problems, path.child("averageUtilization"), *utilization, "must be greater than 0");
  }
}

void check_object(FieldProblems& problems, const FieldPath& path, const Json& body, ReferenceRules objects) {
  check_reference(problems, path.child("describedObject"), child_or_null(body, "describedObject"), objects);
  check_identifier(problems, path.child("metric"), child_or_null(body, "metric"));
  const Json& target = child_or_null(body, "target");
  const FieldPath target_path = path.child("target");
  check_target(problems, target_path, target);
  if (!quantity(target, "value") && !quantity(target, "averageValue")) {
    required(problems, target_path.child("averageValue"), "must set either a target value or averageValue");
  }
}

void check_external(FieldProblems& problems, const FieldPath& path, const Json& body) {
  check_identifier(problems, path.child("metric"), child_or_null(body, "metric"));
  const Json& target = child_or_null(body, "target");
  const FieldPath target_path = path.child("target");
  check_target(problems, target_path, target);
  const bool value = quantity(target, "value").has_value();
  const bool average = quantity(target, "averageValue").has_value();
  if (!value && !average) {
    required(problems, target_path.child("averageValue"),
             "must set either a target value for metric or a per-pod target");
  } else if (value && average) {
    forbidden(problems, target_path.child("value"), "may not set both a target value for metric and a per-pod target");
  }
}

void check_pods(FieldProblems& problems, const FieldPath& path, const Json& body) {
  check_identifier(problems, path.child("metric"), child_or_null(body, "metric"));
  const Json& target = child_or_null(body, "target");
  const FieldPath target_path = path.child("target");
  check_target(problems, target_path, target);
  const auto average = quantity(target, "averageValue");
  if (!average || !is_positive(*average)) {
    required(problems, target_path.child("averageValue"), "must specify a positive target averageValue");
  }
}

void check_resource_target(FieldProblems& problems, const FieldPath& path, const Json& target) {
  check_target(problems, path, target);
  const bool utilization = json_values::integer(target, "averageUtilization").has_value();
  const bool average = quantity(target, "averageValue").has_value();
  if (!utilization && !average) {
    required(problems, path.child("averageUtilization"), "must set either a target raw value or a target utilization");
  } else if (utilization && average) {
    forbidden(problems, path.child("averageValue"), "may not set both a target raw value and a target utilization");
  }
}

void check_resource(FieldProblems& problems, const FieldPath& path, const Json& body) {
  if (text(body, "name").empty()) required(problems, path.child("name"), "must specify a resource name");
  check_resource_target(problems, path.child("target"), child_or_null(body, "target"));
}

// The resources that Kubernetes itself knows by a name without a domain.
bool is_standard_resource(const std::string& name) {
  static constexpr std::array kNames = {"cpu",
                                        "memory",
                                        "ephemeral-storage",
                                        "requests.cpu",
                                        "requests.memory",
                                        "requests.ephemeral-storage",
                                        "requests.storage",
                                        "limits.cpu",
                                        "limits.memory",
                                        "limits.ephemeral-storage",
                                        "pods",
                                        "resourcequotas",
                                        "services",
                                        "services.nodeports",
                                        "services.loadbalancers",
                                        "replicationcontrollers",
                                        "secrets",
                                        "configmaps",
                                        "persistentvolumeclaims",
                                        "storage"};
  return std::any_of(kNames.begin(), kNames.end(), [&](const char* known) { return name == known; }) ||
         name.starts_with("hugepages-") || name.starts_with("requests.hugepages-");
}

void check_container_resource(FieldProblems& problems, const FieldPath& path, const Json& body) {
  const std::string name = text(body, "name");
  const FieldPath name_path = path.child("name");
  if (name.empty()) {
    required(problems, name_path, "must specify a resource name");
  } else if (!is_qualified_name(name) || (name.find('/') == std::string::npos && !is_standard_resource(name))) {
    invalid(problems, name_path, name, "must be a standard resource type or fully qualified");
  }
  const std::string container = text(body, "container");
  if (container.empty()) {
    required(problems, path.child("container"), "must specify a container");
  } else if (!is_dns_label(container)) {
    invalid(problems, path.child("container"), container,
            "must be a DNS label: at most 63 lower-case letters, digits and '-', with a letter or digit at both ends");
  }
  check_resource_target(problems, path.child("target"), child_or_null(body, "target"));
}

// In the order in which the server looks for a body to check.
struct Body {
  const char* key;
  const char* type;
};
constexpr std::array kBodies = {Body{"object", "Object"}, Body{"external", "External"}, Body{"pods", "Pods"},
                                Body{"resource", "Resource"}, Body{"containerResource", "ContainerResource"}};

void check_body(FieldProblems& problems, const FieldPath& path, const Json& metric, const std::string& key,
                ReferenceRules objects) {
  const Json& body = metric.at(key);
  const FieldPath body_path = path.child(key);
  if (key == "object") return check_object(problems, body_path, body, objects);
  if (key == "external") return check_external(problems, body_path, body);
  if (key == "pods") return check_pods(problems, body_path, body);
  if (key == "resource") return check_resource(problems, body_path, body);
  check_container_resource(problems, body_path, body);
}

}  // namespace

void check_metric(FieldProblems& problems, const FieldPath& path, const Json& metric, ReferenceRules objects) {
  static const std::vector<std::string> kTypes = {"ContainerResource", "External", "Object", "Pods", "Resource"};
  const std::string type = text(metric, "type");
  if (type.empty()) required(problems, path.child("type"), "must specify a metric source type");
  check_choice(problems, path.child("type"), type, kTypes);

  std::vector<std::string> present;
  for (const Body& body : kBodies) {
    if (find(metric, body.key)) present.emplace_back(body.key);
  }
  if (!present.empty()) check_body(problems, path, metric, present.front(), objects);

  const auto expected =
      std::find_if(kBodies.begin(), kBodies.end(), [&](const Body& body) { return type == body.type; });
  if (expected == kBodies.end()) {
    check_choice(problems, path.child("type"), type, kTypes);  // the server says it twice
  } else if (!find(metric, expected->key)) {
    required(problems, path.child(expected->key), "must populate information for the given metric source");
  }
  if (present.size() == 1) return;
  for (const std::string& key : present) {
    if (expected == kBodies.end() || key != expected->key) {
      forbidden(problems, path.child(key), "must populate the given metric source only");
    }
  }
}

}  // namespace validation

FieldProblems validate_metric(const nlohmann::json& metric, const FieldPath& path) {
  FieldProblems problems;
  validation::check_metric(problems, path, metric, {.empty_group = true});
  return problems;
}

}  // namespace scaler
