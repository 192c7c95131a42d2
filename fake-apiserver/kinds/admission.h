// What the server adds to an object, or refuses, by looking at other objects: priorities, service accounts, addresses.
// Stateless.
#pragma once

#include "fake-apiserver/api/resource_registry.h"
#include "fake-apiserver/api/status.h"

namespace fakeapi {

// Pods get the number of their priority class, the service account "default", what LimitRanges say of containers that
// say nothing, and five minutes on nodes that are not ready. No token is mounted: nothing reads it. `before` is the
// stored object of an update, null for a creation. 403. To be called after the defaults.
ApiResult<> admit_object(const ObjectStore& store, const ResourceInfo& info, Json& object, const Json* before);

// The same for a new pod that a controller makes. 403.
ApiResult<> admit_pod(const ObjectStore& store, Json& pod);

// Whether LimitRanges and ResourceQuotas of its namespace leave room for the object. 403. To be called once it is
// valid, and right before it is written.
ApiResult<> admit_amounts(const ObjectStore& store, const Resource& resource, const Json& object, const Json* before);

// The name of an object, or what it will begin with while it has none.
std::string name_to_be(const Json& object);

// Gives a service the cluster address and the node ports that its type asks for and it does not name. 422 for what is
// taken or out of range. To be called once the service is valid.
ApiResult<> allocate_addresses(const ObjectStore& store, Json& service, const Json* before);

// What is given to a service that is written anew: it keeps addresses that it does not name, and loses what only its
// old type had, if its writer left that as it was. To be called before the defaults.
void adapt_service(const Json& before, Json& service);

// Makes `object` what the pod `before` is with the ephemeral containers of `object`. 422.
ApiResult<> admit_ephemeral_containers(const Json& before, Json& object);

// "Guaranteed", "Burstable" or "BestEffort".
std::string pod_qos_class(const Json& spec);

// The priority classes of the system and the service of the API itself, which every cluster has from the start.
void create_system_objects(ObjectStore& store);

}  // namespace fakeapi
