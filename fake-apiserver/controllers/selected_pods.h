// Which pods the selectors of others choose, kept up to date change by change: nobody looks through all pods.
//
// Single-threaded; owned by a controller, which forwards what the PodCache tells it.
#pragma once

#include <functional>
#include <map>

#include "fake-apiserver/controllers/pod_cache.h"

namespace fakeapi {

class SelectedPods {
 public:
  using Selects = std::function<bool(const Pod&)>;
  using ByName = std::map<ObjectName, const Pod*>;

  explicit SelectedPods(const PodCache& pods) : pods_(pods) {}

  // `selects` chooses among the pods in the namespace of `name`, and takes the place of what chose for it before.
  void watch(const ObjectName& name, Selects selects);
  // False if nothing was chosen for it.
  bool forget(const ObjectName& name) { return selectors_.erase(name) > 0; }
  bool watches(const ObjectName& name) const { return selectors_.contains(name); }
  bool empty() const { return selectors_.empty(); }

  // A change of a pod. Calls `concerned` for those that chose it before or choose it now.
  void on_pod(const Pod* before, const Pod* after, const std::function<void(const ObjectName&)>& concerned);

  // By name. Valid until the next change.
  const ByName& of(const ObjectName& name) const;

 private:
  struct Selector {
    Selects selects;
    ByName pods{};
  };

  const PodCache& pods_;
  std::map<ObjectName, Selector> selectors_;
};

}  // namespace fakeapi
