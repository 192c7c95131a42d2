#include "fake-apiserver/api/table_layouts.h"

#include <gtest/gtest.h>

#include "fake-apiserver/api/table.h"

namespace fakeapi {
namespace {

struct Expected {
  const char* group;
  const char* plural;
  const char* columns;  // name:type, "!" for the name's format, "+" for the wide ones
};

// As 1.20 shows them, but for: Restarts, a text since 1.23; Status of jobs, there since 1.31; Timezone of cron jobs.
const Expected kExpected[] = {
    {"", "pods",
     "Name:string!|Ready:string|Status:string|Restarts:string|Age:string|IP:string+|Node:string+|"
     "Nominated Node:string+|Readiness Gates:string+"},
    {"", "nodes",
     "Name:string!|Status:string|Roles:string|Age:string|Version:string|Internal-IP:string+|"
     "External-IP:string+|OS-Image:string+|Kernel-Version:string+|Container-Runtime:string+"},
    {"", "services",
     "Name:string!|Type:string|Cluster-IP:string|External-IP:string|Port(s):string|Age:string|"
     "Selector:string+"},
    {"", "endpoints", "Name:string!|Endpoints:string|Age:string"},
    {"", "events",
     "Last Seen:string|Type:string|Reason:string|Object:string|Subobject:string+|Source:string+|"
     "Message:string|First Seen:string+|Count:string+|Name:string!+"},
    {"", "namespaces", "Name:string!|Status:string|Age:string"},
    {"", "configmaps", "Name:string!|Data:string|Age:string"},
    {"", "secrets", "Name:string!|Type:string|Data:string|Age:string"},
    {"", "serviceaccounts", "Name:string!|Secrets:string|Age:string"},
    {"", "persistentvolumes",
     "Name:string!|Capacity:string|Access Modes:string|Reclaim Policy:string|Status:string|"
     "Claim:string|StorageClass:string|Reason:string|Age:string|VolumeMode:string+"},
    {"", "persistentvolumeclaims",
     "Name:string!|Status:string|Volume:string|Capacity:string|Access Modes:string|"
     "StorageClass:string|Age:string|VolumeMode:string+"},
    {"", "resourcequotas", "Name:string!|Age:string|Request:string|Limit:string"},
    {"apps", "deployments",
     "Name:string!|Ready:string|Up-to-date:string|Available:string|Age:string|"
     "Containers:string+|Images:string+|Selector:string+"},
    {"apps", "replicasets",
     "Name:string!|Desired:integer|Current:integer|Ready:integer|Age:string|"
     "Containers:string+|Images:string+|Selector:string+"},
    {"apps", "statefulsets", "Name:string!|Ready:string|Age:string|Containers:string+|Images:string+"},
    {"apps", "controllerrevisions", "Name:string!|Controller:string|Revision:string|Age:string"},
    {"autoscaling", "horizontalpodautoscalers",
     "Name:string!|Reference:string|Targets:string|MinPods:string|"
     "MaxPods:string|Replicas:string|Age:string"},
    {"batch", "jobs",
     "Name:string!|Status:string|Completions:string|Duration:string|Age:string|Containers:string+|"
     "Images:string+|Selector:string+"},
    {"batch", "cronjobs",
     "Name:string!|Schedule:string|Timezone:string|Suspend:boolean|Active:integer|"
     "Last Schedule:string|Age:string|Containers:string+|Images:string+|Selector:string+"},
    {"policy", "poddisruptionbudgets",
     "Name:string!|Min Available:string|Max Unavailable:string|"
     "Allowed Disruptions:integer|Age:string"},
    {"discovery.k8s.io", "endpointslices", "Name:string!|AddressType:string|Ports:string|Endpoints:string|Age:string"},
    {"coordination.k8s.io", "leases", "Name:string!|Holder:string|Age:string"},
    {"scheduling.k8s.io", "priorityclasses", "Name:string!|Value:integer|Global-Default:boolean|Age:string"},
    {"networking.k8s.io", "ingresses", "Name:string!|Class:string|Hosts:string|Address:string|Ports:string|Age:string"},
    {"storage.k8s.io", "storageclasses",
     "Name:string!|Provisioner:string|ReclaimPolicy:string|"
     "VolumeBindingMode:string|AllowVolumeExpansion:string|Age:string"},
    {"rbac.authorization.k8s.io", "rolebindings",
     "Name:string!|Role:string|Age:string|Users:string+|Groups:string+|"
     "ServiceAccounts:string+"},
    {"rbac.authorization.k8s.io", "clusterroles", "Name:string!|Created At:date"},
    {"apiextensions.k8s.io", "customresourcedefinitions", "Name:string!|Created At:date"},
    {"apiregistration.k8s.io", "apiservices", "Name:string!|Service:string|Available:string|Age:string"},
};

TEST(TableLayoutsTest, ColumnsHaveTheNamesTypesAndPrioritiesOfKubernetes) {
  const ResourceRegistry registry = ResourceRegistry::builtin();
  for (const Expected& expected : kExpected) {
    const ResourceInfo* info = registry.find(Resource{expected.group, expected.plural});
    ASSERT_TRUE(info) << expected.plural;
    std::string columns;
    for (const Json& column : table_columns(*info)) {
      columns += (columns.empty() ? "" : "|") + column.at("name").get<std::string>() + ":" +
                 column.at("type").get<std::string>();
      if (column.at("format") == "name") columns += "!";
      if (column.at("priority") == 1) columns += "+";
    }
    EXPECT_EQ(columns, expected.columns) << expected.plural;
  }
}

const base::Time kNow = std::chrono::sys_days(std::chrono::year(2026) / 1 / 1) + std::chrono::minutes(10);

TEST(TableLayoutsTest, RestartsTellWhenTheLastOneWas) {
  const Json pod = Json::parse(R"({"metadata":{"name":"p"},"status":{"containerStatuses":[{"restartCount":2,
    "lastState":{"terminated":{"finishedAt":"2026-01-01T00:05:00Z"}},"state":{"running":{}}}]}})");
  EXPECT_EQ(pod_cells(pod, kNow).at(3), "2 (5m ago)");
}

TEST(TableLayoutsTest, JobsTellHowTheyEnded) {
  const auto status = [](const char* text) { return job_cells(Json::parse(text), kNow).at(1).get<std::string>(); };
  EXPECT_EQ(status("{}"), "Running");
  EXPECT_EQ(status(R"({"status":{"conditions":[{"type":"Complete","status":"True"}]}})"), "Complete");
  EXPECT_EQ(status(R"({"status":{"conditions":[{"type":"Failed","status":"True"}]}})"), "Failed");
  EXPECT_EQ(status(R"({"status":{"conditions":[{"type":"Suspended","status":"True"}]}})"), "Suspended");
  EXPECT_EQ(job_cells(Json::parse(R"({"spec":{"parallelism":3},"status":{"succeeded":1}})"), kNow).at(2), "1/1 of 3");
}

TEST(TableLayoutsTest, IngressesAndVolumesShowWhatTheyAreFor) {
  const Json ingress = Json::parse(R"({"metadata":{"name":"i"},"spec":{"ingressClassName":"nginx","tls":[{}],
    "rules":[{"host":"a"},{"host":"b"},{"host":"c"},{"host":"d"}]}})");
  EXPECT_EQ(ingress_cells(ingress, kNow), Json::array({"i", "nginx", "a,b,c + 1 more...", "", "80, 443", "<unknown>"}));
  const Json volume = Json::parse(R"({"metadata":{"name":"v"},"spec":{"capacity":{"storage":"1Gi"},"accessModes":
    ["ReadWriteOnce","ReadOnlyMany"],"persistentVolumeReclaimPolicy":"Retain","volumeMode":"Filesystem",
    "claimRef":{"namespace":"n","name":"c"}},"status":{"phase":"Bound"}})");
  EXPECT_EQ(volume_cells(volume, kNow),
            Json::array({"v", "1Gi", "RWO,ROX", "Retain", "Bound", "n/c", "", "", "<unknown>", "Filesystem"}));
}

}  // namespace
}  // namespace fakeapi
