#include "fake-apiserver/api/table_layouts.h"

namespace fakeapi {
namespace {

constexpr const char* kReplicaSetColumns = "@Name|#Desired|#Current|#Ready|Age|*Containers|*Images|*Selector";
constexpr const char* kBindingColumns = "@Name|Role|Age|*Users|*Groups|*ServiceAccounts";
constexpr const char* kCreatedColumns = "@Name|^Created At";

constexpr TableLayout kLayouts[] = {
    {"", "pods", "@Name|Ready|Status|Restarts|Age|*IP|*Node|*Nominated Node|*Readiness Gates", pod_cells},
    {"", "nodes",
     "@Name|Status|Roles|Age|Version|*Internal-IP|*External-IP|*OS-Image|*Kernel-Version|*Container-Runtime",
     node_cells},
    {"", "services", "@Name|Type|Cluster-IP|External-IP|Port(s)|Age|*Selector", service_cells},
    {"", "endpoints", "@Name|Endpoints|Age", endpoints_cells},
    {"", "events", "Last Seen|Type|Reason|Object|*Subobject|*Source|Message|*First Seen|*Count|*@Name", event_cells},
    {"", "namespaces", "@Name|Status|Age", namespace_cells},
    {"", "configmaps", "@Name|Data|Age", config_map_cells},
    {"", "secrets", "@Name|Type|Data|Age", secret_cells},
    {"", "serviceaccounts", "@Name|Secrets|Age", service_account_cells},
    {"", "replicationcontrollers", kReplicaSetColumns, replica_set_cells},
    {"", "persistentvolumes",
     "@Name|Capacity|Access Modes|Reclaim Policy|Status|Claim|StorageClass|Reason|Age|*VolumeMode", volume_cells},
    {"", "persistentvolumeclaims", "@Name|Status|Volume|Capacity|Access Modes|StorageClass|Age|*VolumeMode",
     volume_claim_cells},
    {"", "resourcequotas", "@Name|Age|Request|Limit", resource_quota_cells},
    {"", "limitranges", kCreatedColumns, created_cells},
    {"", "podtemplates", "@Name|Containers|Images|Pod Labels", pod_template_cells},
    {"", "componentstatuses", "@Name|Status|Message|Error", component_status_cells},
    {"apps", "deployments", "@Name|Ready|Up-to-date|Available|Age|*Containers|*Images|*Selector", deployment_cells},
    {"apps", "replicasets", kReplicaSetColumns, replica_set_cells},
    {"apps", "statefulsets", "@Name|Ready|Age|*Containers|*Images", stateful_set_cells},
    {"apps", "daemonsets",
     "@Name|#Desired|#Current|#Ready|#Up-to-date|#Available|Node Selector|Age|*Containers|*Images|*Selector",
     daemon_set_cells},
    {"apps", "controllerrevisions", "@Name|Controller|Revision|Age", controller_revision_cells},
    {"autoscaling", "horizontalpodautoscalers", "@Name|Reference|Targets|MinPods|MaxPods|Replicas|Age",
     autoscaler_cells},
    {"batch", "jobs", "@Name|Status|Completions|Duration|Age|*Containers|*Images|*Selector", job_cells},
    {"batch", "cronjobs", "@Name|Schedule|Timezone|?Suspend|#Active|Last Schedule|Age|*Containers|*Images|*Selector",
     cron_job_cells},
    {"policy", "poddisruptionbudgets", "@Name|Min Available|Max Unavailable|#Allowed Disruptions|Age",
     disruption_budget_cells},
    {"discovery.k8s.io", "endpointslices", "@Name|AddressType|Ports|Endpoints|Age", endpoint_slice_cells},
    {"coordination.k8s.io", "leases", "@Name|Holder|Age", lease_cells},
    {"scheduling.k8s.io", "priorityclasses", "@Name|#Value|?Global-Default|Age", priority_class_cells},
    {"networking.k8s.io", "ingresses", "@Name|Class|Hosts|Address|Ports|Age", ingress_cells},
    {"networking.k8s.io", "ingressclasses", "@Name|Controller|Parameters|Age", ingress_class_cells},
    {"networking.k8s.io", "networkpolicies", "@Name|Pod-Selector|Age", network_policy_cells},
    {"storage.k8s.io", "storageclasses", "@Name|Provisioner|ReclaimPolicy|VolumeBindingMode|AllowVolumeExpansion|Age",
     storage_class_cells},
    {"storage.k8s.io", "csinodes", "@Name|#Drivers|Age", csi_node_cells},
    {"storage.k8s.io", "volumeattachments", "@Name|Attacher|PV|Node|?Attached|Age", volume_attachment_cells},
    {"rbac.authorization.k8s.io", "roles", kCreatedColumns, created_cells},
    {"rbac.authorization.k8s.io", "clusterroles", kCreatedColumns, created_cells},
    {"rbac.authorization.k8s.io", "rolebindings", kBindingColumns, binding_cells},
    {"rbac.authorization.k8s.io", "clusterrolebindings", kBindingColumns, binding_cells},
    {"apiextensions.k8s.io", "customresourcedefinitions", kCreatedColumns, created_cells},
    {"apiregistration.k8s.io", "apiservices", "@Name|Service|Available|Age", api_service_cells},
    {"admissionregistration.k8s.io", "mutatingwebhookconfigurations", "@Name|#Webhooks|Age", webhook_cells},
    {"admissionregistration.k8s.io", "validatingwebhookconfigurations", "@Name|#Webhooks|Age", webhook_cells},
    {"node.k8s.io", "runtimeclasses", "@Name|Handler|Age", runtime_class_cells},
};
constexpr TableLayout kGenericLayout{"", "", "@Name|Age", generic_cells};

}  // namespace

const TableLayout& table_layout(const Resource& resource) {
  for (const TableLayout& layout : kLayouts) {
    if (resource.plural == layout.plural && resource.group == layout.group) return layout;
  }
  return kGenericLayout;
}

}  // namespace fakeapi
