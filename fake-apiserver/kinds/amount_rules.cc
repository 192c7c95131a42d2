// Quotas of namespaces and limits of what is in them.
#include <algorithm>

#include "fake-apiserver/kinds/names.h"
#include "fake-apiserver/kinds/object_rules.h"
#include "fake-apiserver/kinds/quantity.h"

namespace fakeapi {
namespace {

constexpr std::string_view kComputed[] = {"cpu", "memory", "ephemeral-storage"};
constexpr std::string_view kCounted[] = {"pods",
                                         "resourcequotas",
                                         "services",
                                         "replicationcontrollers",
                                         "secrets",
                                         "persistentvolumeclaims",
                                         "configmaps",
                                         "services.nodeports",
                                         "services.loadbalancers"};
constexpr Quantity::Wide kGiga = 1'000'000'000;

bool is_one_of(std::string_view name, const std::string_view* begin, const std::string_view* end) {
  return std::find(begin, end, name) != end;
}

bool is_counted(std::string_view name) {
  return is_one_of(name, std::begin(kCounted), std::end(kCounted)) || name.starts_with("count/");
}

// Of what has no domain in its name.
bool has_quota(std::string_view name) {
  if (is_one_of(name, std::begin(kCounted), std::end(kCounted))) return true;
  for (const std::string_view side : {"requests.", "limits."}) {
    if (!name.starts_with(side)) continue;
    const std::string_view of = name.substr(side.size());
    return is_one_of(of, std::begin(kComputed), std::end(kComputed)) || of.starts_with("hugepages-") ||
           (side == "requests." && of == "storage");
  }
  return is_one_of(name, std::begin(kComputed), std::end(kComputed)) || name.starts_with("hugepages-");
}

void check_quantities(Problems& problems, const FieldPath& path, const Json& amounts) {
  if (!amounts.is_object()) return;
  for (auto amount = amounts.begin(); amount != amounts.end(); ++amount) {
    const FieldPath item = path.key(amount.key());
    problems.invalid_all(item, amount.key(), qualified_name_problems(amount.key()));
    const auto quantity = parse_quantity(view_of(*amount));
    if (quantity && quantity->nano < 0) problems.invalid(item, *amount, kNotNegative);
  }
}

void check_quota_names(Problems& problems, const FieldPath& path, const Json& hard) {
  if (!hard.is_object()) return;
  for (auto amount = hard.begin(); amount != hard.end(); ++amount) {
    const std::string& name = amount.key();
    const FieldPath item = path.key(name);
    if (name.find('/') == std::string::npos && !has_quota(name)) {
      if (name != "storage") problems.invalid(item, name, "must be a standard resource type or fully qualified");
      problems.invalid(item, name, "must be a standard resource for quota");
    }
    const auto quantity = parse_quantity(view_of(*amount));
    if (quantity && is_counted(name) && quantity->nano % kGiga != 0) {
      problems.invalid(item, *amount, "must be an integer");
    }
  }
}

bool is_scope(std::string_view scope) {
  constexpr std::string_view kScopes[] = {
      "BestEffort", "CrossNamespacePodAffinity", "NotBestEffort", "NotTerminating", "PriorityClass", "Terminating"};
  return is_one_of(scope, std::begin(kScopes), std::end(kScopes));
}

// Scopes choose among pods. What is no plain resource of a quota is left to itself.
bool suits(std::string_view scope, std::string_view resource) {
  const bool open = resource.find('/') != std::string_view::npos || resource.find("hugepages-") != resource.npos;
  if (open || !has_quota(resource) || !is_scope(scope) || resource == "pods") return true;
  if (scope == "BestEffort") return false;
  constexpr std::string_view kOfPods[] = {"cpu",        "memory",        "requests.cpu",
                                          "limits.cpu", "limits.memory", "requests.memory"};
  return is_one_of(resource, std::begin(kOfPods), std::end(kOfPods));
}

void check_suits(Problems& problems, const FieldPath& path, const Json& value, std::string_view scope,
                 const Json& hard) {
  if (!hard.is_object()) return;
  for (auto amount = hard.begin(); amount != hard.end(); ++amount) {
    if (!suits(scope, amount.key())) problems.invalid(path, value, "unsupported scope applied to resource");
  }
}

void check_conflicts(Problems& problems, const FieldPath& path, const Json& value,
                     const std::vector<std::string_view>& scopes) {
  const auto has = [&](std::string_view scope) {
    return std::find(scopes.begin(), scopes.end(), scope) != scopes.end();
  };
  if (has("BestEffort") && has("NotBestEffort")) problems.invalid(path, value, "conflicting scopes");
  if (has("Terminating") && has("NotTerminating")) problems.invalid(path, value, "conflicting scopes");
}

void check_scopes(Problems& problems, const FieldPath& path, const Json& spec) {
  const Json& scopes = member(spec, "scopes");
  if (!scopes.is_array()) return;
  std::vector<std::string_view> known;
  for (const Json& scope : scopes) {
    known.push_back(view_of(scope));
    if (!is_scope(known.back())) problems.invalid(path, scopes, "unsupported scope");
    check_suits(problems, path, scopes, known.back(), member(spec, "hard"));
  }
  check_conflicts(problems, path, scopes, known);
}

void check_requirement(Problems& problems, const FieldPath& path, const Json& requirement) {
  const Json& op = member(requirement, "operator");
  const Json& values = member(requirement, "values");
  const std::string_view scope = view_at(requirement, "scopeName");
  const std::string_view how = view_of(op);
  if (!is_scope(scope)) problems.invalid(path / "scopeName", scope, "unsupported scope");
  if (is_scope(scope) && scope != "PriorityClass" && how != "Exists") {
    problems.invalid(
        path / "operator", how,
        "must be 'Exist' when scope is any of ResourceQuotaScopeTerminating, "
        "ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or "
        "ResourceQuotaScopeCrossNamespacePodAffinity");
  }
  if (how == "In" || how == "NotIn") {
    if (values.empty()) {
      problems.required(path / "values",
                        "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector");
    }
  } else if (how == "Exists" || how == "DoesNotExist") {
    if (!values.empty()) {
      problems.invalid(path / "values", values,
                       "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector");
    }
  } else {
    problems.invalid(path / "operator", how, "not a valid selector operator");
  }
}

// All requirements share one path: their indices are not told.
void check_scope_selector(Problems& problems, const FieldPath& path, const Json& spec) {
  const Json& selector = member(spec, "scopeSelector");
  const FieldPath expressions = path / "matchExpressions";
  std::vector<std::string_view> known;
  for_each_item(member(selector, "matchExpressions"), [&](const Json& requirement, std::size_t) {
    known.push_back(view_at(requirement, "scopeName"));
    check_suits(problems, expressions, selector, known.back(), member(spec, "hard"));
    check_requirement(problems, expressions, requirement);
  });
  check_conflicts(problems, expressions, selector, known);
}

// One amount of a limit that must not be above another.
struct Order {
  const char* lower;
  const char* upper;
  const char* field;  // that is wrong
  const char* lower_name;
  const char* upper_name;
};
constexpr Order kOrders[] = {
    {"min", "max", "min", "min value", "max value"},
    {"min", "defaultRequest", "defaultRequest", "min value", "default request value"},
    {"defaultRequest", "max", "defaultRequest", "default request value", "max value"},
    {"defaultRequest", "default", "defaultRequest", "default request value", "default limit value"},
    {"min", "default", "default", "min value", "default value"},
    {"default", "max", "default", "default value", "max value"},
};

void check_orders(Problems& problems, const FieldPath& path, const Json& limit) {
  for (const Order& order : kOrders) {
    const Json& lower = member(limit, order.lower);
    const FieldPath field = path / order.field;
    if (!lower.is_object()) continue;
    for (auto amount = lower.begin(); amount != lower.end(); ++amount) {
      const Json& other = at_path(limit, {order.upper, amount.key()});
      const auto least = parse_quantity(view_of(*amount));
      const auto most = parse_quantity(view_of(other));
      if (!least || !most || least->nano <= most->nano) continue;
      const bool lower_is_wrong = std::string_view(order.field) == order.lower;
      problems.invalid(field.key(amount.key()), lower_is_wrong ? *amount : other,
                       std::string(order.lower_name) + " " + canonical_quantity(*least) + " is greater than " +
                           order.upper_name + " " + canonical_quantity(*most));
    }
  }
  const Json& ratios = member(limit, "maxLimitRequestRatio");
  const FieldPath ratio_path = path / "maxLimitRequestRatio";
  if (!ratios.is_object()) return;
  for (auto ratio = ratios.begin(); ratio != ratios.end(); ++ratio) {
    const auto value = parse_quantity(view_of(*ratio));
    if (!value || value->nano >= kGiga) continue;
    problems.invalid(ratio_path.key(ratio.key()), *ratio, "ratio " + canonical_quantity(*value) + " is less than 1");
  }
}

bool is_limit_type(std::string_view type) {
  return type == "Pod" || type == "Container" || type == "PersistentVolumeClaim";
}

// Of what has a domain in its name the quantities' own check has the say.
void check_limit_names(Problems& problems, const FieldPath& path, std::string_view type, const Json& amounts) {
  if (!amounts.is_object()) return;
  for (auto amount = amounts.begin(); amount != amounts.end(); ++amount) {
    const std::string& name = amount.key();
    const FieldPath item = path.key(name);
    if (name.find('/') != std::string::npos || !qualified_name_problems(name).empty()) continue;
    if (name != "storage" && !has_quota(name)) {
      problems.invalid(item, name, "must be a standard resource type or fully qualified");
    }
    const bool of_containers =
        is_one_of(name, std::begin(kComputed), std::end(kComputed)) || name.starts_with("hugepages-");
    if ((type == "Pod" || type == "Container") && !of_containers) {
      problems.invalid(item, name, "must be a standard resource for containers");
    }
  }
}

void check_limit(Problems& problems, const FieldPath& path, const Json& limit) {
  const std::string_view type = view_at(limit, "type");
  problems.invalid_all(path / "type", type, qualified_name_problems(type));
  if (type.find('/') == std::string_view::npos && !is_limit_type(type)) {
    problems.invalid(path / "type", type, "must be a standard limit type or fully qualified");
  }
  for (const char* key : {"max", "min", "default", "defaultRequest"}) {
    check_quantities(problems, path / key, member(limit, key));
  }
  for (const char* key : {"max", "min", "default", "defaultRequest", "maxLimitRequestRatio"}) {
    check_limit_names(problems, path / key, type, member(limit, key));
  }
  if (type == "Pod") {
    for (const char* key : {"default", "defaultRequest"}) {
      if (!member(limit, key).empty()) problems.forbidden(path / key, "may not be specified when `type` is 'Pod'");
    }
  }
  if (type == "PersistentVolumeClaim" && at_path(limit, {"min", "storage"}).is_null() &&
      at_path(limit, {"max", "storage"}).is_null()) {
    problems.required(path / "limits", "either minimum or maximum storage value is required, but neither was provided");
  }
  check_orders(problems, path, limit);
}

}  // namespace

void check_resource_quota(Problems& problems, const Json& object, const Json* before) {
  const FieldPath path("spec");
  const Json& spec = member(object, "spec");
  check_quantities(problems, path / "hard", member(spec, "hard"));
  check_quota_names(problems, path / "hard", member(spec, "hard"));
  const Json& scopes = member(spec, "scopes");
  check_scopes(problems, path / "scopes", spec);
  check_scope_selector(problems, path / "scopeSelector", spec);
  if (before && scopes != at_path(*before, {"spec", "scopes"})) {
    problems.invalid(path / "scopes", scopes.is_null() ? Json::array() : scopes, kImmutable);
  }
}

void check_limit_range(Problems& problems, const Json& object, const Json*) {
  const FieldPath path("spec");
  const FieldPath limits = path / "limits";
  std::vector<std::string_view> types;
  for_each_item(at_path(object, {"spec", "limits"}), [&](const Json& limit, std::size_t i) {
    const FieldPath item = limits[i];
    const std::string_view type = view_at(limit, "type");
    if (std::find(types.begin(), types.end(), type) != types.end()) problems.duplicate(item / "type", type);
    types.push_back(type);
    check_limit(problems, item, limit);
  });
}

}  // namespace fakeapi
