// The nodes and what is taken of them, kept up to date with every change of a node or pod.
//
// Single-threaded; owned by the Cluster. Listeners are called from inside the write; they must not write.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "fake-apiserver/controllers/pod_cache.h"
#include "fake-apiserver/controllers/subscription.h"

namespace fakeapi {

struct NodeResources {
  std::int64_t cpu = 0;     // thousandths of a core
  std::int64_t memory = 0;  // bytes
  std::int64_t pods = 0;
  std::map<std::string, std::int64_t> others{};  // extended resources by name

  void add(const NodeResources& part, std::int64_t sign) {
    cpu += sign * part.cpu;
    memory += sign * part.memory;
    pods += sign * part.pods;
    for (const auto& [name, amount] : part.others) others[name] += sign * amount;
  }
  bool operator==(const NodeResources&) const = default;
};

struct Taint {
  std::string key;
  std::string value;
  std::string effect;
};

struct Node {
  std::string name;
  std::string uid;
  std::string pool;  // the label kNodePoolLabel
  std::string zone;  // the label kZoneLabel
  std::string address;
  bool ready = false;
  bool unschedulable = false;        // cordoned
  std::vector<Taint> taints;         // that keep pods away: NoSchedule and NoExecute
  std::vector<Taint> soft_taints{};  // that would rather: PreferNoSchedule
  NodeResources allocatable;
  NodeResources requested;
  // The same with a minimum for pods that ask for nothing, for scoring (100m and 200 MB, as in the scheduler).
  NodeResources scored;
  ObjectPtr object;
};

inline constexpr const char* kNodePoolLabel = "node-pool";
inline constexpr const char* kZoneLabel = "topology.kubernetes.io/zone";
inline constexpr const char* kRegionLabel = "topology.kubernetes.io/region";

// Fills `node` with what its object says; leaves what is requested alone.
void read_node(const ObjectPtr& object, Node& node);

// What `pod` takes of a node, and what it counts for in scoring.
NodeResources taken_by(const Pod& pod);
NodeResources scored_for(const Pod& pod);

class NodeTable {
 public:
  NodeTable(ObjectStore& store, PodCache& pods);

  const std::map<std::string, Node>& all() const { return nodes_; }
  const Node* find(const std::string& name) const;
  // All by name. Valid until a node comes or goes.
  const std::vector<const Node*>& in_order() const;
  // Whether any node says its zone.
  bool has_zones() const { return zoned_ > 0; }

  // Calls `listener` whenever a pod that did not fit before might fit now: a node came or has more to give
  // (heartbeats do not count), a pod left.
  void on_room(std::function<void()> listener) { room_listeners_.push_back(std::move(listener)); }
  void on_removal(std::function<void(const Node&)> listener) { removal_listeners_.push_back(std::move(listener)); }

 private:
  void on_node(const StoreEvent& event);
  void put(const ObjectPtr& object);
  void on_pod(const Pod* before, const Pod* after);
  void account(const Pod& pod, std::int64_t sign);
  void tell_room() const;

  PodCache& pods_;
  std::map<std::string, Node> nodes_;
  mutable std::vector<const Node*> order_;
  mutable bool order_is_old_ = true;
  int zoned_ = 0;  // nodes that say their zone
  std::vector<std::function<void()>> room_listeners_;
  std::vector<std::function<void(const Node&)>> removal_listeners_;
  Subscription subscription_;
};

}  // namespace fakeapi
