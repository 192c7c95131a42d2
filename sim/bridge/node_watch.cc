#include "sim/bridge/node_watch.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "fake-apiserver/controllers/node_table.h"
#include "sim/bridge/object_state.h"
#include "sim/scenario/zones.h"

namespace sim {
namespace {

bool is_ready(const fakeapi::Json& node) { return condition_is_true(node, "Ready"); }

std::map<std::string, double> pool_weights(const ClusterSpec& cluster) {
  std::map<std::string, double> weights;
  for (const NodePoolSpec& pool : cluster.node_pools) weights[pool.name] = pool.weight;
  return weights;
}

}  // namespace

NodeWatch::NodeWatch(const ClusterSpec& cluster, fakeapi::ObjectStore& store)
    : names_(zone_names(cluster)),
      weights_(pool_weights(cluster)),
      store_(store),
      subscription_(store.subscribe({"", "nodes"}, [this](const fakeapi::StoreEvent& e) { on_node(e); })) {}

NodeWatch::~NodeWatch() { store_.unsubscribe(subscription_); }

std::uint32_t NodeWatch::of_node(const std::string& node) const {
  const auto found = nodes_.find(node);
  return found == nodes_.end() ? 0 : found->second.zone;
}

double NodeWatch::weight(const std::string& node) const {
  const auto found = nodes_.find(node);
  return found == nodes_.end() ? 1.0 : found->second.weight;
}

base::Time NodeWatch::ready_since(const std::string& node) const {
  const auto found = nodes_.find(node);
  return found == nodes_.end() ? base::Time{} : found->second.ready_since;
}

void NodeWatch::on_node(const fakeapi::StoreEvent& event) {
  const bool was = event.previous && is_ready(*event.previous);
  const bool is = event.type != fakeapi::EventType::kDeleted && is_ready(*event.object);
  ready_ += int{is} - int{was};
  const std::string name = fakeapi::name_of(*event.object).name;
  if (event.type == fakeapi::EventType::kDeleted) {
    nodes_.erase(name);
    return;
  }
  Node& node = nodes_[name];
  if (is && !was) node.ready_since = store_.clock().now();
  const auto& metadata = event.object->at("metadata");
  const fakeapi::Json labels = metadata.value("labels", fakeapi::Json::object());
  const auto weight = weights_.find(labels.value(fakeapi::kNodePoolLabel, ""));
  node.weight = weight == weights_.end() ? 1.0 : weight->second;
  const std::string zone = labels.value(fakeapi::kZoneLabel, "");
  const auto found = std::find(names_.begin(), names_.end(), zone);
  node.zone = found == names_.end() ? 0 : static_cast<std::uint32_t>(found - names_.begin());
}

}  // namespace sim
