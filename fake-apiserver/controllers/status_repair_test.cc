// What others write into the status of pods and sets is put right by whose it is.
#include "fake-apiserver/controllers/cluster_test_fixture.h"

namespace fakeapi {
namespace {

class StatusRepairTest : public ClusterTest {
 protected:
  void SetUp() override {
    start(simple_options());
    create_deployment("web", {.replicas = 2});
    for (const auto& [resource, kind] :
         {std::pair{resources::kStatefulSets, "StatefulSet"}, std::pair{resources::kDaemonSets, "DaemonSet"}}) {
      Json set = deployment_object("set");
      set["kind"] = kind;
      create(resource, set);
    }
    Json job = deployment_object("job");
    job["apiVersion"] = "batch/v1";
    job["kind"] = "Job";
    job["spec"] = {{"completions", 1}, {"template", job["spec"]["template"]}};
    job["spec"]["template"]["spec"]["restartPolicy"] = "Never";
    job["spec"]["template"]["metadata"]["annotations"] = {{"gamenight/runs-for", "1h"}};
    create(resources::kJobs, job);
    clock_.run_for(1min);
  }
  // Spoils the status of the object, and expects it to be as it was `within` that time.
  void expect_repair(const Resource& resource, const ObjectName& name, const std::function<void(Json&)>& spoil,
                     base::Duration within) {
    const Json before = at_path(*store_.get(resource, name).value(), {"status"});
    change(
        resource, name, [&](Json& object) { spoil(object["status"]); }, Part::kStatus);
    EXPECT_NE(at_path(*store_.get(resource, name).value(), {"status"}), before) << resource.plural;
    clock_.run_for(within);
    EXPECT_EQ(at_path(*store_.get(resource, name).value(), {"status"}), before) << resource.plural;
  }
  ObjectName web_pod() const {
    for (const ObjectPtr& pod : pods()) {
      if (name_of(*pod).name.starts_with("web-")) return name_of(*pod);
    }
    return {};
  }
};

TEST_F(StatusRepairTest, SetsCountAgainAtOnce) {
  const auto wrong = [](const char* field) { return [field](Json& status) { status[field] = 7; }; };
  expect_repair(resources::kDeployments, {"default", "web"}, wrong("readyReplicas"), 1s);
  expect_repair(resources::kReplicaSets, name_of(*replica_sets().at(0)), wrong("readyReplicas"), 1s);
  expect_repair(resources::kStatefulSets, {"default", "set"}, wrong("readyReplicas"), 1s);
  expect_repair(resources::kDaemonSets, {"default", "set"}, wrong("numberReady"), 1s);
  expect_repair(resources::kJobs, {"default", "job"}, wrong("active"), 1s);
}

TEST_F(StatusRepairTest, AKubeletTellsAgainWithItsNextSync) {
  const ObjectName name = web_pod();
  expect_repair(
      resources::kPods, name, [](Json& status) { status["phase"] = "Pending"; }, 10s);
  expect_repair(
      resources::kPods, name, [](Json& status) { status["podIP"] = "192.0.2.1"; }, 10s);
  expect_repair(
      resources::kPods, name, [](Json& status) { status["containerStatuses"][0]["ready"] = false; }, 10s);
  expect_repair(
      resources::kPods, name, [](Json& status) { status.erase("containerStatuses"); }, 10s);
  expect_repair(
      resources::kPods, name,
      [&](Json& status) {
        set_condition(status, {"Ready", "False", "Because", ""}, clock_.now());
      },
      10s);
  clock_.run_for(1s);
  EXPECT_EQ(ready_pods(), 5u);
  EXPECT_EQ(int_at(deployment("web"), {"status", "readyReplicas"}), 2);
}

TEST_F(StatusRepairTest, ConditionsOfOthersStay) {
  const ObjectName name = web_pod();
  change(
      resources::kPods, name,
      [&](Json& pod) {
        set_condition(pod["status"], {"example.com/gate", "True", "Open", ""}, clock_.now());
        pod["status"]["phase"] = "Unknown";
      },
      Part::kStatus);
  clock_.run_for(10s);
  const Json pod = *store_.get(resources::kPods, name).value();
  EXPECT_EQ(text_at(pod, {"status", "phase"}), "Running");
  EXPECT_EQ(condition_text(pod, "example.com/gate"), "True Open");
  EXPECT_EQ(condition_text(pod, "PodScheduled"), "True ");
}

// A kubelet gives up what others have declared to be over.
TEST_F(StatusRepairTest, APodThatIsDeclaredFailedStaysSo) {
  const ObjectName name = web_pod();
  change(
      resources::kPods, name, [](Json& pod) { pod["status"]["phase"] = "Failed"; }, Part::kStatus);
  clock_.run_for(1min);
  EXPECT_EQ(text_at(*store_.get(resources::kPods, name).value(), {"status", "phase"}), "Failed");
  EXPECT_EQ(int_at(deployment("web"), {"status", "readyReplicas"}), 2);  // another took its place
}

TEST_F(StatusRepairTest, ALabelIsNoReasonToTellAgain) {
  const ObjectName name = web_pod();
  change(resources::kPods, name, [](Json& pod) { pod["metadata"]["labels"]["color"] = "blue"; });
  const Revision revision = store_.revision();
  clock_.run_for(30s);
  EXPECT_EQ(store_.revision(), revision);
}

}  // namespace
}  // namespace fakeapi
