#include "sim/scenario/scenario_loader.h"

#include <algorithm>

#include "common/base/file.h"
#include "common/base/time_format.h"
#include "common/config/fields.h"
#include "sim/scenario/action_reader.h"
#include "sim/scenario/cluster_reader.h"
#include "sim/scenario/common_fields.h"
#include "sim/scenario/goal_reader.h"
#include "sim/scenario/policy_set.h"
#include "sim/scenario/traffic_reader.h"
#include "sim/scenario/workload_reader.h"

namespace sim {
namespace {

using config::Fields;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

base::Time read_start(Fields& spec) {
  const base::Time start = spec.time("startTime");
  // So that the sums of a time and a few durations fit.
  const base::Duration since_1970 = start.time_since_epoch();
  if (since_1970 < 0s || since_1970 > std::chrono::days(230 * 365)) {
    spec.fail("startTime", "must lie between 1970 and 2199, is " + base::format_rfc3339(start));
  }
  return start;
}

void read_times(Fields& spec, const Overrides& overrides, Night& night, Scenario& scenario) {
  scenario.start = night.start = read_start(spec);
  scenario.utc_offset = *base::rfc3339_offset(spec.text("startTime"));
  const auto check = [&](const char* key, base::Duration d) {
    if (d % base::Duration(1s) != 0ns) spec.fail(key, "must be whole seconds, is " + base::format_duration(d));
  };
  night.duration = base::Duration(read_ticks(spec, "duration", 1));
  check("duration", night.duration);
  const base::Duration warmup{read_ticks_or(spec, "warmup", 0)};
  check("warmup", warmup);
  night.played = night.duration;
  if (overrides.duration) {
    night.played = *overrides.duration;
    if (night.played > kLongest) throw config::FieldError("--duration must be at most 31d");
    if (warmup >= night.played) {
      throw config::FieldError("--duration must be longer than the warm-up of " + base::format_duration(warmup));
    }
  }
  if (warmup >= night.played) spec.fail("warmup", "must be shorter than the duration");
  scenario.duration = night.played;
  scenario.system.duration = night.played.count();
  scenario.system.warmup = warmup.count();
  scenario.seed = static_cast<std::uint64_t>(spec.integer_or("seed", 1, 0, std::numeric_limits<std::int64_t>::max()));
  if (overrides.seed) scenario.seed = *overrides.seed;
}

void read_events(Fields& spec, const Night& night, Scenario& scenario) {
  for (Fields& event : spec.objects_or_none("events")) {
    const std::string name = event.text("name");
    scenario.events.push_back(EventSpec{name, night.start + base::Duration(read_moment(event, "at", night))});
  }
}

// Pause pods that no workload may push aside would hold their room for ever.
void check_headroom(Fields& spec, const Scenario& scenario) {
  if (!scenario.cluster.headroom) return;
  const int priority = scenario.cluster.headroom->priority;
  for (const WorkloadSpec& workload : scenario.workloads) {
    if (workload.fixed || workload.priority > priority) continue;
    spec.object("cluster")
        .object("headroom")
        .fail("priority", "must be below that of every workload, that of \"" + workload.name + "\" is " +
                              std::to_string(workload.priority));
  }
}

Scenario read_scenario(Fields& root, const fs::path& folder, const Overrides& overrides) {
  root.choice("apiVersion", {"gamenight/v1"});
  root.choice("kind", {"Scenario"});
  Scenario scenario;
  Night night;
  night.folder = folder;
  Fields metadata = root.object("metadata");
  scenario.name = read_name(metadata, "name");
  Fields spec = root.object("spec");
  read_times(spec, overrides, night, scenario);
  scenario.cluster = read_cluster(spec);
  read_workloads(spec, scenario);
  check_headroom(spec, scenario);
  read_traffic(spec.object("traffic"), night, scenario);
  read_goals(spec, scenario);
  read_events(spec, night, scenario);
  read_actions(spec, night, scenario);
  scenario.policies = read_policies(spec, folder, overrides.policies, scenario.workloads);
  read_expectations(spec, overrides.policies.empty(), scenario);
  return scenario;
}

}  // namespace

base::Result<Scenario> load_scenario(const fs::path& path, const Overrides& overrides) {
  const auto documents = config::load_yaml(path);
  if (!documents) return documents.error();
  const auto invalid = [&](const std::string& what) {
    const std::string place = documents->empty() ? path.string() + ":1:1" : documents->back().locate("");
    return base::Error{base::ErrorCode::kInvalid, place + ": " + what};
  };
  if (documents->size() != 1)
    return invalid("a scenario is one YAML document, not " + std::to_string(documents->size()));
  auto scenario = config::read(documents->front(),
                               [&](Fields& root) { return read_scenario(root, path.parent_path(), overrides); });
  if (!scenario) return scenario.error();
  const auto text = base::read_file(path);
  if (!text) return text.error();
  scenario->text = *text;
  return std::move(*scenario);
}

}  // namespace sim
