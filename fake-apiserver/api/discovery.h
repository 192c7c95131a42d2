// The documents by which clients learn what is served: the legacy ones, and the aggregated ones of Kubernetes 1.26+.
// Pure functions.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "fake-apiserver/api/resource_registry.h"

namespace fakeapi {

// A group without stored objects, such as metrics.k8s.io.
struct VirtualResource {
  std::string group;
  std::vector<std::string> versions;
  std::string plural;  // or "pods/<metric>"
  std::string singular;
  std::string kind;
  bool namespaced = true;
};

// A version of a group that another server answers.
struct RemoteVersion {
  std::string group;
  std::string version;
  Json resources;  // those of its APIResourceList
  bool current = true;
};

struct Catalog {
  const ResourceRegistry& registry;
  std::vector<VirtualResource> extra;      // those of one group stand together
  std::vector<RemoteVersion> remote = {};  // instead of what `extra` says about the same version
};

Json api_versions(const std::string& host);                                       // GET /api
Json api_group_list(const Catalog& catalog);                                      // GET /apis
std::optional<Json> api_group(const Catalog& catalog, const std::string& group);  // GET /apis/<group>
// GET /api/v1 and /apis/<group>/<version>; nullopt if it is not served.
std::optional<Json> api_resource_list(const Catalog& catalog, const std::string& group, const std::string& version);

// GET /api (core) or /apis with an Accept of APIGroupDiscoveryList; `version` is v2 or v2beta1.
Json aggregated_discovery(const Catalog& catalog, bool core, const std::string& version);

}  // namespace fakeapi
