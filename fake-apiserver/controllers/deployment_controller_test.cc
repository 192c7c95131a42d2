#include "fake-apiserver/controllers/deployment_controller.h"

#include <algorithm>
#include <map>
#include <numeric>

#include "fake-apiserver/controllers/cluster_test_fixture.h"
#include "fake-apiserver/controllers/replica_sets.h"

namespace fakeapi {
namespace {

class DeploymentControllerTest : public ClusterTest {
 protected:
  // Pods that never become Ready by themselves.
  static ClusterOptions manual_readiness() {
    ClusterOptions options = simple_options();
    options.pod_start.boot = Delay::fixed(24h * 30);
    return options;
  }

  // Makes `count` more pods of the image ready, the oldest first.
  void make_ready(const std::string& image, int count) {
    for (const ObjectPtr& pod : pods()) {
      if (count == 0) break;
      if (is_ready(*pod) || is_being_deleted(*pod) || pod->at("spec").at("containers")[0].at("image") != image)
        continue;
      --count;
      change(
          resources::kPods, name_of(*pod),
          [&](Json& object) {
            set_condition(object["status"], {.type = "Ready", .status = "True", .reason = "", .message = ""},
                          clock_.now());
          },
          Part::kStatus);
    }
    ASSERT_EQ(count, 0);
    clock_.run_for(1s);
  }

  // Wanted sizes by image.
  std::map<std::string, std::int64_t> sizes() const {
    std::map<std::string, std::int64_t> result;
    for (const ObjectPtr& set : replica_sets()) {
      result[set->at("spec").at("template").at("spec").at("containers")[0].at("image").get<std::string>()] =
          int_at(*set, {"spec", "replicas"});
    }
    return result;
  }

  // Notes the wanted sizes, new/old, as they change.
  void record_walk(const std::string& new_image) {
    store_.subscribe(resources::kReplicaSets, [this, new_image](const StoreEvent&) {
      const auto now = sizes();
      std::int64_t old = 0;
      for (const auto& [image, size] : now) old += image == new_image ? 0 : size;
      const std::string step =
          std::to_string(now.contains(new_image) ? now.at(new_image) : 0) + "/" + std::to_string(old);
      if (walk_.empty() || walk_.back() != step) walk_.push_back(step);
    });
  }

  std::vector<std::string> walk_;
};

using Texts = std::vector<std::string>;

TEST_F(DeploymentControllerTest, CreatesAReplicaSetAndItsPodsAndReportsProgress) {
  start(simple_options());
  create_deployment("web", {.replicas = 4});
  clock_.run_for(10s);

  ASSERT_EQ(replica_sets().size(), 1u);
  const std::string set = name_of(*replica_sets()[0]).name;
  EXPECT_EQ(set.substr(0, 4), "web-");
  for (const ObjectPtr& pod : pods()) {
    EXPECT_EQ(name_of(*pod).name.substr(0, set.size() + 1), set + "-");
    EXPECT_EQ(text_at(*pod, {"metadata", "generateName"}), set + "-");
    EXPECT_EQ(text_at(*pod, {"metadata", "labels", "app"}), "web");
    EXPECT_EQ(text_at(*pod, {"metadata", "labels", kTemplateHashLabel}), set.substr(4));
  }
  const Json status = deployment("web")["status"];
  for (const char* count : {"replicas", "updatedReplicas", "readyReplicas", "availableReplicas"}) {
    EXPECT_EQ(int_at(status, {count}), 4) << count;
  }
  EXPECT_FALSE(status.contains("unavailableReplicas"));
  EXPECT_EQ(int_at(status, {"observedGeneration"}), int_at(deployment("web"), {"metadata", "generation"}));
  EXPECT_EQ(condition_text(deployment("web"), "Available"), "True MinimumReplicasAvailable");
  EXPECT_EQ(condition_text(deployment("web"), "Progressing"), "True NewReplicaSetAvailable");
  EXPECT_EQ(text_at(deployment("web"), {"metadata", "annotations", kRevisionAnnotation}), "1");
  EXPECT_EQ(events("web"), (Texts{"ScalingReplicaSet: Scaled up replica set " + set + " to 4"}));
}

TEST_F(DeploymentControllerTest, ConditionsFollowTheOrderOfTheRecordedRollout) {
  start(simple_options());
  Texts seen;
  store_.subscribe(resources::kDeployments, [&](const StoreEvent& event) {
    const std::string text =
        condition_text(*event.object, "Progressing") + ", " + condition_text(*event.object, "Available");
    if (seen.empty() || seen.back() != text) seen.push_back(text);
  });
  create_deployment("web", {.replicas = 4});
  clock_.run_for(10s);

  EXPECT_EQ(seen, (Texts{"none, none", "True NewReplicaSetCreated, none",
                         "True NewReplicaSetCreated, False MinimumReplicasUnavailable",
                         "True ReplicaSetUpdated, False MinimumReplicasUnavailable",
                         "True NewReplicaSetAvailable, True MinimumReplicasAvailable"}));
}

TEST_F(DeploymentControllerTest, ARollingUpdateWalksAsRecorded) {
  ClusterOptions options = manual_readiness();
  options.pod_start.container_delay = Delay::none();
  start(options);
  create_deployment("web", {.replicas = 4});
  clock_.run_for(1s);
  // All within ten seconds: then the kubelet would tell that they are not ready.
  make_ready("app:1", 4);
  record_walk("app:2");
  set_image("web", "app:2");
  clock_.run_for(500ms);
  EXPECT_EQ(walk_, (Texts{"1/4", "1/3", "2/3"}));  // no further: three must stay available
  make_ready("app:2", 1);
  clock_.run_for(500ms);
  EXPECT_EQ(walk_, (Texts{"1/4", "1/3", "2/3", "2/2", "3/2"}));
  make_ready("app:2", 2);
  clock_.run_for(500ms);
  EXPECT_EQ(walk_, (Texts{"1/4", "1/3", "2/3", "2/2", "3/2", "3/0", "4/0"}));
  EXPECT_EQ(condition_text(deployment("web"), "Progressing"), "True ReplicaSetUpdated");
  make_ready("app:2", 1);

  EXPECT_EQ(condition_text(deployment("web"), "Progressing"), "True NewReplicaSetAvailable");
  EXPECT_EQ(text_at(deployment("web"), {"metadata", "annotations", kRevisionAnnotation}), "2");
  EXPECT_EQ(pods().size(), 4u);
}

TEST_F(DeploymentControllerTest, WithoutUnavailablePodsAHundredNeverShrink) {
  ClusterOptions options = simple_options();
  options.node_pools[0].nodes = options.node_pools[0].max_nodes = 3;
  options.pod_start.boot = Delay::lognormal(5s, 0.5);
  start(options);
  create_deployment(
      "web", {.replicas = 100,
              .strategy = {{"type", "RollingUpdate"}, {"rollingUpdate", {{"maxSurge", 1}, {"maxUnavailable", 0}}}}});
  clock_.run_for(5min);
  ASSERT_EQ(ready_pods(), 100u);
  int ready = 100;
  int fewest = ready;
  int pods_now = ready;
  int most = ready;
  store_.subscribe(resources::kPods, [&](const StoreEvent& event) {
    const bool counts_now = event.type != EventType::kDeleted;
    ready += (counts_now && is_ready(*event.object)) - (event.previous && is_ready(*event.previous));
    pods_now +=
        (counts_now && !is_being_deleted(*event.object)) - (event.previous && !is_being_deleted(*event.previous));
    fewest = std::min(fewest, ready);
    most = std::max(most, pods_now);
  });
  set_image("web", "app:2");
  clock_.run_for(3h);

  EXPECT_EQ(sizes(), (std::map<std::string, std::int64_t>{{"app:1", 0}, {"app:2", 100}}));
  EXPECT_EQ(fewest, 100);
  EXPECT_EQ(most, 101);
}

TEST_F(DeploymentControllerTest, AStuckRolloutTimesOutTenMinutesAfterItsLastProgress) {
  start(manual_readiness());
  create_deployment("web", {.replicas = 2});
  clock_.run_for(5s);  // the last progress, the creation of the pods, falls into the first second
  clock_.run_until(kClusterStart + 600s - 1ms);
  EXPECT_EQ(condition_text(deployment("web"), "Progressing"), "True ReplicaSetUpdated");
  clock_.run_until(kClusterStart + 600s);
  EXPECT_EQ(condition_text(deployment("web"), "Progressing"), "False ProgressDeadlineExceeded");

  clock_.run_for(1h);
  make_ready("app:1", 2);  // late, but done
  EXPECT_EQ(condition_text(deployment("web"), "Progressing"), "True NewReplicaSetAvailable");
}

TEST_F(DeploymentControllerTest, WhatIsFinishedNeverTimesOut) {
  start(simple_options());
  create_deployment("web", {.replicas = 2});
  clock_.run_for(2h);
  EXPECT_EQ(condition_text(deployment("web"), "Progressing"), "True NewReplicaSetAvailable");
  scale("web", 5);
  clock_.run_for(2h);
  EXPECT_EQ(condition_text(deployment("web"), "Progressing"), "True NewReplicaSetAvailable");
}

TEST_F(DeploymentControllerTest, ScalingInTheMiddleOfARolloutIsSpreadInProportion) {
  start(manual_readiness());
  create_deployment(
      "web", {.replicas = 10,
              .strategy = {{"type", "RollingUpdate"}, {"rollingUpdate", {{"maxSurge", 3}, {"maxUnavailable", 2}}}}});
  clock_.run_for(5s);
  make_ready("app:1", 10);
  set_image("web", "app:2");  // stuck: 8 old pods are needed, 5 new ones do not come up
  clock_.run_for(1min);
  ASSERT_EQ(sizes(), (std::map<std::string, std::int64_t>{{"app:1", 8}, {"app:2", 5}}));
  scale("web", 15);
  clock_.run_for(1min);

  EXPECT_EQ(sizes(), (std::map<std::string, std::int64_t>{{"app:1", 11}, {"app:2", 7}}));
}

TEST_F(DeploymentControllerTest, RecreateWaitsUntilTheOldPodsAreGone) {
  start(simple_options());
  create_deployment("web", {.replicas = 3, .strategy = {{"type", "Recreate"}}});
  clock_.run_for(10s);
  bool together = false;
  store_.subscribe(resources::kPods, [&](const StoreEvent&) {
    std::set<std::string> images;
    for (const ObjectPtr& pod : pods())
      images.insert(pod->at("spec").at("containers")[0].at("image").get<std::string>());
    together = together || images.size() > 1;
  });
  set_image("web", "app:2");
  clock_.run_for(1min);

  EXPECT_FALSE(together);
  EXPECT_EQ(ready_pods(), 3u);
  EXPECT_EQ(sizes().at("app:2"), 3);
}

TEST_F(DeploymentControllerTest, APausedDeploymentScalesButDoesNotRoll) {
  start(simple_options());
  create_deployment("web", {.replicas = 2});
  clock_.run_for(10s);
  change(resources::kDeployments, {"default", "web"}, [](Json& object) { object["spec"]["paused"] = true; });
  set_image("web", "app:2");
  scale("web", 3);
  clock_.run_for(10s);
  EXPECT_EQ(sizes(), (std::map<std::string, std::int64_t>{{"app:1", 3}}));
  EXPECT_EQ(condition_text(deployment("web"), "Progressing"), "Unknown DeploymentPaused");

  change(resources::kDeployments, {"default", "web"}, [](Json& object) { object["spec"]["paused"] = false; });
  clock_.run_for(1min);
  EXPECT_EQ(sizes(), (std::map<std::string, std::int64_t>{{"app:1", 0}, {"app:2", 3}}));
  EXPECT_EQ(condition_text(deployment("web"), "Progressing"), "True NewReplicaSetAvailable");
}

TEST_F(DeploymentControllerTest, RollingBackUsesTheOldReplicaSetAgain) {
  start(simple_options());
  create_deployment("web", {.replicas = 2});
  clock_.run_for(10s);
  const std::string first = name_of(*replica_sets()[0]).name;
  set_image("web", "app:2");
  clock_.run_for(1min);
  set_image("web", "app:1");
  clock_.run_for(1min);

  EXPECT_EQ(replica_sets().size(), 2u);
  EXPECT_EQ(sizes(), (std::map<std::string, std::int64_t>{{"app:1", 2}, {"app:2", 0}}));
  const Json set = *store_.get(resources::kReplicaSets, {"default", first}).value();
  EXPECT_EQ(text_at(set, {"metadata", "annotations", kRevisionAnnotation}), "3");
  EXPECT_EQ(text_at(set, {"metadata", "annotations", kRevisionHistoryAnnotation}), "1");
  EXPECT_EQ(text_at(deployment("web"), {"metadata", "annotations", kRevisionAnnotation}), "3");
}

TEST_F(DeploymentControllerTest, TheHistoryKeepsItsLimit) {
  start(simple_options());
  create_deployment("web", {.replicas = 1, .spec_extra = {{"revisionHistoryLimit", 2}}});
  clock_.run_for(10s);
  for (int version = 2; version <= 6; ++version) {
    set_image("web", "app:" + std::to_string(version));
    clock_.run_for(1min);
  }
  EXPECT_EQ(sizes(), (std::map<std::string, std::int64_t>{{"app:4", 0}, {"app:5", 0}, {"app:6", 1}}));
}

TEST_F(DeploymentControllerTest, ANameThatIsTakenMovesTheHashOn) {
  start(simple_options());
  const Json object = deployment_object("web", {.replicas = 2});
  create(resources::kReplicaSets,
         {{"metadata", {{"name", "web-" + template_hash(object["spec"]["template"], 0)}, {"namespace", "default"}}},
          {"spec", {{"replicas", 0}}}});
  create(resources::kDeployments, object);
  clock_.run_for(1min);

  EXPECT_EQ(ready_pods(), 2u);
  EXPECT_EQ(int_at(deployment("web"), {"status", "collisionCount"}), 1);
  EXPECT_EQ(condition_text(deployment("web"), "Progressing"), "True NewReplicaSetAvailable");
}

TEST_F(DeploymentControllerTest, PodsCountAsAvailableAfterMinReadySeconds) {
  start(simple_options());
  create_deployment("web", {.replicas = 2, .spec_extra = {{"minReadySeconds", 30}}});
  clock_.run_for(20s);
  EXPECT_EQ(int_at(deployment("web"), {"status", "readyReplicas"}), 2);
  EXPECT_EQ(int_at(deployment("web"), {"status", "availableReplicas"}), 0);
  EXPECT_EQ(int_at(deployment("web"), {"status", "unavailableReplicas"}), 2);
  clock_.run_for(15s);
  EXPECT_EQ(int_at(deployment("web"), {"status", "availableReplicas"}), 2);
}

TEST_F(DeploymentControllerTest, ScalesToNothingAndBack) {
  start(simple_options());
  create_deployment("web", {.replicas = 3});
  clock_.run_for(10s);
  scale("web", 0);
  clock_.run_for(10s);
  EXPECT_TRUE(pods().empty());
  EXPECT_FALSE(deployment("web")["status"].contains("replicas"));
  scale("web", 5);
  clock_.run_for(10s);
  EXPECT_EQ(ready_pods(), 5u);
  EXPECT_EQ(replica_sets().size(), 1u);
}

TEST_F(DeploymentControllerTest, AnObjectOfAnyShapeIsSurvived) {
  start(simple_options());
  int n = 0;
  for (const Json& spec : {Json("text"), Json(7), Json{{"template", "x"}}, Json{{"template", {{"spec", "x"}}}},
                           Json{{"template", {{"spec", {{"containers", "x"}}}}}},
                           Json{{"template", {{"spec", {{"containers", Json::array({1, "a"})}}}}}},
                           Json{{"replicas", "many"}, {"selector", 3}, {"strategy", 1}}}) {
    create(resources::kDeployments,
           {{"metadata", {{"name", "d" + std::to_string(++n)}, {"namespace", "default"}}}, {"spec", spec}});
  }
  create(resources::kDeployments, {{"metadata", {{"name", "bare"}, {"namespace", "default"}, {"annotations", 3}}}});
  clock_.run_for(1min);
  EXPECT_EQ(replica_sets().size(), 8u);
}

}  // namespace
}  // namespace fakeapi
