#include "fake-apiserver/controllers/controller_switches.h"

#include "fake-apiserver/controllers/cluster_test_fixture.h"

namespace fakeapi {
namespace {

ControllerSwitches parsed(std::string_view list) { return ControllerSwitches::parse(list).value(); }

TEST(ControllerSwitchesTest, AllActUnlessTold) {
  for (const std::string& name : ControllerSwitches::known()) EXPECT_TRUE(ControllerSwitches().acts(name)) << name;
  for (const std::string& name : ControllerSwitches::known()) EXPECT_FALSE(ControllerSwitches::none().acts(name));
}

TEST(ControllerSwitchesTest, AStarAndWhatIsTakenFromIt) {
  const ControllerSwitches switches = parsed("*,-job,-deployment");
  EXPECT_FALSE(switches.acts("job"));
  EXPECT_FALSE(switches.acts("deployment"));
  EXPECT_TRUE(switches.acts("replicaset"));
}

TEST(ControllerSwitchesTest, WithoutAStarOnlyThoseNamed) {
  const ControllerSwitches switches = parsed("replicaset,scheduler");
  EXPECT_TRUE(switches.acts("replicaset"));
  EXPECT_TRUE(switches.acts("scheduler"));
  EXPECT_FALSE(switches.acts("deployment"));
}

TEST(ControllerSwitchesTest, ANameThatIsWantedOutweighsItsAbsence) { EXPECT_TRUE(parsed("*,-job,job").acts("job")); }

TEST(ControllerSwitchesTest, KnowsTheNamesOfLaterVersions) {
  const ControllerSwitches switches = parsed("*,-garbage-collector-controller,-deployment-controller");
  EXPECT_FALSE(switches.acts("garbagecollector"));
  EXPECT_FALSE(switches.acts("deployment"));
}

TEST(ControllerSwitchesTest, RefusesNamesThatItDoesNotKnow) {
  for (const char* list : {"*,-nobody", "deployments", "*,,job", "--job", "* ,job"}) {
    EXPECT_FALSE(ControllerSwitches::parse(list)) << list;
  }
}

class SwitchedClusterTest : public ClusterTest {
 protected:
  void start_without(const char* controllers) {
    ClusterOptions options = simple_options();
    options.controllers = parsed(controllers);
    start(options);
    create_deployment("web", {.replicas = 2});
    clock_.run_for(1min);
  }
  bool any_bound() const { return count_pods(is_bound) > 0; }
};

TEST_F(SwitchedClusterTest, WithoutTheDeploymentControllerNothingComesOfADeployment) {
  start_without("*,-deployment");
  EXPECT_TRUE(replica_sets().empty());
  EXPECT_FALSE(nodes().empty());
}

TEST_F(SwitchedClusterTest, WithoutTheReplicaSetControllerThereAreNoPods) {
  start_without("*,-replicaset");
  EXPECT_EQ(replica_sets().size(), 1u);
  EXPECT_TRUE(pods().empty());
}

TEST_F(SwitchedClusterTest, WithoutTheSchedulerPodsStayPending) {
  start_without("*,-scheduler");
  EXPECT_EQ(pods().size(), 2u);
  EXPECT_FALSE(any_bound());
}

TEST_F(SwitchedClusterTest, WithoutTheKubeletBoundPodsDoNotStart) {
  start_without("*,-kubelet");
  EXPECT_TRUE(any_bound());
  for (const ObjectPtr& pod : pods()) EXPECT_EQ(text_or(*pod, {"status", "phase"}, "Pending"), "Pending");
}

TEST_F(SwitchedClusterTest, WithoutTheGarbageCollectorDependentsOutliveTheirOwner) {
  start_without("*,-garbagecollector");
  ASSERT_TRUE(store_.remove(resources::kDeployments, {"default", "web"}, {}));
  clock_.run_for(1min);
  EXPECT_EQ(replica_sets().size(), 1u);
  EXPECT_EQ(pods().size(), 2u);
}

TEST_F(SwitchedClusterTest, WithoutAnyTheStoreIsLeftAlone) {
  ClusterOptions options = simple_options();
  options.controllers = ControllerSwitches::none();
  start(options);
  const Revision before = store_.revision();
  create_deployment("web", {.replicas = 2});
  clock_.run_for(59min);  // for as long as Events last
  EXPECT_EQ(store_.revision(), before + 1);
}

}  // namespace
}  // namespace fakeapi
