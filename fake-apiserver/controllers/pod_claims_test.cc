// StatefulSets and DaemonSets, and the pods and revisions that their selectors select.
#include "fake-apiserver/controllers/pod_claims.h"

#include "fake-apiserver/controllers/cluster_test_fixture.h"

namespace fakeapi {
namespace {

const Resource kRevisions{"apps", "controllerrevisions"};

class PodClaimsTest : public ClusterTest {
 protected:
  void SetUp() override {
    ClusterOptions options = simple_options();
    options.node_pools[0].nodes = options.node_pools[0].max_nodes = 2;
    start(options);
    clock_.run_for(1s);
  }
  static Json set_object(const char* kind, const std::string& name, const Json& extra = Json::object()) {
    Json spec{{"template", deployment_object(name)["spec"]["template"]}};
    spec["selector"] = {{"matchLabels", {{"app", name}}}};
    spec.update(extra);
    return {{"apiVersion", "apps/v1"},
            {"kind", kind},
            {"metadata", {{"name", name}, {"namespace", "default"}}},
            {"spec", std::move(spec)}};
  }
  void create_stateful_set(const Json& extra = Json::object()) {
    create(resources::kStatefulSets, set_object("StatefulSet", "db", extra));
  }
  void create_daemon_set(const Json& extra = Json::object()) {
    create(resources::kDaemonSets, set_object("DaemonSet", "agent", extra));
  }
  void create_pod(const std::string& name, const std::string& app, const char* node = nullptr,
                  const char* finalizer = nullptr) {
    Json pod = deployment_object(app)["spec"]["template"];
    pod["apiVersion"] = "v1";
    pod["kind"] = "Pod";
    pod["metadata"]["name"] = name;
    pod["metadata"]["namespace"] = "default";
    if (finalizer) pod["metadata"]["finalizers"] = Json::array({finalizer});
    if (node) pod["spec"]["nodeName"] = node;
    create(resources::kPods, std::move(pod));
  }
  ObjectPtr pod(const std::string& name) const { return store_.find(resources::kPods, {"default", name}); }
  Json set(const Resource& resource, const char* name) const {
    return *store_.get(resource, {"default", name}).value();
  }
  void orphan(const Resource& resource, const char* name) {
    ASSERT_TRUE(store_.remove(resource, {"default", name}, {}, std::nullopt, [](Json& object) {
      object["metadata"]["finalizers"] = Json::array({"orphan"});
      return base::Result<>{};
    }));
  }
  void relabel(const std::string& name, const char* app) {
    change(resources::kPods, {"default", name}, [&](Json& object) { object["metadata"]["labels"]["app"] = app; });
  }
  // Their numbers by name.
  std::map<std::string, std::int64_t> revisions() const {
    std::map<std::string, std::int64_t> found;
    for (const ObjectPtr& revision : store_.list(kRevisions)) {
      found[name_of(*revision).name] = int_at(*revision, {"revision"});
    }
    return found;
  }
  std::vector<std::int64_t> numbers() const {
    std::vector<std::int64_t> found;
    for (const auto& [name, number] : revisions()) found.push_back(number);
    std::sort(found.begin(), found.end());
    return found;
  }
  void set_template_image(const Resource& resource, const char* name, const std::string& image) {
    change(resource, {"default", name},
           [&](Json& object) { object["spec"]["template"]["spec"]["containers"][0]["image"] = image; });
    clock_.run_for(3min);
  }
};

TEST_F(PodClaimsTest, AStatefulSetAdoptsThePodsThatAreNamedLikeItsOwn) {
  create_pod("db-0", "db", "n-0");
  create_pod("db-x", "db", "n-0");     // not a number
  create_pod("db-1", "other", "n-0");  // not its label
  clock_.run_for(10s);
  const std::string uid = uid_of(*pod("db-0"));
  create_stateful_set({{"replicas", 1}, {"updateStrategy", {{"type", "OnDelete"}}}});
  clock_.run_for(1min);
  ASSERT_TRUE(pod("db-0"));
  EXPECT_EQ(uid_of(*pod("db-0")), uid);
  EXPECT_TRUE(is_controlled_by(*pod("db-0"), uid_of(set(resources::kStatefulSets, "db"))));
  EXPECT_FALSE(controller_of(*pod("db-x")));
  EXPECT_FALSE(controller_of(*pod("db-1")));
  EXPECT_EQ(int_at(set(resources::kStatefulSets, "db"), {"status", "replicas"}), 1);
}

TEST_F(PodClaimsTest, APodThatAppearsOrIsRelabeledLaterIsAdoptedToo) {
  create_stateful_set({{"replicas", 1}});
  clock_.run_for(10s);
  create_pod("db-7", "other", "n-0");
  clock_.run_for(10s);
  EXPECT_FALSE(controller_of(*pod("db-7")));
  relabel("db-7", "db");
  clock_.run_for(500ms);
  ASSERT_TRUE(pod("db-7"));
  EXPECT_TRUE(is_controlled_by(*pod("db-7"), uid_of(set(resources::kStatefulSets, "db"))));
  EXPECT_TRUE(is_being_deleted(*pod("db-7")));  // one too many
}

TEST_F(PodClaimsTest, WhatIsBeingDeletedOrHasAControllerIsNotAdopted) {
  create_pod("db-0", "db", "n-0", "example.com/kept");
  Json owned = deployment_object("db")["spec"]["template"];
  owned["apiVersion"] = "v1";
  owned["kind"] = "Pod";
  owned["metadata"].update({{"name", "db-1"}, {"namespace", "default"}});
  owned["metadata"]["ownerReferences"] = Json::array(
      {{{"apiVersion", "example.com/v1"}, {"kind", "Db"}, {"name", "x"}, {"uid", "u-1"}, {"controller", true}}});
  create(resources::kPods, owned);
  ASSERT_TRUE(store_.remove(resources::kPods, {"default", "db-0"}, {}));
  create_stateful_set({{"replicas", 2}});
  clock_.run_for(10s);
  EXPECT_FALSE(controller_of(*pod("db-0")));
  EXPECT_EQ(controller_of(*pod("db-1"))->uid, "u-1");
  // Their names are taken: no event says so, and the set comes again.
  EXPECT_EQ(events("db"), std::vector<std::string>{});
  change(resources::kPods, {"default", "db-0"}, [](Json& object) { object["metadata"].erase("finalizers"); });
  clock_.run_for(10s);
  EXPECT_TRUE(is_controlled_by(*pod("db-0"), uid_of(set(resources::kStatefulSets, "db"))));
}

TEST_F(PodClaimsTest, ASetThatIsBeingDeletedAdoptsNothing) {
  Json object = set_object("StatefulSet", "db", {{"replicas", 1}});
  object["metadata"]["finalizers"] = Json::array({"example.com/kept"});
  create(resources::kStatefulSets, object);
  clock_.run_for(10s);
  ASSERT_TRUE(store_.remove(resources::kStatefulSets, {"default", "db"}, {}));
  create_pod("db-1", "db", "n-0");
  clock_.run_for(10s);
  EXPECT_FALSE(controller_of(*pod("db-1")));
}

TEST_F(PodClaimsTest, APodOfASetThatIsRelabeledIsLetGo) {
  create_stateful_set({{"replicas", 2}});
  create_daemon_set();
  clock_.run_for(30s);
  const std::string kept = name_of(*pods()[0]).name;
  ASSERT_TRUE(kept.starts_with("agent-"));
  relabel(kept, "debug");
  relabel("db-1", "debug");
  clock_.run_for(30s);
  EXPECT_FALSE(controller_of(*pod(kept)));
  EXPECT_FALSE(field_at(*pod(kept), {"metadata", "ownerReferences"}));
  EXPECT_FALSE(controller_of(*pod("db-1")));
  // A DaemonSet puts another in its place, a StatefulSet can't: the name is taken.
  EXPECT_EQ(int_at(set(resources::kDaemonSets, "agent"), {"status", "numberReady"}), 2);
  EXPECT_EQ(int_at(set(resources::kStatefulSets, "db"), {"status", "replicas"}), 1);
  relabel("db-1", "db");
  clock_.run_for(5s);
  EXPECT_EQ(int_at(set(resources::kStatefulSets, "db"), {"status", "replicas"}), 2);
}

TEST_F(PodClaimsTest, ADaemonSetAdoptsThePodOfItsNodeAndKeepsTheOldestOfTwo) {
  create_pod("old", "agent", "n-0");
  clock_.run_for(5s);
  create_daemon_set({{"updateStrategy", {{"type", "OnDelete"}}}});
  clock_.run_for(30s);
  ASSERT_TRUE(pod("old"));
  EXPECT_TRUE(is_controlled_by(*pod("old"), uid_of(set(resources::kDaemonSets, "agent"))));
  EXPECT_EQ(pods().size(), 2u);
  create_pod("second", "agent", "n-0");
  clock_.run_for(1min);
  EXPECT_TRUE(pod("old"));
  EXPECT_FALSE(pod("second"));
  EXPECT_EQ(pods().size(), 2u);
}

TEST_F(PodClaimsTest, ASetThatComesBackHasItsPodsAndItsHistory) {
  create_stateful_set({{"replicas", 2}});
  create_daemon_set();
  clock_.run_for(1min);
  const auto uids = [&] {
    std::vector<std::string> found;
    for (const ObjectPtr& one : pods()) found.push_back(uid_of(*one));
    return found;
  };
  const auto before = uids();
  const auto history = revisions();
  ASSERT_EQ(before.size(), 4u);
  ASSERT_EQ(history.size(), 2u);
  orphan(resources::kStatefulSets, "db");
  orphan(resources::kDaemonSets, "agent");
  clock_.run_for(10s);
  ASSERT_FALSE(store_.find(resources::kStatefulSets, {"default", "db"}));
  ASSERT_EQ(uids(), before);
  create_stateful_set({{"replicas", 2}});
  create_daemon_set();
  clock_.run_for(1min);
  EXPECT_EQ(uids(), before);
  EXPECT_EQ(revisions(), history);
  for (const ObjectPtr& revision : store_.list(kRevisions)) EXPECT_TRUE(controller_of(*revision));
  EXPECT_EQ(int_at(set(resources::kStatefulSets, "db"), {"status", "readyReplicas"}), 2);
  EXPECT_EQ(int_at(set(resources::kDaemonSets, "agent"), {"status", "numberReady"}), 2);
}

class RevisionHistoryTest : public PodClaimsTest {};

TEST_F(RevisionHistoryTest, NoMoreOldTemplatesAreKeptThanTheSetSays) {
  create_stateful_set({{"replicas", 1}, {"revisionHistoryLimit", 2}});
  clock_.run_for(1min);
  for (const char* image : {"app:2", "app:3", "app:4", "app:5"}) {
    set_template_image(resources::kStatefulSets, "db", image);
  }
  EXPECT_EQ(numbers(), (std::vector<std::int64_t>{3, 4, 5}));
  change(resources::kStatefulSets, {"default", "db"}, [](Json& object) { object["spec"]["revisionHistoryLimit"] = 0; });
  clock_.run_for(1s);
  EXPECT_EQ(numbers(), (std::vector<std::int64_t>{5}));
}

TEST_F(RevisionHistoryTest, TenAreKeptWhereNothingIsSaidAndThoseThatPodsHaveInAnyCase) {
  create_daemon_set({{"updateStrategy", {{"type", "OnDelete"}}}});
  clock_.run_for(1min);
  for (int i = 2; i <= 14; ++i) set_template_image(resources::kDaemonSets, "agent", "app:" + std::to_string(i));
  // The first is that of the pods, the last the present one.
  EXPECT_EQ(numbers(), (std::vector<std::int64_t>{1, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14}));
}

TEST_F(RevisionHistoryTest, ATemplateThatComesBackIsTheNewestAgain) {
  create_stateful_set({{"replicas", 1}});
  create_daemon_set();
  clock_.run_for(1min);
  const auto first = revisions();
  for (const auto& [resource, name] :
       {std::pair{resources::kStatefulSets, "db"}, std::pair{resources::kDaemonSets, "agent"}}) {
    set_template_image(resource, name, "app:2");
    set_template_image(resource, name, "app:1");
  }
  EXPECT_EQ(numbers(), (std::vector<std::int64_t>{2, 2, 3, 3}));
  for (const auto& [name, number] : first) EXPECT_EQ(revisions()[name], 3) << name;
}

// What `kubectl rollout history` and `undo` look for.
TEST_F(RevisionHistoryTest, ARevisionHasTheLabelsOfTheTemplateAndIsAPatchOfIt) {
  Json object = set_object("DaemonSet", "agent");
  object["metadata"]["annotations"] = {{"kubernetes.io/change-cause", "first"}};
  create(resources::kDaemonSets, object);
  create_stateful_set();
  clock_.run_for(1min);
  const auto all = store_.list(kRevisions);
  ASSERT_EQ(all.size(), 2u);
  const Json& daemons = *all[0];
  EXPECT_EQ(text_at(daemons, {"metadata", "labels", "app"}), "agent");
  EXPECT_EQ(name_of(daemons).name, "agent-" + text_at(daemons, {"metadata", "labels", "controller-revision-hash"}));
  EXPECT_EQ(text_at(daemons, {"metadata", "annotations", "kubernetes.io/change-cause"}), "first");
  EXPECT_EQ(text_at(daemons, {"data", "spec", "template", "$patch"}), "replace");
  EXPECT_EQ(text_at(*all[1], {"metadata", "labels", "app"}), "db");
  EXPECT_EQ(name_of(*all[1]).name, "db-" + text_at(*all[1], {"metadata", "labels", "controller.kubernetes.io/hash"}));
}

}  // namespace
}  // namespace fakeapi
