#include "fake-apiserver/controllers/node_table.h"

#include "fake-apiserver/controllers/cluster_test_fixture.h"
#include "fake-apiserver/controllers/node_pools.h"
#include "fake-apiserver/controllers/node_status.h"

namespace fakeapi {
namespace {

class NodeTableTest : public ClusterTest {
 protected:
  NodeTableTest() {
    table_.on_room([this] { ++told_; });
    create(resources::kNodes, node_of_pool(NodePoolOptions{}, 0, "", "10.0.0.1", clock_.now()));
    told_ = 0;
  }
  // How often the table said that there may be room since the node was changed so.
  int told_after(const std::function<void(Json&)>& how) {
    told_ = 0;
    change(resources::kNodes, {"", "default-0"}, how, Part::kAll);
    return told_;
  }

  PodCache pods_{store_};
  NodeTable table_{store_, pods_};
  int told_ = 0;
};

TEST_F(NodeTableTest, AHeartbeatMakesNoRoom) {
  EXPECT_EQ(told_after([&](Json& node) { node["status"]["conditions"] = node_conditions(true, clock_.now() + 10s); }),
            0);
  EXPECT_EQ(told_after([](Json& node) { node["metadata"]["annotations"]["seen"] = "now"; }), 0);
  EXPECT_EQ(told_after([](Json& node) { node["status"]["allocatable"]["cpu"] = "1"; }), 0);
  EXPECT_EQ(told_after([](Json& node) { node["spec"]["unschedulable"] = true; }), 0);
}

TEST_F(NodeTableTest, WhatMayLetAPodInIsTold) {
  EXPECT_EQ(told_after([](Json& node) { node["status"]["allocatable"]["cpu"] = "5"; }), 1);
  EXPECT_EQ(told_after([](Json& node) { node["status"]["allocatable"]["example.com/gpu"] = "1"; }), 1);
  EXPECT_EQ(told_after([](Json& node) { node["metadata"]["labels"]["disk"] = "ssd"; }), 1);
  EXPECT_EQ(told_after([](Json& node) {
              node["spec"]["taints"] = Json::array({{{"key", "k"}, {"value", "v"}, {"effect", "NoSchedule"}}});
            }),
            1);
  EXPECT_EQ(told_after([](Json& node) { node["spec"].erase("taints"); }), 1);
  (void)told_after([](Json& node) { node["spec"]["unschedulable"] = true; });
  EXPECT_EQ(told_after([](Json& node) { node["spec"].erase("unschedulable"); }), 1);
  (void)told_after([&](Json& node) { node["status"]["conditions"] = node_conditions(false, clock_.now()); });
  EXPECT_EQ(told_after([&](Json& node) { node["status"]["conditions"] = node_conditions(true, clock_.now()); }), 1);
}

}  // namespace
}  // namespace fakeapi
