// Follows the nodes of the cluster: which zone of the engine each stands in, its pool's weight, and since when it is
// Ready. Owned by a SystemBridge.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "fake-apiserver/store/object_store.h"
#include "sim/scenario/scenario.h"

namespace sim {

class NodeWatch {
 public:
  // An unknown zone counts as the first of zone_names(); a node of an unknown pool weighs 1.
  NodeWatch(const ClusterSpec& cluster, fakeapi::ObjectStore& store);
  ~NodeWatch();
  NodeWatch(const NodeWatch&) = delete;
  NodeWatch& operator=(const NodeWatch&) = delete;

  std::uint32_t of_node(const std::string& node) const;
  double weight(const std::string& node) const;
  // Since when the node is Ready; the epoch if it never was, or is gone.
  base::Time ready_since(const std::string& node) const;
  int ready_nodes() const { return ready_; }

 private:
  void on_node(const fakeapi::StoreEvent& event);

  const std::vector<std::string> names_;         // of the zones, in the order of their numbers in the engine
  const std::map<std::string, double> weights_;  // of the pools, by name
  fakeapi::ObjectStore& store_;
  struct Node {
    std::uint32_t zone = 0;
    double weight = 1.0;
    base::Time ready_since{};
  };
  std::map<std::string, Node> nodes_;  // by name
  int ready_ = 0;
  fakeapi::ObjectStore::SubscriptionId subscription_;
};

}  // namespace sim
