// Makes CustomResourceDefinitions work: accepts their names, serves their resources, and takes these away again with
// all their objects.
//
// Acts inside of the write of a definition, so that what is defined is served when that write is answered.
// Single-threaded; owned by FakeApiServer.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "fake-apiserver/api/resource_registry.h"

namespace fakeapi {

inline const Resource kDefinitionResource{"apiextensions.k8s.io", "customresourcedefinitions"};
inline constexpr const char* kDefinitionFinalizer = "customresourcecleanup.apiextensions.k8s.io";

class Definitions {
 public:
  struct Callbacks {
    // Deletes an object as a client's DELETE would.
    std::function<void(const ResourceInfo& info, const ObjectName& name)> remove = {};
    // The resource is served no longer, or differently: its watches end.
    std::function<void(const Resource& resource)> end_watches = {};
    // What is served has changed.
    std::function<void()> changed = {};
  };

  Definitions(ObjectStore& store, ResourceRegistry& registry, Callbacks callbacks);
  ~Definitions();
  Definitions(const Definitions&) = delete;
  Definitions& operator=(const Definitions&) = delete;

 private:
  void on_event(const StoreEvent& event);
  // Serves what `object` defines, if its names are free, and says so in its status.
  void establish(const Json& object);
  void begin_deletion(const Json& object);
  // Lets the definition go once the last of its objects has gone.
  void finish_if_empty(const std::string& name);
  void forget(const std::string& name);
  // Definitions whose names somebody else had get another chance.
  void retry_refused();
  // What is wrong with the names: a reason and a message; empty if they are free.
  std::pair<std::string, std::string> conflict(const Json& object) const;
  void write_status(const std::string& name, const std::pair<std::string, std::string>& conflict);

  ObjectStore& store_;
  ResourceRegistry& registry_;
  const Callbacks callbacks_;
  ObjectStore::SubscriptionId subscription_;
  std::map<std::string, Resource> served_;                      // by the definition's name
  std::map<std::string, ObjectStore::SubscriptionId> waiting_;  // for the objects of a definition to go
};

}  // namespace fakeapi
