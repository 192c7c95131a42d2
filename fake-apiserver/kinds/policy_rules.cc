// Disruption budgets, priority classes, roles and their bindings, storage classes.
#include "fake-apiserver/kinds/metadata_rules.h"
#include "fake-apiserver/kinds/names.h"
#include "fake-apiserver/kinds/object_rules.h"
#include "fake-apiserver/kinds/workload_rules.h"

namespace fakeapi {
namespace {

constexpr std::int64_t kHighestUserPriority = 1'000'000'000;
constexpr const char* kRbacGroup = "rbac.authorization.k8s.io";

void check_policy_rule(Problems& problems, const FieldPath& path, const Json& rule, bool namespaced) {
  if (member(rule, "verbs").empty()) problems.required(path / "verbs", "verbs must contain at least one value");
  if (!member(rule, "nonResourceURLs").empty()) {
    if (namespaced) {
      problems.invalid(path / "nonResourceURLs", member(rule, "nonResourceURLs"),
                       "namespaced rules cannot apply to non-resource URLs");
    }
    if (!member(rule, "apiGroups").empty() || !member(rule, "resources").empty() ||
        !member(rule, "resourceNames").empty()) {
      problems.invalid(path / "nonResourceURLs", member(rule, "nonResourceURLs"),
                       "rules cannot apply to both regular resources and non-resource URLs");
    }
    return;
  }
  if (member(rule, "apiGroups").empty()) {
    problems.required(path / "apiGroups", "resource rules must supply at least one api group");
  }
  if (member(rule, "resources").empty()) {
    problems.required(path / "resources", "resource rules must supply at least one resource");
  }
}

void check_rules(Problems& problems, const Json& object, bool namespaced) {
  const FieldPath path("rules");
  for_each_item(member(object, "rules"),
                [&](const Json& rule, std::size_t i) { check_policy_rule(problems, path[i], rule, namespaced); });
}

void check_subject(Problems& problems, const FieldPath& path, const Json& subject, bool namespaced) {
  const std::string_view name = view_at(subject, "name");
  const std::string_view kind = view_at(subject, "kind");
  const Json& group = member(subject, "apiGroup");
  if (name.empty()) problems.required(path / "name");
  if (kind == "ServiceAccount") {
    if (!name.empty()) problems.invalid_all(path / "name", name, dns_subdomain_problems(name));
    if (!is_unset(group)) problems.not_supported(path / "apiGroup", group, {""});
    if (!namespaced && view_at(subject, "namespace").empty()) problems.required(path / "namespace");
  } else if (kind == "User" || kind == "Group") {
    if (group != kRbacGroup) problems.not_supported(path / "apiGroup", group, {kRbacGroup});
  } else {
    problems.not_supported(path / "kind", kind, {"ServiceAccount", "User", "Group"});
  }
}

void check_binding(Problems& problems, const Json& object, const Json* before, bool namespaced) {
  const FieldPath path("roleRef");
  const Json& role = member(object, "roleRef");
  const Json& kind = member(role, "kind");
  if (member(role, "apiGroup") != kRbacGroup) {
    problems.not_supported(path / "apiGroup", member(role, "apiGroup"), {kRbacGroup});
  }
  if (namespaced) {
    problems.check_choice(path / "kind", kind, {"Role", "ClusterRole"});
  } else {
    problems.check_choice(path / "kind", kind, {"ClusterRole"});
  }
  const std::string_view name = view_at(role, "name");
  if (name.empty()) {
    problems.required(path / "name");
  } else {
    problems.invalid_all(path / "name", name, path_segment_problems(name));
  }
  const FieldPath subjects("subjects");
  for_each_item(member(object, "subjects"),
                [&](const Json& subject, std::size_t i) { check_subject(problems, subjects[i], subject, namespaced); });
  if (before && member(*before, "roleRef") != role) problems.invalid(path, role, "cannot change roleRef");
}

}  // namespace

void check_disruption_budget(Problems& problems, const Json& object, const Json*) {
  const FieldPath path("spec");
  const Json& spec = member(object, "spec");
  const Json& least = member(spec, "minAvailable");
  const Json& most = member(spec, "maxUnavailable");
  if (!least.is_null() && !most.is_null()) {
    problems.invalid(path, spec, "minAvailable and maxUnavailable cannot be both set");
  }
  for (const auto& [key, value] :
       {std::pair<const char*, const Json*>{"minAvailable", &least}, {"maxUnavailable", &most}}) {
    check_int_or_percent(problems, path / key, *value);
    const std::string_view text = view_of(*value);
    if (text.ends_with('%') && text.size() >= 4 && text != "100%") {
      problems.invalid(path / key, *value, "must not be greater than 100%");
    }
  }
  check_label_selector(problems, path / "selector", member(spec, "selector"));
  const Json& eviction = member(spec, "unhealthyPodEvictionPolicy");
  if (!eviction.is_null()) {
    problems.check_choice(path / "unhealthyPodEvictionPolicy", eviction, {"AlwaysAllow", "IfHealthyBudget"});
  }
}

void check_priority_class(Problems& problems, const Json& object, const Json* before) {
  const FieldPath metadata("metadata");
  const FieldPath path("value");
  const Json& value = member(object, "value");
  const std::string name = text_at(object, {"metadata", "name"});
  const bool system = name == "system-cluster-critical" || name == "system-node-critical";
  if (!before && !system) {
    if (name.starts_with("system-")) {
      problems.forbidden(metadata / "name",
                         "priority class names with 'system-' prefix are reserved for system use only. error: " + name +
                             " is not a known system priority class");
    }
    if (value.is_number_integer() && value > kHighestUserPriority) {
      problems.forbidden(path,
                         "maximum allowed value of a user defined priority is " + std::to_string(kHighestUserPriority));
    }
  }
  const Json& preemption = member(object, "preemptionPolicy");
  const FieldPath preemption_path("preemptionPolicy");
  if (!preemption.is_null()) {
    problems.check_choice(preemption_path, preemption, {"PreemptLowerPriority", "Never"});
  }
  if (!before) return;
  const auto number = [](const Json& object_with_value) {
    return integer_at(object_with_value, {"value"}).value_or(0);
  };
  if (number(*before) != number(object)) problems.forbidden(path, "may not be changed in an update.");
  if (member(*before, "preemptionPolicy") != preemption) {
    problems.invalid(preemption_path, preemption, kImmutable);
  }
}

void check_role(Problems& problems, const Json& object, const Json*) { check_rules(problems, object, true); }

void check_cluster_role(Problems& problems, const Json& object, const Json*) {
  check_rules(problems, object, false);
  const FieldPath path("aggregationRule");
  const Json& aggregation = member(object, "aggregationRule");
  if (aggregation.is_object() && member(aggregation, "clusterRoleSelectors").empty()) {
    problems.required(path / "clusterRoleSelectors",
                      "at least one clusterRoleSelector required if aggregationRule is non-nil");
  }
}

void check_role_binding(Problems& problems, const Json& object, const Json* before) {
  check_binding(problems, object, before, true);
}

void check_cluster_role_binding(Problems& problems, const Json& object, const Json* before) {
  check_binding(problems, object, before, false);
}

void check_storage_class(Problems& problems, const Json& object, const Json* before) {
  const FieldPath provisioner("provisioner");
  if (is_unset(member(object, "provisioner"))) problems.required(provisioner);
  problems.check_choice(FieldPath("reclaimPolicy"), member(object, "reclaimPolicy"), {"Delete", "Retain"});
  problems.check_choice(FieldPath("volumeBindingMode"), member(object, "volumeBindingMode"),
                        {"Immediate", "WaitForFirstConsumer"});
  if (!before) return;
  for (const char* key : {"provisioner", "parameters", "reclaimPolicy", "volumeBindingMode"}) {
    if (member(object, key) != member(*before, key)) {
      problems.forbidden(FieldPath(key), "updates to " + std::string(key) + " are forbidden.");
    }
  }
}

void check_runtime_class(Problems& problems, const Json& object, const Json* before) {
  const FieldPath path("handler");
  const Json& handler = member(object, "handler");
  if (before && handler != member(*before, "handler")) {
    problems.invalid(path, handler, kImmutable);
  } else {
    problems.invalid_all(path, is_unset(handler) ? Json("") : handler, dns_label_problems(view_of(handler)));
  }
}

}  // namespace fakeapi
