// The life of namespaces: the four that always exist, what each new one gets, and the emptying of one that is deleted.
//
// Single-threaded; owned by FakeApiServer.
#pragma once

#include <map>
#include <set>
#include <string>

#include "fake-apiserver/api/resource_registry.h"
#include "fake-apiserver/api/status.h"
#include "fake-apiserver/controllers/timers.h"

namespace fakeapi {

class Namespaces {
 public:
  // Creates default, kube-system, kube-public and kube-node-lease.
  Namespaces(ObjectStore& store, const ResourceRegistry& registry);
  ~Namespaces();
  Namespaces(const Namespaces&) = delete;
  Namespaces& operator=(const Namespaces&) = delete;

  // 404 if there is no such namespace, 403 while it is being deleted: nothing of `info` can be created in it.
  ApiResult<> check_open(const std::string& ns, const ResourceInfo& info, const std::string& object) const;

  // Marks the namespace as Terminating; it goes when its last object has gone. 404; 409 if it is on its way already.
  ApiResult<ObjectPtr> terminate(const std::string& ns, bool dry_run);

  // Whether the content of a namespace that is being deleted is removed, as the namespace controller does, and what
  // every new one has is put there. On from the start.
  void set_collecting(bool collecting) { collecting_ = collecting; }

 private:
  // What is still there: by resource, and by finalizer.
  struct Remains {
    std::map<std::string, int> resources;
    std::map<std::string, int> finalizers;
  };

  void on_event(const StoreEvent& event);
  void furnish(const std::string& ns);
  void plan(const std::string& ns);
  void collect(const std::string& ns);
  void remove_content(const std::string& ns);
  Remains remains_of(const std::string& ns) const;
  void write_conditions(const std::string& ns, const Remains& remains);

  ObjectStore& store_;
  const ResourceRegistry& registry_;
  bool collecting_ = true;
  std::set<std::string> planned_;  // namespaces that will be looked at again
  Timers timers_;
  ObjectStore::SubscriptionId subscription_;
};

}  // namespace fakeapi
