#include "fake-apiserver/kinds/limit_ranges.h"

#include <algorithm>
#include <functional>

#include "common/base/number_format.h"
#include "fake-apiserver/kinds/admission.h"
#include "fake-apiserver/kinds/default_fields.h"
#include "fake-apiserver/kinds/problems.h"
#include "fake-apiserver/kinds/quantity.h"

namespace fakeapi {
namespace {

const Resource kLimitRanges{"", "limitranges"};
const Resource kPods{"", "pods"};
const Resource kClaims{"", "persistentvolumeclaims"};
constexpr const char* kNote = "kubernetes.io/limit-ranger";

// The items of one kind of all LimitRanges of a namespace.
void for_each_limit(const ObjectStore& store, const std::string& ns, std::string_view type,
                    const std::function<void(const Json& limit)>& visit) {
  for (const ObjectPtr& range : store.list(kLimitRanges, ns)) {
    for_each_item(at_path(*range, {"spec", "limits"}), [&](const Json& limit, std::size_t) {
      if (view_at(limit, "type") == type) visit(limit);
    });
  }
}

// Fills resources[side] from `defaults`; the names of what it added, comma separated.
std::string fill_amounts(Json& container, const char* side, const Json& defaults) {
  std::string added;
  Json* resources = defaults.empty() ? nullptr : child(container, "resources");
  Json* amounts = resources ? child(*resources, side) : nullptr;
  if (!amounts) return added;
  for (auto amount = defaults.begin(); amount != defaults.end(); ++amount) {
    if (!member(*amounts, amount.key()).is_null()) continue;
    (*amounts)[amount.key()] = *amount;
    added += (added.empty() ? "" : ", ") + amount.key();
  }
  return added;
}

void note(std::string& notes, const std::string& added, const std::string& of) {
  if (!added.empty()) notes += (notes.empty() ? "" : "; ") + added + of;
}

// Request and limit of one resource, and what they are held against.
struct Bound {
  std::string resource;
  std::string of;  // "Container"
  std::string text;
  Quantity::Wide value = 0;
  std::optional<Quantity> request;
  std::optional<Quantity> limit;

  std::string start(const char* what) const { return what + resource + " usage per " + of + " is " + text; }
};

using Complaints = std::vector<std::string>;

void check_least(const Bound& bound, Complaints& complaints) {
  const std::string start = bound.start("minimum ");
  if (!bound.request) return complaints.push_back(start + ".  No request is specified");
  if (bound.request->nano < bound.value) {
    complaints.push_back(start + ", but request is " + canonical_quantity(*bound.request));
  } else if (bound.limit && bound.limit->nano < bound.value) {
    complaints.push_back(start + ", but limit is " + canonical_quantity(*bound.limit));
  }
}

void check_most(const Bound& bound, Complaints& complaints) {
  const std::string start = bound.start("maximum ");
  if (!bound.limit) return complaints.push_back(start + ".  No limit is specified");
  if (bound.limit->nano > bound.value) {
    complaints.push_back(start + ", but limit is " + canonical_quantity(*bound.limit));
  } else if (bound.request && bound.request->nano > bound.value) {
    complaints.push_back(start + ", but request is " + canonical_quantity(*bound.request));
  }
}

// Of storage, which has no limits.
void check_most_requested(const Bound& bound, Complaints& complaints) {
  const std::string start = bound.start("maximum ");
  if (!bound.request) return complaints.push_back(start + ".  No request is specified");
  if (bound.request->nano > bound.value) {
    complaints.push_back(start + ", but request is " + canonical_quantity(*bound.request));
  }
}

void check_ratio(const Bound& bound, Complaints& complaints) {
  const std::string start =
      bound.resource + " max limit to request ratio per " + bound.of + " is " + bound.text + ", but ";
  if (!bound.request || bound.request->nano == 0) {
    return complaints.push_back(start + "no request is specified or request is 0");
  }
  if (!bound.limit || bound.limit->nano == 0) {
    return complaints.push_back(start + "no limit is specified or limit is 0");
  }
  const double ratio = static_cast<double>(bound.limit->nano) / static_cast<double>(bound.request->nano);
  if (ratio > static_cast<double>(bound.value) / 1e9) {
    complaints.push_back(start + "provided ratio is " + base::format_fixed(ratio, 6));
  }
}

using Check = void (*)(const Bound& bound, Complaints& complaints);

void check_side(const Json& bounds, std::string_view of, const Json& resources, Check check, Complaints& complaints) {
  if (!bounds.is_object()) return;
  for (auto entry = bounds.begin(); entry != bounds.end(); ++entry) {
    const auto value = parse_quantity(view_of(*entry));
    if (!value) continue;
    Bound bound{.resource = entry.key(),
                .of = std::string(of),
                .text = canonical_quantity(*value),
                .value = value->nano,
                .request = parse_quantity(view_of(at_path(resources, {"requests", entry.key()}))),
                .limit = parse_quantity(view_of(at_path(resources, {"limits", entry.key()})))};
    check(bound, complaints);
  }
}

void check_amounts(const Json& limit, const Json& resources, Complaints& complaints) {
  const std::string_view of = view_at(limit, "type");
  check_side(member(limit, "min"), of, resources, check_least, complaints);
  check_side(member(limit, "max"), of, resources, check_most, complaints);
  check_side(member(limit, "maxLimitRequestRatio"), of, resources, check_ratio, complaints);
}

// Adds the amounts of a container to those of its pod, or raises them to it: init containers run one after the other.
void count_container(const Json& container, bool init, Json& pod) {
  for (const char* side : {"requests", "limits"}) {
    const Json& amounts = at_path(container, {"resources", side});
    if (!amounts.is_object()) continue;
    for (auto amount = amounts.begin(); amount != amounts.end(); ++amount) {
      const auto more = parse_quantity(view_of(*amount));
      if (!more) continue;
      Quantity sum = parse_quantity(view_of(at_path(pod, {side, amount.key()}))).value_or(Quantity{0, more->form});
      sum.nano = init ? std::max(sum.nano, more->nano) : sum.nano + more->nano;
      pod[side][amount.key()] = canonical_quantity(sum);
    }
  }
}

Json amounts_of_pod(const Json& spec) {
  Json pod = Json::object();
  for_each_item(member(spec, "containers"), [&](const Json& c, std::size_t) { count_container(c, false, pod); });
  for_each_item(member(spec, "initContainers"), [&](const Json& c, std::size_t) { count_container(c, true, pod); });
  return pod;
}

void check_pod_limits(const ObjectStore& store, const std::string& ns, const Json& spec, Complaints& complaints) {
  for_each_limit(store, ns, "Container", [&](const Json& limit) {
    for (const char* list : {"containers", "initContainers"}) {
      for_each_item(member(spec, list), [&](const Json& container, std::size_t) {
        check_amounts(limit, member(container, "resources"), complaints);
      });
    }
  });
  for_each_limit(store, ns, "Pod", [&](const Json& limit) { check_amounts(limit, amounts_of_pod(spec), complaints); });
}

}  // namespace

void add_default_amounts(const ObjectStore& store, const std::string& ns, Json& pod) {
  Json limits = Json::object();
  Json requests = Json::object();
  for_each_limit(store, ns, "Container", [&](const Json& limit) {
    if (member(limit, "default").is_object()) limits.update(limit.at("default"));
    if (member(limit, "defaultRequest").is_object()) requests.update(limit.at("defaultRequest"));
  });
  if (limits.empty() && requests.empty()) return;
  std::string notes;
  for (const auto& [list, what] :
       {std::pair{"containers", "container "}, std::pair{"initContainers", "init container "}}) {
    if (!member(pod["spec"], list).is_array()) continue;
    for (Json& container : pod["spec"][list]) {
      const std::string of = what + text_at(container, {"name"});
      note(notes, fill_amounts(container, "requests", requests), " request for " + of);
      note(notes, fill_amounts(container, "limits", limits), " limit for " + of);
    }
  }
  if (notes.empty()) return;
  if (Json* annotations = child(pod["metadata"], "annotations"))
    (*annotations)[kNote] = "LimitRanger plugin set: " + notes;
}

ApiResult<> check_limit_ranges(const ObjectStore& store, const Resource& resource, const std::string& ns,
                               const Json& object) {
  Complaints complaints;
  const Json& spec = member(object, "spec");
  if (resource == kPods) check_pod_limits(store, ns, spec, complaints);
  if (resource == kClaims) {
    for_each_limit(store, ns, "PersistentVolumeClaim", [&](const Json& limit) {
      check_side(member(limit, "min"), "PersistentVolumeClaim", member(spec, "resources"), check_least, complaints);
      check_side(member(limit, "max"), "PersistentVolumeClaim", member(spec, "resources"), check_most_requested,
                 complaints);
    });
  }
  if (complaints.empty()) return {};
  std::string all = complaints.front();
  for (std::size_t i = 1; i < complaints.size(); ++i) all += ", " + complaints[i];
  if (complaints.size() > 1) all = "[" + all + "]";
  return forbidden(resource, name_to_be(object), all);
}

}  // namespace fakeapi
