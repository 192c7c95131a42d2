// Which pods a Service leads to, and on which ports. Pure functions over values.
#pragma once

#include <string>
#include <vector>

#include "fake-apiserver/controllers/pod_cache.h"

namespace fakeapi {

// One pod behind a Service, as Endpoints and EndpointSlices tell of it.
struct EndpointTarget {
  std::string address;
  std::string node;
  std::string zone;
  std::string hostname;  // that DNS knows it by; empty: none
  ObjectName pod;
  std::string uid;
  bool ready = false;    // may get traffic
  bool serving = false;  // ready, whether it ends or not
  bool terminating = false;
};

// Pods that resolve the ports of the Service alike.
struct EndpointGroup {
  Json ports;  // [{name, port, protocol, appProtocol}]
  std::vector<EndpointTarget> targets;
};

// `pods` are those that the Service selects. A pod without an address, or that will never run again, is left out, and
// so is one without a named port that the Service wants.
std::vector<EndpointGroup> endpoint_groups(const Json& service, const std::vector<const Pod*>& pods);

// The subsets of an Endpoints object: at most 1,000 addresses, the ready ones first; none that is terminating.
// `truncated` tells whether there were more.
Json endpoint_subsets(const std::vector<EndpointGroup>& groups, bool& truncated);

// An entry of an EndpointSlice.
Json slice_endpoint(const EndpointTarget& target);

}  // namespace fakeapi
