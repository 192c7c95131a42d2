#include "fake-apiserver/api/defaults.h"

#include "fake-apiserver/kinds/default_fields.h"
#include "fake-apiserver/store/json_access.h"

namespace fakeapi {

void apply_defaults(const Resource& resource, Json& object) {
  const bool pods = resource.group.empty() && resource.plural == "pods";
  if (pods) {
    if (member(object, "spec").is_object()) default_pod(object["spec"]);
    return;
  }
  const bool workload = resource.group == "apps" || resource.group == "batch" ||
                        (resource.group.empty() && resource.plural == "replicationcontrollers");
  if (!workload) {
    default_object(resource, object);
  } else if (member(object, "spec").is_object()) {
    default_workload(resource, object);
  }
}

void set_initial_status(const Resource& resource, Json& object) {
  object.erase("status");
  if (resource == Resource{"", "pods"}) object["status"] = {{"phase", "Pending"}};
  if (resource == Resource{"", "namespaces"}) object["status"] = {{"phase", "Active"}};
  if (resource == Resource{"", "services"}) object["status"] = {{"loadBalancer", Json::object()}};
  if (resource == Resource{"apps", "deployments"}) object["status"] = Json::object();
  if (resource == Resource{"apps", "replicasets"}) object["status"] = {{"replicas", 0}};
}

}  // namespace fakeapi
