#include "fake-apiserver/controllers/node_table.h"

#include <algorithm>

#include "fake-apiserver/controllers/object_fields.h"
#include "fake-apiserver/controllers/resource_quantity.h"
#include "fake-apiserver/controllers/resources.h"

namespace fakeapi {
namespace {

bool occupies(const Pod* pod) { return pod && !pod->node.empty() && !pod->finished(); }

std::int64_t allocatable(const Json& node, const char* resource, int decimals) {
  const Json* quantity = field_at(node, {"status", "allocatable", resource});
  return quantity ? whole_quantity(*quantity, decimals).value_or(0) : 0;
}

void read_taints(const Json& object, Node& node) {
  node.taints.clear();
  node.soft_taints.clear();
  const Json* list = field_at(object, {"spec", "taints"});
  if (!list || !list->is_array()) return;
  for (const Json& entry : *list) {
    Taint taint{text_at(entry, {"key"}), text_at(entry, {"value"}), text_at(entry, {"effect"})};
    if (taint.effect == "NoSchedule" || taint.effect == "NoExecute")
      node.taints.push_back(std::move(taint));
    else if (taint.effect == "PreferNoSchedule")
      node.soft_taints.push_back(std::move(taint));
  }
}

std::map<std::string, std::int64_t> other_resources(const Json& object) {
  std::map<std::string, std::int64_t> others;
  const Json* allocatable = field_at(object, {"status", "allocatable"});
  if (!allocatable || !allocatable->is_object()) return others;
  for (const auto& [name, quantity] : allocatable->items()) {
    if (name == "cpu" || name == "memory" || name == "pods") continue;
    others[name] = whole_quantity(quantity, 0).value_or(0);
  }
  return others;
}

std::string internal_address(const Json& node) {
  const Json* addresses = field_at(node, {"status", "addresses"});
  if (!addresses || !addresses->is_array()) return "";
  for (const Json& address : *addresses) {
    if (text_at(address, {"type"}) == "InternalIP") return text_at(address, {"address"});
  }
  return "";
}

bool same_taints(const std::vector<Taint>& a, const std::vector<Taint>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const Taint& x, const Taint& y) {
    return x.key == y.key && x.value == y.value && x.effect == y.effect;
  });
}

bool has_more(const NodeResources& now, const NodeResources& before) {
  if (now.cpu > before.cpu || now.memory > before.memory || now.pods > before.pods) return true;
  return std::any_of(now.others.begin(), now.others.end(), [&](const auto& resource) {
    const auto known = before.others.find(resource.first);
    return known == before.others.end() || resource.second > known->second;
  });
}

// Whether a pod that the node did not take might be welcome now, there or, by its labels, elsewhere.
bool may_take_more(const Node& now, const Node& before) {
  if ((now.ready && !before.ready) || (!now.unschedulable && before.unschedulable)) return true;
  if (has_more(now.allocatable, before.allocatable) || !same_taints(now.taints, before.taints)) return true;
  const Json* labels = field_at(*now.object, {"metadata", "labels"});
  const Json* labels_before = field_at(*before.object, {"metadata", "labels"});
  return labels && labels_before ? *labels != *labels_before : labels != labels_before;
}

}  // namespace

void read_node(const ObjectPtr& object, Node& node) {
  node.object = object;
  node.name = name_of(*object).name;
  node.uid = uid_of(*object);
  node.pool = text_at(*object, {"metadata", "labels", kNodePoolLabel});
  node.zone = text_at(*object, {"metadata", "labels", kZoneLabel});
  node.address = internal_address(*object);
  const Json* ready = find_condition(*object, "Ready");
  node.ready = ready && text_at(*ready, {"status"}) == "True" && !is_being_deleted(*object);
  node.unschedulable = bool_at(*object, {"spec", "unschedulable"});
  read_taints(*object, node);
  node.allocatable = NodeResources{.cpu = allocatable(*object, "cpu", 3),
                                   .memory = allocatable(*object, "memory", 0),
                                   .pods = allocatable(*object, "pods", 0),
                                   .others = other_resources(*object)};
}

NodeResources taken_by(const Pod& pod) {
  return NodeResources{
      .cpu = pod.requests.cpu, .memory = pod.requests.memory, .pods = 1, .others = pod.requests.others};
}

NodeResources scored_for(const Pod& pod) {
  constexpr std::int64_t kLeastCpu = 100;
  constexpr std::int64_t kLeastMemory = 200 * 1024 * 1024;
  NodeResources scored = taken_by(pod);
  if (scored.cpu == 0) scored.cpu = kLeastCpu;
  if (scored.memory == 0) scored.memory = kLeastMemory;
  return scored;
}

NodeTable::NodeTable(ObjectStore& store, PodCache& pods)
    : pods_(pods), subscription_(store, resources::kNodes, [this](const StoreEvent& event) { on_node(event); }) {
  pods.listen([this](const Pod* before, const Pod* after) { on_pod(before, after); });
  for (const ObjectPtr& object : store.list(resources::kNodes)) put(object);
}

const Node* NodeTable::find(const std::string& name) const {
  const auto found = nodes_.find(name);
  return found == nodes_.end() ? nullptr : &found->second;
}

const std::vector<const Node*>& NodeTable::in_order() const {
  if (order_is_old_) {
    order_.clear();
    for (const auto& [name, node] : nodes_) order_.push_back(&node);
    order_is_old_ = false;
  }
  return order_;
}

void NodeTable::on_node(const StoreEvent& event) {
  if (event.type != EventType::kDeleted) return put(event.object);
  const auto found = nodes_.find(name_of(*event.object).name);
  if (found == nodes_.end()) return;
  const Node removed = std::move(found->second);
  nodes_.erase(found);
  order_is_old_ = true;
  if (!removed.zone.empty()) --zoned_;
  for (const auto& listener : removal_listeners_) listener(removed);
}

void NodeTable::put(const ObjectPtr& object) {
  const auto [at, added] = nodes_.try_emplace(name_of(*object).name);
  Node& node = at->second;
  const Node before = added ? Node() : node;
  read_node(object, node);
  zoned_ += (node.zone.empty() ? 0 : 1) - (before.zone.empty() ? 0 : 1);
  if (added) {
    order_is_old_ = true;
    for (const Pod* pod : pods_.of_node(at->first)) {
      if (occupies(pod)) account(*pod, +1);
    }
  }
  if (added || may_take_more(node, before)) tell_room();
}

void NodeTable::on_pod(const Pod* before, const Pod* after) {
  const bool held = occupies(before);
  const bool holds = occupies(after);
  if (held && holds && before->node == after->node) return;  // requests never change
  if (held) account(*before, -1);
  if (holds) account(*after, +1);
  if (held) tell_room();
}

void NodeTable::account(const Pod& pod, std::int64_t sign) {
  const auto found = nodes_.find(pod.node);
  if (found == nodes_.end()) return;
  found->second.requested.add(taken_by(pod), sign);
  found->second.scored.add(scored_for(pod), sign);
}

void NodeTable::tell_room() const {
  for (const auto& listener : room_listeners_) listener();
}

}  // namespace fakeapi
