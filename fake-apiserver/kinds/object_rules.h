// The rules for kinds without pods. Pure functions; `before` is the stored object of an update, null for a creation.
#pragma once

#include "fake-apiserver/kinds/problems.h"

namespace fakeapi {

void check_service(Problems& problems, const Json& object, const Json* before);
void check_endpoints(Problems& problems, const Json& object, const Json* before);
void check_endpoint_slice(Problems& problems, const Json& object, const Json* before);
void check_ingress(Problems& problems, const Json& object, const Json* before);
void check_ingress_class(Problems& problems, const Json& object, const Json* before);
void check_network_policy(Problems& problems, const Json& object, const Json* before);

void check_config_map(Problems& problems, const Json& object, const Json* before);
void check_secret(Problems& problems, const Json& object, const Json* before);
void check_node(Problems& problems, const Json& object, const Json* before);
void check_event(Problems& problems, const Json& object, const Json* before);
void check_lease(Problems& problems, const Json& object, const Json* before);
void check_resource_quota(Problems& problems, const Json& object, const Json* before);
void check_limit_range(Problems& problems, const Json& object, const Json* before);

void check_horizontal_pod_autoscaler(Problems& problems, const Json& object, const Json* before);
void check_disruption_budget(Problems& problems, const Json& object, const Json* before);
void check_priority_class(Problems& problems, const Json& object, const Json* before);
void check_role(Problems& problems, const Json& object, const Json* before);
void check_cluster_role(Problems& problems, const Json& object, const Json* before);
void check_role_binding(Problems& problems, const Json& object, const Json* before);
void check_cluster_role_binding(Problems& problems, const Json& object, const Json* before);
void check_storage_class(Problems& problems, const Json& object, const Json* before);
void check_runtime_class(Problems& problems, const Json& object, const Json* before);
void check_volume(Problems& problems, const Json& object, const Json* before);
void check_volume_claim(Problems& problems, const Json& object, const Json* before);

}  // namespace fakeapi
