#include "fake-apiserver/controllers/replica_set_controller.h"

#include <map>

#include "fake-apiserver/controllers/cluster_test_fixture.h"

namespace fakeapi {
namespace {

class ReplicaSetControllerTest : public ClusterTest {
 protected:
  void create_set(int replicas) {
    create(resources::kReplicaSets,
           {{"metadata", {{"name", "rs"}, {"namespace", "default"}}},
            {"spec",
             {{"replicas", replicas},
              {"template",
               {{"metadata", {{"labels", {{"app", "rs"}}}, {"annotations", {{"note", "x"}}}}},
                {"spec", {{"containers", Json::array({{{"name", "app"}, {"image", "a:1"}}})}}}}}}}});
  }
  Json set() const { return *store_.get(resources::kReplicaSets, {"default", "rs"}).value(); }
  void resize(int replicas) {
    change(resources::kReplicaSets, {"default", "rs"}, [&](Json& object) { object["spec"]["replicas"] = replicas; });
  }
};

TEST_F(ReplicaSetControllerTest, PodsAreCreatedInDoublingBatches) {
  start(simple_options());
  std::map<base::Duration, int> created;
  store_.subscribe(resources::kPods, [&](const StoreEvent& event) {
    if (event.type == EventType::kAdded) ++created[event.at - kClusterStart];
  });
  create_set(20);
  clock_.run_for(10s);

  EXPECT_EQ(created, (std::map<base::Duration, int>{{10ms, 1}, {20ms, 2}, {30ms, 4}, {40ms, 8}, {50ms, 5}}));
  EXPECT_EQ(int_at(set(), {"status", "replicas"}), 20);
  EXPECT_EQ(int_at(set(), {"status", "fullyLabeledReplicas"}), 20);
  EXPECT_EQ(int_at(set(), {"status", "readyReplicas"}), 20);
  EXPECT_EQ(text_at(*pods()[0], {"metadata", "annotations", "note"}), "x");
  // Nine tell of a pod each, the tenth of all the others.
  EXPECT_EQ(events("rs").size(), 10u);
  EXPECT_EQ(events("rs")[0].substr(0, 33), "SuccessfulCreate: Created pod: rs");
  EXPECT_EQ(events("rs")[9].substr(0, 50), "SuccessfulCreate: (combined from similar events): ");
}

TEST_F(ReplicaSetControllerTest, ALostPodIsReplacedAtOnce) {
  start(simple_options());
  create_set(2);
  clock_.run_for(10s);
  ASSERT_TRUE(store_.remove(resources::kPods, name_of(*pods()[0]), {}));
  clock_.run_for(10s);
  EXPECT_EQ(ready_pods(), 2u);
  EXPECT_EQ(int_at(set(), {"status", "readyReplicas"}), 2);
}

TEST_F(ReplicaSetControllerTest, AFailedPodDoesNotCount) {
  start(simple_options());
  create_set(1);
  clock_.run_for(10s);
  change(
      resources::kPods, name_of(*pods()[0]), [](Json& pod) { pod["status"]["phase"] = "Failed"; }, Part::kStatus);
  clock_.run_for(10s);
  EXPECT_EQ(pods().size(), 2u);
  EXPECT_EQ(int_at(set(), {"status", "replicas"}), 1);
}

TEST_F(ReplicaSetControllerTest, ShrinkingTakesFirstWhatDoesNotServe) {
  ClusterOptions options = simple_options();
  options.node_pools[0].nodes = 0;  // nothing can be scheduled until the test adds nodes
  options.node_pools[0].max_nodes = 0;
  start(options);
  create_set(6);
  clock_.run_for(1s);
  std::vector<ObjectName> names;
  for (const ObjectPtr& pod : pods()) names.push_back(name_of(*pod));
  // Two Ready on one node, one Ready alone, one Running but not Ready, one Pending on a node, one unassigned.
  const auto put = [&](std::size_t i, const char* node, const char* phase, bool ready) {
    change(
        resources::kPods, names[i],
        [&](Json& pod) {
          pod["spec"]["nodeName"] = node;
          pod["status"]["phase"] = phase;
          set_condition(pod["status"],
                        {.type = "Ready", .status = ready ? "True" : "False", .reason = "", .message = ""},
                        clock_.now());
        },
        Part::kAll);
  };
  cluster_.reset();  // the controllers look again only when everything is in place
  put(0, "n1", "Running", true);
  put(1, "n1", "Running", true);
  put(2, "n2", "Running", true);
  put(3, "n2", "Running", false);
  put(4, "n3", "Pending", false);
  for (const char* node : {"n1", "n2", "n3"}) {
    create(resources::kNodes, {{"metadata", {{"name", node}}}, {"spec", {{"unschedulable", true}}}});
  }
  options.pod_start.boot = Delay::fixed(24h);
  options.pod_start.container_delay = Delay::fixed(24h);
  start(options);
  std::vector<ObjectName> gone;
  store_.subscribe(resources::kPods, [&](const StoreEvent& event) {
    const bool dying = event.type == EventType::kDeleted || is_being_deleted(*event.object);
    const ObjectName name = name_of(*event.object);
    if (dying && std::find(gone.begin(), gone.end(), name) == gone.end()) gone.push_back(name);
  });
  for (int replicas = 5; replicas >= 1; --replicas) {
    resize(replicas);
    clock_.run_for(5s);
  }

  ASSERT_EQ(gone.size(), 5u);
  EXPECT_EQ(gone[0], names[5]);
  EXPECT_EQ(gone[1], names[4]);
  EXPECT_EQ(gone[2], names[3]);
  EXPECT_TRUE(gone[3] == names[0] || gone[3] == names[1]);  // of the fuller node
  EXPECT_EQ(int_at(set(), {"status", "replicas"}), 1);
}

TEST_F(ReplicaSetControllerTest, AShrinkingSetDeletesWithTheGraceOfThePod) {
  start(simple_options());
  create_set(2);
  clock_.run_for(10s);
  resize(1);
  clock_.run_for(100ms);
  const auto dying = count_pods([](const Json& pod) {
    return is_being_deleted(pod) && int_at(pod, {"metadata", "deletionGracePeriodSeconds"}) == 30;
  });
  EXPECT_EQ(dying, 1u);
  EXPECT_EQ(int_at(set(), {"status", "replicas"}), 1);  // a pod that goes is no replica
  clock_.run_for(2s);
  EXPECT_EQ(pods().size(), 1u);
}

// The counts are kept by differences: after whatever has happened they must equal what is there.
TEST_F(ReplicaSetControllerTest, CountsStayTrueWhateverHappensToThePods) {
  start(simple_options());
  create_set(12);
  base::Random random(3);
  for (int step = 0; step < 300; ++step) {
    clock_.run_for(std::chrono::milliseconds(random.below(3000)));
    const auto all = pods();
    const ObjectName victim = all.empty() ? ObjectName{} : name_of(*all[random.below(all.size())]);
    const auto status = [&](const std::function<void(Json&)>& how) {
      if (!all.empty()) change(resources::kPods, victim, how, Part::kStatus);
    };
    switch (random.below(6)) {
      case 0: resize(static_cast<int>(random.below(25))); break;
      case 1: (void)store_.remove(resources::kPods, victim, {}, std::chrono::seconds(random.below(3))); break;
      case 2: status([](Json& pod) { pod["status"]["phase"] = "Failed"; }); break;
      case 3:
        status([&](Json& pod) {
          const char* value = is_ready(pod) ? "False" : "True";
          set_condition(pod["status"], {.type = "Ready", .status = value, .reason = "", .message = ""}, clock_.now());
        });
        break;
      case 4:
        if (!all.empty()) change(resources::kPods, victim, [](Json& pod) { pod["metadata"]["labels"].erase("app"); });
        break;
      default:
        change(resources::kReplicaSets, {"default", "rs"}, [&](Json& object) {
          object["spec"]["template"]["metadata"]["labels"]["tier"] = random.below(2) == 0 ? "x" : "y";
        });
    }
  }
  clock_.run_for(1min);
  const Json labels = set()["spec"]["template"]["metadata"]["labels"];
  const auto counted = [&](const std::function<bool(const Json&)>& which) {
    return static_cast<std::int64_t>(count_pods([&](const Json& pod) {
      const bool finished = text_at(pod, {"status", "phase"}) == "Failed";
      // Without the label that the set selects by, a pod is let go.
      return !finished && !is_being_deleted(pod) && controller_of(pod) && which(pod);
    }));
  };
  EXPECT_EQ(int_at(set(), {"status", "replicas"}), int_at(set(), {"spec", "replicas"}));
  EXPECT_EQ(int_at(set(), {"status", "replicas"}), counted([](const Json&) { return true; }));
  EXPECT_EQ(int_at(set(), {"status", "readyReplicas"}), counted(is_ready));
  EXPECT_EQ(int_at(set(), {"status", "availableReplicas"}), counted(is_ready));
  EXPECT_EQ(int_at(set(), {"status", "fullyLabeledReplicas"}), counted([&](const Json& pod) {
              const Json& its = at_path(pod, {"metadata", "labels"});
              return std::all_of(labels.items().begin(), labels.items().end(), [&](const auto& label) {
                return its.contains(label.key()) && its.at(label.key()) == label.value();
              });
            }));
}

TEST_F(ReplicaSetControllerTest, ThousandsOfPodsAreCountedAsFew) {
  ClusterOptions options = simple_options();
  options.node_pools[0].nodes = options.node_pools[0].max_nodes = 50;
  options.events = false;
  start(options);
  create_set(4000);
  clock_.run_for(1min);
  EXPECT_EQ(int_at(set(), {"status", "readyReplicas"}), 4000);
  resize(1000);
  clock_.run_for(1min);
  EXPECT_EQ(int_at(set(), {"status", "replicas"}), 1000);
  EXPECT_EQ(ready_pods(), 1000u);
}

}  // namespace
}  // namespace fakeapi
