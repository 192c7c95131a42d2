#include "scaler/policy/hpa/hpa_validation.h"

#include <algorithm>

#include "common/base/number_format.h"
#include "scaler/policy/hpa/json_values.h"
#include "scaler/policy/hpa/validation_rules.h"

namespace scaler {
namespace {

using json_values::child_or_null;
using json_values::find;
using json_values::find_list;
using json_values::integer;
using json_values::Json;
using json_values::text;
using validation::check_choice;
using validation::forbidden;
using validation::invalid;
using validation::ReferenceRules;
using validation::required;

constexpr std::int64_t kLongestWindowSeconds = 3600;
constexpr std::int64_t kLongestPeriodSeconds = 1800;

std::string at_most(std::int64_t most) { return "must be less than or equal to " + base::format_number(most); }

void check_rate_policy(FieldProblems& problems, const FieldPath& path, const Json& policy) {
  static const std::vector<std::string> kTypes = {"Percent", "Pods"};
  check_choice(problems, path.child("type"), text(policy, "type"), kTypes);
  const std::int64_t value = integer(policy, "value").value_or(0);
  if (value <= 0) invalid(problems, path.child("value"), value, "must be greater than zero");
  const std::int64_t period = integer(policy, "periodSeconds").value_or(0);
  if (period <= 0) invalid(problems, path.child("periodSeconds"), period, "must be greater than zero");
  if (period > kLongestPeriodSeconds) {
    invalid(problems, path.child("periodSeconds"), period, at_most(kLongestPeriodSeconds));
  }
}

void check_rules(FieldProblems& problems, const FieldPath& path, const Json& rules, bool tolerances) {
  static const std::vector<std::string> kSelect = {"Disabled", "Max", "Min"};
  const FieldPath window_path = path.child("stabilizationWindowSeconds");
  const std::int64_t window = integer(rules, "stabilizationWindowSeconds").value_or(0);
  if (window < 0) invalid(problems, window_path, window, "must be greater than or equal to zero");
  if (window > kLongestWindowSeconds) invalid(problems, window_path, window, at_most(kLongestWindowSeconds));
  if (find(rules, "selectPolicy")) {
    check_choice(problems, path.child("selectPolicy"), text(rules, "selectPolicy"), kSelect);
  }
  const FieldPath policies_path = path.child("policies");
  const Json* policies = find_list(rules, "policies");
  if (!policies || policies->empty()) required(problems, policies_path, "must specify at least one Policy");
  for (std::size_t i = 0; policies && i < policies->size(); ++i) {
    check_rate_policy(problems, policies_path.index(i), policies->at(i));
  }
  const auto tolerance = json_values::quantity(rules, "tolerance");
  if (tolerances && tolerance && tolerance->milli() < 0) {
    invalid(problems, path.child("tolerance"), rules.at("tolerance"), "must be greater than or equal to 0");
  }
}

void check_behavior(FieldProblems& problems, const FieldPath& path, const Json& behavior, bool tolerances) {
  for (const char* direction : {"scaleUp", "scaleDown"}) {
    if (const Json* rules = find(behavior, direction)) {
      check_rules(problems, path.child(direction), *rules, tolerances);
    }
  }
}

bool uses_tolerance(const Json& spec) {
  const Json& behavior = child_or_null(spec, "behavior");
  return find(child_or_null(behavior, "scaleUp"), "tolerance") ||
         find(child_or_null(behavior, "scaleDown"), "tolerance");
}

void check_bounds(FieldProblems& problems, const FieldPath& path, const Json& spec,
                  const HpaValidationOptions& options) {
  const bool zero_stays = options.old_spec && integer(*options.old_spec, "minReplicas") == 0;
  const std::int64_t least = options.scale_to_zero || zero_stays ? 0 : 1;
  const auto min = integer(spec, "minReplicas");
  const std::int64_t max = integer(spec, "maxReplicas").value_or(0);
  if (min && *min < least) {
    invalid(problems, path.child("minReplicas"), *min,
            "must be greater than or equal to " + base::format_number(least));
  }
  if (max < 1) invalid(problems, path.child("maxReplicas"), max, "must be greater than 0");
  if (min && max < *min) {
    invalid(problems, path.child("maxReplicas"), max, "must be greater than or equal to `minReplicas`");
  }
}

ReferenceRules rules_for_target(const Json& target, const Json* old_spec) {
  ReferenceRules rules;
  if (old_spec) {
    const Json& old = child_or_null(*old_spec, "scaleTargetRef");
    rules.any_api_version =
        text(old, "kind") == text(target, "kind") && text(old, "apiVersion") == text(target, "apiVersion");
  }
  rules.empty_group = text(target, "kind") == "ReplicationController";
  return rules;
}

// What is stored already may stay.
ReferenceRules rules_for_objects(const Json* old_spec) {
  ReferenceRules rules{.any_api_version = false, .empty_group = true};
  const Json* metrics = old_spec ? find_list(*old_spec, "metrics") : nullptr;
  if (!metrics) return rules;
  const bool bad = std::any_of(metrics->begin(), metrics->end(), [&](const Json& metric) {
    const Json& object = child_or_null(child_or_null(metric, "object"), "describedObject");
    return text(metric, "type") == "Object" &&
           !validation::api_version_problem(text(object, "apiVersion"), rules).empty();
  });
  rules.any_api_version = bad;
  return rules;
}

void check_metrics(FieldProblems& problems, const FieldPath& path, const Json& spec, const Json* old_spec) {
  const ReferenceRules objects = rules_for_objects(old_spec);
  const Json* metrics = find_list(spec, "metrics");
  bool needs_no_pods = false;
  for (std::size_t i = 0; metrics && i < metrics->size(); ++i) {
    const Json& metric = metrics->at(i);
    validation::check_metric(problems, path.index(i), metric, objects);
    const std::string type = text(metric, "type");
    needs_no_pods = needs_no_pods || type == "Object" || type == "External";
  }
  if (integer(spec, "minReplicas") == 0 && !needs_no_pods) {
    forbidden(problems, path,
              "must specify at least one Object or External metric to support scaling to zero replicas");
  }
}

}  // namespace

FieldProblems validate_hpa_spec(const Json& spec, const HpaValidationOptions& options) {
  FieldProblems problems;
  const FieldPath path("spec");
  check_bounds(problems, path, spec, options);
  const Json& target = child_or_null(spec, "scaleTargetRef");
  validation::check_reference(problems, path.child("scaleTargetRef"), target,
                              rules_for_target(target, options.old_spec));
  check_metrics(problems, path.child("metrics"), spec, options.old_spec);
  const bool tolerances = options.configurable_tolerance || (options.old_spec && uses_tolerance(*options.old_spec));
  check_behavior(problems, path.child("behavior"), child_or_null(spec, "behavior"), tolerances);
  return problems;
}

FieldProblems validate_behavior(const Json& behavior, const FieldPath& path) {
  FieldProblems problems;
  check_behavior(problems, path, behavior, true);
  return problems;
}

FieldProblems validate_scale_spec(const Json& spec) {
  FieldProblems problems;
  const std::int64_t replicas = integer(spec, "replicas").value_or(0);
  if (replicas < 0) {
    invalid(problems, FieldPath("spec").child("replicas"), replicas, "must be greater than or equal to 0");
  }
  return problems;
}

}  // namespace scaler
