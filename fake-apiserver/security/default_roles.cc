#include "fake-apiserver/security/default_roles.h"

#include <vector>

namespace fakeapi {
namespace {

const std::string kGroup = "rbac.authorization.k8s.io";
const std::string kAggregate = "rbac.authorization.k8s.io/aggregate-to-";

// One rule of a cluster role; lists are separated by blanks, "core" is the group without a name. Rows with the same
// role follow each other.
struct RuleRow {
  const char* role;
  const char* groups;
  const char* resources;  // or paths, when groups is empty
  const char* verbs;
};

constexpr const char* kRead = "get list watch";
constexpr const char* kWrite = "create delete deletecollection patch update";

constexpr RuleRow kRules[] = {
    {"cluster-admin", "*", "*", "*"},
    {"cluster-admin", "", "*", "*"},
    {"system:aggregate-to-admin", "authorization.k8s.io", "localsubjectaccessreviews", "create"},
    {"system:aggregate-to-admin", "rbac.authorization.k8s.io", "rolebindings roles",
     "create delete deletecollection get list patch update watch"},
    {"system:aggregate-to-edit", "core", "pods/attach pods/exec pods/portforward pods/proxy secrets services/proxy",
     kRead},
    {"system:aggregate-to-edit", "core", "serviceaccounts", "impersonate"},
    {"system:aggregate-to-edit", "core", "pods pods/attach pods/exec pods/portforward pods/proxy", kWrite},
    {"system:aggregate-to-edit", "core", "pods/eviction", "create"},
    {"system:aggregate-to-edit", "core",
     "configmaps events persistentvolumeclaims replicationcontrollers replicationcontrollers/scale secrets "
     "serviceaccounts services services/proxy",
     kWrite},
    {"system:aggregate-to-edit", "core", "serviceaccounts/token", "create"},
    {"system:aggregate-to-edit", "apps",
     "daemonsets deployments deployments/rollback deployments/scale replicasets replicasets/scale statefulsets "
     "statefulsets/scale",
     kWrite},
    {"system:aggregate-to-edit", "autoscaling", "horizontalpodautoscalers", kWrite},
    {"system:aggregate-to-edit", "batch", "cronjobs jobs", kWrite},
    {"system:aggregate-to-edit", "policy", "poddisruptionbudgets", kWrite},
    {"system:aggregate-to-edit", "networking.k8s.io", "ingresses networkpolicies", kWrite},
    {"system:aggregate-to-edit", "coordination.k8s.io", "leases",
     "create delete deletecollection get list patch update watch"},
    {"system:aggregate-to-view", "core",
     "configmaps endpoints persistentvolumeclaims persistentvolumeclaims/status pods replicationcontrollers "
     "replicationcontrollers/scale serviceaccounts services services/status",
     kRead},
    {"system:aggregate-to-view", "core",
     "bindings events limitranges namespaces/status pods/log pods/status replicationcontrollers/status resourcequotas "
     "resourcequotas/status",
     kRead},
    {"system:aggregate-to-view", "core", "namespaces", kRead},
    {"system:aggregate-to-view", "discovery.k8s.io", "endpointslices", kRead},
    {"system:aggregate-to-view", "apps",
     "controllerrevisions daemonsets daemonsets/status deployments deployments/scale deployments/status replicasets "
     "replicasets/scale replicasets/status statefulsets statefulsets/scale statefulsets/status",
     kRead},
    {"system:aggregate-to-view", "autoscaling", "horizontalpodautoscalers horizontalpodautoscalers/status", kRead},
    {"system:aggregate-to-view", "batch", "cronjobs cronjobs/status jobs jobs/status", kRead},
    {"system:aggregate-to-view", "policy", "poddisruptionbudgets poddisruptionbudgets/status", kRead},
    {"system:aggregate-to-view", "networking.k8s.io", "ingresses ingresses/status networkpolicies", kRead},
    {"system:auth-delegator", "authentication.k8s.io", "tokenreviews", "create"},
    {"system:auth-delegator", "authorization.k8s.io", "subjectaccessreviews", "create"},
    {"system:basic-user", "authorization.k8s.io", "selfsubjectaccessreviews selfsubjectrulesreviews", "create"},
    {"system:basic-user", "authentication.k8s.io", "selfsubjectreviews", "create"},
    {"system:discovery", "", "/api /api/* /apis /apis/* /healthz /livez /openapi /openapi/* /readyz /version /version/",
     "get"},
    {"system:public-info-viewer", "", "/healthz /livez /readyz /version /version/", "get"},
    {"system:monitoring", "", "/healthz /healthz/* /livez /livez/* /metrics /metrics/slis /readyz /readyz/*", "get"},
    {"system:service-account-issuer-discovery", "", "/.well-known/openid-configuration /openid/v1/jwks", "get"},
    {"system:kube-scheduler", "core events.k8s.io", "events", "create patch update"},
    {"system:kube-scheduler", "coordination.k8s.io", "leases", "create get list update watch"},
    {"system:kube-scheduler", "core",
     "nodes namespaces services replicationcontrollers persistentvolumeclaims persistentvolumes", kRead},
    {"system:kube-scheduler", "core", "pods", "delete get list watch"},
    {"system:kube-scheduler", "core", "bindings pods/binding", "create"},
    {"system:kube-scheduler", "core", "pods/status", "patch update"},
    {"system:kube-scheduler", "apps", "replicasets statefulsets", kRead},
    {"system:kube-scheduler", "policy", "poddisruptionbudgets", kRead},
    {"system:kube-scheduler", "storage.k8s.io", "*", kRead},
    {"system:kube-scheduler", "authentication.k8s.io", "tokenreviews", "create"},
    {"system:kube-scheduler", "authorization.k8s.io", "subjectaccessreviews", "create"},
    {"system:kube-controller-manager", "core events.k8s.io", "events", "create patch update"},
    {"system:kube-controller-manager", "coordination.k8s.io", "leases", "create get update watch list"},
    {"system:kube-controller-manager", "core", "serviceaccounts/token", "create"},
    {"system:kube-controller-manager", "core", "secrets serviceaccounts", "create delete get update"},
    {"system:kube-controller-manager", "authentication.k8s.io", "tokenreviews", "create"},
    {"system:kube-controller-manager", "authorization.k8s.io", "subjectaccessreviews", "create"},
    {"system:kube-controller-manager", "*", "*", "list watch get update patch create delete"},
    {"system:node", "core", "services nodes pods configmaps secrets persistentvolumeclaims persistentvolumes endpoints",
     kRead},
    {"system:node", "core", "nodes", "create patch update"},
    {"system:node", "core", "nodes/status pods/status", "patch update"},
    {"system:node", "core", "pods", "create delete"},
    {"system:node", "core events.k8s.io", "events", "create patch update"},
    {"system:node", "core", "serviceaccounts/token pods/eviction", "create"},
    {"system:node", "coordination.k8s.io", "leases", "create delete get patch update"},
    {"system:node", "authentication.k8s.io", "tokenreviews", "create"},
    {"system:node", "authorization.k8s.io", "localsubjectaccessreviews subjectaccessreviews", "create"},
};

// Roles whose rules are those of others, and what goes into them.
struct Aggregated {
  const char* role;
  const char* collects;  // the label
};
constexpr Aggregated kAggregated[] = {{"admin", "admin"}, {"edit", "edit"}, {"view", "view"}};
constexpr Aggregated kContributors[] = {{"system:aggregate-to-admin", "admin"},
                                        {"system:aggregate-to-edit", "edit"},
                                        {"system:aggregate-to-view", "view"},
                                        {"edit", "admin"},
                                        {"view", "edit"}};

struct BindingRow {
  const char* role;
  const char* kind;
  const char* subject;
};
constexpr BindingRow kBindings[] = {
    {"cluster-admin", "Group", "system:masters"},
    {"system:basic-user", "Group", "system:authenticated"},
    {"system:discovery", "Group", "system:authenticated"},
    {"system:public-info-viewer", "Group", "system:authenticated system:unauthenticated"},
    {"system:monitoring", "Group", "system:monitoring"},
    {"system:service-account-issuer-discovery", "Group", "system:serviceaccounts"},
    {"system:kube-scheduler", "User", "system:kube-scheduler"},
    {"system:kube-controller-manager", "User", "system:kube-controller-manager"},
    {"system:node", "Group", "system:nodes"},
};

std::vector<std::string> words(std::string_view text) {
  std::vector<std::string> list;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    list.emplace_back(text.substr(0, end) == "core" ? "" : text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return list;
}

Json object(const std::string& kind, const std::string& name) {
  return {{"apiVersion", kGroup + "/v1"},
          {"kind", kind},
          {"metadata",
           {{"name", name},
            {"annotations", {{"rbac.authorization.kubernetes.io/autoupdate", "true"}}},
            {"labels", {{"kubernetes.io/bootstrapping", "rbac-defaults"}}}}}};
}

Json rule_of(const RuleRow& row) {
  Json rule = {{"verbs", words(row.verbs)}};
  if (std::string_view(row.groups).empty()) {
    rule["nonResourceURLs"] = words(row.resources);
  } else {
    rule["apiGroups"] = words(row.groups);
    rule["resources"] = words(row.resources);
  }
  return rule;
}

void create(ObjectStore& store, const char* plural, Json wanted) {
  // What is there already is somebody's.
  (void)store.create(Resource{kGroup, plural}, std::move(wanted));
}

void create_cluster_role(ObjectStore& store, const std::string& name) {
  Json role = object("ClusterRole", name);
  role["rules"] = Json::array();
  for (const RuleRow& row : kRules) {
    if (name == row.role) role["rules"].push_back(rule_of(row));
  }
  for (const Aggregated& one : kAggregated) {
    if (name != one.role) continue;
    const Json selector = {{"matchLabels", {{kAggregate + one.collects, "true"}}}};
    role["aggregationRule"] = {{"clusterRoleSelectors", Json::array({selector})}};
  }
  for (const Aggregated& one : kContributors) {
    if (name == one.role) role["metadata"]["labels"][kAggregate + one.collects] = "true";
  }
  create(store, "clusterroles", std::move(role));
}

Json subject(const std::string& kind, const std::string& name) {
  return {{"apiGroup", kGroup}, {"kind", kind}, {"name", name}};
}

// Who may read the ConfigMap below.
void create_reader_role(ObjectStore& store) {
  const char* name = "extension-apiserver-authentication-reader";
  Json role = object("Role", name);
  role["metadata"]["namespace"] = "kube-system";
  role["rules"] = Json::array({{{"apiGroups", {""}},
                                {"resources", {"configmaps"}},
                                {"resourceNames", {"extension-apiserver-authentication"}},
                                {"verbs", {"get", "list", "watch"}}}});
  create(store, "roles", std::move(role));
  Json binding = object("RoleBinding", "system::extension-apiserver-authentication-reader");
  binding["metadata"]["namespace"] = "kube-system";
  binding["roleRef"] = subject("Role", name);
  binding["subjects"] =
      Json::array({subject("User", "system:kube-controller-manager"), subject("User", "system:kube-scheduler")});
  create(store, "rolebindings", std::move(binding));
}

}  // namespace

void create_default_roles(ObjectStore& store) {
  const char* last = "";
  for (const RuleRow& row : kRules) {
    if (std::string_view(row.role) != last) create_cluster_role(store, row.role);
    last = row.role;
  }
  for (const Aggregated& one : kAggregated) create_cluster_role(store, one.role);
  for (const BindingRow& row : kBindings) {
    Json binding = object("ClusterRoleBinding", row.role);
    binding["roleRef"] = subject("ClusterRole", row.role);
    binding["subjects"] = Json::array();
    for (const std::string& name : words(row.subject)) binding["subjects"].push_back(subject(row.kind, name));
    create(store, "clusterrolebindings", std::move(binding));
  }
  create_reader_role(store);
}

void create_authentication_config(ObjectStore& store, const std::string& client_ca_pem) {
  Json config = {{"apiVersion", "v1"},
                 {"kind", "ConfigMap"},
                 {"metadata", {{"name", "extension-apiserver-authentication"}, {"namespace", "kube-system"}}},
                 {"data",
                  {{"requestheader-allowed-names", R"(["front-proxy-client"])"},
                   {"requestheader-extra-headers-prefix", R"(["X-Remote-Extra-"])"},
                   {"requestheader-group-headers", R"(["X-Remote-Group"])"},
                   {"requestheader-username-headers", R"(["X-Remote-User"])"}}}};
  if (!client_ca_pem.empty()) {
    config["data"]["client-ca-file"] = client_ca_pem;
    config["data"]["requestheader-client-ca-file"] = client_ca_pem;
  }
  (void)store.create(Resource{"", "configmaps"}, std::move(config));
}

}  // namespace fakeapi
