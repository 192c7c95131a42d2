#include "fake-apiserver/controllers/stateful_set_controller.h"

#include "fake-apiserver/controllers/cluster_test_fixture.h"

namespace fakeapi {
namespace {

using Names = std::vector<std::string>;

class StatefulSetControllerTest : public ClusterTest {
 protected:
  void start_set(int replicas, const Json& extra = Json::object()) {
    ClusterOptions options = simple_options();
    options.pod_start.boot = Delay::fixed(5s);
    start(options);
    const Json spec = deployment_object("db")["spec"]["template"];
    Json whole{{"replicas", replicas}, {"serviceName", "db"}, {"template", spec}};
    whole["selector"] = {{"matchLabels", {{"app", "db"}}}};
    whole.update(extra);
    create(resources::kStatefulSets, {{"apiVersion", "apps/v1"},
                                      {"kind", "StatefulSet"},
                                      {"metadata", {{"name", "db"}, {"namespace", "default"}}},
                                      {"spec", std::move(whole)}});
  }
  Json set() const { return *store_.get(resources::kStatefulSets, {"default", "db"}).value(); }
  Names names() const {
    Names result;
    for (const ObjectPtr& pod : pods()) result.push_back(name_of(*pod).name);
    return result;
  }
  std::string image_of(const char* pod) const {
    const ObjectPtr found = store_.find(resources::kPods, {"default", pod});
    return found ? text_at(found->at("spec").at("containers")[0], {"image"}) : "none";
  }
  void change_set(const std::function<void(Json&)>& how) { change(resources::kStatefulSets, {"default", "db"}, how); }
};

TEST_F(StatefulSetControllerTest, PodsComeOneAfterTheOther) {
  start_set(3);
  clock_.run_for(3s);
  EXPECT_EQ(names(), (Names{"db-0"}));
  clock_.run_for(1min);
  EXPECT_EQ(names(), (Names{"db-0", "db-1", "db-2"}));
  EXPECT_EQ(int_at(set(), {"status", "readyReplicas"}), 3);
  EXPECT_EQ(int_at(set(), {"status", "currentReplicas"}), 3);
  EXPECT_EQ(text_at(set(), {"status", "currentRevision"}), text_at(set(), {"status", "updateRevision"}));
  const ObjectPtr pod = pods()[1];
  EXPECT_EQ(text_at(*pod, {"spec", "hostname"}), "db-1");
  EXPECT_EQ(text_at(*pod, {"spec", "subdomain"}), "db");
  EXPECT_EQ(text_at(*pod, {"metadata", "labels", "statefulset.kubernetes.io/pod-name"}), "db-1");
  EXPECT_EQ(events("db").front(), "SuccessfulCreate: create Pod db-0 in StatefulSet db successful");
}

TEST_F(StatefulSetControllerTest, InParallelTheyComeTogether) {
  start_set(3, {{"podManagementPolicy", "Parallel"}});
  clock_.run_for(1s);
  EXPECT_EQ(pods().size(), 3u);
}

TEST_F(StatefulSetControllerTest, TheLastGoesFirst) {
  start_set(3);
  clock_.run_for(1min);
  change_set([](Json& object) { object["spec"]["replicas"] = 1; });
  clock_.run_for(500ms);
  EXPECT_EQ(names(), (Names{"db-0", "db-1", "db-2"}));
  EXPECT_TRUE(is_being_deleted(*pods()[2]));
  EXPECT_FALSE(is_being_deleted(*pods()[1]));
  clock_.run_for(1min);
  EXPECT_EQ(names(), (Names{"db-0"}));
}

TEST_F(StatefulSetControllerTest, AnUpdateGoesFromTheLastDownToThePartition) {
  start_set(3, {{"updateStrategy", {{"type", "RollingUpdate"}, {"rollingUpdate", {{"partition", 1}}}}}});
  clock_.run_for(1min);
  change_set([](Json& object) { object["spec"]["template"]["spec"]["containers"][0]["image"] = "app:2"; });
  clock_.run_for(9s);
  EXPECT_EQ(image_of("db-2"), "app:2");
  EXPECT_EQ(image_of("db-1"), "app:1");
  clock_.run_for(1min);
  EXPECT_EQ(image_of("db-1"), "app:2");
  EXPECT_EQ(image_of("db-0"), "app:1");
  EXPECT_EQ(int_at(set(), {"status", "updatedReplicas"}), 2);
  // A pod below the partition comes back as it was.
  ASSERT_TRUE(store_.remove(resources::kPods, {"default", "db-0"}, {}));
  clock_.run_for(1min);
  EXPECT_EQ(image_of("db-0"), "app:1");
  change_set([](Json& object) { object["spec"]["updateStrategy"]["rollingUpdate"]["partition"] = 0; });
  clock_.run_for(1min);
  EXPECT_EQ(image_of("db-0"), "app:2");
  EXPECT_EQ(text_at(set(), {"status", "currentRevision"}), text_at(set(), {"status", "updateRevision"}));
}

TEST_F(StatefulSetControllerTest, ALostPodComesBackUnderItsName) {
  start_set(2);
  clock_.run_for(1min);
  const std::string uid = uid_of(*pods()[0]);
  ASSERT_TRUE(store_.remove(resources::kPods, {"default", "db-0"}, {}));
  clock_.run_for(1min);
  EXPECT_EQ(names(), (Names{"db-0", "db-1"}));
  EXPECT_NE(uid_of(*pods()[0]), uid);
}

TEST_F(StatefulSetControllerTest, InParallelPodsWithoutANodeGoTogether) {
  start_set(3, {{"podManagementPolicy", "Parallel"},
                {"template", deployment_object("db", {.cpu = "100"})["spec"]["template"]}});
  clock_.run_for(5s);
  ASSERT_EQ(names(), (Names{"db-0", "db-1", "db-2"}));
  change_set([](Json& object) { object["spec"]["replicas"] = 1; });
  clock_.run_for(5s);
  EXPECT_EQ(names(), (Names{"db-0"}));
  EXPECT_EQ(int_at(set(), {"status", "replicas"}), 1);
}

}  // namespace
}  // namespace fakeapi
