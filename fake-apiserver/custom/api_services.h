// The APIServices of the groups that this server answers itself, and what servers of other groups need to find in
// kube-system. Single-threaded; owned by FakeApiServer.
#pragma once

#include <string>

#include "common/base/time.h"
#include "fake-apiserver/api/resource_registry.h"

namespace fakeapi {

class ApiServices {
 public:
  ApiServices(ObjectStore& store, const ResourceRegistry& registry);
  ~ApiServices();
  ApiServices(const ApiServices&) = delete;
  ApiServices& operator=(const ApiServices&) = delete;

  // Lists the groups from now on. Those of definitions come back when somebody deletes them.
  void start();
  // Adds what is new and takes away what is gone. Does nothing before start().
  void update();

 private:
  ObjectStore& store_;
  const ResourceRegistry& registry_;
  const ObjectStore::SubscriptionId subscription_;
  bool started_ = false;
};

// Writes the condition Available into an APIService.
void set_available(Json& object, bool available, const std::string& reason, const std::string& message, base::Time now);

// ConfigMap extension-apiserver-authentication, by which other servers learn whose word about users they may take, and
// the Role that lets them read it. `ca` is PEM, empty without TLS.
void publish_authentication(ObjectStore& store, const std::string& ca);
// Writes another authority into that ConfigMap, if it is there.
void renew_authentication(ObjectStore& store, const std::string& ca);

}  // namespace fakeapi
