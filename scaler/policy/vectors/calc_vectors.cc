#include "scaler/policy/vectors/calc_vectors.h"

#include <set>

#include "scaler/policy/hpa/metric_proposals.h"
#include "scaler/policy/hpa/replica_math.h"
#include "scaler/policy/vectors/vector_values.h"

namespace scaler::vectors {
namespace {

std::string message_of(const base::Result<Proposal>& proposal) {
  return proposal ? std::string() : proposal.error().message;
}

// `actual` of a proposal that succeeded, or the error that is expected.
template <class Actual>
Outcome compare_proposal(const base::Result<Proposal>& proposal, const Json& expect, Actual actual) {
  if (expect.contains("errorContains")) return compare_error(message_of(proposal), expect, "errorContains");
  if (!proposal) return differs("error", "none", '"' + message_of(proposal) + '"');
  return compare(actual(*proposal), expect);
}

// Goes the way of a policy, from PodMetricsList to proposal.
Outcome resource_utilization(const Json& in, const Json& expect) {
  Observation observation;
  observation.now = kNow;
  observation.scale.spec_replicas = count(in, "currentReplicas");
  observation.pods = pods_of(in.at("pods"));
  observation.resource_metrics = usage_of(in.at("resourceMetrics"));
  MetricSpec metric;
  metric.name = text(in, "resource");
  metric.container = text(in, "container");
  if (!metric.container.empty()) metric.source = MetricSpec::Source::kContainerResource;
  metric.utilization = count(in, "targetUtilization");
  ControllerOptions options;
  options.cpu_initialization_period = seconds_of(in, "cpuInitializationPeriodSeconds");
  options.initial_readiness_delay = seconds_of(in, "initialReadinessDelaySeconds");
  const auto proposal = propose(metric, observation, tolerance_of(in.at("tolerance")), options);
  return compare_proposal(proposal, expect, [](const Proposal& p) {
    return Json{{"replicas", p.replicas},
                {"utilization", p.usage.utilization.value_or(-1)},
                {"rawAverageMilli", p.usage.average_milli}};
  });
}

Outcome pods_average(const Json& in, const Json& expect) {
  const auto pods = pods_of(in.at("pods"));
  const std::string resource = in.value("resource", "");
  PodMetricCase metric{.current_replicas = count(in, "currentReplicas"),
                       .pods = pods,
                       .resource = resource,
                       .container = {},
                       .samples = samples_of(in.at("customMetrics"), pods),
                       .target_utilization = std::nullopt,
                       .target_average_milli = integer(in, "targetMilli"),
                       .tolerance = tolerance_of(in.at("tolerance")),
                       .readiness = readiness_of(in),
                       .now = kNow};
  return compare_proposal(propose_from_pods(std::move(metric)), expect, [](const Proposal& p) {
    return Json{{"replicas", p.replicas}, {"usageMilli", p.usage.average_milli}};
  });
}

Outcome compare_value(std::int64_t usage, const Json& in, const Json& expect) {
  const auto proposal = propose_from_value(usage, integer(in, "targetMilli"), count(in, "currentReplicas"),
                                           pods_of(in.at("pods")), tolerance_of(in.at("tolerance")));
  return compare_proposal(proposal, expect, [](const Proposal& p) {
    return Json{{"replicas", p.replicas}, {"usageMilli", p.value_milli.value_or(-1)}};
  });
}

Outcome compare_average(std::int64_t usage, const Json& in, const Json& expect) {
  const base::Result<Proposal> proposal = propose_from_total(
      usage, integer(in, "targetMilli"), count(in, "statusReplicas"), tolerance_of(in.at("tolerance")));
  return compare_proposal(proposal, expect, [](const Proposal& p) {
    return Json{{"replicas", p.replicas}, {"usageMilli", p.usage.average_milli}};
  });
}

// One value, or several.
std::vector<std::int64_t> values_of(const Json& in) {
  return has(in, "valueMilli") ? std::vector<std::int64_t>{integer(in, "valueMilli")}
                               : integers_of(list(in, "valuesMilli"));
}

Outcome object_value(const Json& in, const Json& expect) {
  return compare_value(integer(in, "valueMilli"), in, expect);
}

Outcome external_value(const Json& in, const Json& expect) {
  return compare_value(sum_for_value(values_of(in)), in, expect);
}

Outcome object_average(const Json& in, const Json& expect) {
  return compare_average(integer(in, "valueMilli"), in, expect);
}

Outcome external_average(const Json& in, const Json& expect) {
  return compare_average(sum_for_average(values_of(in)), in, expect);
}

std::set<std::string> names_in(PodGroup group, const PodGroups& groups, const std::vector<PodObservation>& pods) {
  std::set<std::string> names;
  for (std::size_t i = 0; i < pods.size(); ++i) {
    if (groups.of_pods[i] == group) names.insert(pods[i].name);
  }
  return names;
}

Outcome grouped(const Json& in, const Json& expect) {
  const auto pods = pods_of(in.at("pods"));
  const MetricSamples samples = samples_of(in.at("metrics"), pods);
  const PodGroups groups = group_pods(pods, samples, text(in, "resource"), readiness_of(in), kNow);
  Json sorted = expect;
  for (const char* group : {"unready", "missing", "ignored"}) {
    if (expect.contains(group)) sorted[group] = expect[group].get<std::set<std::string>>();
  }
  return compare({{"readyPodCount", groups.ready},
                  {"unready", names_in(PodGroup::kUnready, groups, pods)},
                  {"missing", names_in(PodGroup::kMissing, groups, pods)},
                  {"ignored", names_in(PodGroup::kIgnored, groups, pods)}},
                 sorted);
}

Outcome requested(const Json& in, const Json& expect) {
  const auto pods = pods_of(in.at("pods"));
  const std::string resource = text(in, "resource");
  const std::string container = text(in, "container");
  const auto requests = pod_requests(pods, resource, container, flag(in, "podLevelResourcesGate"));
  Json actual = {{"requestsMilli", nullptr}, {"error", nullptr}};
  if (requests) {
    actual["requestsMilli"] = Json::object();
    for (std::size_t i = 0; i < pods.size(); ++i) actual["requestsMilli"][pods[i].name] = (*requests)[i];
  } else {
    actual["error"] = requests.error().message;
  }
  return compare(actual, expect);
}

Outcome per_pod_usage(const Json& in, const Json& expect) {
  return compare({{"usageMilli", usage_per_pod(integer(in, "usageMilli"), count(in, "statusReplicas"))}}, expect);
}

// Pods that are known by nothing but the name, sorted.
std::vector<PodObservation> named_pods(const Json& by_name) {
  std::vector<PodObservation> pods;
  for (const auto& [name, value] : by_name.items()) pods.emplace_back().name = name;
  return pods;
}

MetricSamples bare_samples(const Json& metrics, const std::vector<PodObservation>& pods) {
  SampleCollector samples(pods);
  for (auto it = metrics.begin(); it != metrics.end(); ++it) {
    samples.add(it.key(), {integer(metrics, it.key().c_str())});
  }
  return samples.take();
}

const Json& by_pod(const Json& in, const char* key) {
  const Json& values = in.at(key);
  if (!values.is_object()) throw MalformedCase(std::string(key) + " is no object");
  return values;
}

Outcome utilization(const Json& in, const Json& expect) {
  const Json& requested_by_pod = by_pod(in, "requestsMilli");
  const auto pods = named_pods(requested_by_pod);
  Requests requests;
  for (const PodObservation& pod : pods) requests.push_back(integer(requested_by_pod, pod.name.c_str()));
  const auto usage =
      utilization_ratio(bare_samples(by_pod(in, "metricsMilli"), pods), requests, count(in, "targetUtilization"));
  if (expect.contains("errorContains")) {
    return compare_error(usage ? "" : usage.error().message, expect, "errorContains");
  }
  if (!usage) return differs("error", "none", '"' + usage.error().message + '"');
  return compare({{"ratio", usage->ratio},
                  {"utilization", usage->utilization.value_or(-1)},
                  {"rawAverageMilli", usage->average_milli}},
                 expect);
}

Outcome average(const Json& in, const Json& expect) {
  const Json& metrics = by_pod(in, "metricsMilli");
  if (metrics.empty()) throw MalformedCase("there is no average of nothing");
  const auto pods = named_pods(metrics);
  const Usage usage = average_ratio(bare_samples(metrics, pods), integer(in, "targetMilli"));
  return compare({{"ratio", usage.ratio}, {"usageMilli", usage.average_milli}}, expect);
}

}  // namespace

const std::vector<Group>& calc_groups() {
  static const std::vector<Group> kGroups = {{"calc.resource_utilization", resource_utilization},
                                             {"calc.pods_average", pods_average},
                                             {"calc.object_value", object_value},
                                             {"calc.object_average", object_average},
                                             {"calc.external_value", external_value},
                                             {"calc.external_average", external_average},
                                             {"calc.group_pods", grouped},
                                             {"calc.pod_requests", requested},
                                             {"calc.per_pod_usage", per_pod_usage},
                                             {"calc.utilization_ratio", utilization},
                                             {"calc.usage_ratio", average}};
  return kGroups;
}

}  // namespace scaler::vectors
