#include "fake-apiserver/controllers/garbage_collector.h"

#include "fake-apiserver/controllers/cluster_test_fixture.h"

namespace fakeapi {
namespace {

const Resource kConfigMaps{"", "configmaps"};
const Resource kWidgets{"example.com", "widgets"};

class GarbageCollectorTest : public ClusterTest {
 protected:
  static Json reference(const ObjectPtr& owner, bool blocks = false) {
    return {{"apiVersion", "example.com/v1"},
            {"kind", "Widget"},
            {"name", name_of(*owner).name},
            {"uid", uid_of(*owner)},
            {"blockOwnerDeletion", blocks}};
  }
  ObjectPtr create_widget(const std::string& name) {
    return create(kWidgets, {{"metadata", {{"name", name}, {"namespace", "default"}}}});
  }
  ObjectPtr create_dependent(const std::string& name, Json owners) {
    return create(kConfigMaps,
                  {{"metadata", {{"name", name}, {"namespace", "default"}, {"ownerReferences", std::move(owners)}}}});
  }
  bool exists(const std::string& name) { return store_.get(kConfigMaps, {"default", name}).has_value(); }
};

TEST_F(GarbageCollectorTest, DeletingADeploymentTakesItsReplicaSetsAndPodsAlong) {
  start(simple_options());
  create_deployment("web", {.replicas = 3});
  create_deployment("other", {.replicas = 2});
  clock_.run_for(10s);
  ASSERT_TRUE(store_.remove(resources::kDeployments, {"default", "web"}, {}));
  EXPECT_EQ(pods().size(), 5u);  // in the background
  clock_.run_for(150ms);
  EXPECT_EQ(replica_sets().size(), 1u);
  clock_.run_for(100ms);
  EXPECT_EQ(count_pods([](const Json& pod) { return is_being_deleted(pod); }), 3u);  // with grace
  clock_.run_for(5s);
  EXPECT_EQ(pods().size(), 2u);
  clock_.run_for(1h);
  EXPECT_EQ(ready_pods(), 2u);
}

TEST_F(GarbageCollectorTest, AnOwnerOfAnyKindCounts) {
  start(simple_options());
  const ObjectPtr widget = create_widget("w");
  create_dependent("a", Json::array({reference(widget)}));
  clock_.run_for(1min);
  EXPECT_TRUE(exists("a"));
  ASSERT_TRUE(store_.remove(kWidgets, {"default", "w"}, {}));
  clock_.run_for(1s);
  EXPECT_FALSE(exists("a"));
}

TEST_F(GarbageCollectorTest, OneOwnerThatIsLeftIsEnough) {
  start(simple_options());
  const ObjectPtr first = create_widget("first");
  const ObjectPtr second = create_widget("second");
  create_dependent("a", Json::array({reference(first), reference(second)}));
  ASSERT_TRUE(store_.remove(kWidgets, {"default", "first"}, {}));
  clock_.run_for(1s);
  ASSERT_TRUE(exists("a"));
  EXPECT_EQ(store_.get(kConfigMaps, {"default", "a"}).value()->at("metadata").at("ownerReferences"),
            Json::array({reference(second)}));
  ASSERT_TRUE(store_.remove(kWidgets, {"default", "second"}, {}));
  clock_.run_for(1s);
  EXPECT_FALSE(exists("a"));
}

TEST_F(GarbageCollectorTest, AnOwnerOfTheSameNameButAnotherUidIsNoOwner) {
  start(simple_options());
  create_deployment("web");
  create_dependent("a",
                   Json::array({{{"apiVersion", "apps/v1"}, {"kind", "Deployment"}, {"name", "web"}, {"uid", "no"}}}));
  clock_.run_for(1s);
  EXPECT_FALSE(exists("a"));
}

TEST_F(GarbageCollectorTest, InTheForegroundTheOwnerGoesLast) {
  start(simple_options());
  create_deployment("web", {.replicas = 2});
  clock_.run_for(10s);
  // What the API does for propagationPolicy=Foreground.
  change(resources::kDeployments, {"default", "web"},
         [](Json& object) { object["metadata"]["finalizers"] = Json::array({"foregroundDeletion"}); });
  ASSERT_TRUE(store_.remove(resources::kDeployments, {"default", "web"}, {}));
  bool deployment_outlived_sets = true;
  store_.subscribe(resources::kDeployments, [&](const StoreEvent& event) {
    if (event.type == EventType::kDeleted) deployment_outlived_sets = replica_sets().empty();
  });
  clock_.run_for(1min);
  EXPECT_TRUE(deployment_outlived_sets);
  EXPECT_TRUE(store_.list(resources::kDeployments).empty());
  EXPECT_TRUE(pods().empty());
}

TEST_F(GarbageCollectorTest, OrphanedDependentsStay) {
  start(simple_options());
  create_deployment("web", {.replicas = 2});
  clock_.run_for(10s);
  change(resources::kDeployments, {"default", "web"},
         [](Json& object) { object["metadata"]["finalizers"] = Json::array({"orphan"}); });
  ASSERT_TRUE(store_.remove(resources::kDeployments, {"default", "web"}, {}));
  clock_.run_for(1min);
  EXPECT_TRUE(store_.list(resources::kDeployments).empty());
  ASSERT_EQ(replica_sets().size(), 1u);
  EXPECT_FALSE(replica_sets()[0]->at("metadata").contains("ownerReferences"));
  EXPECT_EQ(ready_pods(), 2u);
}

TEST_F(GarbageCollectorTest, InTheForegroundTheWholeTreeGoesFromItsLeaves) {
  ClusterOptions options = simple_options();
  options.pod_start.termination_delay = 5s;
  start(options);
  create_deployment("web", {.replicas = 2});
  clock_.run_for(10s);
  std::vector<std::string> gone;
  store_.subscribe_all([&](const StoreEvent& event) {
    if (event.type == EventType::kDeleted) gone.push_back(event.resource.plural);
  });
  ASSERT_TRUE(store_.remove(resources::kDeployments, {"default", "web"}, {}, std::nullopt, [](Json& object) {
    object["metadata"]["finalizers"] = Json::array({"foregroundDeletion"});
    return base::Result<>{};
  }));
  clock_.run_for(1s);
  ASSERT_EQ(replica_sets().size(), 1u);
  EXPECT_EQ(replica_sets()[0]->at("metadata").at("finalizers"), Json::array({"foregroundDeletion"}));
  EXPECT_EQ(pods().size(), 2u);  // on their way out, and not replaced
  clock_.run_for(1min);
  std::erase(gone, "events");
  EXPECT_EQ(gone, (std::vector<std::string>{"pods", "pods", "replicasets", "deployments"}));
}

TEST_F(GarbageCollectorTest, AnOwnerThatIsHeldKeepsNothingWaitingForIt) {
  start(simple_options());
  const ObjectPtr widget = create_widget("w");
  create_dependent("a", Json::array({reference(widget, true)}));
  change(kConfigMaps, {"default", "a"}, [](Json& object) { object["metadata"]["finalizers"] = {"test/hold"}; });
  ASSERT_TRUE(store_.remove(kWidgets, {"default", "w"}, {}, std::nullopt, [](Json& object) {
    object["metadata"]["finalizers"] = Json::array({"foregroundDeletion"});
    return base::Result<>{};
  }));
  clock_.run_for(1h);
  EXPECT_TRUE(store_.find(kWidgets, {"default", "w"}));
  change(kConfigMaps, {"default", "a"}, [](Json& object) { object["metadata"].erase("finalizers"); });
  clock_.run_for(1s);
  EXPECT_FALSE(exists("a"));
  EXPECT_FALSE(store_.find(kWidgets, {"default", "w"}));
}

TEST_F(GarbageCollectorTest, AnOwnerInAnotherNamespaceIsNone) {
  start(simple_options());
  const ObjectPtr owner = create(kConfigMaps, {{"metadata", {{"name", "o"}, {"namespace", "other"}}}});
  create_dependent(
      "a", Json::array({{{"apiVersion", "v1"}, {"kind", "ConfigMap"}, {"name", "o"}, {"uid", uid_of(*owner)}}}));
  clock_.run_for(1s);
  EXPECT_FALSE(exists("a"));
}

TEST_F(GarbageCollectorTest, OwnersOfAnyShapeAreSurvived) {
  start(simple_options());
  create_dependent("a", "text");
  create_dependent("b", Json::array({1, "x", nullptr, Json::object()}));
  clock_.run_for(1min);
  EXPECT_TRUE(exists("a"));
  EXPECT_TRUE(exists("b"));
}

TEST_F(GarbageCollectorTest, WhatIsTheClustersIsNotCollectedForAnOwnerInANamespace) {
  start(simple_options());
  const Resource volumes{"", "persistentvolumes"};
  const Json owner{{"apiVersion", "v1"}, {"kind", "ConfigMap"}, {"name", "gone"}, {"uid", "1"}};
  create(volumes, {{"metadata", {{"name", "v"}, {"ownerReferences", Json::array({owner})}}}});
  clock_.run_for(1min);
  EXPECT_TRUE(store_.find(volumes, {"", "v"}));
  EXPECT_EQ(events("v"), (std::vector<std::string>{
                             "OwnerRefInvalidNamespace: ownerRef [v1/ConfigMap, namespace: , name: gone, uid: 1] does "
                             "not exist in namespace \"\""}));
  const ObjectPtr present = create(kConfigMaps, {{"metadata", {{"name", "o"}, {"namespace", "default"}}}});
  change(volumes, {"", "v"}, [&](Json& volume) {
    volume["metadata"]["ownerReferences"][0]["name"] = "o";
    volume["metadata"]["ownerReferences"][0]["uid"] = uid_of(*present);
  });
  ASSERT_TRUE(store_.remove(kConfigMaps, {"default", "o"}, {}));
  clock_.run_for(1min);
  EXPECT_TRUE(store_.find(volumes, {"", "v"}));
}

TEST_F(GarbageCollectorTest, WhatWasThereBeforeTheClusterIsKnownWhateverItsKind) {
  const ObjectPtr owner = create_widget("owner");
  Json owned = *create_widget("model");
  ASSERT_TRUE(store_.remove(kWidgets, {"default", "model"}, {}));
  owned["metadata"] = {
      {"name", "owned"}, {"namespace", "default"}, {"ownerReferences", Json::array({reference(owner)})}};
  create(kWidgets, owned);
  start(simple_options());
  ASSERT_TRUE(store_.remove(kWidgets, {"default", "owner"}, {}));
  clock_.run_for(1s);
  EXPECT_FALSE(store_.find(kWidgets, {"default", "owned"}));
}

TEST_F(GarbageCollectorTest, ADeletionInTheForegroundThatWasUnderWayIsBroughtToItsEnd) {
  const ObjectPtr owner = create_widget("owner");
  create_dependent("a", Json::array({reference(owner)}));
  change(kWidgets, {"default", "owner"},
         [](Json& object) { object["metadata"]["finalizers"] = Json::array({"foregroundDeletion"}); });
  ASSERT_TRUE(store_.remove(kWidgets, {"default", "owner"}, {}));
  ASSERT_TRUE(store_.find(kWidgets, {"default", "owner"}));
  start(simple_options());
  clock_.run_for(1s);
  EXPECT_FALSE(exists("a"));
  EXPECT_FALSE(store_.find(kWidgets, {"default", "owner"}));
}

TEST_F(GarbageCollectorTest, ADeletionThatOrphansAndWasUnderWayIsBroughtToItsEnd) {
  const ObjectPtr owner = create_widget("owner");
  create_dependent("a", Json::array({reference(owner)}));
  change(kWidgets, {"default", "owner"},
         [](Json& object) { object["metadata"]["finalizers"] = Json::array({"orphan"}); });
  ASSERT_TRUE(store_.remove(kWidgets, {"default", "owner"}, {}));
  start(simple_options());
  clock_.run_for(1s);
  ASSERT_TRUE(exists("a"));
  EXPECT_FALSE(store_.get(kConfigMaps, {"default", "a"}).value()->at("metadata").contains("ownerReferences"));
  EXPECT_FALSE(store_.find(kWidgets, {"default", "owner"}));
}

// Each that goes has the owner looked at again; all that go at once, once.
TEST_F(GarbageCollectorTest, InTheForegroundManyDependentsAreToldOnce) {
  start(simple_options());
  const ObjectPtr owner = create_widget("w");
  for (int i = 0; i < 50; ++i) create_dependent("d" + std::to_string(i), Json::array({reference(owner, true)}));
  change(kConfigMaps, {"default", "d7"}, [](Json& object) { object["metadata"]["finalizers"] = {"test/hold"}; });
  int told = 0;
  store_.subscribe(kConfigMaps, [&](const StoreEvent& event) { told += event.type == EventType::kModified ? 1 : 0; });
  ASSERT_TRUE(store_.remove(kWidgets, {"default", "w"}, {}, std::nullopt, [](Json& object) {
    object["metadata"]["finalizers"] = Json::array({"foregroundDeletion"});
    return base::Result<>{};
  }));
  const std::uint64_t fired = clock_.fired();
  clock_.run_for(1s);
  EXPECT_EQ(told, 1);  // the one that is held
  EXPECT_LE(clock_.fired() - fired, 10u);
  EXPECT_EQ(store_.list(kConfigMaps).size(), 1u);
  create_dependent("late", Json::array({reference(owner, true)}));
  change(kConfigMaps, {"default", "d7"}, [](Json& object) { object["metadata"].erase("finalizers"); });
  clock_.run_for(1s);
  EXPECT_FALSE(exists("late"));
  EXPECT_FALSE(store_.find(kWidgets, {"default", "w"}));
}

}  // namespace
}  // namespace fakeapi
