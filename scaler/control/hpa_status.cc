#include "scaler/control/hpa_status.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string_view>
#include <vector>

#include "common/base/time_format.h"
#include "scaler/client/kube_json.h"
#include "scaler/policy/hpa/hpa_json.h"
#include "scaler/policy/hpa/hpa_quantity.h"
#include "scaler/policy/hpa/json_values.h"

namespace scaler {
namespace {

using Json = nlohmann::json;
using namespace json_values;

// Null if there is none.
const Json& member(const Json& object, const char* key) {
  static const Json kNull;
  const Json* found = find(object, key);
  return found ? *found : kNull;
}

std::optional<base::Time> time(const Json& object, const char* key) { return base::parse_rfc3339(text(object, key)); }

std::optional<std::int64_t> milli(const Json& object, const char* key) {
  const auto read = quantity(object, key);
  if (!read) return std::nullopt;
  return read->milli();
}

const char* to_text(ConditionStatus status) {
  switch (status) {
    case ConditionStatus::kTrue: return "True";
    case ConditionStatus::kFalse: return "False";
    case ConditionStatus::kUnknown: break;
  }
  return "Unknown";
}

// The key of a metric's body: "Resource" has "resource".
std::string body_key(std::string type) {
  if (!type.empty() && type[0] >= 'A' && type[0] <= 'Z') type[0] = static_cast<char>(type[0] - 'A' + 'a');
  return type;
}

HpaMetricStatus decode_metric_status(const Json& entry) {
  HpaMetricStatus metric;
  metric.type = text(entry, "type");
  const Json& body = member(entry, body_key(metric.type).c_str());
  const Json& identifier = member(body, "metric");
  metric.name = identifier.is_object() ? text(identifier, "name") : text(body, "name");
  metric.container = text(body, "container");
  metric.selector = selector_text(member(identifier, "selector")).text;
  const Json& object = member(body, "describedObject");
  metric.object = {text(object, "apiVersion"), text(object, "kind"), text(object, "name")};
  const Json& current = member(body, "current");
  metric.average_utilization = small_integer(current, "averageUtilization");
  metric.average_value_milli = milli(current, "averageValue");
  metric.value_milli = milli(current, "value");
  return metric;
}

HpaStatus decode_status_of(const Json& json) {
  HpaStatus status;
  status.observed_generation = integer(json, "observedGeneration");
  status.last_scale_time = time(json, "lastScaleTime");
  status.current_replicas = small_integer(json, "currentReplicas").value_or(0);
  status.desired_replicas = small_integer(json, "desiredReplicas").value_or(0);
  if (const Json* metrics = find_list(json, "currentMetrics")) {
    status.current_metrics.emplace();
    for (const Json& entry : *metrics) status.current_metrics->push_back(decode_metric_status(entry));
  }
  const Json* conditions = find_list(json, "conditions");
  if (!conditions) return status;
  for (const Json& entry : *conditions) {
    HpaCondition condition;
    condition.type = text(entry, "type");
    if (condition.type.empty()) continue;
    condition.status = decode_condition_status(text(entry, "status"));
    condition.reason = text(entry, "reason");
    condition.message = text(entry, "message");
    condition.last_transition = time(entry, "lastTransitionTime").value_or(base::Time());
    status.conditions.push_back(std::move(condition));
  }
  return status;
}

std::string_view trim(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

// At commas that stand outside of parentheses.
std::vector<std::string_view> split(std::string_view text) {
  std::vector<std::string_view> parts;
  int depth = 0;
  std::size_t start = 0;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    const char c = i < text.size() ? text[i] : ',';
    depth += c == '(' ? 1 : c == ')' ? -1 : 0;
    if (c != ',' || (depth != 0 && i < text.size())) continue;
    parts.push_back(trim(text.substr(start, i - start)));
    start = i + 1;
  }
  return parts;
}

Json expression(std::string_view key, const char* op, std::string_view list = {}) {
  Json made = {{"key", key}, {"operator", op}};
  if (list.size() < 2) return made;
  made["values"] = Json::array();
  for (const std::string_view value : split(list.substr(1, list.size() - 2))) made["values"].push_back(value);
  return made;
}

// The reverse of selector_text().
Json selector_json(const std::string& text) {
  Json selector = Json::object();
  for (const std::string_view part : split(text)) {
    const std::size_t space = part.find(' ');
    const std::size_t equals = part.find('=');
    if (part.empty()) continue;
    if (space != std::string_view::npos) {
      const std::string_view rest = trim(part.substr(space));
      const bool negated = rest.starts_with("notin");
      const std::string_view list = trim(rest.substr(std::min(rest.size(), negated ? std::size_t{5} : std::size_t{2})));
      selector["matchExpressions"].push_back(expression(part.substr(0, space), negated ? "NotIn" : "In", list));
    } else if (equals != std::string_view::npos) {
      selector["matchLabels"][std::string(part.substr(0, equals))] = part.substr(equals + 1);
    } else if (part.starts_with('!')) {
      selector["matchExpressions"].push_back(expression(part.substr(1), "DoesNotExist"));
    } else {
      selector["matchExpressions"].push_back(expression(part, "Exists"));
    }
  }
  return selector;
}

Json encode_metric_status(const HpaMetricStatus& metric) {
  Json entry = {{"type", metric.type}};
  if (metric.type.empty()) return entry;  // the slot of a metric that failed
  const std::string resource = metric.type.ends_with("Resource") ? metric.name : "";
  Json body = Json::object();
  if (resource.empty()) {
    body["metric"]["name"] = metric.name;
    if (!metric.selector.empty()) body["metric"]["selector"] = selector_json(metric.selector);
  } else {
    body["name"] = metric.name;
  }
  if (!metric.container.empty()) body["container"] = metric.container;
  if (!metric.object.kind.empty()) {
    body["describedObject"] = {{"kind", metric.object.kind}, {"name", metric.object.name}};
    if (!metric.object.api_version.empty()) body["describedObject"]["apiVersion"] = metric.object.api_version;
  }
  Json& current = body["current"] = Json::object();
  if (metric.average_utilization) current["averageUtilization"] = *metric.average_utilization;
  if (metric.average_value_milli) current["averageValue"] = status_quantity(resource, *metric.average_value_milli).text;
  if (metric.value_milli) current["value"] = status_quantity(resource, *metric.value_milli).text;
  entry[body_key(metric.type)] = std::move(body);
  return entry;
}

Json encode_condition(const HpaCondition& condition) {
  return {{"type", condition.type},
          {"status", to_text(condition.status)},
          {"lastTransitionTime", base::format_rfc3339(condition.last_transition)},
          {"reason", condition.reason},
          {"message", condition.message}};
}

}  // namespace

HpaObjectState decode_hpa_state(const PolicyObject& hpa) {
  return HpaObjectState{decode_status_of(member(*hpa.document, "status")), hpa.meta.generation};
}

std::string encode_hpa_status(const HpaStatus& status) {
  // What a status does not have is null: in a merge patch, an absent key would leave what there was.
  Json json;
  json["observedGeneration"] = nullptr;
  if (status.observed_generation) json["observedGeneration"] = *status.observed_generation;
  json["lastScaleTime"] = nullptr;
  if (status.last_scale_time) json["lastScaleTime"] = base::format_rfc3339(*status.last_scale_time);
  json["currentReplicas"] = status.current_replicas;
  json["desiredReplicas"] = status.desired_replicas;
  json["currentMetrics"] = nullptr;
  if (status.current_metrics) {
    json["currentMetrics"] = Json::array();
    for (const HpaMetricStatus& metric : *status.current_metrics) {
      json["currentMetrics"].push_back(encode_metric_status(metric));
    }
  }
  json["conditions"] = Json::array();
  for (const HpaCondition& condition : status.conditions) json["conditions"].push_back(encode_condition(condition));
  Json patch;
  patch["status"] = std::move(json);
  // Messages quote what came from outside, which may be cut inside a character.
  return patch.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace scaler
