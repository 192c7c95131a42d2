// Keeps the Endpoints and EndpointSlices of Services with a selector: what leads to pods, and which get traffic.
//
// Single-threaded; owned by the Cluster. Costs nothing while there are no Services.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "common/base/clock.h"
#include "fake-apiserver/controllers/endpoint_targets.h"
#include "fake-apiserver/controllers/node_table.h"
#include "fake-apiserver/controllers/pod_cache.h"
#include "fake-apiserver/controllers/selected_pods.h"
#include "fake-apiserver/controllers/subscription.h"
#include "fake-apiserver/controllers/work_queue.h"
#include "fake-apiserver/controllers/write_limit.h"

namespace fakeapi {

struct EndpointsControllerOptions {
  bool endpoints = true;
  bool slices = true;
  // Whether a slice tells of pods that are being deleted, as it has since Kubernetes 1.20's gate became the rule.
  bool terminating_in_slices = true;
  std::size_t slice_size = 100;     // --max-endpoints-per-slice
  base::Duration delay{};           // from a change to the reaction to it
  std::optional<WriteRate> rate{};  // of the controller's client
};

class EndpointsController {
 public:
  EndpointsController(EndpointsControllerOptions options, ObjectStore& store, base::Clock& clock, PodCache& pods,
                      const NodeTable& nodes);

 private:
  void on_service(const StoreEvent& event);
  // What others do to what this controller keeps.
  void on_endpoints(const StoreEvent& event);
  void on_slice(const StoreEvent& event);
  void watch(const Json& service);
  void on_pod(const Pod* before, const Pod* after);
  void sync(const ObjectName& name);
  void write(const ObjectName& name);
  void forget(const ObjectName& name);
  void write_endpoints(const Json& service, const std::vector<EndpointGroup>& groups);
  void write_slices(const Json& service, std::vector<EndpointGroup> groups);
  std::vector<ObjectPtr> slices_of(const ObjectName& service) const;
  Json new_slice(const Json& service, const Json& ports) const;
  // Puts what `slices` (of the same ports) tell in order: what is gone goes, what is new fills them up.
  void fill(const Json& service, const EndpointGroup& group, const std::vector<ObjectPtr>& slices);
  void write_slice(const Json& service, const ObjectPtr& slice, Json endpoints);

  const EndpointsControllerOptions options_;
  ObjectStore& store_;
  base::Clock& clock_;
  const NodeTable& nodes_;
  SelectedPods selected_;                 // by the Services that have a selector
  std::map<ObjectName, Json> selectors_;  // of those
  WriteMeter meter_;
  WorkQueue queue_;
  bool writes_ = false;  // what happens now is its own doing
  Subscription services_;
  Subscription endpoints_;
  Subscription slices_;
};

}  // namespace fakeapi
