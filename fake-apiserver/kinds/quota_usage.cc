#include "fake-apiserver/kinds/quota_usage.h"

#include <algorithm>

#include "fake-apiserver/kinds/admission.h"
#include "fake-apiserver/kinds/problems.h"

namespace fakeapi {
namespace {

const Resource kPods{"", "pods"};
const Resource kServices{"", "services"};
const Resource kClaims{"", "persistentvolumeclaims"};
constexpr const char* kCount = "count/";
constexpr const char* kStorageClass = ".storageclass.storage.k8s.io/";

// Kinds that had a quota of their own before everything could be counted.
constexpr const char* kCountedByName[] = {
    "configmaps", "persistentvolumeclaims", "replicationcontrollers", "resourcequotas", "secrets", "services"};

Quantity whole(std::int64_t count) { return Quantity{Quantity::Wide(count) * 1'000'000'000, QuantityForm::kDecimal}; }

void raise(QuotaAmounts& sum, const std::string& name, const Quantity& more) {
  Quantity& amount = sum.try_emplace(name, Quantity{0, more.form}).first->second;
  if (amount.nano == 0) amount.form = more.form;
  amount.nano += more.nano;
}

void raise_to(QuotaAmounts& most, const QuotaAmounts& amounts) {
  for (const auto& [name, amount] : amounts) {
    Quantity& known = most.try_emplace(name, amount).first->second;
    if (known.nano < amount.nano) known = amount;
  }
}

// "requests.cpu", "limits.memory" of one container.
QuotaAmounts container_amounts(const Json& container) {
  QuotaAmounts amounts;
  for (const char* side : {"requests", "limits"}) {
    for (const auto& [name, amount] : amounts_of(at_path(container, {"resources", side}))) {
      raise(amounts, std::string(side) + "." + name, amount);
    }
  }
  return amounts;
}

bool has_ended(const Json& pod) {
  const std::string phase = text_at(pod, {"status", "phase"});
  return phase == "Succeeded" || phase == "Failed";
}

void add_pod(const Json& pod, QuotaAmounts& usage) {
  if (has_ended(pod)) return;
  raise(usage, "pods", whole(1));
  const Json& spec = member(pod, "spec");
  QuotaAmounts amounts;
  for_each_item(member(spec, "containers"),
                [&](const Json& container, std::size_t) { add_amounts(amounts, container_amounts(container)); });
  for_each_item(member(spec, "initContainers"),
                [&](const Json& container, std::size_t) { raise_to(amounts, container_amounts(container)); });
  for (const auto& [name, amount] : amounts_of(member(spec, "overhead"))) raise(amounts, "requests." + name, amount);
  for (const char* name : {"cpu", "memory", "ephemeral-storage"}) {
    const auto requested = amounts.find(std::string("requests.") + name);
    if (requested != amounts.end()) raise(usage, name, requested->second);
  }
  add_amounts(usage, amounts);
}

void add_service(const Json& service, QuotaAmounts& usage) {
  const std::string type = text_at(service, {"spec", "type"});
  std::int64_t ports = 0;
  for_each_item(at_path(service, {"spec", "ports"}), [&](const Json& port, std::size_t) {
    if (type == "NodePort" || (type == "LoadBalancer" && !is_unset(member(port, "nodePort")))) ++ports;
  });
  raise(usage, "services.nodeports", whole(ports));
  raise(usage, "services.loadbalancers", whole(type == "LoadBalancer" ? 1 : 0));
}

void add_claim(const Json& claim, QuotaAmounts& usage) {
  const auto storage = parse_quantity(view_of(at_path(claim, {"spec", "resources", "requests", "storage"})));
  const std::string storage_class = text_at(claim, {"spec", "storageClassName"});
  if (storage) raise(usage, "requests.storage", *storage);
  if (storage_class.empty()) return;
  raise(usage, storage_class + kStorageClass + "persistentvolumeclaims", whole(1));
  if (storage) raise(usage, storage_class + kStorageClass + "requests.storage", *storage);
}

// Whether the terms of its affinities look at pods of other namespaces.
bool looks_abroad(const Json& pod_spec) {
  bool abroad = false;
  const auto look = [&](const Json& term) {
    abroad = abroad || !member(term, "namespaces").empty() || !member(term, "namespaceSelector").is_null();
  };
  for (const char* kind : {"podAffinity", "podAntiAffinity"}) {
    const Json& affinity = at_path(pod_spec, {"affinity", kind});
    for_each_item(member(affinity, "requiredDuringSchedulingIgnoredDuringExecution"),
                  [&](const Json& term, std::size_t) { look(term); });
    for_each_item(member(affinity, "preferredDuringSchedulingIgnoredDuringExecution"),
                  [&](const Json& weighted, std::size_t) { look(member(weighted, "podAffinityTerm")); });
  }
  return abroad;
}

bool is_in_scope(std::string_view scope, const Json& pod) {
  const Json& spec = member(pod, "spec");
  const bool ends = member(spec, "activeDeadlineSeconds").is_number_integer();
  const bool best_effort = pod_qos_class(spec) == "BestEffort";
  if (scope == "Terminating") return ends;
  if (scope == "NotTerminating") return !ends;
  if (scope == "BestEffort") return best_effort;
  if (scope == "NotBestEffort") return !best_effort;
  if (scope == "PriorityClass") return !view_at(spec, "priorityClassName").empty();
  if (scope == "CrossNamespacePodAffinity") return looks_abroad(spec);
  return false;
}

bool meets(const Json& requirement, const Json& pod) {
  const std::string_view scope = view_at(requirement, "scopeName");
  const std::string_view op = view_at(requirement, "operator");
  if (scope != "PriorityClass" || op == "Exists") return is_in_scope(scope, pod);
  const std::string_view name = view_at(member(pod, "spec"), "priorityClassName");
  if (op == "DoesNotExist") return name.empty();
  const Json& values = member(requirement, "values");
  const bool listed = values.is_array() && std::any_of(values.begin(), values.end(),
                                                       [&](const Json& value) { return view_of(value) == name; });
  return op == "In" ? listed : op == "NotIn" && !listed;
}

// "count/deployments.apps" is Resource{"apps", "deployments"}.
Resource resource_of(std::string_view counted) {
  const std::size_t dot = std::min(counted.find('.'), counted.size());
  return Resource{std::string(counted.substr(std::min(dot + 1, counted.size()))), std::string(counted.substr(0, dot))};
}

Resource resource_for(std::string_view name) {
  if (name.starts_with(kCount)) return resource_of(name.substr(std::string_view(kCount).size()));
  if (std::find(std::begin(kCountedByName), std::end(kCountedByName), name) != std::end(kCountedByName)) {
    return Resource{"", std::string(name)};
  }
  if (name.starts_with("services.")) return kServices;
  if (name == "requests.storage" || name.find(kStorageClass) != std::string_view::npos) return kClaims;
  return kPods;
}

}  // namespace

QuotaAmounts quota_usage(const Resource& resource, const Json& object) {
  QuotaAmounts usage;
  raise(usage, kCount + resource.plural + (resource.group.empty() ? "" : "." + resource.group), whole(1));
  if (!resource.group.empty()) return usage;
  if (resource == kPods) add_pod(object, usage);
  if (resource == kServices) add_service(object, usage);
  if (resource == kClaims) add_claim(object, usage);
  for (const char* name : kCountedByName) {
    if (resource.plural == name) raise(usage, name, whole(1));
  }
  return usage;
}

std::string quota_text(const QuotaAmounts& amounts) {
  std::string text;
  for (const auto& [name, amount] : amounts) {
    text.append(text.empty() ? "" : ",").append(name).append("=").append(canonical_quantity(amount));
  }
  return text;
}

QuotaAmounts amounts_of(const Json& quantities) {
  QuotaAmounts amounts;
  if (!quantities.is_object()) return amounts;
  for (auto entry = quantities.begin(); entry != quantities.end(); ++entry) {
    if (const auto amount = parse_quantity(view_of(*entry))) amounts.emplace(entry.key(), *amount);
  }
  return amounts;
}

Json json_of(const QuotaAmounts& amounts) {
  Json quantities = Json::object();
  for (const auto& [name, amount] : amounts) quantities[name] = canonical_quantity(amount);
  return quantities;
}

void add_amounts(QuotaAmounts& sum, const QuotaAmounts& more) {
  for (const auto& [name, amount] : more) raise(sum, name, amount);
}

void subtract_amounts(QuotaAmounts& sum, const QuotaAmounts& less) {
  for (const auto& [name, amount] : less) raise(sum, name, Quantity{-amount.nano, amount.form});
}

QuotaAmounts limited_by(const QuotaAmounts& limits, const QuotaAmounts& amounts) {
  QuotaAmounts limited;
  for (const auto& [name, amount] : amounts) {
    if (limits.contains(name)) limited.emplace(name, amount);
  }
  return limited;
}

bool quota_covers(const Json& quota_spec, const Resource& resource, const Json& object) {
  const Json& scopes = member(quota_spec, "scopes");
  const Json& requirements = at_path(quota_spec, {"scopeSelector", "matchExpressions"});
  if (scopes.empty() && requirements.empty()) return true;
  if (resource != kPods) return false;
  bool covered = true;
  if (scopes.is_array()) {
    for (const Json& scope : scopes) covered = covered && is_in_scope(view_of(scope), object);
  }
  for_each_item(requirements,
                [&](const Json& requirement, std::size_t) { covered = covered && meets(requirement, object); });
  return covered;
}

std::vector<Resource> quota_resources(const Json& quota_spec) {
  std::vector<Resource> resources;
  for (const auto& [name, amount] : amounts_of(member(quota_spec, "hard"))) {
    Resource resource = resource_for(name);
    if (std::find(resources.begin(), resources.end(), resource) == resources.end()) {
      resources.push_back(std::move(resource));
    }
  }
  return resources;
}

}  // namespace fakeapi
