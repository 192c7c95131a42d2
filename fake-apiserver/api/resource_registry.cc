#include "fake-apiserver/api/resource_registry.h"

#include <algorithm>

namespace fakeapi {
namespace {

struct Row {
  const char* group;
  const char* versions;  // separated by blanks, as the lists below
  const char* plural;
  const char* kind;
  const char* short_names;
  const char* subresources;
  const char* traits;  // c: of the cluster, a: category all, x: custom resource
};

constexpr Row kRows[] = {
    {"", "v1", "configmaps", "ConfigMap", "cm", "", ""},
    {"", "v1", "endpoints", "Endpoints", "ep", "", ""},
    {"", "v1", "events", "Event", "ev", "", ""},
    {"", "v1", "limitranges", "LimitRange", "limits", "", ""},
    {"", "v1", "namespaces", "Namespace", "ns", "status", "c"},
    {"", "v1", "nodes", "Node", "no", "status", "c"},
    {"", "v1", "persistentvolumeclaims", "PersistentVolumeClaim", "pvc", "status", ""},
    {"", "v1", "persistentvolumes", "PersistentVolume", "pv", "status", "c"},
    {"", "v1", "pods", "Pod", "po", "binding status", "a"},
    {"", "v1", "replicationcontrollers", "ReplicationController", "rc", "scale status", "a"},
    {"", "v1", "resourcequotas", "ResourceQuota", "quota", "status", ""},
    {"", "v1", "secrets", "Secret", "", "", ""},
    {"", "v1", "serviceaccounts", "ServiceAccount", "sa", "", ""},
    {"", "v1", "services", "Service", "svc", "status", "a"},
    {"apps", "v1", "controllerrevisions", "ControllerRevision", "", "", ""},
    {"apps", "v1", "daemonsets", "DaemonSet", "ds", "status", "a"},
    {"apps", "v1", "deployments", "Deployment", "deploy", "scale status", "a"},
    {"apps", "v1", "replicasets", "ReplicaSet", "rs", "scale status", "a"},
    {"apps", "v1", "statefulsets", "StatefulSet", "sts", "scale status", "a"},
    {"autoscaling", "v2 v1", "horizontalpodautoscalers", "HorizontalPodAutoscaler", "hpa", "status", "a"},
    {"batch", "v1", "cronjobs", "CronJob", "cj", "status", "a"},
    {"batch", "v1", "jobs", "Job", "", "status", "a"},
    {"coordination.k8s.io", "v1", "leases", "Lease", "", "", ""},
    {"discovery.k8s.io", "v1", "endpointslices", "EndpointSlice", "", "", ""},
    {"networking.k8s.io", "v1", "ingresses", "Ingress", "ing", "status", ""},
    {"networking.k8s.io", "v1", "networkpolicies", "NetworkPolicy", "netpol", "", ""},
    {"policy", "v1", "poddisruptionbudgets", "PodDisruptionBudget", "pdb", "status", ""},
    {"rbac.authorization.k8s.io", "v1", "clusterrolebindings", "ClusterRoleBinding", "", "", "c"},
    {"rbac.authorization.k8s.io", "v1", "clusterroles", "ClusterRole", "", "", "c"},
    {"rbac.authorization.k8s.io", "v1", "rolebindings", "RoleBinding", "", "", ""},
    {"rbac.authorization.k8s.io", "v1", "roles", "Role", "", "", ""},
    {"scheduling.k8s.io", "v1", "priorityclasses", "PriorityClass", "pc", "", "c"},
    {"storage.k8s.io", "v1", "storageclasses", "StorageClass", "sc", "", "c"},
    {"autoscaling.internal.knative.dev", "v1alpha1", "podautoscalers", "PodAutoscaler", "kpa pa", "status", "x"},
    {"datadoghq.com", "v1alpha1", "watermarkpodautoscalers", "WatermarkPodAutoscaler", "wpa", "status", "x"},
    {"gamenight", "v1", "scalingpolicies", "ScalingPolicy", "", "status", "x"},
    {"keda.sh", "v1alpha1", "scaledobjects", "ScaledObject", "so", "status", "x"},
    {"webapp.streamotion.com.au", "v1", "hpatuners", "HpaTuner", "", "status", "x"},
};

std::vector<std::string> words(std::string_view text) {
  std::vector<std::string> result;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    result.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return result;
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return text;
}

bool contains(const std::vector<std::string>& list, std::string_view value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

}  // namespace

bool ResourceInfo::has_subresource(std::string_view name) const { return contains(subresources, name); }
bool ResourceInfo::has_version(std::string_view version) const { return contains(versions, version); }

std::string ResourceInfo::api_version(const std::string& version) const {
  return resource.group.empty() ? version : resource.group + "/" + version;
}

ResourceRegistry ResourceRegistry::builtin() {
  ResourceRegistry registry;
  for (const Row& row : kRows) {
    const std::string_view traits = row.traits;
    ResourceInfo info;
    info.resource = Resource{row.group, row.plural};
    info.versions = words(row.versions);
    info.kind = row.kind;
    info.singular = lower(row.kind);
    info.short_names = words(row.short_names);
    info.subresources = words(row.subresources);
    info.namespaced = traits.find('c') == std::string_view::npos;
    info.in_all = traits.find('a') != std::string_view::npos;
    info.custom = traits.find('x') != std::string_view::npos;
    registry.infos_.push_back(std::move(info));
  }
  return registry;
}

const ResourceInfo* ResourceRegistry::find(std::string_view group, std::string_view version,
                                           std::string_view plural) const {
  for (const ResourceInfo& info : infos_) {
    if (info.resource.plural == plural && info.resource.group == group && info.has_version(version)) return &info;
  }
  return nullptr;
}

const ResourceInfo* ResourceRegistry::find(const Resource& resource) const {
  for (const ResourceInfo& info : infos_) {
    if (info.resource == resource) return &info;
  }
  return nullptr;
}

std::vector<ApiGroup> ResourceRegistry::groups() const {
  std::vector<ApiGroup> groups;
  for (const ResourceInfo& info : infos_) {
    if (info.resource.group.empty()) continue;
    if (groups.empty() || groups.back().name != info.resource.group) groups.push_back({info.resource.group, {}});
    for (const std::string& version : info.versions) {
      if (!contains(groups.back().versions, version)) groups.back().versions.push_back(version);
    }
  }
  return groups;
}

bool ResourceRegistry::has_group_version(std::string_view group, std::string_view version) const {
  return std::any_of(infos_.begin(), infos_.end(), [&](const ResourceInfo& info) {
    return info.resource.group == group && info.has_version(version);
  });
}

}  // namespace fakeapi
