#include "fake-apiserver/controllers/placement.h"

#include <gtest/gtest.h>

namespace fakeapi {
namespace {

class PlacementTest : public testing::Test {
 protected:
  // A node of 4 cores and 16 GiB of which `cpu` thousandths are taken by `pods` pods.
  Node& add_node(const std::string& name, std::int64_t cpu = 0, std::int64_t pods = 0) {
    Node& node = nodes_[name];
    node.name = name;
    node.ready = true;
    node.allocatable = {.cpu = 4000, .memory = std::int64_t{16} << 30, .pods = 110};
    node.requested = {.cpu = cpu, .memory = 0, .pods = pods};
    node.scored = node.requested;
    node.object = std::make_shared<const Json>(Json{{"metadata", {{"labels", {{"zone", "a"}}}}}});
    return node;
  }
  static Pod pod(std::int64_t cpu, std::int64_t memory = 0, Json spec = Json::object()) {
    Pod result;
    result.requests = {.cpu = cpu, .memory = memory};
    result.object = std::make_shared<const Json>(Json{{"spec", std::move(spec)}});
    return result;
  }
  std::string chosen(const Pod& pod) const {
    const Node* node = choose_node(PlacementRequest(pod), nodes_);
    return node ? node->name : "none";
  }
  std::string why_not(const Pod& pod) const { return explain_no_fit(PlacementRequest(pod), nodes_); }

  std::map<std::string, Node> nodes_;
};

TEST_F(PlacementTest, ANodeIsFilledToTheBrimAndNoFurther) {
  add_node("a", 3000);
  EXPECT_EQ(chosen(pod(1000)), "a");
  EXPECT_EQ(chosen(pod(1001)), "none");
  EXPECT_EQ(chosen(pod(0, std::int64_t{16} << 30)), "a");
  EXPECT_EQ(chosen(pod(0, (std::int64_t{16} << 30) + 1)), "none");
}

TEST_F(PlacementTest, TheLeastAllocatedNodeWinsThenTheEmptierThenTheFirst) {
  add_node("a", 2000);
  add_node("b", 1000);
  EXPECT_EQ(chosen(pod(500)), "b");
  add_node("c", 1000);
  EXPECT_EQ(chosen(pod(500)), "b");
  nodes_["b"].requested.pods = 2;
  EXPECT_EQ(chosen(pod(500)), "c");
}

TEST_F(PlacementTest, TheRefusalIsToldAsTheSchedulerTellsIt) {
  for (const char* name : {"a", "b", "c"}) add_node(name, 3900);
  EXPECT_EQ(why_not(pod(200)), "0/3 nodes are available: 3 Insufficient cpu.");
  nodes_["c"].requested.pods = 110;
  EXPECT_EQ(why_not(pod(200, std::int64_t{17} << 30)),
            "0/3 nodes are available: 1 Too many pods, 3 Insufficient cpu, 3 Insufficient memory.");
  nodes_["a"].unschedulable = true;
  nodes_["b"].ready = false;
  EXPECT_EQ(why_not(pod(10)),
            "0/3 nodes are available: 1 Too many pods, 1 node(s) had untolerated taint {node.kubernetes.io/not-ready: "
            "}, 1 node(s) were unschedulable.");
  nodes_.clear();
  EXPECT_EQ(why_not(pod(10)), "no nodes available to schedule pods");
}

TEST_F(PlacementTest, TaintsKeepAwayWhoDoesNotTolerateThem) {
  add_node("a").taints = {Taint{"dedicated", "db", "NoSchedule"}};
  EXPECT_EQ(chosen(pod(10)), "none");
  const auto tolerating = [](Json toleration) {
    return pod(10, 0, {{"tolerations", Json::array({std::move(toleration)})}});
  };
  EXPECT_EQ(chosen(tolerating({{"key", "dedicated"}, {"value", "db"}, {"effect", "NoSchedule"}})), "a");
  EXPECT_EQ(chosen(tolerating({{"operator", "Exists"}})), "a");
  EXPECT_EQ(chosen(tolerating({{"key", "dedicated"}, {"operator", "Exists"}, {"effect", "NoExecute"}})), "none");
  EXPECT_EQ(chosen(tolerating({{"key", "dedicated"}, {"value", "web"}})), "none");
}

TEST_F(PlacementTest, ANodeSelectorMustMatch) {
  add_node("a");
  EXPECT_EQ(chosen(pod(10, 0, {{"nodeSelector", {{"zone", "a"}}}})), "a");
  EXPECT_EQ(why_not(pod(10, 0, {{"nodeSelector", {{"zone", "b"}}}})),
            "0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector.");
}

TEST_F(PlacementTest, RequestsAreAlikeOnlyIfEveryNodeWouldAnswerTheSame) {
  const PlacementRequest plain(pod(100));
  EXPECT_TRUE(plain.is_like(PlacementRequest(pod(100))));
  EXPECT_FALSE(plain.is_like(PlacementRequest(pod(101))));
  EXPECT_FALSE(plain.is_like(PlacementRequest(pod(100, 0, {{"nodeSelector", {{"zone", "a"}}}}))));
  EXPECT_FALSE(plain.is_like(PlacementRequest(pod(100, 0, {{"tolerations", Json::array({{{"key", "x"}}})}}))));
}

}  // namespace
}  // namespace fakeapi
