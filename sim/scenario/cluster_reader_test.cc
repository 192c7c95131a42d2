#include "sim/scenario/cluster_reader.h"

#include <gtest/gtest.h>

#include "sim/scenario/scenario_test_support.h"
#include "sim/scenario/zones.h"

namespace sim {
namespace {

using namespace std::chrono_literals;

std::string cluster(const std::string& fields) { return "  cluster: {" + fields + "}\n"; }

std::string one_pool(const std::string& fields) {
  return cluster("nodePools: [{name: general, nodes: 2, allocatable: {cpu: 4, memory: 8Gi}, " + fields + "}]");
}

TEST(ClusterReaderTest, ReadsEveryField) {
  const ScenarioFolder folder;
  NightText night;
  night.rest =
      "  cluster:\n"
      "    nodePools:\n"
      "      - name: spot\n"
      "        nodes: 3\n"
      "        maxNodes: 9\n"
      "        allocatable: {cpu: 15500m, memory: 60Gi}\n"
      "        provisioning: {distribution: exponential, mean: 55s}\n"
      "        zones: [a, b]\n"
      "        region: eu\n"
      "        failureRatio: 0.25\n"
      "        weight: 2.5\n"
      "      - {name: small, nodes: 1, allocatable: {cpu: 4, memory: 8Gi}}\n"
      "    metrics: {resolution: 30s}\n"
      "    scaler: {period: 50s}\n"
      "    imagePull: {size: 900Mi, bandwidth: 100Mi}\n"
      "    headroom: {replicas: 5, cpu: 2, memory: 4Gi, priority: -20}\n";
  const ClusterSpec c = folder.load(night).cluster;

  ASSERT_EQ(c.node_pools.size(), 2U);
  const NodePoolSpec& pool = c.node_pools[0];
  EXPECT_EQ(pool.name, "spot");
  EXPECT_EQ(pool.nodes, 3);
  EXPECT_EQ(pool.max_nodes, 9);
  EXPECT_DOUBLE_EQ(pool.cpu, 15.5);
  EXPECT_DOUBLE_EQ(pool.memory, 60.0 * 1024 * 1024 * 1024);
  EXPECT_EQ(pool.provisioning.kind, DelaySpec::Kind::kExponential);
  EXPECT_EQ(pool.provisioning.mean, 55s);
  EXPECT_EQ(pool.zones, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(pool.region, "eu");
  EXPECT_DOUBLE_EQ(pool.failure_ratio, 0.25);
  EXPECT_DOUBLE_EQ(pool.weight, 2.5);
  EXPECT_DOUBLE_EQ(c.node_pools[1].weight, 1);
  EXPECT_EQ(c.metrics_resolution, 30s);
  EXPECT_EQ(c.scaler_period, 50s);
  EXPECT_DOUBLE_EQ(c.image_pull->bytes, 900.0 * 1024 * 1024);
  EXPECT_DOUBLE_EQ(c.image_pull->bytes_per_second, 100.0 * 1024 * 1024);
  EXPECT_EQ(c.headroom->replicas, 5);
  EXPECT_DOUBLE_EQ(c.headroom->cpu, 2);
  EXPECT_DOUBLE_EQ(c.headroom->memory, 4.0 * 1024 * 1024 * 1024);
  EXPECT_EQ(c.headroom->priority, -20);
}

TEST(ClusterReaderTest, ZonesAreNumberedInTheOrderOfThePools) {
  ClusterSpec c;
  EXPECT_TRUE(zone_names(c).empty());

  c.node_pools.push_back({.name = "x", .provisioning = {}, .zones = {"b", "a"}, .region = {}});
  c.node_pools.push_back({.name = "y", .provisioning = {}, .zones = {}, .region = {}});
  c.node_pools.push_back({.name = "z", .provisioning = {}, .zones = {"a", "c"}, .region = {}});
  EXPECT_EQ(zone_names(c), (std::vector<std::string>{"b", "a", "c"}));
}

struct Case {
  const char* name;
  std::string cluster;
  const char* complaint;
  friend void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }
};

class RefusedCluster : public testing::TestWithParam<Case> {};

TEST_P(RefusedCluster, SaysWhatIsWrongAndWhere) {
  const ScenarioFolder folder;
  NightText night;
  night.rest = GetParam().cluster;

  const std::string complaint = folder.refusal(night);

  EXPECT_TRUE(complaint.starts_with("night.yaml:10:")) << complaint;
  EXPECT_NE(complaint.find(GetParam().complaint), std::string::npos) << complaint;
}

INSTANTIATE_TEST_SUITE_P(
    All, RefusedCluster,
    testing::Values(
        Case{"TwoPoolsOfAName",
             cluster("nodePools: [{name: a, nodes: 1, allocatable: {cpu: 1, memory: 1Gi}}, {name: a, nodes: 1, "
                     "allocatable: {cpu: 1, memory: 1Gi}}]"),
             "name \"a\" is taken by another pool"},
        Case{"GrowthWithoutProvisioning", one_pool("maxNodes: 3"),
             "maxNodes is above nodes, so \"provisioning\" must say how long a node takes"},
        Case{"ZoneTwice", one_pool("zones: [a, b, a]"), "zones names \"a\" twice"},
        Case{"ZoneWithoutName", one_pool("zones: [\"\"]"), "zones must have names"},
        Case{"FailureRatioAboveOne", one_pool("failureRatio: 2"), "failureRatio must be at most 1, is 2"},
        Case{"NoWeight", one_pool("weight: 0"), "weight must be at least 0.001, is 0"},
        Case{"NoBandwidth", cluster("imagePull: {size: 1Gi, bandwidth: 0}"),
             "bandwidth must be at least 1 byte a second"},
        Case{"HeadroomThatNobodyMayTake", cluster("headroom: {replicas: 1, cpu: 1, priority: 0}"),
             "priority must be below that of every workload, that of \"api\" is 0"},
        Case{"FastScaler", cluster("scaler: {period: 0s}"), "period must be at least 1s, is 0s"},
        Case{"FastMetrics", cluster("metrics: {resolution: 10ms}"), "resolution must be at least 1s, is 10ms"},
        Case{"YearLongProvisioning", one_pool("maxNodes: 3, provisioning: {delay: 8760h}"),
             "delay must be at most 31d, is 8760h"}),
    [](const auto& c) { return c.param.name; });

}  // namespace
}  // namespace sim
