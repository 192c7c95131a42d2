#include <set>

#include "fake-apiserver/kinds/admission.h"
#include "fake-apiserver/kinds/limit_ranges.h"
#include "fake-apiserver/kinds/problems.h"
#include "fake-apiserver/kinds/quota_usage.h"

namespace fakeapi {
namespace {

const Resource kPods{"", "pods"};
const Resource kQuotas{"", "resourcequotas"};

// What each container must say where a quota limits it.
struct Needed {
  const char* quota;
  const char* side;
  const char* name;
};
constexpr Needed kNeeded[] = {
    {"cpu", "requests", "cpu"},       {"limits.cpu", "limits", "cpu"},     {"limits.memory", "limits", "memory"},
    {"memory", "requests", "memory"}, {"requests.cpu", "requests", "cpu"}, {"requests.memory", "requests", "memory"}};

// "limits.cpu for: web; memory for: db,web".
std::string missing_amounts(const QuotaAmounts& hard, const Json& spec) {
  std::string missing;
  for (const Needed& needed : kNeeded) {
    if (!hard.contains(needed.quota)) continue;
    std::set<std::string> containers;
    for (const char* list : {"containers", "initContainers"}) {
      for_each_item(member(spec, list), [&](const Json& container, std::size_t) {
        const Json& amount = at_path(container, {"resources", needed.side, needed.name});
        if (amount.is_null()) containers.insert(text_at(container, {"name"}));
      });
    }
    if (containers.empty()) continue;
    missing.append(missing.empty() ? "" : "; ").append(needed.quota).append(" for: ");
    for (const std::string& name : containers) missing.append(name == *containers.begin() ? "" : ",").append(name);
  }
  return missing;
}

QuotaAmounts chosen(const QuotaAmounts& amounts, const std::set<std::string>& names) {
  QuotaAmounts result;
  for (const std::string& name : names) {
    const auto amount = amounts.find(name);
    result.emplace(name, amount == amounts.end() ? Quantity() : amount->second);
  }
  return result;
}

// Why the quota has no room for `more`, "" if it has.
std::string exceeded(const Json& quota, const QuotaAmounts& more) {
  const QuotaAmounts hard = amounts_of(at_path(quota, {"spec", "hard"}));
  const QuotaAmounts used = amounts_of(at_path(quota, {"status", "used"}));
  std::set<std::string> names;
  for (const auto& [name, amount] : limited_by(hard, more)) {
    const auto known = used.find(name);
    const Quantity::Wide before = known == used.end() ? 0 : known->second.nano;
    if (amount.nano > 0 && before + amount.nano > hard.at(name).nano) names.insert(name);
  }
  if (names.empty()) return "";
  return "exceeded quota: " + text_at(quota, {"metadata", "name"}) + ", requested: " + quota_text(chosen(more, names)) +
         ", used: " + quota_text(chosen(used, names)) + ", limited: " + quota_text(chosen(hard, names));
}

// What a whole namespace may use.
ApiResult<> check_quotas(const ObjectStore& store, const Resource& resource, const std::string& ns, const Json& object,
                         const Json* before) {
  const std::vector<ObjectPtr> quotas = store.list(kQuotas, ns);
  if (quotas.empty()) return {};
  const std::string name = name_to_be(object);
  for (const ObjectPtr& quota : quotas) {
    const Json& spec = member(*quota, "spec");
    if (!quota_covers(spec, resource, object)) continue;
    if (resource == kPods && !before) {
      const std::string missing = missing_amounts(amounts_of(member(spec, "hard")), member(object, "spec"));
      if (!missing.empty()) {
        return forbidden(resource, name,
                         "failed quota: " + text_at(*quota, {"metadata", "name"}) + ": must specify " + missing);
      }
    }
    QuotaAmounts more = quota_usage(resource, object);
    if (before && quota_covers(spec, resource, *before)) subtract_amounts(more, quota_usage(resource, *before));
    if (const std::string why = exceeded(*quota, more); !why.empty()) return forbidden(resource, name, why);
  }
  return {};
}

}  // namespace

ApiResult<> admit_amounts(const ObjectStore& store, const Resource& resource, const Json& object, const Json* before) {
  const std::string ns = text_at(object, {"metadata", "namespace"});
  if (ns.empty()) return {};
  if (!before || resource != kPods) {
    if (auto fits = check_limit_ranges(store, resource, ns, object); !fits) return fits;
  }
  return check_quotas(store, resource, ns, object, before);
}

}  // namespace fakeapi
