#include "scaler/client/resource_mapping.h"

#include <algorithm>

namespace scaler {
namespace {

struct Row {
  const char* group;
  const char* version;
  const char* kind;
  const char* plural;
};

constexpr Row kRows[] = {
    {"", "v1", "Namespace", "namespaces"},
    {"", "v1", "Node", "nodes"},
    {"", "v1", "Pod", "pods"},
    {"", "v1", "ReplicationController", "replicationcontrollers"},
    {"", "v1", "Service", "services"},
    {"apps", "v1", "DaemonSet", "daemonsets"},
    {"apps", "v1", "Deployment", "deployments"},
    {"apps", "v1", "ReplicaSet", "replicasets"},
    {"apps", "v1", "StatefulSet", "statefulsets"},
    {"batch", "v1", "CronJob", "cronjobs"},
    {"batch", "v1", "Job", "jobs"},
    {"networking.k8s.io", "v1", "Ingress", "ingresses"},
};

}  // namespace

base::Result<GroupVersion> parse_group_version(const std::string& api_version) {
  const std::size_t slash = api_version.find('/');
  if (slash == std::string::npos) return GroupVersion{"", api_version};
  if (api_version.find('/', slash + 1) != std::string::npos) {
    return base::Error{base::ErrorCode::kInvalid, "unexpected GroupVersion string: " + api_version};
  }
  return GroupVersion{api_version.substr(0, slash), api_version.substr(slash + 1)};
}

std::string ResourceMapping::api() const { return group.empty() ? "api/" + version : "apis/" + group + "/" + version; }

std::optional<ResourceMapping> well_known_mapping(const std::string& group, const std::string& kind) {
  const auto row = std::find_if(std::begin(kRows), std::end(kRows),
                                [&](const Row& r) { return r.group == group && r.kind == kind; });
  if (row == std::end(kRows)) return std::nullopt;
  return ResourceMapping{row->group, row->version, row->plural};
}

}  // namespace scaler
