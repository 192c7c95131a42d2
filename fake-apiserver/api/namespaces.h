// The life of namespaces: the four that always exist, what each new one gets, and the emptying of one that is deleted.
//
// Single-threaded; owned by FakeApiServer.
#pragma once

#include <functional>
#include <string>

#include "fake-apiserver/api/resource_registry.h"
#include "fake-apiserver/api/status.h"

namespace fakeapi {

class Namespaces {
 public:
  // Deletes one object as a client's DELETE would.
  using Remover = std::function<void(const ResourceInfo&, const ObjectName&)>;

  // Creates default, kube-system, kube-public and kube-node-lease.
  Namespaces(ObjectStore& store, const ResourceRegistry& registry);
  ~Namespaces();
  Namespaces(const Namespaces&) = delete;
  Namespaces& operator=(const Namespaces&) = delete;

  // 404 if there is no such namespace, 403 while it is being deleted: nothing of `info` can be created in it.
  ApiResult<> check_open(const std::string& ns, const ResourceInfo& info, const std::string& object) const;

  // Marks the namespace and removes what is in it with `remove`; it goes when the last object has gone. 404.
  ApiResult<ObjectPtr> terminate(const std::string& ns, const Preconditions& preconditions, const Remover& remove);

 private:
  void on_event(const StoreEvent& event);
  void furnish(const std::string& ns);
  void finish_if_empty(const std::string& ns);

  ObjectStore& store_;
  const ResourceRegistry& registry_;
  ObjectStore::SubscriptionId subscription_;
};

}  // namespace fakeapi
