#include "sim/bridge/node_watch.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "sim/bridge/object_state.h"

namespace sim {
namespace {

constexpr const char* kZoneLabel = "topology.kubernetes.io/zone";

bool is_ready(const fakeapi::Json& node) { return condition_is_true(node, "Ready"); }

}  // namespace

NodeWatch::NodeWatch(std::vector<std::string> names, fakeapi::ObjectStore& store)
    : names_(std::move(names)),
      store_(store),
      subscription_(store.subscribe({"", "nodes"}, [this](const fakeapi::StoreEvent& e) { on_node(e); })) {}

NodeWatch::~NodeWatch() { store_.unsubscribe(subscription_); }

std::uint32_t NodeWatch::of_node(const std::string& node) const {
  const auto found = nodes_.find(node);
  return found == nodes_.end() ? 0 : found->second.zone;
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
  const std::string zone = metadata.contains("labels") ? metadata.at("labels").value(kZoneLabel, "") : std::string();
  const auto found = std::find(names_.begin(), names_.end(), zone);
  node.zone = found == names_.end() ? 0 : static_cast<std::uint32_t>(found - names_.begin());
}

}  // namespace sim
