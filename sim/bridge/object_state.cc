#include "sim/bridge/object_state.h"

#include <nlohmann/json.hpp>

namespace sim {

using fakeapi::Json;

bool condition_is_true(const Json& object, std::string_view type) {
  const auto status = object.find("status");
  if (status == object.end()) return false;
  const auto conditions = status->find("conditions");
  if (conditions == status->end()) return false;
  for (const Json& c : *conditions) {
    if (c.value("type", "") == type) return c.value("status", "") == "True";
  }
  return false;
}

bool is_running(const Json& pod) {
  const auto status = pod.find("status");
  return status != pod.end() && status->value("phase", "") == "Running";
}

bool is_deleting(const Json& object) { return object.at("metadata").contains("deletionTimestamp"); }

bool has_ended_container(const Json& pod) {
  const auto status = pod.find("status");
  if (status == pod.end()) return false;
  const auto containers = status->find("containerStatuses");
  if (containers == status->end() || containers->empty()) return false;
  const auto state = containers->front().find("state");
  return state != containers->front().end() && !state->contains("running");
}

std::string node_of(const Json& pod) {
  const auto spec = pod.find("spec");
  return spec == pod.end() ? std::string() : spec->value("nodeName", "");
}

std::string app_of(const Json& pod) {
  const Json& metadata = pod.at("metadata");
  const auto labels = metadata.find("labels");
  return labels == metadata.end() ? std::string() : labels->value("app", "");
}

}  // namespace sim
