#include "fake-apiserver/controllers/daemon_set_controller.h"

#include "fake-apiserver/controllers/cluster_test_fixture.h"

namespace fakeapi {
namespace {

class DaemonSetControllerTest : public ClusterTest {
 protected:
  void start_set(const Json& pod_spec_extra = Json::object()) {
    ClusterOptions options = simple_options();
    options.node_pools[0].nodes = options.node_pools[0].max_nodes = 3;
    start(options);
    Json spec{{"template", deployment_object("agent")["spec"]["template"]}};
    spec["selector"] = {{"matchLabels", {{"app", "agent"}}}};
    spec["template"]["spec"].update(pod_spec_extra);
    create(resources::kDaemonSets, {{"apiVersion", "apps/v1"},
                                    {"kind", "DaemonSet"},
                                    {"metadata", {{"name", "agent"}, {"namespace", "default"}}},
                                    {"spec", std::move(spec)}});
    clock_.run_for(1min);
  }
  Json set() const { return *store_.get(resources::kDaemonSets, {"default", "agent"}).value(); }
  std::int64_t status(const char* field) const { return int_at(set(), {"status", field}); }
};

TEST_F(DaemonSetControllerTest, EveryNodeHasOne) {
  start_set();
  ASSERT_EQ(pods().size(), 3u);
  std::set<std::string> used;
  for (const ObjectPtr& pod : pods()) used.insert(text_at(*pod, {"spec", "nodeName"}));
  EXPECT_EQ(used.size(), 3u);
  for (const char* field : {"desiredNumberScheduled", "currentNumberScheduled", "numberReady", "numberAvailable",
                            "updatedNumberScheduled"}) {
    EXPECT_EQ(status(field), 3) << field;
  }
}

TEST_F(DaemonSetControllerTest, NodesThatComeLaterGetOneAndTaintsKeepItAway) {
  start_set();
  Json node = *nodes()[0];
  node["metadata"] = {{"name", "late"}, {"labels", {{"kubernetes.io/hostname", "late"}}}};
  create(resources::kNodes, node);
  node["metadata"] = {{"name", "special"}};
  node["spec"]["taints"] = Json::array({{{"key", "gpu"}, {"value", "yes"}, {"effect", "NoSchedule"}}});
  create(resources::kNodes, node);
  clock_.run_for(1min);
  EXPECT_EQ(pods().size(), 4u);
  EXPECT_EQ(status("desiredNumberScheduled"), 4);
}

TEST_F(DaemonSetControllerTest, ANodeSelectorChoosesTheNodes) {
  start_set({{"nodeSelector", {{"disk", "fast"}}}});
  EXPECT_TRUE(pods().empty());
  change(resources::kNodes, name_of(*nodes()[1]), [](Json& node) { node["metadata"]["labels"]["disk"] = "fast"; });
  clock_.run_for(1min);
  EXPECT_EQ(pods().size(), 1u);
  change(resources::kNodes, name_of(*nodes()[1]), [](Json& node) { node["metadata"]["labels"].erase("disk"); });
  clock_.run_for(1min);
  EXPECT_TRUE(pods().empty());
}

TEST_F(DaemonSetControllerTest, AnUpdateReplacesOneAtATime) {
  start_set();
  std::size_t fewest = 3;
  store_.subscribe(resources::kPods, [&](const StoreEvent&) { fewest = std::min(fewest, ready_pods()); });
  change(resources::kDaemonSets, {"default", "agent"},
         [](Json& object) { object["spec"]["template"]["spec"]["containers"][0]["image"] = "app:2"; });
  clock_.run_for(5min);
  EXPECT_EQ(fewest, 2u);
  EXPECT_EQ(status("updatedNumberScheduled"), 3);
  EXPECT_EQ(ready_pods(), 3u);
}

TEST_F(DaemonSetControllerTest, ALostPodIsReplaced) {
  start_set();
  ASSERT_TRUE(store_.remove(resources::kPods, name_of(*pods()[0]), {}));
  clock_.run_for(1min);
  EXPECT_EQ(ready_pods(), 3u);
}

}  // namespace
}  // namespace fakeapi
