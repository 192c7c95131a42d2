// Keeps the status of PodDisruptionBudgets true: how many pods are healthy, and how many of them may go.
//
// Single-threaded; owned by the Cluster. Costs nothing while there are no budgets.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/base/clock.h"
#include "fake-apiserver/controllers/event_recorder.h"
#include "fake-apiserver/controllers/pod_cache.h"
#include "fake-apiserver/controllers/selected_pods.h"
#include "fake-apiserver/controllers/subscription.h"
#include "fake-apiserver/controllers/work_queue.h"
#include "fake-apiserver/controllers/write_limit.h"

namespace fakeapi {

class DisruptionController {
 public:
  DisruptionController(base::Duration delay, ObjectStore& store, base::Clock& clock, PodCache& pods,
                       EventRecorder& events, std::optional<WriteRate> rate = std::nullopt);

 private:
  struct Expectation {
    std::int64_t pods = 0;
    std::int64_t healthy = 0;
    std::string problem;  // why neither can be told; empty if they can
  };

  void on_budget(const StoreEvent& event);
  void on_pod(const Pod* before, const Pod* after);
  void watch(const Json& budget);
  void sync(const ObjectName& name);
  std::vector<const Pod*> guarded_by(const ObjectName& budget) const;
  Expectation expectation_of(const Json& budget, const std::vector<const Pod*>& pods) const;
  // The sizes of all that control the pods; a problem if one of them has none.
  Expectation scale_of(const std::vector<const Pod*>& pods) const;
  std::optional<std::int64_t> size_of_controller(const Pod& pod, std::string& root) const;
  // The pods whose eviction was allowed and is not seen yet; asks to be called again when the first is given up.
  Json still_disrupted(const ObjectName& name, const Json& budget, const std::vector<const Pod*>& pods);

  ObjectStore& store_;
  base::Clock& clock_;
  EventRecorder& events_;
  SelectedPods selected_;                 // by the budgets that have a selector
  std::map<ObjectName, Json> selectors_;  // of those
  WriteMeter meter_;
  WorkQueue queue_;
  Subscription subscription_;
};

}  // namespace fakeapi
