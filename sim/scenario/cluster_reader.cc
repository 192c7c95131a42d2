#include "sim/scenario/cluster_reader.h"

#include <set>

#include "sim/scenario/common_fields.h"

namespace sim {
namespace {

using config::Fields;
using namespace std::chrono_literals;

void read_sizes(Fields& pool, NodePoolSpec& p) {
  p.nodes = static_cast<int>(pool.integer("nodes", 0, 20'000));
  p.max_nodes = static_cast<int>(pool.integer_or("maxNodes", p.nodes, p.nodes, 20'000));
  Fields allocatable = pool.object("allocatable");
  p.cpu = allocatable.quantity("cpu");
  if (p.cpu > 100'000) allocatable.fail("cpu", "must be at most 100000 cores");
  p.memory = read_bytes(allocatable, "memory");
  if (auto provisioning = pool.object_if("provisioning")) {
    p.provisioning = read_delay(
        *provisioning, provisioning->choice_or("distribution", {"fixed", "lognormal", "exponential"}, "fixed"));
  } else if (p.max_nodes > p.nodes) {
    pool.fail("maxNodes", "is above nodes, so \"provisioning\" must say how long a node takes");
  }
}

NodePoolSpec read_pool(Fields& pool) {
  NodePoolSpec p;
  p.name = pool.text("name");
  read_sizes(pool, p);
  p.zones = pool.texts_or_none("zones");
  std::set<std::string> zones;
  for (const std::string& zone : p.zones) {
    if (zone.empty()) pool.fail("zones", "must have names");
    if (!zones.insert(zone).second) pool.fail("zones", "names \"" + zone + "\" twice");
  }
  p.region = pool.text_or("region", "");
  p.failure_ratio = read_share_or(pool, "failureRatio", 0);
  p.weight = pool.number_or("weight", p.weight, 0.001, 1000);
  return p;
}

}  // namespace

DelaySpec read_delay(Fields& fields, const std::string& kind) {
  DelaySpec delay;
  if (kind == "lognormal") {
    delay.kind = DelaySpec::Kind::kLognormal;
    delay.median = base::Duration(read_ticks(fields, "median"));
    delay.sigma = fields.number("sigma", 0, 5);
  } else if (kind == "exponential") {
    delay.kind = DelaySpec::Kind::kExponential;
    delay.mean = base::Duration(read_ticks(fields, "mean"));
  } else {
    delay.mean = base::Duration(read_ticks(fields, "delay"));
  }
  return delay;
}

ClusterSpec read_cluster(Fields& spec) {
  ClusterSpec cluster;
  auto fields = spec.object_if("cluster");
  if (!fields) return cluster;
  std::set<std::string> names;
  for (Fields& pool : fields->objects_or_none("nodePools")) {
    cluster.node_pools.push_back(read_pool(pool));
    const std::string& name = cluster.node_pools.back().name;
    if (!names.insert(name).second) pool.fail("name", "\"" + name + "\" is taken by another pool");
  }
  if (auto metrics = fields->object_if("metrics")) {
    cluster.metrics_resolution = base::Duration(read_ticks_or(*metrics, "resolution", 15 * kSecond, kSecond));
  }
  if (auto scaler = fields->object_if("scaler")) {
    cluster.scaler_period = base::Duration(read_ticks_or(*scaler, "period", 15 * kSecond, kSecond));
  }
  if (auto pull = fields->object_if("imagePull")) {
    cluster.image_pull = ImagePullSpec{read_bytes(*pull, "size"), read_bytes(*pull, "bandwidth")};
    if (cluster.image_pull->bytes_per_second < 1) pull->fail("bandwidth", "must be at least 1 byte a second");
  }
  if (auto headroom = fields->object_if("headroom")) {
    HeadroomSpec h;
    h.replicas = static_cast<int>(headroom->integer("replicas", 0, 20'000));
    h.cpu = headroom->quantity("cpu");
    if (h.cpu > 10'000) headroom->fail("cpu", "must be at most 10000 cores");
    if (headroom->has("memory")) h.memory = read_bytes(*headroom, "memory");
    h.priority = static_cast<int>(headroom->integer_or("priority", h.priority, -1'000'000'000, 1'000'000'000));
    cluster.headroom = h;
  }
  return cluster;
}

}  // namespace sim
