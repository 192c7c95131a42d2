#include "fake-apiserver/controllers/pod_constraints.h"

#include <algorithm>
#include <utility>

#include "fake-apiserver/controllers/object_fields.h"
#include "fake-apiserver/controllers/resources.h"

namespace fakeapi {
namespace {

const Resource kNamespaces{"", "namespaces"};
constexpr const char* kRequired = "requiredDuringSchedulingIgnoredDuringExecution";
constexpr const char* kPreferred = "preferredDuringSchedulingIgnoredDuringExecution";

template <class What>
void each(const Json* list, What what) {
  if (!list || !list->is_array()) return;
  for (const Json& item : *list) what(item);
}

NodeTerm node_term(const Json& term, std::int64_t weight) {
  return NodeTerm{Requirements::of_expressions(field_at(term, {"matchExpressions"})),
                  Requirements::of_expressions(field_at(term, {"matchFields"})), weight};
}

// A selector with the values that the pod itself has for these labels (matchLabelKeys).
Json with_own_labels(const Json* selector, const Json& term, const Pod& pod) {
  Json merged = selector ? *selector : Json();
  each(field_at(term, {"matchLabelKeys"}), [&](const Json& key) {
    if (!key.is_string() || !merged.is_object() || !pod.labels) return;
    const Json* value = field_at(*pod.labels, {key.get<std::string>()});
    if (value) object_in(merged, "matchLabels")[key.get<std::string>()] = *value;
  });
  return merged;
}

PodSelector pod_selector(const Json& term, const Pod& pod, const ObjectStore* store) {
  PodSelector pods;
  const Json selector = with_own_labels(field_at(term, {"labelSelector"}), term, pod);
  pods.selector = Requirements::of_selector(selector.is_null() ? nullptr : &selector);
  each(field_at(term, {"namespaces"}), [&](const Json& ns) {
    if (ns.is_string()) pods.namespaces.insert(ns.get<std::string>());
  });
  const Json* namespace_selector = field_at(term, {"namespaceSelector"});
  if (namespace_selector && namespace_selector->is_object()) {
    const Requirements wanted = Requirements::of_selector(namespace_selector);
    pods.all_namespaces = wanted.empty();
    if (!pods.all_namespaces && store) {
      for (const ObjectPtr& ns : store->list(kNamespaces)) {
        if (wanted.met_by(field_at(*ns, {"metadata", "labels"}))) pods.namespaces.insert(name_of(*ns).name);
      }
    }
  } else if (pods.namespaces.empty()) {
    pods.namespaces.insert(pod.name.ns);
  }
  pods.id = pods.all_namespaces ? "*" : "";
  for (const std::string& ns : pods.namespaces) pods.id += ns + ",";
  pods.id += selector.dump();
  return pods;
}

PodTerm pod_term(const Json& term, const Pod& pod, std::int64_t weight, const ObjectStore* store) {
  return PodTerm{pod_selector(term, pod, store), text_at(term, {"topologyKey"}), weight};
}

void read_node_affinity(const Json& affinity, PodConstraints& constraints) {
  if (const Json* required = field_at(affinity, {"nodeAffinity", kRequired})) {
    constraints.required_nodes.emplace();
    each(field_at(*required, {"nodeSelectorTerms"}),
         [&](const Json& term) { constraints.required_nodes->push_back(node_term(term, 0)); });
  }
  each(field_at(affinity, {"nodeAffinity", kPreferred}), [&](const Json& preference) {
    const Json* term = field_at(preference, {"preference"});
    if (term) constraints.preferred_nodes.push_back(node_term(*term, int_at(preference, {"weight"})));
  });
}

void read_pod_affinity(const Json& affinity, const Pod& pod, const ObjectStore* store, PodConstraints& constraints) {
  each(field_at(affinity, {"podAffinity", kRequired}),
       [&](const Json& term) { constraints.affinity.push_back(pod_term(term, pod, 0, store)); });
  for (const auto& [kind, sign] : {std::pair{"podAffinity", 1}, std::pair{"podAntiAffinity", -1}}) {
    each(field_at(affinity, {kind, kPreferred}), [&, weight_sign = sign](const Json& preference) {
      const Json* term = field_at(preference, {"podAffinityTerm"});
      if (!term) return;
      constraints.preferred_pods.push_back(pod_term(*term, pod, weight_sign * int_at(preference, {"weight"}), store));
    });
  }
}

void read_spread(const Pod& pod, PodConstraints& constraints) {
  each(field_at(*pod.object, {"spec", "topologySpreadConstraints"}), [&](const Json& constraint) {
    constraints.spread.push_back(
        SpreadConstraint{.pods = pod_selector(constraint, pod, nullptr),
                         .topology_key = text_at(constraint, {"topologyKey"}),
                         .max_skew = int_at(constraint, {"maxSkew"}, 1),
                         .min_domains = int_at(constraint, {"minDomains"}, 1),
                         .required = text_or(constraint, {"whenUnsatisfiable"}, "DoNotSchedule") == "DoNotSchedule"});
  });
}

}  // namespace

std::vector<PodTerm> required_anti_affinity(const Pod& pod, const ObjectStore* store) {
  std::vector<PodTerm> terms;
  each(field_at(*pod.object, {"spec", "affinity", "podAntiAffinity", kRequired}),
       [&](const Json& term) { terms.push_back(pod_term(term, pod, 0, store)); });
  return terms;
}

std::vector<HostPort> host_ports(const Json& pod) {
  std::vector<HostPort> ports;
  const bool host_network = bool_at(pod, {"spec", "hostNetwork"});
  each(field_at(pod, {"spec", "containers"}), [&](const Json& container) {
    each(field_at(container, {"ports"}), [&](const Json& port) {
      const std::int64_t number = int_at(port, {"hostPort"}, host_network ? int_at(port, {"containerPort"}) : 0);
      if (number <= 0) return;
      ports.push_back(HostPort{number, text_or(port, {"protocol"}, "TCP"), text_or(port, {"hostIP"}, "0.0.0.0")});
    });
  });
  return ports;
}

bool clash(const HostPort& a, const HostPort& b) {
  const auto every = [](const HostPort& port) { return port.address.empty() || port.address == "0.0.0.0"; };
  return a.port == b.port && a.protocol == b.protocol && (every(a) || every(b) || a.address == b.address);
}

std::shared_ptr<const PodConstraints> PodConstraints::read(const Pod& pod, const ObjectStore* store) {
  PodConstraints constraints;
  if (const Json* affinity = field_at(*pod.object, {"spec", "affinity"})) {
    read_node_affinity(*affinity, constraints);
    read_pod_affinity(*affinity, pod, store, constraints);
    constraints.anti_affinity = required_anti_affinity(pod, store);
  }
  read_spread(pod, constraints);
  constraints.ports = host_ports(*pod.object);
  const bool none = !constraints.required_nodes && constraints.preferred_nodes.empty() &&
                    constraints.affinity.empty() && constraints.anti_affinity.empty() &&
                    constraints.preferred_pods.empty() && constraints.spread.empty() && constraints.ports.empty();
  return none ? nullptr : std::make_shared<const PodConstraints>(std::move(constraints));
}

bool is_described(const NodeTerm& term, const Json& node) {
  if (term.labels.empty() && term.fields.empty()) return false;  // an empty term describes no node
  if (!term.labels.met_by(field_at(node, {"metadata", "labels"}))) return false;
  if (term.fields.empty()) return true;
  const Json fields{{"metadata.name", text_at(node, {"metadata", "name"})}};
  return term.fields.met_by(&fields);
}

bool is_one_of(const std::vector<NodeTerm>& terms, const Json& node) {
  return std::any_of(terms.begin(), terms.end(), [&](const NodeTerm& term) { return is_described(term, node); });
}

}  // namespace fakeapi
