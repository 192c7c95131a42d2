#include <algorithm>
#include <utility>

#include "fake-apiserver/kinds/admission.h"
#include "fake-apiserver/kinds/default_fields.h"
#include "fake-apiserver/kinds/limit_ranges.h"
#include "fake-apiserver/kinds/pod_rules.h"

namespace fakeapi {
namespace {

const Resource kPods{"", "pods"};
const Resource kPriorityClasses{"scheduling.k8s.io", "priorityclasses"};
const Resource kServiceAccounts{"", "serviceaccounts"};
constexpr const char* kPreempts = "PreemptLowerPriority";
constexpr std::int64_t kClusterCritical = 2'000'000'000;
constexpr std::int64_t kNodeCritical = 2'000'001'000;

struct Priority {
  std::string class_name;
  std::int64_t value = 0;
  std::string preemption = kPreempts;
};

Priority priority_of(const Json& priority_class) {
  Priority priority;
  priority.class_name = text_at(priority_class, {"metadata", "name"});
  priority.value = integer_at(priority_class, {"value"}).value_or(0);
  const std::string preemption = text_at(priority_class, {"preemptionPolicy"});
  if (!preemption.empty()) priority.preemption = preemption;
  return priority;
}

// Of several defaults the lowest counts.
Priority default_priority(const ObjectStore& store) {
  Priority priority;
  bool found = false;
  for (const ObjectPtr& candidate : store.list(kPriorityClasses)) {
    if (member(*candidate, "globalDefault") != true) continue;
    Priority next = priority_of(*candidate);
    if (found && next.value >= priority.value) continue;
    priority = std::move(next);
    found = true;
  }
  return priority;
}

std::optional<Priority> find_priority(const ObjectStore& store, const std::string& name) {
  if (name.empty()) return default_priority(store);
  if (const ObjectPtr found = store.find(kPriorityClasses, {"", name})) return priority_of(*found);
  if (name == "system-cluster-critical") return Priority{name, kClusterCritical, kPreempts};
  if (name == "system-node-critical") return Priority{name, kNodeCritical, kPreempts};
  return std::nullopt;
}

ApiResult<> admit_priority(const ObjectStore& store, const std::string& pod, Json& spec) {
  const std::string wanted = text_at(spec, {"priorityClassName"});
  const auto priority = find_priority(store, wanted);
  if (!priority) return forbidden(kPods, pod, "no PriorityClass with name " + wanted + " was found");
  const Json& value = member(spec, "priority");
  if (value.is_number_integer() && value != priority->value) {
    return forbidden(kPods, pod,
                     "the integer value of priority (" + to_text(value) +
                         ") must not be provided in pod spec; priority admission controller computed " +
                         std::to_string(priority->value) + " from the given PriorityClass name");
  }
  const std::string preemption = text_at(spec, {"preemptionPolicy"});
  if (!preemption.empty() && preemption != priority->preemption) {
    return forbidden(kPods, pod,
                     "the string value of PreemptionPolicy (" + preemption +
                         ") must not be provided in pod spec; priority admission controller computed " +
                         priority->preemption + " from the given PriorityClass name");
  }
  if (!priority->class_name.empty()) spec["priorityClassName"] = priority->class_name;
  spec["priority"] = priority->value;
  spec["preemptionPolicy"] = priority->preemption;
  return {};
}

ApiResult<> admit_account(const ObjectStore& store, const ObjectName& pod, Json& spec) {
  fill(spec, "serviceAccountName", "default");
  if (member(spec, "serviceAccountName") == "") spec["serviceAccountName"] = "default";
  const std::string account = text_at(spec, {"serviceAccountName"});
  fill(spec, "serviceAccount", account);
  if (store.find(kServiceAccounts, {pod.ns, account})) return {};
  return forbidden(
      kPods, pod.name,
      "error looking up service account " + pod.ns + "/" + account + ": serviceaccount \"" + account + "\" not found");
}

// What a client that writes the whole pod leaves out stays as it was decided.
void keep_decisions(const Json& before, Json& spec) {
  for (const char* key :
       {"priority", "preemptionPolicy", "priorityClassName", "serviceAccountName", "serviceAccount"}) {
    const Json& decided = at_path(before, {"spec", key});
    if (!decided.is_null()) fill(spec, key, decided);
  }
}

// How long a pod stays on a node that is not ready, or can't be reached, unless it says so itself.
void add_default_tolerations(Json& spec) {
  constexpr int kSeconds = 300;
  for (const char* key : {"node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"}) {
    bool said = false;
    for_each_item(member(spec, "tolerations"), [&](const Json& toleration, std::size_t) {
      const std::string_view of = view_at(toleration, "key");
      const std::string_view effect = view_at(toleration, "effect");
      said = said || ((of == key || of.empty()) && (effect == "NoExecute" || effect.empty()));
    });
    if (said) continue;
    if (!member(spec, "tolerations").is_array()) spec["tolerations"] = Json::array();
    Json toleration = Json::object();
    toleration["key"] = key;
    toleration["operator"] = "Exists";
    toleration["effect"] = "NoExecute";
    toleration["tolerationSeconds"] = kSeconds;
    spec["tolerations"].push_back(std::move(toleration));
  }
}

// Whether the amounts of CPU and memory are all limited, and reserved in full.
struct Amounts {
  bool any = false;
  bool all = true;
};

void add_amounts(const Json& containers, Amounts& amounts) {
  if (!containers.is_array()) return;
  for (const Json& container : containers) {
    const Json& limits = at_path(container, {"resources", "limits"});
    const Json& requests = at_path(container, {"resources", "requests"});
    for (const char* name : {"cpu", "memory"}) {
      const Json& limit = member(limits, name);
      const Json& request = member(requests, name);
      const bool set = !limit.is_null() && limit != "0";
      amounts.any = amounts.any || set || (!request.is_null() && request != "0");
      amounts.all = amounts.all && set && (request.is_null() || request == limit);
    }
  }
}

}  // namespace

std::string pod_qos_class(const Json& spec) {
  Amounts amounts;
  add_amounts(member(spec, "containers"), amounts);
  add_amounts(member(spec, "initContainers"), amounts);
  if (!amounts.any) return "BestEffort";
  return amounts.all ? "Guaranteed" : "Burstable";
}

std::string name_to_be(const Json& object) {
  std::string name = text_at(object, {"metadata", "name"});
  return name.empty() ? text_at(object, {"metadata", "generateName"}) : name;
}

ApiResult<> admit_object(const ObjectStore& store, const ResourceInfo& info, Json& object, const Json* before) {
  if (info.resource != kPods || !member(object, "spec").is_object()) return {};
  Json& spec = object["spec"];
  if (before) {
    keep_decisions(*before, spec);
    add_default_tolerations(spec);
    return {};
  }
  return admit_pod(store, object);
}

ApiResult<> admit_pod(const ObjectStore& store, Json& pod) {
  Json& spec = pod["spec"];
  const ObjectName name{text_at(pod, {"metadata", "namespace"}), name_to_be(pod)};
  if (auto admitted = admit_account(store, name, spec); !admitted) return admitted;
  add_default_amounts(store, name.ns, pod);
  add_default_tolerations(spec);
  return admit_priority(store, name.name, spec);
}

ApiResult<> admit_ephemeral_containers(const Json& before, Json& object) {
  Json next = before;
  const Json& old = at_path(before, {"spec", "ephemeralContainers"});
  Json wanted = at_path(object, {"spec", "ephemeralContainers"});
  const Json& version = at_path(object, {"metadata", "resourceVersion"});
  if (version.is_string()) next["metadata"]["resourceVersion"] = version;
  if (wanted.is_null()) {
    next["spec"].erase("ephemeralContainers");
  } else {
    next["spec"]["ephemeralContainers"] = std::move(wanted);
  }
  default_pod_spec(next["spec"]);
  Problems problems;
  const FieldPath path("spec");
  const FieldPath list = path / "ephemeralContainers";
  const Json& now = member(next["spec"], "ephemeralContainers");
  for_each_item(old, [&](const Json& container, std::size_t) {
    const std::string name = text_at(container, {"name"});
    const auto same_name = [&](const Json& other) { return view_at(other, "name") == name; };
    const auto found = now.is_array() ? std::find_if(now.begin(), now.end(), same_name) : now.end();
    if (!now.is_array() || found == now.end()) {
      problems.forbidden(list, "existing ephemeral containers \"" + name + "\" may not be removed\n");
    } else if (*found != container) {
      problems.forbidden(list, "existing ephemeral containers \"" + name + "\" may not be changed\n");
    }
  });
  check_containers(problems, path, next["spec"]);
  if (!problems.empty()) {
    return invalid_object("", "Pod", text_at(before, {"metadata", "name"}), problems.errors());
  }
  object = std::move(next);
  return {};
}

void create_system_objects(ObjectStore& store) {
  for (const auto& [name, value] :
       {std::pair{"system-cluster-critical", kClusterCritical}, std::pair{"system-node-critical", kNodeCritical}}) {
    (void)store.create(kPriorityClasses, {{"apiVersion", "scheduling.k8s.io/v1"},
                                          {"kind", "PriorityClass"},
                                          {"metadata", {{"name", name}}},
                                          {"value", value},
                                          {"preemptionPolicy", kPreempts},
                                          {"description", "Used for system critical pods."}});
  }
  Json service = {{"apiVersion", "v1"}, {"kind", "Service"}};
  service["metadata"] = {{"name", "kubernetes"},
                         {"namespace", "default"},
                         {"labels", {{"component", "apiserver"}, {"provider", "kubernetes"}}}};
  service["spec"]["clusterIP"] = "10.96.0.1";
  service["spec"]["clusterIPs"] = Json::array({"10.96.0.1"});
  service["spec"]["ports"] =
      Json::array({{{"name", "https"}, {"port", 443}, {"targetPort", 6443}, {"protocol", "TCP"}}});
  default_object({"", "services"}, service);
  service["status"] = {{"loadBalancer", Json::object()}};
  (void)store.create({"", "services"}, std::move(service));
}

}  // namespace fakeapi
