// What room a plan leaves in the cluster: the nodes that there are and those that are to come, while pods are put on
// them and taken off by the scheduler's rules. Nothing is written.
//
// Not thread-safe; made for one plan, valid until anything in the cluster changes. Copies only the nodes that the plan
// changes.
#pragma once

#include <cstddef>
#include <deque>
#include <list>
#include <optional>
#include <vector>

#include "fake-apiserver/controllers/node_table.h"
#include "fake-apiserver/controllers/placement.h"
#include "fake-apiserver/controllers/placement_rules.h"
#include "fake-apiserver/controllers/pod_counts.h"

namespace fakeapi {

class PlannedRoom {
 public:
  // Pods may go to `open`, some of the nodes of the table, those that have registered but are not Ready yet as if they
  // were. A search begins at the `first` of them.
  PlannedRoom(const NodeTable& nodes, const PodCache& pods, const PodCounts& counts, std::vector<const Node*> open,
              std::size_t first = 0);
  PlannedRoom(const PlannedRoom&) = delete;
  PlannedRoom& operator=(const PlannedRoom&) = delete;

  // One that is to come, behind the others; the place that it gets.
  std::size_t add_node(Node node);
  // One that is to come, for the rules alone: place() does not look at it.
  const Node* add_shadow(Node node);
  // It leaves the node where it is.
  void take_off(const Pod& pod);

  // Begins a trial: no pod goes to the `closed` one of the nodes that are there, and a search begins at the `first`.
  // REQUIRES: nothing has been put or taken off since the start or the last undo(), and no node added.
  void try_without(std::optional<std::size_t> closed, std::size_t first);
  // All pods are where they were again, and no node is closed.
  void undo();

  // Pods that are alike, as rules and nodes see them. Valid until the next pod is put somewhere.
  struct Kind {
    explicit Kind(PlacementRequest of) : request(std::move(of)) {}
    PlacementRequest request;
    std::optional<PlacementRules> rules{};
    std::size_t full_up_to = 0;  // of the order of the search: no room there for such a pod
  };
  Kind& kind_of(const Pod& pod);

  // Puts the pod on the first node that takes it; which place that is, or nullopt.
  std::optional<std::size_t> place(const Pod& pod, Kind& kind);
  // Whether the node, which may be none of these yet, would take such a pod.
  bool takes(const Kind& kind, const Node& node) const;
  void put(const Pod& pod, std::size_t place);
  // On a shadow: its resources are the caller's to count.
  void put_on_shadow(const Pod& pod, const Node& node) { change(pod, node, +1); }

 private:
  struct Seat {
    const Node* node;
    Node* own = nullptr;  // the plan's copy, once it has one
  };
  struct Change {
    const Pod* pod;
    const Node* node;
    int sign;
    Node* own;  // whose resources it took, if any
  };

  void own(Seat& seat);
  std::size_t seat_at(std::size_t turn) const { return turn < there_ ? (first_ + turn) % there_ : turn; }
  void add_to_rules(const Node& node);
  void change(const Pod& pod, const Node& node, int sign, Node* own = nullptr);
  static void tell(PlacementRules& rules, const Change& change);

  const NodeTable& nodes_;
  const PodCache& pods_;
  const PodCounts& counts_;
  std::vector<Seat> seats_;
  const std::size_t there_;  // how many of the seats are of nodes that there are
  std::size_t first_;
  std::optional<std::size_t> closed_{};  // this seat is not looked at
  std::deque<Node> own_;
  std::vector<const Node*> to_come_;
  std::vector<Change> changes_;
  std::list<Kind> kinds_;  // the latest first
  bool demands_ = false;   // pods of the plan shun others
};

}  // namespace fakeapi
