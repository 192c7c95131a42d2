#include "sim/run/run_result.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "common/base/number_format.h"
#include "common/base/time_format.h"

namespace sim {
namespace {

// Keys in the order in which they are written.
using Json = nlohmann::ordered_json;

// Milliseconds to the microsecond: finer digits mean nothing and make files large.
double rounded(double x) { return std::round(x * 1000.0) / 1000.0; }

std::vector<double> rounded(const std::vector<double>& values) {
  std::vector<double> out;
  out.reserve(values.size());
  for (const double v : values) out.push_back(rounded(v));
  return out;
}

Json summary_json(const Summary& s) {
  const LatencySummary& l = s.latency_ms;
  Json json;
  json["requests"] = s.requests;
  json["succeeded"] = s.succeeded;
  json["failed"] = s.failed;
  json["rejected"] = s.rejected;
  json["timedOut"] = s.timed_out;
  json["retried"] = s.retried;
  json["latencyMs"] = Json{{"mean", l.mean}, {"p50", l.p50},   {"p90", l.p90}, {"p95", l.p95},
                           {"p99", l.p99},   {"p999", l.p999}, {"max", l.max}};
  json["queueWaitMs"] = Json{
      {"mean", s.queue_wait_mean_ms}, {"p95", rounded(s.queue_wait_p95_ms)}, {"p99", rounded(s.queue_wait_p99_ms)}};
  json["degradationSeconds"] = s.degradation_seconds;
  json["sloViolationRatio"] = s.slo_violation_ratio;
  json["podHours"] = s.pod_hours;
  json["nodeHours"] = s.node_hours;
  json["cost"] = s.cost;
  json["scaleEvents"] = s.scale_events;
  json["scaleReversals"] = s.scale_reversals;
  json["elasticity"] = Json{{"underProvisioning", s.elasticity.under_provisioning},
                            {"overProvisioning", s.elasticity.over_provisioning},
                            {"underTimeshare", s.elasticity.under_timeshare},
                            {"overTimeshare", s.elasticity.over_timeshare},
                            {"instability", s.elasticity.instability}};
  json["meanInSystem"] = s.mean_in_system;
  json["utilization"] = s.utilization;
  json["worstP99Ms"] = rounded(s.worst_p99_ms);
  json["timeToCapacitySeconds"] = s.time_to_capacity_seconds;
  json["longestDegradationSeconds"] = s.longest_degradation_seconds;
  json["sloMinutes"] = s.slo_minutes;
  json["errorBudgetBurn"] =
      Json{{"wholeRun", s.budget_burn.whole_run}, {"peak1h", s.budget_burn.peak_1h}, {"peak6h", s.budget_burn.peak_6h}};
  json["apdex"] = s.apdex;
  json["elasticSpeedup"] = s.elastic_speedup;
  json["cappedDemand"] =
      Json{{"seconds", s.capped.seconds}, {"podSeconds", s.capped.pod_seconds}, {"worst", s.capped.worst}};
  json["startUpLagSeconds"] = s.start_up_lag_seconds;
  json["regret"] = Json{{"oraclePodHours", s.regret.oracle_pod_hours},
                        {"extraPodHours", s.regret.extra_pod_hours()},
                        {"relativeCost", s.regret.relative_cost()},
                        {"shortSeconds", s.regret.short_seconds},
                        {"extraShortSeconds", s.regret.extra_short_seconds()}};
  json["lagSeconds"] =
      Json{{"waiting", base::seconds(s.lag.waiting)},     {"metricAge", base::seconds(s.lag.metric_age)},
           {"limits", base::seconds(s.lag.limits)},       {"scheduling", base::seconds(s.lag.scheduling)},
           {"node", base::seconds(s.lag.node)},           {"boot", base::seconds(s.lag.boot)},
           {"readiness", base::seconds(s.lag.readiness)}, {"total", base::seconds(s.lag.total())}};
  return json;
}

Json series_json(const Series& s) {
  std::vector<int> t(s.arrivals.size());
  for (std::size_t i = 0; i < t.size(); ++i) t[i] = static_cast<int>(i);
  Json json;
  json["t"] = t;
  json["arrivals"] = s.arrivals;
  json["p50Ms"] = rounded(s.p50_ms);
  json["p95Ms"] = rounded(s.p95_ms);
  json["p99Ms"] = rounded(s.p99_ms);
  json["failed"] = s.failed;
  json["bad"] = s.bad;
  json["desired"] = s.desired;
  json["ready"] = s.ready;
  json["capacity"] = rounded(s.capacity);
  json["nodes"] = s.nodes;
  json["demand"] = s.demand;
  json["pods"] = s.pods;
  return json;
}

Json services_json(const std::vector<ServiceTotals>& services) {
  Json json = Json::array();
  for (const ServiceTotals& s : services) {
    json.push_back(Json{{"name", s.name},
                        {"received", s.received},
                        {"answered", s.answered},
                        {"rejected", s.rejected},
                        {"timedOut", s.timed_out},
                        {"errors", s.errors},
                        {"cacheHits", s.cache_hits},
                        {"latencyMs", Json{{"mean", static_cast<double>(s.latency_mean) / 1e6},
                                           {"p95", static_cast<double>(s.latency_p95) / 1e6}}},
                        {"utilization", s.utilization}});
  }
  return json;
}

Json expectations_json(const RunResult& result) {
  Json json = Json::array();
  for (const ExpectationResult& e : result.expectations) {
    Json entry{{"policy", e.policy}, {"metric", e.expectation->metric}};
    if (e.expectation->at_least) entry["atLeast"] = *e.expectation->at_least;
    if (e.expectation->at_most) entry["atMost"] = *e.expectation->at_most;
    if (e.value) entry["value"] = *e.value;
    entry["met"] = e.met;
    json.push_back(std::move(entry));
  }
  return json;
}

// Every number of `json`, depth first, as visit(path, value).
template <class Visitor>
void for_each_number(const Json& json, const std::string& prefix, Visitor visit) {
  for (const auto& [key, value] : json.items()) {
    if (value.is_object()) for_each_number(value, prefix + key + ".", visit);
    if (value.is_number()) visit(prefix + key, value.template get<double>());
  }
}

// The scenario's start as the file wrote it: in its own offset from UTC.
std::string local_start(const Scenario& scenario) {
  if (scenario.utc_offset == base::Duration::zero()) return base::format_rfc3339_nano(scenario.start);
  std::string text = base::format_rfc3339_nano(scenario.start + scenario.utc_offset);
  text.pop_back();
  const auto minutes = std::chrono::duration_cast<std::chrono::minutes>(scenario.utc_offset).count();
  const auto two_digits = [](std::int64_t n) {
    const std::string digits = base::format_number(n);
    return digits.size() < 2 ? "0" + digits : digits;
  };
  const std::int64_t size = minutes < 0 ? -minutes : minutes;
  return text + (minutes < 0 ? "-" : "+") + two_digits(size / 60) + ":" + two_digits(size % 60);
}

}  // namespace

std::string percentile_name(double percentile) {
  // As it was written: 0.999 is no exact tenth of a percent in binary.
  return "p" + base::format_number(std::round(percentile * 1e6) / 1e4);
}

std::optional<double> summary_value(const PolicyResult& policy, const std::string& path) {
  std::optional<double> found;
  for_each_number(summary_json(policy.summary), "", [&](const std::string& name, double value) {
    if (name == path) found = value;
  });
  return found;
}

std::vector<std::string> summary_paths() {
  std::vector<std::string> paths;
  for_each_number(summary_json({}), "", [&](const std::string& name, double) { paths.push_back(name); });
  return paths;
}

std::string run_json(const RunResult& result) {
  const Scenario& scenario = *result.scenario;
  Json json;
  json["schemaVersion"] = 1;
  json["scenario"] = scenario.name;
  json["seed"] = scenario.seed;
  json["durationSeconds"] = scenario.duration / std::chrono::seconds(1);
  json["wallSeconds"] = rounded(result.wall_seconds);
  json["startTime"] = local_start(scenario);
  json["slo"] = Json{{"latencyMs", static_cast<double>(scenario.system.slo.latency) / 1e6},
                     {"percentile", percentile_name(scenario.system.slo.percentile)}};
  json["events"] = Json::array();
  for (const EventSpec& event : scenario.events) {
    json["events"].push_back(Json{{"name", event.name}, {"at", base::format_rfc3339_nano(event.at)}});
  }
  json["cost"] = Json{{"podHour", scenario.cost.pod_hour}, {"nodeHour", scenario.cost.node_hour}};
  json["policies"] = Json::array();
  for (const PolicyResult& policy : result.policies) {
    Json entry;
    entry["name"] = policy.name;
    entry["summary"] = summary_json(policy.summary);
    entry["series"] = series_json(policy.series);
    for (const WorkloadSeries& other : policy.other_workloads) {
      entry["workloads"].push_back(Json{{"name", other.name}, {"desired", other.desired}, {"ready", other.ready}});
    }
    if (!policy.services.empty()) entry["services"] = services_json(policy.services);
    entry["text"] = policy.text;
    json["policies"].push_back(std::move(entry));
  }
  if (result.fidelity == Fidelity::kCohort) json["fidelity"] = "cohort";
  if (!result.expectations.empty()) json["expectations"] = expectations_json(result);
  json["scenarioText"] = scenario.text;
  return json.dump() + "\n";
}

std::string decisions_ndjson(const RunResult& result) {
  std::string out;
  for (const PolicyResult& policy : result.policies) {
    for (const std::string& decision : policy.decisions) out += decision + "\n";
  }
  return out;
}

}  // namespace sim
