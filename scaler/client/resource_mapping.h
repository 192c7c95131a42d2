// From the group and kind of an object to the collections that hold such objects.
//
// Stateless; KubeClient asks the API's discovery for what is not well known.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/base/result.h"

namespace scaler {

struct GroupVersion {
  std::string group;  // empty: the core group
  std::string version;
};

// "apps/v1", "v1", or nothing at all; refused if there is more than one slash.
base::Result<GroupVersion> parse_group_version(const std::string& api_version);

struct ResourceMapping {
  std::string group;
  std::string version;
  std::string plural;

  // "api/v1", "apis/apps/v1"
  std::string api() const;
  // "pods", "deployments.apps"
  std::string group_resource() const { return group.empty() ? plural : plural + "." + group; }
};

// Of the kinds that Kubernetes itself has; nullopt for all others.
std::optional<ResourceMapping> well_known_mapping(const std::string& group, const std::string& kind);

}  // namespace scaler
