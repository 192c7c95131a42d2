#include "sim/scenario/action_reader.h"

#include <algorithm>

#include "sim/scenario/zones.h"

namespace sim {
namespace {

using config::Fields;

// Of these the README tells that they are over in a moment, so `for` would promise something.
bool is_a_moment(const std::string& kind) { return kind == "rollout" || kind == "watchDrop" || kind == "nodeLoss"; }

std::vector<std::string> pool_names(const Scenario& scenario) {
  std::vector<std::string> names;
  for (const NodePoolSpec& pool : scenario.cluster.node_pools) names.push_back(pool.name);
  return names;
}

std::string read_pool(Fields& fields, const Scenario& scenario) {
  const std::vector<std::string> names = pool_names(scenario);
  return names[read_index(fields, "pool", names, "node pools")];
}

std::string read_zone(Fields& fields, const Scenario& scenario) {
  const std::vector<std::string> names = zone_names(scenario.cluster);
  return names[read_index(fields, "zone", names, "zones of the node pools")];
}

// The default is the first one.
std::string read_workload(Fields& fields, const Scenario& scenario, bool with_fixed) {
  std::vector<std::string> names;
  for (const WorkloadSpec& workload : scenario.workloads) {
    if (with_fixed || !workload.fixed) names.push_back(workload.name);
  }
  return fields.has("workload") ? names[read_index(fields, "workload", names, "workloads")] : names.front();
}

ActionSpec read_action(const std::string& kind, Fields fields, const Scenario& scenario) {
  ActionSpec action;
  if (kind == "zoneOutage") action.what = ZoneOutage{read_zone(fields, scenario)};
  if (kind == "nodeLoss") {
    const std::string pool = read_pool(fields, scenario);
    action.what = NodeLoss{pool, static_cast<int>(fields.integer_or("nodes", 1, 1, 20'000)),
                           base::Duration(read_ticks_or(fields, "notice", 0))};
  }
  if (kind == "capacityShortage") action.what = CapacityShortage{read_pool(fields, scenario)};
  if (kind == "rollout") action.what = Rollout{read_workload(fields, scenario, false)};
  if (kind == "metricsOutage") action.what = MetricsOutage{fields.boolean_or("stale", false)};
  if (kind == "apiFault") {
    const int status = static_cast<int>(fields.integer_or("status", 503, 400, 599));
    action.what = ApiFault{status, read_share_or(fields, "probability", 1), fields.boolean_or("writesOnly", false)};
  }
  if (kind == "watchDrop") action.what = WatchDrop{};
  if (kind == "scalerRestart") action.what = ScalerRestart{};
  if (kind == "podFault") {
    const std::string workload = read_workload(fields, scenario, true);
    action.what = PodFault{workload, read_share_or(fields, "share", 1), fields.number_or("slowdown", 1, 0.001, 1000),
                           read_share_or(fields, "errorRatio", 0)};
  }
  return action;
}

ServiceOutage read_outage(Fields fields, Ticks at, Ticks lasts, const Scenario& scenario) {
  const std::string name = read_workload(fields, scenario, true);
  ServiceOutage outage;
  for (const WorkloadSpec& workload : scenario.workloads) {
    if (workload.name == name) outage.service = workload.service;
  }
  outage.begin = at;
  outage.end = lasts > 0 ? at + lasts : std::max(scenario.system.duration, at);
  return outage;
}

}  // namespace

void read_actions(Fields& spec, const Night& night, Scenario& scenario) {
  for (Fields& fields : spec.objects_or_none("actions")) {
    const std::string kind = only_one_of(fields,
                                         {"zoneOutage", "nodeLoss", "capacityShortage", "rollout", "metricsOutage",
                                          "apiFault", "watchDrop", "scalerRestart", "podFault", "outage"},
                                         "an action");
    const Ticks at = read_moment_inside(fields, "at", night);
    if (is_a_moment(kind) && fields.has("for")) fields.fail("for", "has no meaning for " + kind);
    const Ticks lasts = read_ticks_or(fields, "for", 0, 1);
    if (kind == "outage") {
      scenario.system.outages.push_back(read_outage(fields.object(kind), at, lasts, scenario));
      continue;
    }
    ActionSpec action = read_action(kind, fields.object(kind), scenario);
    action.at = base::Duration(at);
    action.lasts = base::Duration(lasts);
    action.where = fields.where(kind);
    scenario.actions.push_back(std::move(action));
  }
  std::stable_sort(scenario.actions.begin(), scenario.actions.end(),
                   [](const ActionSpec& a, const ActionSpec& b) { return a.at < b.at; });
  std::stable_sort(scenario.system.outages.begin(), scenario.system.outages.end(),
                   [](const ServiceOutage& a, const ServiceOutage& b) { return a.begin < b.begin; });
}

}  // namespace sim
