#include "fake-apiserver/api/table.h"

#include <gtest/gtest.h>

#include "fake-apiserver/api/conversion.h"
#include "fake-apiserver/api/human_duration.h"
#include "fake-apiserver/api/table_cells.h"

namespace fakeapi {
namespace {

using namespace std::chrono_literals;

const base::Time kNow = std::chrono::sys_days(std::chrono::year(2026) / 1 / 1) + 90s;
const ResourceRegistry kRegistry = ResourceRegistry::builtin();

Json parse(const char* text) { return Json::parse(text); }

Json pod(const char* spec_and_status) {
  Json object = parse(spec_and_status);
  object["metadata"]["name"] = "p";
  object["metadata"]["creationTimestamp"] = "2026-01-01T00:00:00Z";
  return object;
}

TEST(HumanDurationTest, TwoUnitsWhereTheSecondStillMatters) {
  EXPECT_EQ(human_duration(-5s), "<invalid>");
  EXPECT_EQ(human_duration(-1s), "0s");
  EXPECT_EQ(human_duration(0s), "0s");
  EXPECT_EQ(human_duration(119s), "119s");
  EXPECT_EQ(human_duration(120s), "2m");
  EXPECT_EQ(human_duration(200s), "3m20s");
  EXPECT_EQ(human_duration(10min + 5s), "10m");
  EXPECT_EQ(human_duration(179min), "179m");
  EXPECT_EQ(human_duration(3h + 20min), "3h20m");
  EXPECT_EQ(human_duration(8h + 20min), "8h");
  EXPECT_EQ(human_duration(47h), "47h");
  EXPECT_EQ(human_duration(48h), "2d");
  EXPECT_EQ(human_duration(53h), "2d5h");
  EXPECT_EQ(human_duration(24h * 8), "8d");
  EXPECT_EQ(human_duration(24h * 729), "729d");
  EXPECT_EQ(human_duration(24h * 731), "2y1d");
  EXPECT_EQ(human_duration(24h * 365 * 9), "9y");
}

struct Columns {
  const char* group;
  const char* plural;
  const char* names;  // wide ones in brackets
};

TEST(TableTest, ColumnsAreThoseOfKubernetes) {
  for (const Columns& expected :
       {Columns{"", "pods", "Name Ready Status Restarts Age [IP] [Node] [Nominated Node] [Readiness Gates]"},
        Columns{"apps", "deployments", "Name Ready Up-to-date Available Age [Containers] [Images] [Selector]"},
        Columns{"apps", "replicasets", "Name Desired Current Ready Age [Containers] [Images] [Selector]"},
        Columns{"", "nodes",
                "Name Status Roles Age Version [Internal-IP] [External-IP] [OS-Image] [Kernel-Version] "
                "[Container-Runtime]"},
        Columns{"autoscaling", "horizontalpodautoscalers", "Name Reference Targets MinPods MaxPods Replicas Age"},
        Columns{"", "services", "Name Type Cluster-IP External-IP Port(s) Age [Selector]"},
        Columns{"", "events", "Last Seen Type Reason Object [Subobject] [Source] Message [First Seen] [Count] [Name]"},
        Columns{"", "namespaces", "Name Status Age"}, Columns{"gamenight", "scalingpolicies", "Name Age"}}) {
    const ResourceInfo* info = kRegistry.find(Resource{expected.group, expected.plural});
    ASSERT_TRUE(info);
    std::string names;
    for (const Json& column : table_columns(*info)) {
      const std::string name = column.at("name").get<std::string>();
      names += (names.empty() ? "" : " ") + (column.at("priority") == 1 ? "[" + name + "]" : name);
      EXPECT_EQ(column.at("format") == "name", name == "Name");
    }
    EXPECT_EQ(names, expected.names) << expected.plural;
  }
}

TEST(TableTest, EveryResourceHasAsManyCellsAsColumns) {
  for (const ResourceInfo& info : kRegistry.all()) {
    const Json empty = Json::object();
    const Json row = table_row(info, empty, empty, OutputFormat(), kNow);
    EXPECT_EQ(row.at("cells").size(), table_columns(info).size()) << info.kind;
  }
}

TEST(TableTest, CellsSurviveDocumentsOfTheWrongShape) {
  const Json wrong[] = {parse(R"({"metadata":5,"spec":[],"status":"x"})"),
                        parse(R"({"metadata":{"labels":[1],"creationTimestamp":7},"spec":{"containers":{"a":1},
                          "ports":[1],"metrics":[3],"selector":4,"template":[]},"status":{"conditions":{"x":1},
                          "containerStatuses":[1],"initContainerStatuses":[2],"addresses":[3]},"subsets":[1],"data":3,
                          "ports":[1],"endpoints":[1]})"),
                        Json::array({1})};
  for (const ResourceInfo& info : kRegistry.all()) {
    for (const Json& document : wrong) {
      const Json row = table_row(info, document, document, OutputFormat(), kNow);
      EXPECT_EQ(row.at("cells").size(), table_columns(info).size()) << info.resource.plural;
    }
  }
}

TEST(PodCellsTest, ARunningPodShowsWhatIsReady) {
  const Json object = pod(R"({"spec":{"nodeName":"n1","containers":[{},{}]},"status":{"phase":"Running",
    "podIP":"10.0.0.1","containerStatuses":[{"ready":true,"restartCount":2,"state":{"running":{}}},
    {"ready":false,"restartCount":1,"state":{"running":{}}}]}})");
  EXPECT_EQ(pod_cells(object, kNow),
            Json::array({"p", "1/2", "Running", "3", "90s", "10.0.0.1", "n1", "<none>", "<none>"}));
}

TEST(PodCellsTest, StatusSaysWhatHoldsThePodUp) {
  const auto status = [](const char* text) { return pod_cells(pod(text), kNow).at(2).get<std::string>(); };

  EXPECT_EQ(status(R"({"status":{"phase":"Pending"}})"), "Pending");
  EXPECT_EQ(status(R"({"status":{"phase":"Pending","containerStatuses":[{"state":{"waiting":
    {"reason":"ContainerCreating"}}}]}})"),
            "ContainerCreating");
  EXPECT_EQ(status(R"({"status":{"phase":"Running","containerStatuses":[{"state":{"waiting":
    {"reason":"CrashLoopBackOff"}}}]}})"),
            "CrashLoopBackOff");
  EXPECT_EQ(status(R"({"status":{"phase":"Failed","containerStatuses":[{"state":{"terminated":{"exitCode":3}}}]}})"),
            "ExitCode:3");
  EXPECT_EQ(status(R"({"status":{"phase":"Failed","reason":"Evicted"}})"), "Evicted");
  EXPECT_EQ(status(R"({"status":{"phase":"Succeeded","containerStatuses":[{"state":{"terminated":
    {"exitCode":0,"reason":"Completed"}}}]}})"),
            "Completed");
  EXPECT_EQ(status(R"({"spec":{"initContainers":[{},{}]},"status":{"phase":"Pending","initContainerStatuses":
    [{"state":{"terminated":{"exitCode":0}}},{"state":{"running":{}}}]}})"),
            "Init:1/2");
  EXPECT_EQ(status(R"({"metadata":{"deletionTimestamp":"2026-01-01T00:00:30Z"},"status":{"phase":"Running"}})"),
            "Terminating");
}

TEST(NodeCellsTest, StatusAndRoles) {
  const Json node = parse(R"({"metadata":{"name":"n1","creationTimestamp":"2026-01-01T00:00:00Z","labels":
    {"node-role.kubernetes.io/worker":"","node-role.kubernetes.io/edge":""}},"spec":{"unschedulable":true},
    "status":{"conditions":[{"type":"Ready","status":"True"}],"addresses":[{"type":"InternalIP","address":"10.1.0.1"}],
    "nodeInfo":{"kubeletVersion":"v1.32.0"}}})");
  EXPECT_EQ(node_cells(node, kNow), Json::array({"n1", "Ready,SchedulingDisabled", "edge,worker", "90s", "v1.32.0",
                                                 "10.1.0.1", "<none>", "<unknown>", "<unknown>", "<unknown>"}));
}

TEST(AutoscalerCellsTest, TargetsShowCurrentAgainstWanted) {
  const Json hpa = parse(R"({"metadata":{"name":"h"},"spec":{"minReplicas":2,"maxReplicas":9,
    "scaleTargetRef":{"kind":"Deployment","name":"web"},"metrics":[
    {"type":"Resource","resource":{"name":"cpu","target":{"type":"Utilization","averageUtilization":50}}},
    {"type":"Pods","pods":{"metric":{"name":"rps"},"target":{"type":"AverageValue","averageValue":"100"}}},
    {"type":"External","external":{"metric":{"name":"q"},"target":{"type":"Value","value":"5"}}}]},
    "status":{"currentReplicas":3,"currentMetrics":[
    {"type":"Resource","resource":{"name":"cpu","current":{"averageUtilization":90,"averageValue":"90m"}}}]}})");
  EXPECT_EQ(autoscaler_cells(hpa, kNow), Json::array({"h", "Deployment/web", "cpu: 90%/50%, <unknown>/100 + 1 more...",
                                                      "2", "9", "3", "<unknown>"}));
}

TEST(ServiceCellsTest, PortsAndAddresses) {
  const Json service = parse(R"({"metadata":{"name":"s"},"spec":{"type":"LoadBalancer","clusterIP":"10.96.0.1",
    "ports":[{"port":80,"nodePort":30080,"protocol":"TCP"},{"port":53,"protocol":"UDP"}],"selector":{"app":"web"}}})");
  EXPECT_EQ(service_cells(service, kNow), Json::array({"s", "LoadBalancer", "10.96.0.1", "<pending>",
                                                       "80:30080/TCP,53/UDP", "<unknown>", "app=web"}));
}

TEST(EventCellsTest, TimesComeFromEitherKindOfRecorder) {
  const Json event = parse(R"({"metadata":{"name":"e"},"type":"Normal","reason":"Scheduled","message":"m",
    "involvedObject":{"kind":"Pod","name":"p"},"eventTime":"2026-01-01T00:01:00.000000Z","reportingComponent":"sched"})");
  EXPECT_EQ(event_cells(event, kNow),
            Json::array({"30s", "Normal", "Scheduled", "pod/p", "", "sched", "m", "30s", "1", "e"}));
}

TEST(ConversionTest, AutoscalersOfV1AndV2AreTheSameObject) {
  const ResourceInfo& info = *kRegistry.find("autoscaling", "v1", "horizontalpodautoscalers");
  Json v1 = parse(R"({"spec":{"maxReplicas":5,"targetCPUUtilizationPercentage":60}})");
  to_stored(v1, info, "v1");
  EXPECT_EQ(v1.at("apiVersion"), "autoscaling/v2");
  EXPECT_EQ(v1.at("spec").at("metrics").at(0).at("resource").at("target"),
            (Json{{"type", "Utilization"}, {"averageUtilization", 60}}));
  EXPECT_FALSE(v1.at("spec").contains("targetCPUUtilizationPercentage"));

  const Json stored = parse(R"({"apiVersion":"autoscaling/v2","kind":"HorizontalPodAutoscaler","metadata":{"name":"h"},
    "spec":{"maxReplicas":5,"behavior":{"scaleDown":{"stabilizationWindowSeconds":60}},"metrics":[
    {"type":"Pods","pods":{"metric":{"name":"rps"},"target":{"type":"AverageValue","averageValue":"100"}}},
    {"type":"Resource","resource":{"name":"cpu","target":{"type":"Utilization","averageUtilization":50}}}]},
    "status":{"conditions":[{"type":"AbleToScale"}]}})");
  Json shown = *to_version(std::make_shared<const Json>(stored), info, "v1");
  EXPECT_EQ(shown.at("spec").at("targetCPUUtilizationPercentage"), 50);
  EXPECT_FALSE(shown.at("spec").contains("metrics"));
  to_stored(shown, info, "v1");
  EXPECT_EQ(shown, stored);
}

}  // namespace
}  // namespace fakeapi
