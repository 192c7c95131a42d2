// Where a pod may and would rather go, as its spec tells: affinities, spread, ports of the host. Read once per pod.
//
// Values; immutable once read.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "fake-apiserver/controllers/pod_cache.h"
#include "fake-apiserver/controllers/requirements.h"

namespace fakeapi {

// One of the alternatives of a node affinity.
struct NodeTerm {
  Requirements labels;
  Requirements fields;  // of metadata.name alone, as in Kubernetes
  std::int64_t weight = 0;
};

// Other pods, those that `selector` names in these namespaces.
struct PodSelector {
  Requirements selector;
  bool all_namespaces = false;
  std::set<std::string> namespaces;
  std::string id;  // equal for equal selectors
  bool selects(const ObjectName& name, const Json* labels) const {
    return (all_namespaces || namespaces.contains(name.ns)) && selector.met_by(labels);
  }
};

struct PodTerm {
  PodSelector pods;
  std::string topology_key;
  std::int64_t weight = 0;  // negative: away from them
};

struct SpreadConstraint {
  PodSelector pods;
  std::string topology_key;
  std::int64_t max_skew = 1;
  std::int64_t min_domains = 1;
  bool required = true;  // whenUnsatisfiable: DoNotSchedule
};

struct HostPort {
  std::int64_t port = 0;
  std::string protocol;
  std::string address;  // "0.0.0.0" is every one
};

struct PodConstraints {
  std::optional<std::vector<NodeTerm>> required_nodes{};  // one of them
  std::vector<NodeTerm> preferred_nodes;
  std::vector<PodTerm> affinity;
  std::vector<PodTerm> anti_affinity;
  std::vector<PodTerm> preferred_pods;
  std::vector<SpreadConstraint> spread;
  std::vector<HostPort> ports;

  // Null if the pod has none. `store` knows the labels of namespaces.
  static std::shared_ptr<const PodConstraints> read(const Pod& pod, const ObjectStore* store);
};

// The hard rules of a pod's anti-affinity alone: what it asks of those that come after it.
std::vector<PodTerm> required_anti_affinity(const Pod& pod, const ObjectStore* store);
std::vector<HostPort> host_ports(const Json& pod);
bool clash(const HostPort& a, const HostPort& b);

// Whether the node is one of those that `terms` describe.
bool is_one_of(const std::vector<NodeTerm>& terms, const Json& node);
bool is_described(const NodeTerm& term, const Json& node);

}  // namespace fakeapi
