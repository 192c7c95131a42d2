#include "scaler/policy/vectors/hpa_vectors.h"

#include <fmt/format.h>

#include <functional>
#include <map>

#include "scaler/policy/hpa/hpa_policy.h"
#include "scaler/policy/hpa/replica_math.h"
#include "scaler/policy/vectors/reconcile_vectors.h"
#include "scaler/policy/vectors/validation_vectors.h"
#include "scaler/policy/vectors/vector_values.h"

namespace scaler::vectors {
namespace {

// Compares what we computed with the fields of `expect` of the same names.
Outcome compare(const Json& actual, const Json& expect) {
  for (const auto& [key, wanted] : expect.items()) {
    const Json got = actual.contains(key) ? actual[key] : Json();
    if (got != wanted) return fails(fmt::format("{} is {}, expected {}", key, got.dump(), wanted.dump()));
  }
  return passes();
}

Outcome compare_error(const std::string& message, const std::string& part) {
  if (message.find(part) != std::string::npos) return passes();
  return fails("the error is \"" + message + "\", expected \"" + part + "\"");
}

PodMetricCase case_of(const Json& in, const std::vector<PodObservation>& pods) {
  return {.current_replicas = in.at("currentReplicas").get<int>(),
          .pods = pods,
          .resource = in.value("resource", ""),
          .container = in.value("container", ""),
          .samples = {},
          .target_utilization = std::nullopt,
          .tolerance = tolerance_of(in.at("tolerance")),
          .readiness = readiness_of(in),
          .now = kNow};
}

// Goes the way of a policy, from PodMetricsList to proposal.
Outcome resource_utilization(const Json& in, const Json& expect) {
  Observation observation;
  observation.now = kNow;
  observation.scale.spec_replicas = in.at("currentReplicas").get<int>();
  observation.pods = pods_of(in.at("pods"));
  observation.resource_metrics = usage_of(in.at("resourceMetrics"));
  MetricSpec metric;
  metric.name = in.at("resource").get<std::string>();
  metric.container = in.at("container").get<std::string>();
  if (!metric.container.empty()) metric.source = MetricSpec::Source::kContainerResource;
  metric.utilization = in.at("targetUtilization").get<int>();
  ControllerOptions options;
  options.cpu_initialization_period = seconds_of(in, "cpuInitializationPeriodSeconds");
  options.initial_readiness_delay = seconds_of(in, "initialReadinessDelaySeconds");

  const auto proposal = propose(metric, observation, tolerance_of(in.at("tolerance")), options);
  if (expect.contains("errorContains")) {
    return compare_error(proposal ? "" : proposal.error().message, expect["errorContains"].get<std::string>());
  }
  if (!proposal) return fails(proposal.error().message);
  return compare({{"replicas", proposal->replicas},
                  {"utilization", proposal->usage.utilization.value_or(-1)},
                  {"rawAverageMilli", proposal->usage.average_milli}},
                 expect);
}

Outcome pods_average(const Json& in, const Json& expect) {
  const auto pods = pods_of(in.at("pods"));
  PodMetricCase metric = case_of(in, pods);
  for (const PodMetricValue& value : custom_of(in.at("customMetrics"))) {
    metric.samples[value.pod] = {value.value_milli, value.timestamp, value.window};
  }
  metric.target_average_milli = in.at("targetMilli").get<std::int64_t>();
  const auto proposal = propose_from_pods(std::move(metric));
  if (!proposal) return fails(proposal.error().message);
  return compare({{"replicas", proposal->replicas}, {"usageMilli", proposal->usage.average_milli}}, expect);
}

Outcome value_of(std::int64_t usage, const Json& in, const Json& expect) {
  const auto proposal =
      propose_from_value(usage, in.at("targetMilli").get<std::int64_t>(), in.at("currentReplicas").get<int>(),
                         pods_of(in.at("pods")), tolerance_of(in.at("tolerance")));
  if (!proposal) return fails(proposal.error().message);
  return compare({{"replicas", proposal->replicas}, {"usageMilli", proposal->usage_milli}}, expect);
}

Outcome average_of(std::int64_t usage, const Json& in, const Json& expect) {
  const auto proposal = propose_from_total(usage, in.at("targetMilli").get<std::int64_t>(),
                                           in.at("statusReplicas").get<int>(), tolerance_of(in.at("tolerance")));
  return compare({{"replicas", proposal.replicas}, {"usageMilli", proposal.usage_milli}}, expect);
}

std::vector<std::int64_t> values_of(const Json& in) { return in.at("valuesMilli").get<std::vector<std::int64_t>>(); }

Outcome object_value(const Json& in, const Json& expect) {
  return value_of(in.at("valueMilli").get<std::int64_t>(), in, expect);
}

Outcome external_value(const Json& in, const Json& expect) {
  return value_of(sum_for_value(values_of(in)), in, expect);
}

Outcome object_average(const Json& in, const Json& expect) {
  return average_of(in.at("valueMilli").get<std::int64_t>(), in, expect);
}

Outcome external_average(const Json& in, const Json& expect) {
  return average_of(sum_for_average(values_of(in)), in, expect);
}

Outcome grouped(const Json& in, const Json& expect) {
  const PodGroups groups = group_pods(pods_of(in.at("pods")), samples_of(in.at("metrics")),
                                      in.at("resource").get<std::string>(), readiness_of(in), kNow);
  Json sorted = expect;
  for (const char* group : {"unready", "missing", "ignored"}) {
    sorted[group] = expect.at(group).get<std::set<std::string>>();
  }
  return compare({{"readyPodCount", groups.ready},
                  {"unready", groups.unready},
                  {"missing", groups.missing},
                  {"ignored", groups.ignored}},
                 sorted);
}

Outcome requested(const Json& in, const Json& expect) {
  const auto requests = pod_requests(pods_of(in.at("pods")), in.at("resource").get<std::string>(),
                                     in.at("container").get<std::string>(), in.at("podLevelResourcesGate").get<bool>());
  if (expect.contains("error")) {
    return compare_error(requests ? "" : requests.error().message, expect["error"].get<std::string>());
  }
  if (!requests) return fails(requests.error().message);
  Json actual = Json::object();
  for (const auto& [pod, request] : *requests) actual[pod] = request;
  return compare({{"requestsMilli", actual}}, expect);
}

Outcome per_pod_usage(const Json& in, const Json& expect) {
  const auto usage = usage_per_pod(in.at("usageMilli").get<std::int64_t>(), in.at("statusReplicas").get<int>());
  return compare({{"usageMilli", usage}}, expect);
}

MetricSamples bare_samples(const Json& metrics) {
  MetricSamples samples;
  for (const auto& [pod, value] : metrics.items()) samples[pod].value_milli = value.get<std::int64_t>();
  return samples;
}

Outcome utilization(const Json& in, const Json& expect) {
  Requests requests;
  for (const auto& [pod, value] : in.at("requestsMilli").items()) requests[pod] = value.get<std::int64_t>();
  const auto usage =
      utilization_ratio(bare_samples(in.at("metricsMilli")), requests, in.at("targetUtilization").get<int>());
  if (expect.contains("errorContains")) {
    return compare_error(usage ? "" : usage.error().message, expect["errorContains"].get<std::string>());
  }
  if (!usage) return fails(usage.error().message);
  return compare({{"ratio", usage->ratio},
                  {"utilization", usage->utilization.value_or(-1)},
                  {"rawAverageMilli", usage->average_milli}},
                 expect);
}

Outcome average(const Json& in, const Json& expect) {
  const Usage usage = average_ratio(bare_samples(in.at("metricsMilli")), in.at("targetMilli").get<std::int64_t>());
  return compare({{"ratio", usage.ratio}, {"usageMilli", usage.average_milli}}, expect);
}

Bounds bounds_of(const Json& in) { return {in.at("minReplicas").get<int>(), in.at("maxReplicas").get<int>()}; }

Outcome legacy_limits(const Json& in, const Json& expect) {
  ControllerOptions options;
  options.scale_up_limit_factor = in.at("scaleUpLimitFactor").get<double>();
  options.scale_up_limit_minimum = in.at("scaleUpLimitMinimum").get<int>();
  const Limited limited = limit_by_legacy_rules(in.at("currentReplicas").get<int>(),
                                                in.at("desiredReplicas").get<int>(), bounds_of(in), options);
  return compare({{"replicas", limited.replicas}, {"reason", to_string(limited.reason)}}, expect);
}

ScaleHistory history_of(const Json& in) {
  return {events_of(in.at("scaleUpEvents")), events_of(in.at("scaleDownEvents"))};
}

Outcome rate_limit(const Json& in, const Json& expect) {
  const bool up = in.at("direction") == "up";
  const ScalingRules rules = rules_of(in.at("rules"), up ? default_scale_up_rules() : default_scale_down_rules());
  const int current = in.at("currentReplicas").get<int>();
  const RateLimit limit = up ? scale_up_limit(current, history_of(in), rules, kNow)
                             : scale_down_limit(current, history_of(in), rules, kNow);
  return compare({{"limit", limit.replicas}}, expect);
}

Outcome behavior_rate(const Json& in, const Json& expect) {
  Behavior behavior;
  behavior.scale_up = rules_of(in.at("scaleUp"), default_scale_up_rules());
  behavior.scale_down = rules_of(in.at("scaleDown"), default_scale_down_rules());
  const Limited limited = limit_by_behavior(in.at("currentReplicas").get<int>(), in.at("desiredReplicas").get<int>(),
                                            bounds_of(in), behavior, history_of(in), kNow);
  return compare({{"replicas", limited.replicas}, {"reason", to_string(limited.reason)}}, expect);
}

Outcome stabilize_legacy(const Json& in, const Json& expect) {
  Stabilizer stabilizer(recommendations_of(in.at("recommendations")));
  const int stable =
      stabilizer.highest(kNow, seconds_of(in, "downscaleStabilizationSeconds"), in.at("desiredReplicas").get<int>());
  return compare({{"replicas", stable}, {"storedCount", stabilizer.recommendations().size()}}, expect);
}

Outcome stabilize_behavior(const Json& in, const Json& expect) {
  Stabilizer stabilizer(recommendations_of(in.at("recommendations")));
  const int stable = stabilizer.between(kNow, seconds_of(in, "scaleUpStabilizationWindowSeconds"),
                                        seconds_of(in, "scaleDownStabilizationWindowSeconds"),
                                        in.at("currentReplicas").get<int>(), in.at("desiredReplicas").get<int>());
  Json stored = Json::array();
  for (const Recommendation& recommendation : stabilizer.recommendations()) stored.push_back(recommendation.replicas);
  return compare({{"replicas", stable}, {"storedRecommendations", stored}}, expect);
}

Outcome stored_event(const Json& in, const Json& expect) {
  std::vector<ScaleEvent> events = events_of(in.at("events"));
  const int before = change_within(events, std::chrono::seconds(60), kNow);
  const int change = std::abs(in.at("newReplicas").get<int>() - in.at("previousReplicas").get<int>());
  // Without behavior nothing is stored.
  if (!in.at("rules").is_null()) store_event(events, rules_of(in.at("rules"), {}), change, kNow);
  Json stored = Json::array();
  for (const ScaleEvent& event : events) {
    stored.push_back({{"replicaChange", event.change}, {"outdated", event.outdated}});
  }
  return compare({{"changeInLast60sBefore", before}, {"stored", stored}}, expect);
}

using Runner = Outcome (*)(const Json& in, const Json& expect);

const std::map<std::string, Runner>& runners() {
  static const std::map<std::string, Runner> kRunners = {{"calc.resource_utilization", resource_utilization},
                                                         {"calc.pods_average", pods_average},
                                                         {"calc.object_value", object_value},
                                                         {"calc.object_average", object_average},
                                                         {"calc.external_value", external_value},
                                                         {"calc.external_average", external_average},
                                                         {"calc.group_pods", grouped},
                                                         {"calc.pod_requests", requested},
                                                         {"calc.per_pod_usage", per_pod_usage},
                                                         {"calc.utilization_ratio", utilization},
                                                         {"calc.usage_ratio", average},
                                                         {"norm.legacy_limits", legacy_limits},
                                                         {"norm.rate_limit", rate_limit},
                                                         {"norm.behavior_rate", behavior_rate},
                                                         {"norm.stabilize_legacy", stabilize_legacy},
                                                         {"norm.stabilize_behavior", stabilize_behavior},
                                                         {"norm.store_event", stored_event},
                                                         {"reconcile", run_reconcile},
                                                         {"validation", run_spec_validation},
                                                         {"validation.scale", run_scale_validation},
                                                         {"defaulting", run_spec_defaulting}};
  return kRunners;
}

Outcome run(const Json& entry) {
  static const std::map<std::string, std::string> kElsewhere = {
      {"status.quantity", "the HPA's status is written by the control loop"},
      {"queue.enqueue", "the control loop has one timer, not a queue of HPAs"},
      {"kpa.scale", "the Knative autoscaler is not among our policies"}};
  const std::string group = entry.at("group").get<std::string>();
  if (const auto elsewhere = kElsewhere.find(group); elsewhere != kElsewhere.end()) {
    return out_of_slice(elsewhere->second);
  }
  const auto runner = runners().find(group);
  if (runner == runners().end()) return fails("unknown group");
  return runner->second(entry.at("input"), entry.at("expect"));
}

}  // namespace
}  // namespace scaler::vectors

namespace scaler {

base::Result<std::vector<VectorResult>> run_hpa_vectors(std::string_view json) {
  try {
    const auto file = nlohmann::json::parse(json);
    std::vector<VectorResult> results;
    for (const auto& entry : file.at("cases")) {
      vectors::Outcome outcome = vectors::run(entry);
      results.push_back({entry.at("id").get<std::string>(), entry.at("group").get<std::string>(), outcome.status,
                         std::move(outcome.detail)});
    }
    return results;
  } catch (const nlohmann::json::exception& error) {
    return base::Error{base::ErrorCode::kInvalid, error.what()};
  }
}

}  // namespace scaler
