#include "fake-apiserver/controllers/claims.h"

#include "fake-apiserver/controllers/cluster_test_fixture.h"

namespace fakeapi {
namespace {

class ClaimsTest : public ClusterTest {
 protected:
  void start_web(int replicas) {
    start(simple_options());
    create_deployment("web", {.replicas = replicas});
    clock_.run_for(10s);
    ASSERT_EQ(ready_pods(), static_cast<std::size_t>(replicas));
  }
  static bool is_orphan(const Json& object) { return !controller_of(object); }
  void relabel(const Resource& resource, const ObjectPtr& object, const char* app) {
    change(resource, name_of(*object), [&](Json& changed) { changed["metadata"]["labels"]["app"] = app; });
  }
};

TEST_F(ClaimsTest, APodThatIsRelabeledIsLetGoAndReplaced) {
  start_web(3);
  relabel(resources::kPods, pods()[0], "debug");
  clock_.run_for(10s);
  EXPECT_EQ(count_pods(is_orphan), 1u);
  EXPECT_EQ(pods().size(), 4u);
  EXPECT_EQ(int_at(deployment("web"), {"status", "readyReplicas"}), 3);
}

TEST_F(ClaimsTest, APodThatComesBackIsAdoptedAndOneTooManyGoes) {
  start_web(3);
  const ObjectPtr pod = pods()[0];
  relabel(resources::kPods, pod, "debug");
  clock_.run_for(10s);
  relabel(resources::kPods, pod, "web");
  clock_.run_for(1min);
  EXPECT_EQ(count_pods(is_orphan), 0u);
  EXPECT_EQ(pods().size(), 3u);
}

TEST_F(ClaimsTest, ADeploymentThatComesBackAdoptsItsReplicaSetAndPods) {
  start_web(3);
  const std::string uid = uid_of(*pods()[0]);
  ASSERT_TRUE(store_.remove(resources::kDeployments, {"default", "web"}, {}, std::nullopt, [](Json& object) {
    object["metadata"]["finalizers"] = Json::array({"orphan"});
    return base::Result<>{};
  }));
  clock_.run_for(10s);
  ASSERT_EQ(replica_sets().size(), 1u);
  EXPECT_TRUE(is_orphan(*replica_sets()[0]));
  create_deployment("web", {.replicas = 3});
  clock_.run_for(10s);
  ASSERT_EQ(replica_sets().size(), 1u);
  EXPECT_TRUE(is_controlled_by(*replica_sets()[0], uid_of(deployment("web"))));
  EXPECT_EQ(uid_of(*pods()[0]), uid);
  EXPECT_EQ(condition_text(deployment("web"), "Progressing"), "True NewReplicaSetAvailable");
}

TEST_F(ClaimsTest, AReplicaSetThatIsRelabeledIsLetGo) {
  start_web(2);
  relabel(resources::kReplicaSets, replica_sets()[0], "other");
  clock_.run_for(10s);
  EXPECT_TRUE(is_orphan(*replica_sets()[0]) || is_orphan(*replica_sets().back()));
  EXPECT_GE(ready_pods(), 2u);
}

TEST_F(ClaimsTest, WhatAnotherControllerHasIsLeftToIt) {
  start_web(2);
  create_deployment("web2", {.replicas = 1});
  change(resources::kPods, name_of(*pods()[0]), [](Json& pod) { pod["metadata"]["labels"]["extra"] = "x"; });
  clock_.run_for(10s);
  EXPECT_EQ(count_pods(is_orphan), 0u);
  EXPECT_EQ(pods().size(), 3u);
}

TEST_F(ClaimsTest, AnEmptySelectorSelectsNothing) {
  const Json pod{{"metadata", {{"labels", {{"a", "b"}}}}}};
  EXPECT_FALSE(selects(Json{{"spec", {{"selector", Json::object()}}}}, pod));
  EXPECT_FALSE(selects(Json{{"spec", Json::object()}}, pod));
  EXPECT_TRUE(selects(Json{{"spec", {{"selector", {{"matchLabels", {{"a", "b"}}}}}}}}, pod));
}

}  // namespace
}  // namespace fakeapi
