// A DaemonSet's pods before there are any: the nodes they belong on, what they take of them, how one is tied to its
// node.
//
// Values over a set as it is now.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "fake-apiserver/controllers/node_table.h"
#include "fake-apiserver/controllers/pod_constraints.h"

namespace fakeapi {

class DaemonTemplate {
 public:
  explicit DaemonTemplate(const Json& set);

  // Whether a pod of the set is to be there; one that is there may stay in spite of taints that only keep others away.
  bool belongs_on(const Node& node, bool is_there = false) const;
  // What one takes of a node.
  const NodeResources& needs() const { return needs_; }

 private:
  bool selects(const Node& node) const;

  Json spec_;  // of the template
  std::optional<std::vector<NodeTerm>> nodes_{};
  NodeResources needs_;
};

// Lets the pod tolerate what every daemon does and go to that node alone: binding it is the scheduler's.
void tie_to_node(Json& pod_spec, const std::string& node);
// The node that the pod is on or is tied to; empty if there is none.
std::string node_of_daemon(const Pod& pod);
bool is_daemon(const Pod& pod);

// What the DaemonSets that there are will take of nodes to come.
class PlannedDaemons {
 public:
  explicit PlannedDaemons(const ObjectStore& store);
  void put_on(Node& node) const;

 private:
  std::vector<DaemonTemplate> templates_;
};

}  // namespace fakeapi
