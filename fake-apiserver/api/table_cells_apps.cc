#include <algorithm>

#include "common/base/number_format.h"
#include "common/base/time_format.h"
#include "fake-apiserver/api/human_duration.h"
#include "fake-apiserver/api/selector.h"
#include "fake-apiserver/api/table_cells.h"
#include "fake-apiserver/store/json_access.h"

namespace fakeapi {
namespace {

constexpr const char* kNone = "<none>";
constexpr const char* kUnknown = "<unknown>";
constexpr std::size_t kMetricsShown = 2;
constexpr std::size_t kEndpointsShown = 3;

std::string container_names(const Json& object, const char* field) {
  std::vector<std::string> names;
  const Json& containers = at_path(object, {"spec", "template", "spec", "containers"});
  if (containers.is_array()) {
    for (const Json& container : containers) names.push_back(text_at(container, {field}));
  }
  return list_cell(names, names.size());
}

std::string selector_cell(const Json& object) {
  const std::string text = selector_text(at_path(object, {"spec", "selector"}));
  return text.empty() ? kNone : text;
}

// "3" for a number, the text itself for a quantity or a percentage, else `otherwise`.
std::string value_cell(const Json& value, const char* otherwise) {
  if (value.is_string()) return value.get<std::string>();
  return value.is_null() ? otherwise : to_text(value);
}

const char* source_of(const std::string& type) {
  if (type == "Resource") return "resource";
  if (type == "ContainerResource") return "containerResource";
  if (type == "Pods") return "pods";
  if (type == "Object") return "object";
  return "external";
}

std::string metric_name(const Json& metric, const char* source) {
  const std::string resource = text_at(metric, {source, "name"});
  return resource.empty() ? text_at(metric, {source, "metric", "name"}) : resource;
}

// The entry of status.currentMetrics that belongs to a metric of the spec.
const Json& current_of(const Json& object, const Json& metric, const char* source) {
  static const Json kNothing;
  const Json& current = at_path(object, {"status", "currentMetrics"});
  if (!current.is_array()) return kNothing;
  for (const Json& c : current) {
    if (text_at(c, {"type"}) == text_at(metric, {"type"}) && metric_name(c, source) == metric_name(metric, source)) {
      return at_path(c, {source, "current"});
    }
  }
  return kNothing;
}

std::string metric_cell(const Json& object, const Json& metric) {
  const std::string type = text_at(metric, {"type"});
  const char* source = source_of(type);
  const Json& target = at_path(metric, {source, "target"});
  const Json& current = current_of(object, metric, source);
  const bool resource = type == "Resource" || type == "ContainerResource";
  const std::string prefix = resource ? metric_name(metric, source) + ": " : "";
  if (target.contains("averageUtilization")) {
    const Json& now = member(current, "averageUtilization");
    return prefix + (now.is_null() ? kUnknown : to_text(now) + "%") + "/" + to_text(target["averageUtilization"]) + "%";
  }
  if (target.contains("averageValue")) {
    const std::string suffix = type == "External" || type == "Object" ? " (avg)" : "";
    return prefix + value_cell(member(current, "averageValue"), kUnknown) + "/" +
           value_cell(target["averageValue"], kUnknown) + suffix;
  }
  return prefix + value_cell(member(current, "value"), kUnknown) + "/" + value_cell(member(target, "value"), kUnknown);
}

std::string targets_cell(const Json& object) {
  const Json& metrics = at_path(object, {"spec", "metrics"});
  if (!metrics.is_array() || metrics.empty()) return kNone;
  std::string text;
  for (std::size_t i = 0; i < std::min(metrics.size(), kMetricsShown); ++i) {
    text += (i == 0 ? "" : ", ") + metric_cell(object, metrics[i]);
  }
  if (metrics.size() > kMetricsShown) text += " + " + std::to_string(metrics.size() - kMetricsShown) + " more...";
  return text;
}

bool has_condition(const Json& object, std::string_view type) {
  const Json& conditions = at_path(object, {"status", "conditions"});
  return conditions.is_array() && std::any_of(conditions.begin(), conditions.end(), [&](const Json& condition) {
           return text_at(condition, {"type"}) == type && text_at(condition, {"status"}) == "True";
         });
}

std::string job_status(const Json& job) {
  for (const char* end : {"Complete", "Failed"}) {
    if (has_condition(job, end)) return end;
  }
  if (at_path(job, {"metadata", "deletionTimestamp"}).is_string()) return "Terminating";
  for (const char* state : {"Suspended", "FailureTarget", "SuccessCriteriaMet"}) {
    if (has_condition(job, state)) return state;
  }
  return "Running";
}

std::string job_completions(const Json& job) {
  const std::string done = to_text(count_at(job, {"status", "succeeded"})) + "/";
  if (const auto wanted = integer_at(job, {"spec", "completions"})) return done + to_text(*wanted);
  const auto parallel = integer_at(job, {"spec", "parallelism"}).value_or(0);
  return parallel > 1 ? done + "1 of " + to_text(parallel) : done + "1";
}

std::string job_duration(const Json& job, base::Time now) {
  const auto start = base::parse_rfc3339(text_at(job, {"status", "startTime"}));
  if (!start) return "";
  const auto end = base::parse_rfc3339(text_at(job, {"status", "completionTime"}));
  return human_duration(end.value_or(now) - *start);
}

}  // namespace

Json deployment_cells(const Json& object, base::Time now) {
  const std::string ready =
      to_text(count_at(object, {"status", "readyReplicas"})) + "/" + to_text(count_at(object, {"spec", "replicas"}));
  return Json::array({name_cell(object), ready, count_at(object, {"status", "updatedReplicas"}),
                      count_at(object, {"status", "availableReplicas"}), age_of(object, now),
                      container_names(object, "name"), container_names(object, "image"), selector_cell(object)});
}

Json replica_set_cells(const Json& object, base::Time now) {
  // The selector of a replication controller is a plain map of labels.
  const Json& selector = at_path(object, {"spec", "selector"});
  const bool plain =
      selector.is_object() && !selector.contains("matchLabels") && !selector.contains("matchExpressions");
  return Json::array({name_cell(object), count_at(object, {"spec", "replicas"}),
                      count_at(object, {"status", "replicas"}), count_at(object, {"status", "readyReplicas"}),
                      age_of(object, now), container_names(object, "name"), container_names(object, "image"),
                      plain ? labels_cell(selector) : selector_cell(object)});
}

Json stateful_set_cells(const Json& object, base::Time now) {
  const std::string ready =
      to_text(count_at(object, {"status", "readyReplicas"})) + "/" + to_text(count_at(object, {"spec", "replicas"}));
  return Json::array({name_cell(object), ready, age_of(object, now), container_names(object, "name"),
                      container_names(object, "image")});
}

Json daemon_set_cells(const Json& object, base::Time now) {
  return Json::array(
      {name_cell(object), count_at(object, {"status", "desiredNumberScheduled"}),
       count_at(object, {"status", "currentNumberScheduled"}), count_at(object, {"status", "numberReady"}),
       count_at(object, {"status", "updatedNumberScheduled"}), count_at(object, {"status", "numberAvailable"}),
       labels_cell(at_path(object, {"spec", "template", "spec", "nodeSelector"})), age_of(object, now),
       container_names(object, "name"), container_names(object, "image"), selector_cell(object)});
}

Json autoscaler_cells(const Json& object, base::Time now) {
  const std::string reference =
      text_at(object, {"spec", "scaleTargetRef", "kind"}) + "/" + text_at(object, {"spec", "scaleTargetRef", "name"});
  return Json::array({name_cell(object), reference, targets_cell(object),
                      value_cell(at_path(object, {"spec", "minReplicas"}), "<unset>"),
                      value_cell(at_path(object, {"spec", "maxReplicas"}), "<unset>"),
                      value_cell(at_path(object, {"status", "currentReplicas"}), "0"), age_of(object, now)});
}

Json job_cells(const Json& object, base::Time now) {
  return Json::array({name_cell(object), job_status(object), job_completions(object), job_duration(object, now),
                      age_of(object, now), container_names(object, "name"), container_names(object, "image"),
                      selector_cell(object)});
}

Json cron_job_cells(const Json& object, base::Time now) {
  const Json& last = at_path(object, {"status", "lastScheduleTime"});
  const Json& suspend = at_path(object, {"spec", "suspend"});
  const Json pod = {{"spec", at_path(object, {"spec", "jobTemplate", "spec"})}};
  return Json::array({name_cell(object), text_at(object, {"spec", "schedule"}),
                      cell_text(object, {"spec", "timeZone"}, kNone), suspend.is_boolean() ? suspend : false,
                      at_path(object, {"status", "active"}).size(), last.is_string() ? age_cell(last, now) : kNone,
                      age_of(object, now), container_names(pod, "name"), container_names(pod, "image"),
                      selector_cell(pod)});
}

Json disruption_budget_cells(const Json& object, base::Time now) {
  return Json::array({name_cell(object), value_cell(at_path(object, {"spec", "minAvailable"}), "N/A"),
                      value_cell(at_path(object, {"spec", "maxUnavailable"}), "N/A"),
                      count_at(object, {"status", "disruptionsAllowed"}), age_of(object, now)});
}

Json endpoint_slice_cells(const Json& object, base::Time now) {
  std::vector<std::string> ports;
  if (member(object, "ports").is_array()) {
    for (const Json& port : member(object, "ports")) ports.push_back(value_cell(member(port, "port"), "*"));
  }
  std::vector<std::string> addresses;
  if (member(object, "endpoints").is_array()) {
    for (const Json& endpoint : member(object, "endpoints")) {
      if (!member(endpoint, "addresses").is_array()) continue;
      for (const Json& address : member(endpoint, "addresses")) addresses.push_back(text_of(address));
    }
  }
  return Json::array({name_cell(object), text_at(object, {"addressType"}),
                      ports.empty() ? "<unset>" : list_cell(ports, kEndpointsShown),
                      addresses.empty() ? "<unset>" : list_cell(addresses, kEndpointsShown), age_of(object, now)});
}

Json lease_cells(const Json& object, base::Time now) {
  return Json::array({name_cell(object), text_at(object, {"spec", "holderIdentity"}), age_of(object, now)});
}

Json priority_class_cells(const Json& object, base::Time now) {
  const Json& global = member(object, "globalDefault");
  return Json::array(
      {name_cell(object), count_at(object, {"value"}), global.is_boolean() ? global : false, age_of(object, now)});
}

}  // namespace fakeapi
