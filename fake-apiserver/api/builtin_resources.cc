#include "fake-apiserver/api/builtin_resources.h"

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
  // c: of the cluster, a: category all, e: category api-extensions, x: custom resource, n: collections can't be
  // deleted, t: answered to a POST and not stored, r: made up to be read
  const char* traits;
};

constexpr const char* kPodParts = "attach binding ephemeralcontainers eviction exec log portforward proxy status";

constexpr Row kRows[] = {
    {"", "v1", "bindings", "Binding", "", "", "t"},
    {"", "v1", "componentstatuses", "ComponentStatus", "cs", "", "cr"},
    {"", "v1", "configmaps", "ConfigMap", "cm", "", ""},
    {"", "v1", "endpoints", "Endpoints", "ep", "", ""},
    {"", "v1", "events", "Event", "ev", "", ""},
    {"", "v1", "limitranges", "LimitRange", "limits", "", ""},
    {"", "v1", "namespaces", "Namespace", "ns", "finalize status", "cn"},
    {"", "v1", "nodes", "Node", "no", "proxy status", "c"},
    {"", "v1", "persistentvolumeclaims", "PersistentVolumeClaim", "pvc", "status", ""},
    {"", "v1", "persistentvolumes", "PersistentVolume", "pv", "status", "c"},
    {"", "v1", "pods", "Pod", "po", kPodParts, "a"},
    {"", "v1", "podtemplates", "PodTemplate", "", "", ""},
    {"", "v1", "replicationcontrollers", "ReplicationController", "rc", "scale status", "a"},
    {"", "v1", "resourcequotas", "ResourceQuota", "quota", "status", ""},
    {"", "v1", "secrets", "Secret", "", "", ""},
    {"", "v1", "serviceaccounts", "ServiceAccount", "sa", "token", ""},
    {"", "v1", "services", "Service", "svc", "proxy status", "a"},
    {"apiregistration.k8s.io", "v1", "apiservices", "APIService", "", "status", "ce"},
    {"apps", "v1", "controllerrevisions", "ControllerRevision", "", "", ""},
    {"apps", "v1", "daemonsets", "DaemonSet", "ds", "status", "a"},
    {"apps", "v1", "deployments", "Deployment", "deploy", "scale status", "a"},
    {"apps", "v1", "replicasets", "ReplicaSet", "rs", "scale status", "a"},
    {"apps", "v1", "statefulsets", "StatefulSet", "sts", "scale status", "a"},
    {"events.k8s.io", "v1", "events", "Event", "ev", "", ""},
    {"authentication.k8s.io", "v1", "selfsubjectreviews", "SelfSubjectReview", "", "", "ct"},
    {"authentication.k8s.io", "v1", "tokenreviews", "TokenReview", "", "", "ct"},
    {"authorization.k8s.io", "v1", "localsubjectaccessreviews", "LocalSubjectAccessReview", "", "", "t"},
    {"authorization.k8s.io", "v1", "selfsubjectaccessreviews", "SelfSubjectAccessReview", "", "", "ct"},
    {"authorization.k8s.io", "v1", "selfsubjectrulesreviews", "SelfSubjectRulesReview", "", "", "ct"},
    {"authorization.k8s.io", "v1", "subjectaccessreviews", "SubjectAccessReview", "", "", "ct"},
    {"autoscaling", "v2 v1 v2beta2", "horizontalpodautoscalers", "HorizontalPodAutoscaler", "hpa", "status", "a"},
    {"batch", "v1 v1beta1", "cronjobs", "CronJob", "cj", "status", "a"},
    {"batch", "v1", "jobs", "Job", "", "status", "a"},
    {"networking.k8s.io", "v1", "ingressclasses", "IngressClass", "", "", "c"},
    {"networking.k8s.io", "v1", "ingresses", "Ingress", "ing", "status", ""},
    {"networking.k8s.io", "v1", "networkpolicies", "NetworkPolicy", "netpol", "", ""},
    {"policy", "v1 v1beta1", "poddisruptionbudgets", "PodDisruptionBudget", "pdb", "status", ""},
    {"rbac.authorization.k8s.io", "v1", "clusterrolebindings", "ClusterRoleBinding", "", "", "c"},
    {"rbac.authorization.k8s.io", "v1", "clusterroles", "ClusterRole", "", "", "c"},
    {"rbac.authorization.k8s.io", "v1", "rolebindings", "RoleBinding", "", "", ""},
    {"rbac.authorization.k8s.io", "v1", "roles", "Role", "", "", ""},
    {"storage.k8s.io", "v1", "csidrivers", "CSIDriver", "", "", "c"},
    {"storage.k8s.io", "v1", "csinodes", "CSINode", "", "", "c"},
    {"storage.k8s.io", "v1", "csistoragecapacities", "CSIStorageCapacity", "", "", ""},
    {"storage.k8s.io", "v1", "storageclasses", "StorageClass", "sc", "", "c"},
    {"storage.k8s.io", "v1", "volumeattachments", "VolumeAttachment", "", "status", "c"},
    {"admissionregistration.k8s.io", "v1", "mutatingwebhookconfigurations", "MutatingWebhookConfiguration", "", "",
     "ce"},
    {"admissionregistration.k8s.io", "v1", "validatingwebhookconfigurations", "ValidatingWebhookConfiguration", "", "",
     "ce"},
    {"apiextensions.k8s.io", "v1", "customresourcedefinitions", "CustomResourceDefinition", "crd crds", "status", "ce"},
    {"scheduling.k8s.io", "v1", "priorityclasses", "PriorityClass", "pc", "", "c"},
    {"coordination.k8s.io", "v1", "leases", "Lease", "", "", ""},
    {"node.k8s.io", "v1", "runtimeclasses", "RuntimeClass", "", "", "c"},
    {"discovery.k8s.io", "v1 v1beta1", "endpointslices", "EndpointSlice", "", "", ""},
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

ResourceInfo info_of(const Row& row) {
  const auto has = [&](char trait) { return std::string_view(row.traits).find(trait) != std::string_view::npos; };
  ResourceInfo info;
  info.resource = Resource{row.group, row.plural};
  // Both groups show the same events; they are stored as the core group has them.
  if (info.resource.group == "events.k8s.io") {
    info.alias_group = info.resource.group;
    info.resource.group.clear();
  }
  info.versions = words(row.versions);
  info.kind = row.kind;
  info.singular = lower(row.kind);
  info.short_names = words(row.short_names);
  info.subresources = words(row.subresources);
  info.namespaced = !has('c');
  info.in_all = has('a');
  if (has('a')) info.categories = {"all"};
  if (has('e')) info.categories = {"api-extensions"};
  info.custom = has('x');
  info.transient = has('t') || has('r');
  if (has('t')) info.verbs = {"create"};
  if (has('r')) info.verbs = {"get", "list"};
  if (has('n')) std::erase(info.verbs, "deletecollection");
  return info;
}

}  // namespace

std::vector<ResourceInfo> builtin_resources() {
  std::vector<ResourceInfo> infos;
  for (const Row& row : kRows) infos.push_back(info_of(row));
  return infos;
}

}  // namespace fakeapi
