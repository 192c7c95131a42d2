// What a request is about, read off its method and target alone, as faults and records name it. A value.
#pragma once

#include <string>
#include <string_view>

#include "common/http/message.h"

namespace fakeapi {

struct RequestInfo {
  std::string verb;  // get, list, watch, create, update, patch, delete, deletecollection; else the method in lower case
  std::string group;  // "" for core
  std::string version;
  std::string ns;
  std::string resource;  // plural; "" for what is no resource: /version, discovery, /healthz
  std::string name;
  std::string subresource;
  std::string path;
  std::string client;  // User-Agent

  // "pods", "deployments.apps"; "" without a resource.
  std::string display() const { return group.empty() || resource.empty() ? resource : resource + "." + group; }
};

// The User-Agent of the cluster's own HPA controller.
inline constexpr std::string_view kHpaClient = "horizontal-pod-autoscaler";

RequestInfo request_info(const http::Request& request);

// "*" stands for any text, also an empty one: "kubectl*", "*-controller", "web-*-0".
bool matches_glob(std::string_view pattern, std::string_view text);

}  // namespace fakeapi
