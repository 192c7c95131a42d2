// Where pods may go: tolerations, affinity, topology spread.
#include <algorithm>

#include "fake-apiserver/kinds/metadata_rules.h"
#include "fake-apiserver/kinds/names.h"
#include "fake-apiserver/kinds/pod_rules.h"

namespace fakeapi {
namespace {

void check_toleration(Problems& problems, const FieldPath& path, const Json& toleration) {
  const std::string_view key = view_at(toleration, "key");
  const std::string_view op = view_at(toleration, "operator");
  const std::string_view value = view_at(toleration, "value");
  const std::string_view effect = view_at(toleration, "effect");
  if (!key.empty()) problems.invalid_all(path / "key", key, qualified_name_problems(key));
  if (key.empty() && op != "Exists") {
    problems.invalid(path / "operator", op,
                     "operator must be Exists when `key` is empty, which means \"match all values and all keys\"");
  }
  if (!member(toleration, "tolerationSeconds").is_null() && effect != "NoExecute") {
    problems.invalid(path / "effect", effect, "effect must be 'NoExecute' when `tolerationSeconds` is set");
  }
  if (op == "Exists") {
    if (!value.empty()) problems.invalid(path / "operator", value, "value must be empty when `operator` is 'Exists'");
  } else if (op.empty() || op == "Equal") {
    problems.invalid_all(path / "operator", value, label_value_problems(value));
  } else {
    problems.not_supported(path / "operator", op, {"Equal", "Exists"});
  }
  if (!effect.empty()) {
    problems.check_choice(path / "effect", member(toleration, "effect"),
                          {"NoSchedule", "PreferNoSchedule", "NoExecute"});
  }
}

void check_node_requirement(Problems& problems, const FieldPath& path, const Json& requirement) {
  const std::string_view op = view_at(requirement, "operator");
  const std::size_t values = member(requirement, "values").size();
  if (op == "In" || op == "NotIn") {
    if (values == 0) problems.required(path / "values", "must be specified when `operator` is 'In' or 'NotIn'");
  } else if (op == "Exists" || op == "DoesNotExist") {
    if (values > 0) {
      problems.forbidden(path / "values", "may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
    }
  } else if (op == "Gt" || op == "Lt") {
    if (values != 1)
      problems.required(path / "values", "must be specified single value when `operator` is 'Lt' or 'Gt'");
  } else {
    problems.invalid(path / "operator", op, "not a valid selector operator");
  }
  problems.invalid_all(path / "key", view_at(requirement, "key"), qualified_name_problems(view_at(requirement, "key")));
}

void check_node_term(Problems& problems, const FieldPath& path, const Json& term) {
  const FieldPath expressions = path / "matchExpressions";
  for_each_item(member(term, "matchExpressions"), [&](const Json& requirement, std::size_t i) {
    check_node_requirement(problems, expressions[i], requirement);
  });
  const FieldPath fields = path / "matchFields";
  for_each_item(member(term, "matchFields"), [&](const Json& requirement, std::size_t i) {
    const FieldPath item = fields[i];
    if (view_at(requirement, "key") != "metadata.name") {
      problems.invalid(item / "key", view_at(requirement, "key"), "not a valid field selector key");
    }
  });
}

void check_weight(Problems& problems, const FieldPath& path, const Json& preference) {
  const Json& weight = member(preference, "weight");
  if (!weight.is_number_integer() || weight < 1 || weight > 100) {
    problems.invalid(path / "weight", weight.is_null() ? Json(0) : weight, "must be in the range 1-100");
  }
}

void check_node_affinity(Problems& problems, const FieldPath& path, const Json& affinity) {
  const Json& required = member(affinity, "requiredDuringSchedulingIgnoredDuringExecution");
  if (required.is_object()) {
    const FieldPath at = path / "requiredDuringSchedulingIgnoredDuringExecution";
    const FieldPath terms = at / "nodeSelectorTerms";
    if (member(required, "nodeSelectorTerms").empty()) {
      problems.required(terms, "must have at least one node selector term");
    }
    for_each_item(member(required, "nodeSelectorTerms"),
                  [&](const Json& term, std::size_t i) { check_node_term(problems, terms[i], term); });
  }
  const FieldPath preferred = path / "preferredDuringSchedulingIgnoredDuringExecution";
  for_each_item(member(affinity, "preferredDuringSchedulingIgnoredDuringExecution"),
                [&](const Json& preference, std::size_t i) {
                  const FieldPath item = preferred[i];
                  check_weight(problems, item, preference);
                  check_node_term(problems, item / "preference", member(preference, "preference"));
                });
}

void check_pod_term(Problems& problems, const FieldPath& path, const Json& term) {
  check_label_selector(problems, path / "labelSelector", member(term, "labelSelector"));
  const std::string_view key = view_at(term, "topologyKey");
  if (key.empty()) {
    problems.required(path / "topologyKey", "can not be empty");
  } else {
    problems.invalid_all(path / "topologyKey", key, qualified_name_problems(key));
  }
}

void check_pod_affinity(Problems& problems, const FieldPath& path, const Json& affinity) {
  const FieldPath required = path / "requiredDuringSchedulingIgnoredDuringExecution";
  for_each_item(member(affinity, "requiredDuringSchedulingIgnoredDuringExecution"),
                [&](const Json& term, std::size_t i) { check_pod_term(problems, required[i], term); });
  const FieldPath preferred = path / "preferredDuringSchedulingIgnoredDuringExecution";
  for_each_item(member(affinity, "preferredDuringSchedulingIgnoredDuringExecution"),
                [&](const Json& preference, std::size_t i) {
                  const FieldPath item = preferred[i];
                  check_weight(problems, item, preference);
                  check_pod_term(problems, item / "podAffinityTerm", member(preference, "podAffinityTerm"));
                });
}

void check_spread(Problems& problems, const FieldPath& path, const Json& constraints) {
  std::vector<std::string> pairs;
  for_each_item(constraints, [&](const Json& constraint, std::size_t i) {
    const FieldPath item = path[i];
    const Json& skew = member(constraint, "maxSkew");
    if (!skew.is_number_integer() || skew <= 0) {
      problems.invalid(item / "maxSkew", skew.is_null() ? Json(0) : skew, "must be greater than zero");
    }
    const std::string_view key = view_at(constraint, "topologyKey");
    if (key.empty()) {
      problems.required(item / "topologyKey", "can not be empty");
    } else {
      problems.invalid_all(item / "topologyKey", key, qualified_name_problems(key));
    }
    const Json& action = member(constraint, "whenUnsatisfiable");
    problems.check_choice(item / "whenUnsatisfiable", action, {"DoNotSchedule", "ScheduleAnyway"});
    std::string pair = "{" + std::string(key) + ", " + std::string(view_of(action)) + "}";
    if (std::find(pairs.begin(), pairs.end(), pair) != pairs.end()) {
      problems.duplicate(item / "{topologyKey, whenUnsatisfiable}", pair);
    }
    pairs.push_back(std::move(pair));
    const Json& domains = member(constraint, "minDomains");
    if (domains.is_number_integer() && domains <= 0) {
      problems.invalid(item / "minDomains", domains, "must be greater than 0");
    }
    check_label_selector(problems, item / "labelSelector", member(constraint, "labelSelector"));
  });
}

}  // namespace

void check_scheduling(Problems& problems, const FieldPath& path, const Json& spec) {
  const Json& selector = member(spec, "nodeSelector");
  if (selector.is_object()) check_labels(problems, path / "nodeSelector", selector);
  const FieldPath tolerations = path / "tolerations";
  for_each_item(member(spec, "tolerations"),
                [&](const Json& toleration, std::size_t i) { check_toleration(problems, tolerations[i], toleration); });
  const Json& affinity = member(spec, "affinity");
  if (affinity.is_object()) {
    const FieldPath at = path / "affinity";
    check_node_affinity(problems, at / "nodeAffinity", member(affinity, "nodeAffinity"));
    check_pod_affinity(problems, at / "podAffinity", member(affinity, "podAffinity"));
    check_pod_affinity(problems, at / "podAntiAffinity", member(affinity, "podAntiAffinity"));
  }
  check_spread(problems, path / "topologySpreadConstraints", member(spec, "topologySpreadConstraints"));
}

}  // namespace fakeapi
