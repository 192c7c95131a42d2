#include "sim/scenario/entry_reader.h"

#include <algorithm>

#include "common/base/time_format.h"

namespace sim {
namespace {

using config::Fields;

Route read_route(Fields& fields, const Scenario& scenario) {
  Route route;
  route.service = static_cast<ServiceIndex>(read_index(fields, "workload", workload_names(scenario), "workloads"));
  route.round_trip = read_ticks_or(fields, "roundTrip", 0);
  route.weight = fields.number_or("weight", 1, 0, 1e6);
  return route;
}

// `weights {workload: weight}`; a route that is not named gets none.
Entry::Shift read_shift(Fields& fields, const Entry& entry, const Scenario& scenario, const Night& night) {
  Entry::Shift shift;
  shift.at = read_moment_inside(fields, "at", night);
  Fields weights = fields.object("weights");
  double sum = 0;
  for (const Route& route : entry.routes) {
    shift.weights.push_back(weights.number_or(scenario.workloads[route.service].name, 0, 0, 1e6));
    sum += shift.weights.back();
  }
  if (!(sum > 0)) fields.fail("weights", "must not all be 0");
  return shift;
}

void read_routes(Fields& fields, const Scenario& scenario, Entry& entry) {
  double sum = 0;
  for (Fields& route : fields.objects("routes")) {
    entry.routes.push_back(read_route(route, scenario));
    for (std::size_t i = 0; i + 1 < entry.routes.size(); ++i) {
      if (entry.routes[i].service == entry.routes.back().service) {
        route.fail("workload", "has a route of this entry already");
      }
    }
    sum += entry.routes.back().weight;
  }
  if (entry.routes.empty()) fields.fail("routes", "must hold at least one route");
  if (!(sum > 0)) fields.fail("routes", "must not all have weight 0");
}

Entry read_entry(Fields& fields, const Scenario& scenario, const Night& night) {
  using Strategy = Entry::Strategy;
  Entry entry;
  entry.name = fields.text("name");
  if (entry.name.empty()) fields.fail("name", "must not be empty");
  for (const Entry& other : scenario.system.entries) {
    if (other.name == entry.name) fields.fail("name", "\"" + entry.name + "\" is taken by another entry");
  }
  const std::string strategy = fields.choice_or("strategy", {"priority", "weighted", "nearest"}, "priority");
  entry.strategy = strategy == "priority"   ? Strategy::kPriority
                   : strategy == "weighted" ? Strategy::kWeighted
                                            : Strategy::kNearest;
  entry.full = fields.number_or("full", entry.full, 0, 1e6);
  read_routes(fields, scenario, entry);
  for (Fields& shift : fields.objects_or_none("shifts")) {
    if (entry.strategy != Strategy::kWeighted) fields.fail("shifts", "need the strategy weighted");
    entry.shifts.push_back(read_shift(shift, entry, scenario, night));
    const std::size_t n = entry.shifts.size();
    if (n > 1 && entry.shifts[n - 1].at <= entry.shifts[n - 2].at) {
      shift.fail("at", "must come after the shift before, at " +
                           base::format_duration(base::Duration(entry.shifts[n - 2].at)));
    }
  }
  return entry;
}

}  // namespace

EntryTable::EntryTable(Fields& traffic, const Night& night, Scenario& scenario) : scenario_(scenario) {
  for (Fields& fields : traffic.objects_or_none("entries")) {
    Entry entry = read_entry(fields, scenario, night);
    scenario.system.entries.push_back(std::move(entry));
  }
  named_ = scenario.system.entries.size();
}

std::uint32_t EntryTable::first() { return named_ > 0 ? 0 : of_workload(0); }

std::uint32_t EntryTable::find(Fields& fields, const std::string& key, std::uint32_t fallback) {
  if (!fields.has(key)) return fallback;
  std::vector<std::string> names;
  for (std::size_t i = 0; i < named_; ++i) names.push_back(scenario_.system.entries[i].name);
  for (const std::string& workload : workload_names(scenario_)) {
    if (std::find(names.begin(), names.end(), workload) == names.end()) names.push_back(workload);
  }
  const std::size_t index = read_index(fields, key, names, "entries");
  if (index < named_) return static_cast<std::uint32_t>(index);
  const std::vector<std::string> workloads = workload_names(scenario_);
  const auto found = std::find(workloads.begin(), workloads.end(), names[index]);
  return of_workload(static_cast<ServiceIndex>(found - workloads.begin()));
}

std::uint32_t EntryTable::of_workload(ServiceIndex service) {
  std::vector<Entry>& entries = scenario_.system.entries;
  const std::string& name = scenario_.workloads[service].name;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (entries[i].name == name) return static_cast<std::uint32_t>(i);
  }
  Entry entry;
  entry.name = name;
  entry.routes.push_back(Route{.service = service});
  entries.push_back(std::move(entry));
  return static_cast<std::uint32_t>(entries.size() - 1);
}

}  // namespace sim
