#include "sim/scenario/action_reader.h"

#include <algorithm>
#include <array>

#include "common/base/number_format.h"
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

// Those that a scaler meets with an answer of its own.
int read_status(Fields& fields) {
  constexpr std::array<std::int64_t, 4> kStatuses = {409, 429, 500, 503};
  const std::int64_t status = fields.integer_or("status", 503, 0);
  if (std::find(kStatuses.begin(), kStatuses.end(), status) == kStatuses.end()) {
    fields.fail("status", "must be one of 409, 429, 500, 503, is " + base::format_number(status));
  }
  return static_cast<int>(status);
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
    const int status = read_status(fields);
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

// Whether the end of one would end the other as well, if that is still on.
bool share_an_end(const ActionSpec& a, const ActionSpec& b) {
  if (a.what.index() != b.what.index()) return false;
  if (const auto* fault = std::get_if<PodFault>(&a.what)) {
    return fault->workload == std::get<PodFault>(b.what).workload;
  }
  return std::holds_alternative<MetricsOutage>(a.what) || std::holds_alternative<ScalerRestart>(a.what);
}

// The first moment after it. A restart that takes no time is over at once, the others are then for good.
base::Duration end_of(const ActionSpec& action) {
  if (action.lasts > base::Duration::zero()) return action.at + action.lasts;
  if (std::holds_alternative<ScalerRestart>(action.what)) return action.at + base::Duration(1);
  return base::Duration::max();
}

void check_alone(const Fields& fields, const std::string& kind, const ActionSpec& action, const Scenario& scenario) {
  for (const ActionSpec& other : scenario.actions) {
    if (!share_an_end(action, other) || action.at >= end_of(other) || other.at >= end_of(action)) continue;
    fields.fail(kind, "overlaps the one at " + other.where + ", which would end with it");
  }
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
    if (kind == "scalerRestart" && at == 0) fields.fail("at", "must be after 0s, when the scaler itself starts");
    const Ticks lasts = read_ticks_or(fields, "for", 0, 1);
    if (kind == "outage") {
      scenario.system.outages.push_back(read_outage(fields.object(kind), at, lasts, scenario));
      continue;
    }
    ActionSpec action = read_action(kind, fields.object(kind), scenario);
    action.at = base::Duration(at);
    action.lasts = base::Duration(lasts);
    action.where = fields.where(kind);
    check_alone(fields, kind, action, scenario);
    scenario.actions.push_back(std::move(action));
  }
  std::stable_sort(scenario.actions.begin(), scenario.actions.end(),
                   [](const ActionSpec& a, const ActionSpec& b) { return a.at < b.at; });
  std::stable_sort(scenario.system.outages.begin(), scenario.system.outages.end(),
                   [](const ServiceOutage& a, const ServiceOutage& b) { return a.begin < b.begin; });
}

}  // namespace sim
