#include "fake-apiserver/controllers/zone_spread.h"

#include <map>

#include "fake-apiserver/controllers/cluster_test_fixture.h"

namespace fakeapi {
namespace {

using Counts = std::map<std::string, int>;

class ZoneSpreadTest : public ClusterTest {
 protected:
  static NodePoolOptions pool(const std::string& name, int nodes, const std::string& zone, const std::string& region) {
    NodePoolOptions options;
    options.name = name;
    options.nodes = nodes;
    options.max_nodes = nodes;
    options.cpu = "16";
    options.memory = "64Gi";
    options.zones = {zone};
    options.region = region;
    return options;
  }
  void start_pools(std::vector<NodePoolOptions> pools) {
    ClusterOptions options = simple_options();
    options.node_pools = std::move(pools);
    start(options);
  }
  Counts pods_by_zone(const std::string& app) const {
    Counts counts;
    for (const ObjectPtr& pod : pods()) {
      if (text_at(*pod, {"metadata", "labels", "app"}) != app || is_being_deleted(*pod)) continue;
      const auto node = store_.get(resources::kNodes, {"", text_at(*pod, {"spec", "nodeName"})});
      ++counts[node ? text_at(**node, {"metadata", "labels", kZoneLabel}) : "nowhere"];
    }
    return counts;
  }
};

TEST_F(ZoneSpreadTest, AWorkloadIsSpreadOverZonesThoughTheyDifferInNodes) {
  start_pools({pool("p", 4, "a", ""), pool("q", 1, "b", ""), pool("r", 2, "c", "")});
  create_deployment("web", {.replicas = 24, .cpu = "500m"});
  clock_.run_for(10s);
  EXPECT_EQ(pods_by_zone("web"), (Counts{{"a", 8}, {"b", 8}, {"c", 8}}));
}

TEST_F(ZoneSpreadTest, EachWorkloadIsSpreadOnItsOwn) {
  start_pools({pool("p", 1, "a", ""), pool("q", 1, "b", ""), pool("r", 1, "c", "")});
  for (const char* name : {"one", "two", "three"}) {
    create_deployment(name, {.replicas = 3});
    clock_.run_for(10s);
    EXPECT_EQ(pods_by_zone(name), (Counts{{"a", 1}, {"b", 1}, {"c", 1}})) << name;
  }
}

TEST_F(ZoneSpreadTest, AFullZoneDoesNotKeepPodsWaiting) {
  start_pools({pool("p", 2, "a", ""), pool("q", 1, "b", "")});
  create_deployment("web", {.replicas = 48, .cpu = "1"});
  clock_.run_for(10s);
  EXPECT_EQ(pods_by_zone("web"), (Counts{{"a", 32}, {"b", 16}}));
}

TEST_F(ZoneSpreadTest, PodsThatGoMakeTheirZoneAttractiveAgain) {
  start_pools({pool("p", 1, "a", ""), pool("q", 1, "b", ""), pool("r", 1, "c", "")});
  create_deployment("web", {.replicas = 9});
  clock_.run_for(10s);
  for (const ObjectPtr& pod : pods()) {
    if (text_at(*pod, {"spec", "nodeName"}) == "q-0") {
      ASSERT_TRUE(store_.remove(resources::kPods, name_of(*pod), {}, 0s));
    }
  }
  clock_.run_for(10s);
  EXPECT_EQ(pods_by_zone("web"), (Counts{{"a", 3}, {"b", 3}, {"c", 3}}));
}

TEST_F(ZoneSpreadTest, ANodeSelectorKeepsAWorkloadInItsRegion) {
  start_pools({pool("w1", 1, "w-a", "west"), pool("w2", 1, "w-b", "west"), pool("e1", 1, "e-a", "east")});
  create_deployment("web", {.replicas = 6, .pod_spec_extra = {{"nodeSelector", {{kRegionLabel, "west"}}}}});
  clock_.run_for(10s);
  EXPECT_EQ(pods_by_zone("web"), (Counts{{"w-a", 3}, {"w-b", 3}}));
  create_deployment("lost", {.replicas = 1, .pod_spec_extra = {{"nodeSelector", {{kRegionLabel, "north"}}}}});
  clock_.run_for(10s);
  EXPECT_EQ(pods_by_zone("lost"), (Counts{{"nowhere", 1}}));
}

TEST_F(ZoneSpreadTest, ARegionGrowsThePoolsThatAreInIt) {
  NodePoolOptions east = pool("e1", 1, "e-a", "east");
  NodePoolOptions west = pool("w1", 1, "w-a", "west");
  east.max_nodes = west.max_nodes = 5;
  start_pools({west, east});
  create_deployment("web",
                    {.replicas = 20, .cpu = "1", .pod_spec_extra = {{"nodeSelector", {{kRegionLabel, "east"}}}}});
  clock_.run_for(15min);
  EXPECT_EQ(ready_pods(), 20u);
  EXPECT_EQ(pods_by_zone("web"), (Counts{{"e-a", 20}}));
  EXPECT_EQ(nodes().size(), 3u);
}

}  // namespace
}  // namespace fakeapi
