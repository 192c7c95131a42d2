// The parts of Kubernetes objects that the scaler looks at, as plain values. JSON names stand in the comments.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "scaler/model/observation.h"

namespace scaler {

struct ObjectKey {
  std::string ns;
  std::string name;
  std::string text() const { return ns + "/" + name; }
  auto operator<=>(const ObjectKey&) const = default;
};

struct ObjectMeta {
  ObjectKey key;
  std::string uid;
  std::string resource_version;
  std::int64_t generation = 0;
};

struct DeploymentObject {
  ObjectMeta meta;
  int spec_replicas = 1;   // spec.replicas; the API server's default is 1
  int ready_replicas = 0;  // status.readyReplicas
};

struct PodObject {
  ObjectMeta meta;
  std::map<std::string, std::string> labels;
  PodObservation observation;
};

// An object of any kind of policy.
struct PolicyObject {
  ObjectMeta meta;
  std::string kind;
  std::string target_kind;  // spec.scaleTargetRef.kind
  std::string target_name;
  std::shared_ptr<const nlohmann::json> document;  // with apiVersion and kind, which items of a list lack
};

// What a scaleTargetRef names.
struct ScaleTarget {
  std::string api_version;
  std::string kind;
  ObjectKey key;
};

// The scale subresource; its resourceVersion is that of the parent object.
struct Scale {
  ObjectMeta meta;
  ScaleState state;
  std::string path;  // where it was read and is written; empty: that of the Deployment of its name
};

}  // namespace scaler
