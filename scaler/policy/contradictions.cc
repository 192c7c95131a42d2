#include "scaler/policy/contradictions.h"

#include <map>
#include <set>
#include <tuple>

#include "common/base/number_format.h"
#include "common/config/fields.h"
#include "scaler/policy/policy_fields.h"

namespace scaler {
namespace {

using config::Document;
using config::Fields;

// "Deployment default/api".
std::string called(const std::string& kind, const std::string& ns, const std::string& name) {
  return kind + " " + ns + "/" + name;
}

std::string called(const PlacedPolicy& placed) {
  return called(placed.document->value.at("kind").get<std::string>(), placed.policy->ns, placed.policy->name);
}

// One that targets an HPA changes or advises that HPA, not the replicas.
bool writes_replicas(const PolicySpec& policy) { return policy.target.kind != "HorizontalPodAutoscaler"; }

base::Error invalid(std::string message) { return {base::ErrorCode::kInvalid, std::move(message)}; }

std::optional<base::Error> find_two_writers(const std::vector<PlacedPolicy>& policies) {
  std::map<std::tuple<std::string, std::string, std::string>, const PlacedPolicy*> writers;
  for (const PlacedPolicy& placed : policies) {
    const PolicySpec& policy = *placed.policy;
    if (!writes_replicas(policy)) continue;
    const auto key = std::tuple(policy.ns, policy.target.kind, policy.target.name);
    const auto [first, is_new] = writers.emplace(key, &placed);
    if (is_new) continue;
    return invalid(policy.target_where + ": " + called(placed) + " writes the replicas of " +
                   called(policy.target.kind, policy.ns, policy.target.name) + ", which " + called(*first->second) +
                   " at " + first->second->policy->target_where + " writes too; a target has one owner");
  }
  return std::nullopt;
}

// A number of replicas that a policy wants as its target's minimum, and where it says so.
struct Floor {
  int replicas = 0;
  std::string pointer;
};

template <class Entry>
void add_floors(const std::vector<Entry>& entries, const std::string& list, std::vector<Floor>& floors) {
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const std::string pointer = list + "/" + base::format_number(std::uint64_t{i});
    floors.push_back({entries[i].min_replicas, pointer + "/minReplicas"});
  }
}

std::vector<Floor> floors_of(const PolicySpec& policy) {
  std::vector<Floor> floors;
  if (const auto* tuner = std::get_if<HpaTunerSpec>(&policy.rules)) {
    floors.push_back({tuner->min_replicas, "/spec/minReplicas"});
  } else if (const auto* human = std::get_if<HumanOperatorSpec>(&policy.rules)) {
    floors.push_back({human->min_replicas.value_or(0), "/spec/minReplicas"});
    add_floors(human->shifts, "/spec/shifts", floors);
  } else if (const auto* scaling = std::get_if<ScalingPolicySpec>(&policy.rules)) {
    floors.push_back({scaling->min_replicas, "/spec/minReplicas"});
    add_floors(scaling->schedules, "/spec/schedules", floors);
    add_floors(scaling->calendar, "/spec/calendar/events", floors);
  }
  return floors;
}

// What raises the minimum of an HPA cannot raise it above the maximum.
std::optional<base::Error> find_floor_over_max(const PlacedPolicy& placed, const PlacedPolicy& target) {
  const auto* hpa = std::get_if<HpaSpec>(&target.policy->rules);
  const PolicySpec& policy = *placed.policy;
  if (!hpa || writes_replicas(policy) || policy.ns != target.policy->ns || policy.target.name != target.policy->name) {
    return std::nullopt;
  }
  for (const Floor& floor : floors_of(policy)) {
    if (floor.replicas <= hpa->max_replicas) continue;
    return invalid(placed.document->locate(floor.pointer) + ": " + called(placed) + " wants at least " +
                   base::format_number(std::int64_t{floor.replicas}) + " replicas, above maxReplicas (" +
                   base::format_number(std::int64_t{hpa->max_replicas}) + ") of " + called(target) + " at " +
                   target.document->locate("/spec/maxReplicas"));
  }
  return std::nullopt;
}

// A resource of pods that a policy scales by, and where it says so.
struct ScaledResource {
  std::string name;
  std::string container;  // empty: all of the pod's
  std::string pointer;
};

bool is_resource(const MetricSpec& metric) {
  return metric.source == MetricSpec::Source::kResource || metric.source == MetricSpec::Source::kContainerResource;
}

std::string container_of(const MetricSpec& metric) {
  return metric.source == MetricSpec::Source::kContainerResource ? metric.container : "";
}

std::string container_of(const WpaMetric&) { return ""; }

bool is_resource(const WpaMetric& metric) { return metric.source == WpaMetric::Source::kResource; }

template <class Metric>
std::vector<ScaledResource> resources_of(const std::vector<Metric>& metrics) {
  std::vector<ScaledResource> resources;
  for (std::size_t i = 0; i < metrics.size(); ++i) {
    if (!is_resource(metrics[i])) continue;
    resources.push_back(
        {metrics[i].name, container_of(metrics[i]), "/spec/metrics/" + base::format_number(std::uint64_t{i})});
  }
  return resources;
}

std::vector<ScaledResource> resources_of(const KedaSpec& keda) {
  std::vector<ScaledResource> resources;
  for (std::size_t i = 0; i < keda.triggers.size(); ++i) {
    if (!keda.triggers[i].is_resource()) continue;
    resources.push_back({keda.triggers[i].type == KedaTrigger::Type::kCpu ? "cpu" : "memory",
                         keda.triggers[i].container, "/spec/triggers/" + base::format_number(std::uint64_t{i})});
  }
  return resources;
}

std::vector<ScaledResource> resources_of(const PolicySpec& policy) {
  if (const auto* hpa = std::get_if<HpaSpec>(&policy.rules)) return resources_of(hpa->metrics);
  if (const auto* scaling = std::get_if<ScalingPolicySpec>(&policy.rules)) return resources_of(scaling->metrics);
  if (const auto* wpa = std::get_if<WpaSpec>(&policy.rules)) return resources_of(wpa->metrics);
  if (const auto* keda = std::get_if<KedaSpec>(&policy.rules)) return resources_of(*keda);
  return {};
}

// The entry of containerPolicies for the containers that have none of their own.
constexpr const char* kOtherContainers = "*";

// What a VerticalPodAutoscaler (autoscaling.k8s.io/v1) does to its target.
struct VerticalAutoscaler {
  std::string ns = "default";
  std::string name;
  TargetRef target;
  std::string where;  // of targetRef.name
  // By container, whose requests it changes; the rest is under kOtherContainers. Empty: it changes nothing.
  std::map<std::string, std::set<std::string>> resources;
};

// Without an entry both resources are changed: that is what mode Auto means, and Auto is the default.
std::map<std::string, std::set<std::string>> controlled_resources(Fields& spec) {
  const std::set<std::string> both = {"cpu", "memory"};
  std::map<std::string, std::set<std::string>> controlled;
  if (auto policy = spec.object_if("resourcePolicy")) {
    for (Fields& entry : policy->objects_or_none("containerPolicies")) {
      std::set<std::string>& resources = controlled[entry.text("containerName")];
      if (entry.choice_or("mode", {"Auto", "Off"}, "Auto") == "Off") continue;
      const auto names = entry.texts_or_none("controlledResources");
      resources = entry.has("controlledResources") ? std::set(names.begin(), names.end()) : both;
    }
  }
  controlled.emplace(kOtherContainers, both);
  return controlled;
}

VerticalAutoscaler read_vertical(Fields& root) {
  VerticalAutoscaler vertical;
  Fields metadata = root.object("metadata");
  vertical.name = metadata.text("name");
  vertical.ns = metadata.text_or("namespace", vertical.ns);
  Fields spec = root.object("spec");
  Fields target = spec.object("targetRef");
  vertical.target = {target.text_or("apiVersion", ""), target.text("kind"), target.text("name")};
  vertical.where = target.where("name");
  auto update = spec.object_if("updatePolicy");
  const std::string mode =
      update ? update->choice_or("updateMode", {"Off", "Initial", "Recreate", "InPlaceOrRecreate", "Auto"}, "Auto")
             : "Auto";
  vertical.resources = controlled_resources(spec);
  if (mode == "Off") vertical.resources.clear();
  return vertical;
}

// The container, or kOtherContainers, whose requests of `resource` are changed; nullopt if they are left alone.
std::optional<std::string> changed_container(const VerticalAutoscaler& vertical, const ScaledResource& resource) {
  if (resource.container.empty()) {
    for (const auto& [container, names] : vertical.resources) {
      if (names.contains(resource.name)) return container;
    }
    return std::nullopt;
  }
  auto entry = vertical.resources.find(resource.container);
  if (entry == vertical.resources.end()) entry = vertical.resources.find(kOtherContainers);
  if (entry == vertical.resources.end() || !entry->second.contains(resource.name)) return std::nullopt;
  return resource.container;
}

// " in container app"; empty if there is but one entry, for all containers.
std::string in_container(const VerticalAutoscaler& vertical, const std::string& container) {
  if (container != kOtherContainers) return " in container " + container;
  return vertical.resources.size() == 1 ? "" : " in the containers without an entry of their own";
}

std::optional<base::Error> find_clash(const PlacedPolicy& placed, const VerticalAutoscaler& vertical) {
  const PolicySpec& policy = *placed.policy;
  const bool same_target = policy.ns == vertical.ns && policy.target.kind == vertical.target.kind &&
                           policy.target.name == vertical.target.name;
  if (!same_target) return std::nullopt;
  for (const ScaledResource& resource : resources_of(policy)) {
    const auto container = changed_container(vertical, resource);
    if (!container) continue;
    return invalid(vertical.where + ": " + called("VerticalPodAutoscaler", vertical.ns, vertical.name) +
                   " changes the " + resource.name + " requests of " +
                   called(policy.target.kind, policy.ns, policy.target.name) + in_container(vertical, *container) +
                   ", and " + called(placed) + " at " + placed.document->locate(resource.pointer) + " scales it by " +
                   resource.name + "; set updatePolicy.updateMode: \"Off\", or leave " + resource.name +
                   " out of controlledResources" + (*container == kOtherContainers ? " of containerName '*'" : ""));
  }
  return std::nullopt;
}

}  // namespace

std::optional<base::Error> find_contradiction(const std::vector<PlacedPolicy>& policies,
                                              const std::vector<Document>& companions) {
  if (auto error = find_two_writers(policies)) return error;
  for (const PlacedPolicy& placed : policies) {
    for (const PlacedPolicy& target : policies) {
      if (auto error = find_floor_over_max(placed, target)) return error;
    }
  }
  for (const Document& companion : companions) {
    if (companion.value.at("kind") != "VerticalPodAutoscaler") continue;
    const auto vertical = config::read(companion, read_vertical, config::Strictness::kLenient);
    if (!vertical) return vertical.error();
    for (const PlacedPolicy& placed : policies) {
      if (auto error = find_clash(placed, *vertical)) return error;
    }
  }
  return std::nullopt;
}

}  // namespace scaler
