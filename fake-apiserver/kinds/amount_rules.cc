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

void check_limit(Problems& problems, const FieldPath& path, const Json& limit) {
  const std::string_view type = view_at(limit, "type");
  problems.invalid_all(path / "type", type, qualified_name_problems(type));
  for (const char* key : {"max", "min", "default", "defaultRequest"}) {
    check_quantities(problems, path / key, member(limit, key));
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
  if (scopes.is_array()) {
    for (const Json& scope : scopes) {
      constexpr std::string_view kScopes[] = {
          "BestEffort", "CrossNamespacePodAffinity", "NotBestEffort", "NotTerminating", "PriorityClass", "Terminating"};
      if (!is_one_of(view_of(scope), std::begin(kScopes), std::end(kScopes))) {
        problems.invalid(path / "scopes", scopes, "unsupported scope");
      }
    }
  }
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
