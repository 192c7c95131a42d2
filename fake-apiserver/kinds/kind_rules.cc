#include "fake-apiserver/kinds/kind_rules.h"

#include "fake-apiserver/kinds/metadata_rules.h"
#include "fake-apiserver/kinds/object_rules.h"
#include "fake-apiserver/kinds/pod_rules.h"
#include "fake-apiserver/kinds/workload_rules.h"

namespace fakeapi {
namespace {

using Check = void (*)(Problems& problems, const Json& object, const Json* before);

struct Rules {
  const char* group;
  const char* plural;
  Check check;
};

constexpr Rules kRules[] = {
    {"", "pods", check_pod},
    {"", "events", check_event},
    {"", "configmaps", check_config_map},
    {"", "secrets", check_secret},
    {"", "services", check_service},
    {"", "endpoints", check_endpoints},
    {"", "nodes", check_node},
    {"", "limitranges", check_limit_range},
    {"", "resourcequotas", check_resource_quota},
    {"", "persistentvolumes", check_volume},
    {"", "persistentvolumeclaims", check_volume_claim},
    {"", "podtemplates", check_pod_template_object},
    {"", "replicationcontrollers", check_replication_controller},
    {"apps", "controllerrevisions", check_controller_revision},
    {"apps", "deployments", check_deployment},
    {"apps", "replicasets", check_replica_set},
    {"apps", "statefulsets", check_stateful_set},
    {"apps", "daemonsets", check_daemon_set},
    {"autoscaling", "horizontalpodautoscalers", check_horizontal_pod_autoscaler},
    {"batch", "jobs", check_job},
    {"batch", "cronjobs", check_cron_job},
    {"coordination.k8s.io", "leases", check_lease},
    {"discovery.k8s.io", "endpointslices", check_endpoint_slice},
    {"networking.k8s.io", "ingresses", check_ingress},
    {"networking.k8s.io", "ingressclasses", check_ingress_class},
    {"networking.k8s.io", "networkpolicies", check_network_policy},
    {"node.k8s.io", "runtimeclasses", check_runtime_class},
    {"policy", "poddisruptionbudgets", check_disruption_budget},
    {"scheduling.k8s.io", "priorityclasses", check_priority_class},
    {"storage.k8s.io", "storageclasses", check_storage_class},
    {"rbac.authorization.k8s.io", "roles", check_role},
    {"rbac.authorization.k8s.io", "clusterroles", check_cluster_role},
    {"rbac.authorization.k8s.io", "rolebindings", check_role_binding},
    {"rbac.authorization.k8s.io", "clusterrolebindings", check_cluster_role_binding},
};

}  // namespace

std::vector<FieldError> check_kind(const ResourceInfo& info, const Json& object, const Json* before) {
  Problems problems;
  check_metadata(problems, info, object, before);
  if (!info.custom) {
    for (const Rules& rules : kRules) {
      if (info.resource.plural == rules.plural && info.resource.group == rules.group) {
        rules.check(problems, object, before);
        break;
      }
    }
  }
  return problems.errors();
}

}  // namespace fakeapi
