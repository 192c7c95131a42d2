#include "fake-apiserver/controllers/daemon_pods.h"

#include <algorithm>
#include <array>
#include <memory>

#include "fake-apiserver/controllers/object_fields.h"
#include "fake-apiserver/controllers/pod_requests.h"
#include "fake-apiserver/controllers/resources.h"
#include "fake-apiserver/controllers/tolerations.h"

namespace fakeapi {
namespace {

constexpr const char* kRequired = "requiredDuringSchedulingIgnoredDuringExecution";
constexpr const char* kNameField = "metadata.name";

// What every daemon tolerates.
struct Tolerated {
  const char* key;
  const char* effect;
};
constexpr std::array<Tolerated, 6> kTolerated = {{{"node.kubernetes.io/not-ready", "NoExecute"},
                                                  {"node.kubernetes.io/unreachable", "NoExecute"},
                                                  {"node.kubernetes.io/disk-pressure", "NoSchedule"},
                                                  {"node.kubernetes.io/memory-pressure", "NoSchedule"},
                                                  {"node.kubernetes.io/pid-pressure", "NoSchedule"},
                                                  {"node.kubernetes.io/unschedulable", "NoSchedule"}}};

bool pod_tolerates(const Json& pod_spec, const Taint& taint) {
  for (const Tolerated& by_default : kTolerated) {
    if (taint.key == by_default.key && taint.effect == by_default.effect) return true;
  }
  return any_tolerates(field_at(pod_spec, {"tolerations"}), taint);
}

}  // namespace

DaemonTemplate::DaemonTemplate(const Json& set) : spec_(at_path(set, {"spec", "template", "spec"})) {
  Pod pod;
  pod.object = std::make_shared<const Json>(Json{{"spec", spec_}});
  pod.requests = requests_of(*pod.object);
  needs_ = taken_by(pod);
  if (const auto constraints = PodConstraints::read(pod, nullptr)) nodes_ = constraints->required_nodes;
}

bool DaemonTemplate::selects(const Node& node) const {
  const std::string wanted = text_at(spec_, {"nodeName"});
  if (!wanted.empty() && wanted != node.name) return false;
  if (nodes_ && !is_one_of(*nodes_, *node.object)) return false;
  const Json* selector = field_at(spec_, {"nodeSelector"});
  if (!selector || !selector->is_object()) return true;
  return std::all_of(selector->items().begin(), selector->items().end(), [&](const auto& label) {
    return at_path(*node.object, {"metadata", "labels", label.key()}) == label.value();
  });
}

bool DaemonTemplate::belongs_on(const Node& node, bool is_there) const {
  if (!selects(node)) return false;
  return std::all_of(node.taints.begin(), node.taints.end(), [&](const Taint& taint) {
    return (is_there && taint.effect != "NoExecute") || pod_tolerates(spec_, taint);
  });
}

void tie_to_node(Json& pod_spec, const std::string& node) {
  Json& tolerations = pod_spec["tolerations"];
  if (!tolerations.is_array()) tolerations = Json::array();
  for (const Tolerated& one : kTolerated) {
    tolerations.push_back({{"key", one.key}, {"operator", "Exists"}, {"effect", one.effect}});
  }
  Json& affinity = object_in(object_in(pod_spec, "affinity"), "nodeAffinity");
  const Json by_name{{"key", kNameField}, {"operator", "In"}, {"values", Json::array({node})}};
  // In place of what the template requires, which the node meets.
  affinity[kRequired] = {{"nodeSelectorTerms", Json::array({{{"matchFields", Json::array({by_name})}}})}};
}

std::string node_of_daemon(const Pod& pod) {
  if (!pod.node.empty()) return pod.node;
  const Json* terms = field_at(*pod.object, {"spec", "affinity", "nodeAffinity", kRequired, "nodeSelectorTerms"});
  if (!terms || !terms->is_array()) return "";
  for (const Json& term : *terms) {
    const Json* fields = field_at(term, {"matchFields"});
    if (!fields || !fields->is_array()) continue;
    for (const Json& field : *fields) {
      const Json* values = field_at(field, {"values"});
      const bool names = text_at(field, {"key"}) == kNameField && text_at(field, {"operator"}) == "In";
      if (names && values && values->is_array() && values->size() == 1 && values->front().is_string()) {
        return values->front().get<std::string>();
      }
    }
  }
  return "";
}

bool is_daemon(const Pod& pod) {
  const auto owner = controller_of(*pod.object);
  return owner && owner->kind == "DaemonSet";
}

PlannedDaemons::PlannedDaemons(const ObjectStore& store) {
  for (const ObjectPtr& set : store.list(resources::kDaemonSets)) {
    if (!is_being_deleted(*set)) templates_.emplace_back(*set);
  }
}

void PlannedDaemons::put_on(Node& node) const {
  for (const DaemonTemplate& daemon : templates_) {
    if (daemon.belongs_on(node)) node.requested.add(daemon.needs(), +1);
  }
}

}  // namespace fakeapi
