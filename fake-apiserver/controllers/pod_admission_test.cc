#include "fake-apiserver/controllers/pod_admission.h"

#include "fake-apiserver/controllers/cluster_test_fixture.h"

namespace fakeapi {
namespace {

class PodAdmissionTest : public ClusterTest {
 protected:
  void start_admitting() {
    create({"", "serviceaccounts"}, {{"metadata", {{"name", "default"}, {"namespace", "default"}}}});
    ClusterOptions options = simple_options();
    options.admit_pods = true;
    start(options);
  }
  void create_class(const char* name, int value, const Json& extra = Json::object()) {
    Json object{{"metadata", {{"name", name}}}, {"value", value}};
    object.update(extra);
    create(resources::kPriorityClasses, std::move(object));
  }
  void create_workload(const Resource& resource, const char* kind) {
    Json object = deployment_object("web", {.pod_spec_extra = {{"priorityClassName", "vital"}}});
    object["kind"] = kind;
    if (resource == resources::kJobs) object["spec"]["template"]["spec"]["restartPolicy"] = "Never";
    create(resource, std::move(object));
    clock_.run_for(5s);
  }
};

TEST_F(PodAdmissionTest, PodsOfEveryControllerGetWhatThoseOfClientsGet) {
  start_admitting();
  create_class("vital", 1000, {{"preemptionPolicy", "Never"}});
  const std::vector<std::pair<Resource, const char*>> workloads{{resources::kDeployments, "Deployment"},
                                                                {resources::kStatefulSets, "StatefulSet"},
                                                                {{"apps", "daemonsets"}, "DaemonSet"},
                                                                {resources::kJobs, "Job"}};
  for (const auto& [resource, kind] : workloads) {
    create_workload(resource, kind);
    ASSERT_EQ(pods().size(), 1u) << kind;
    const Json& spec = pods().front()->at("spec");
    EXPECT_EQ(int_at(spec, {"priority"}), 1000) << kind;
    EXPECT_EQ(text_at(spec, {"preemptionPolicy"}), "Never") << kind;
    EXPECT_EQ(text_at(spec, {"serviceAccountName"}), "default") << kind;
    ASSERT_TRUE(store_.remove(resource, {"default", "web"}, {}));
    clock_.run_for(1min);
    ASSERT_TRUE(pods().empty()) << kind;
  }
}

TEST_F(PodAdmissionTest, TheDefaultClassCountsForPodsThatNameNone) {
  start_admitting();
  create_class("usual", 7, {{"globalDefault", true}});
  create_deployment("web");
  clock_.run_for(5s);
  ASSERT_EQ(pods().size(), 1u);
  EXPECT_EQ(int_at(*pods().front(), {"spec", "priority"}), 7);
  EXPECT_EQ(text_at(*pods().front(), {"spec", "priorityClassName"}), "usual");
}

TEST_F(PodAdmissionTest, AnUnknownClassKeepsPodsFromBeingCreatedUntilItIsThere) {
  start_admitting();
  create_workload(resources::kDeployments, "Deployment");
  EXPECT_TRUE(pods().empty());
  const std::string set = name_of(*replica_sets().front()).name;
  const std::string why = "pods \"" + set + "-\" is forbidden: no PriorityClass with name vital was found";
  EXPECT_EQ(events(set).front(), "FailedCreate: Error creating: " + why);
  for (const Json& object : {*replica_sets().front(), deployment("web")}) {
    EXPECT_EQ(condition_text(object, "ReplicaFailure"), "True FailedCreate");
    const Json* condition = find_condition(object, "ReplicaFailure");
    ASSERT_TRUE(condition);
    EXPECT_EQ(text_at(*condition, {"message"}), why);
  }
  create_class("vital", 1000);
  clock_.run_for(10s);
  EXPECT_EQ(ready_pods(), 1u);
  EXPECT_EQ(condition_text(*replica_sets().front(), "ReplicaFailure"), "none");
  EXPECT_EQ(condition_text(deployment("web"), "ReplicaFailure"), "none");
  EXPECT_FALSE(replica_sets().front()->at("status").contains("conditions"));
}

TEST_F(PodAdmissionTest, EveryControllerTellsWhatKeepsItsPodsAndTriesAgain) {
  struct Case {
    Resource resource;
    const char* kind;
    std::string why;
  };
  const std::string unknown = "-\" is forbidden: no PriorityClass with name vital was found";
  start_admitting();
  for (const Case& one : {Case{resources::kStatefulSets, "StatefulSet",
                               "create Pod web-0 in StatefulSet web failed error: pods \"web-0\" is forbidden: no "
                               "PriorityClass with name vital was found"},
                          Case{resources::kDaemonSets, "DaemonSet", "Error creating: pods \"web" + unknown},
                          Case{resources::kJobs, "Job", "Error creating: pods \"web" + unknown}}) {
    create_workload(one.resource, one.kind);
    EXPECT_TRUE(pods().empty()) << one.kind;
    EXPECT_EQ(events("web").back(), "FailedCreate: " + one.why);
    create_class("vital", 1000);
    clock_.run_for(3s);
    EXPECT_EQ(pods().size(), 1u) << one.kind;
    ASSERT_TRUE(store_.remove(one.resource, {"default", "web"}, {}));
    ASSERT_TRUE(store_.remove(resources::kPriorityClasses, {"", "vital"}, {}));
    clock_.run_for(2min);
    ASSERT_TRUE(pods().empty());
    for (const ObjectPtr& event : store_.list(resources::kEvents)) {
      ASSERT_TRUE(store_.remove(resources::kEvents, name_of(*event), {}));
    }
  }
}

TEST_F(PodAdmissionTest, WhatFailsAgainAndAgainIsTriedLessAndLessOften) {
  start_admitting();
  for (const auto& [resource, kind] :
       std::vector<std::pair<Resource, const char*>>{{resources::kReplicaSets, "ReplicaSet"},
                                                     {resources::kStatefulSets, "StatefulSet"},
                                                     {resources::kDaemonSets, "DaemonSet"},
                                                     {resources::kJobs, "Job"}}) {
    create_workload(resource, kind);
    clock_.run_for(1h);
    std::int64_t tries = 0;
    for (const ObjectPtr& event : store_.list(resources::kEvents)) {
      if (text_at(*event, {"reason"}) == "FailedCreate") tries += int_at(*event, {"count"}, 1);
    }
    EXPECT_GE(tries, 11) << kind;  // after 1, 3, 7 ... 1023 s, then each 1000 s
    EXPECT_LE(tries, 16) << kind;
    create_class("vital", 1000);
    clock_.run_for(1001s);
    EXPECT_EQ(pods().size(), 1u) << kind;
    ASSERT_TRUE(store_.remove(resource, {"default", "web"}, {}));
    ASSERT_TRUE(store_.remove(resources::kPriorityClasses, {"", "vital"}, {}));
    clock_.run_for(2min);
    ASSERT_TRUE(pods().empty()) << kind;
    for (const ObjectPtr& event : store_.list(resources::kEvents)) {
      ASSERT_TRUE(store_.remove(resources::kEvents, name_of(*event), {}));
    }
  }
}

TEST_F(PodAdmissionTest, APodWithoutItsServiceAccountIsNotMade) {
  start_admitting();
  Json set = deployment_object("web", {.pod_spec_extra = {{"serviceAccountName", "robot"}}});
  set["kind"] = "DaemonSet";
  create(resources::kDaemonSets, set);
  clock_.run_for(5s);
  EXPECT_TRUE(pods().empty());
  EXPECT_EQ(events("web").back(),
            "FailedCreate: Error creating: pods \"web-\" is forbidden: error looking up service account default/robot: "
            "serviceaccount \"robot\" not found");
  create({"", "serviceaccounts"}, {{"metadata", {{"name", "robot"}, {"namespace", "default"}}}});
  clock_.run_for(5s);
  EXPECT_EQ(ready_pods(), 1u);
}

}  // namespace
}  // namespace fakeapi
