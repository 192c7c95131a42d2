#include "fake-apiserver/controllers/pod_cache.h"

#include "fake-apiserver/controllers/cluster_test_fixture.h"

namespace fakeapi {
namespace {

const Resource kNamespaces{"", "namespaces"};

class PodCacheTest : public ClusterTest {
 protected:
  ObjectPtr create_set(const std::string& name) {
    return create(resources::kReplicaSets, {{"metadata", {{"name", name}, {"namespace", "default"}}}});
  }
  // The ordinal of the pod among those of its controller.
  std::uint64_t create_pod(const std::string& name, const Json& set) {
    create(resources::kPods,
           {{"metadata",
             {{"name", name},
              {"namespace", "default"},
              {"ownerReferences", Json::array({controller_reference(set, "apps/v1", "ReplicaSet")})}}}});
    return cache_.find({"default", name})->owner_ordinal;
  }
  void remove(const Resource& resource, const std::string& name, const std::string& ns = "default") {
    ASSERT_TRUE(store_.remove(resource, {ns, name}, {}));
  }

  PodCache cache_{store_};
};

TEST_F(PodCacheTest, AControllersPodsAreCountedForAsLongAsItIsThere) {
  const ObjectPtr set = create_set("a");
  EXPECT_EQ(create_pod("p0", *set), 0u);
  EXPECT_EQ(create_pod("p1", *set), 1u);
  remove(resources::kPods, "p0");
  remove(resources::kPods, "p1");
  EXPECT_EQ(create_pod("p2", *set), 2u);
  EXPECT_EQ(create_pod("q", *create_set("b")), 0u);
}

TEST_F(PodCacheTest, TheCountEndsWithTheControllerAndTheLastOfItsPods) {
  const ObjectPtr first = create_set("a");
  create_pod("p0", *first);
  create_pod("p1", *first);
  remove(resources::kReplicaSets, "a");
  remove(resources::kPods, "p0");
  remove(resources::kPods, "p1");
  EXPECT_EQ(create_pod("p2", *create_set("a")), 0u);
}

TEST_F(PodCacheTest, ASuccessorOfTheSameNameCountsOnWhileThereArePodsOfTheFirst) {
  const ObjectPtr first = create_set("a");
  create_pod("p0", *first);
  remove(resources::kReplicaSets, "a");
  const ObjectPtr second = create_set("a");
  EXPECT_EQ(create_pod("p1", *second), 1u);
  remove(resources::kPods, "p0");
  EXPECT_EQ(create_pod("p2", *second), 2u);
}

TEST_F(PodCacheTest, APodOfNobodyIsCountedUntilItsNamespaceGoes) {
  create(kNamespaces, {{"metadata", {{"name", "default"}}}});
  const auto create_bare = [&](const std::string& name) {
    create(resources::kPods, {{"metadata", {{"name", name}, {"namespace", "default"}}}});
    const std::uint64_t ordinal = cache_.find({"default", name})->owner_ordinal;
    remove(resources::kPods, name);
    return ordinal;
  };
  EXPECT_EQ(create_bare("a"), 0u);
  EXPECT_EQ(create_bare("b"), 1u);
  remove(kNamespaces, "default", "");
  EXPECT_EQ(create_bare("c"), 0u);
}

}  // namespace
}  // namespace fakeapi
