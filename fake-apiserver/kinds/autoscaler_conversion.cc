#include "fake-apiserver/kinds/autoscaler_conversion.h"

#include "fake-apiserver/api/body.h"
#include "fake-apiserver/store/json_access.h"

namespace fakeapi {
namespace {

constexpr const char* kMetrics = "autoscaling.alpha.kubernetes.io/metrics";
constexpr const char* kBehavior = "autoscaling.alpha.kubernetes.io/behavior";
constexpr const char* kCurrentMetrics = "autoscaling.alpha.kubernetes.io/current-metrics";
constexpr const char* kConditions = "autoscaling.alpha.kubernetes.io/conditions";

// What v1 calls the parts of a metric: targets in a spec, current values in a status.
struct Part {
  const char* source;  // "pods", "resource", ...
  const char* v2;      // below the source; "#" stands for target or current
  const char* v1;
  bool target;
};
constexpr Part kParts[] = {
    {"resource", "name", "name", true},
    {"resource", "#/averageUtilization", "targetAverageUtilization", true},
    {"resource", "#/averageValue", "targetAverageValue", true},
    {"resource", "name", "name", false},
    {"resource", "#/averageUtilization", "currentAverageUtilization", false},
    {"resource", "#/averageValue", "currentAverageValue", false},
    {"containerResource", "name", "name", true},
    {"containerResource", "container", "container", true},
    {"containerResource", "#/averageUtilization", "targetAverageUtilization", true},
    {"containerResource", "#/averageValue", "targetAverageValue", true},
    {"containerResource", "name", "name", false},
    {"containerResource", "container", "container", false},
    {"containerResource", "#/averageUtilization", "currentAverageUtilization", false},
    {"containerResource", "#/averageValue", "currentAverageValue", false},
    {"pods", "metric/name", "metricName", true},
    {"pods", "metric/selector", "selector", true},
    {"pods", "#/averageValue", "targetAverageValue", true},
    {"pods", "metric/name", "metricName", false},
    {"pods", "metric/selector", "selector", false},
    {"pods", "#/averageValue", "currentAverageValue", false},
    {"object", "describedObject", "target", true},
    {"object", "metric/name", "metricName", true},
    {"object", "metric/selector", "selector", true},
    {"object", "#/value", "targetValue", true},
    {"object", "#/averageValue", "averageValue", true},
    {"object", "describedObject", "target", false},
    {"object", "metric/name", "metricName", false},
    {"object", "metric/selector", "selector", false},
    {"object", "#/value", "currentValue", false},
    {"object", "#/averageValue", "averageValue", false},
    {"external", "metric/name", "metricName", true},
    {"external", "metric/selector", "metricSelector", true},
    {"external", "#/value", "targetValue", true},
    {"external", "#/averageValue", "targetAverageValue", true},
    {"external", "metric/name", "metricName", false},
    {"external", "metric/selector", "metricSelector", false},
    {"external", "#/value", "currentValue", false},
    {"external", "#/averageValue", "currentAverageValue", false},
};

struct Place {
  std::string parent;  // empty: the field stands in the source itself
  std::string key;
};

Place place_of(const Part& part) {
  const std::string_view path = part.v2;
  const std::size_t slash = path.find('/');
  if (slash == std::string_view::npos) return {"", std::string(path)};
  const std::string_view parent = path.substr(0, slash);
  return {parent == "#" ? (part.target ? "target" : "current") : std::string(parent),
          std::string(path.substr(slash + 1))};
}

Json metric_to_v1(const Json& metric, bool target) {
  Json converted = {{"type", member(metric, "type")}};
  for (const Part& part : kParts) {
    const Json& source = member(metric, part.source);
    if (part.target != target || !source.is_object()) continue;
    const Place place = place_of(part);
    const Json& value = member(place.parent.empty() ? source : member(source, place.parent), place.key);
    if (!value.is_null()) converted[part.source][part.v1] = value;
  }
  // v1 cannot leave the value of an object out.
  if (target && converted.contains("object") && !converted["object"].contains("targetValue")) {
    converted["object"]["targetValue"] = "0";
  }
  return converted;
}

void add_target_type(Json& source) {
  Json& target = source["target"];
  if (target.contains("averageUtilization")) {
    target["type"] = "Utilization";
  } else if (target.contains("averageValue")) {
    target["type"] = "AverageValue";
    if (member(target, "value") == "0") target.erase("value");
  } else {
    target["type"] = "Value";
  }
}

Json metric_from_v1(const Json& metric, bool target) {
  Json converted = {{"type", member(metric, "type")}};
  for (const Part& part : kParts) {
    const Json& source = member(metric, part.source);
    if (part.target != target || !source.is_object()) continue;
    const Json& value = member(source, part.v1);
    if (value.is_null()) continue;
    const Place place = place_of(part);
    if (place.parent.empty()) {
      converted[part.source][place.key] = value;
    } else {
      converted[part.source][place.parent][place.key] = value;
    }
  }
  if (!target) return converted;
  for (auto field = converted.begin(); field != converted.end(); ++field) {
    if (field->is_object()) add_target_type(*field);
  }
  return converted;
}

Json metrics_to_v1(const Json& metrics, bool target) {
  Json list = Json::array();
  for (const Json& metric : metrics) list.push_back(metric_to_v1(metric, target));
  return list;
}

Json metrics_from_v1(const Json& metrics, bool target) {
  Json list = Json::array();
  for (const Json& metric : metrics) list.push_back(metric_from_v1(metric, target));
  return list;
}

// Keys with a first letter of the other size, all the way down.
Json recased(const Json& value, bool capital) {
  if (value.is_array()) {
    Json list = Json::array();
    for (const Json& item : value) list.push_back(recased(item, capital));
    return list;
  }
  if (!value.is_object()) return value;
  Json object = Json::object();
  for (auto field = value.begin(); field != value.end(); ++field) {
    std::string key = field.key();
    if (capital && !key.empty() && key[0] >= 'a' && key[0] <= 'z') key[0] = static_cast<char>(key[0] - 'a' + 'A');
    if (!capital && !key.empty() && key[0] >= 'A' && key[0] <= 'Z') key[0] = static_cast<char>(key[0] - 'A' + 'a');
    object[key] = recased(*field, capital);
  }
  return object;
}

bool is_cpu_utilization(const Json& metric, const char* side) {
  return text_at(metric, {"type"}) == "Resource" && text_at(metric, {"resource", "name"}) == "cpu" &&
         at_path(metric, {"resource", side, "averageUtilization"}).is_number();
}

// Takes the CPU utilisation out of a list of metrics.
std::optional<Json> take_cpu(Json& object, const char* part, const char* list, const char* side) {
  if (!member(member(object, part), list).is_array()) return std::nullopt;
  Json& metrics = object[part][list];
  std::optional<Json> value;
  for (std::size_t i = 0; i < metrics.size() && !value; ++i) {
    if (!is_cpu_utilization(metrics[i], side)) continue;
    value = at_path(metrics[i], {"resource", side, "averageUtilization"});
    metrics.erase(i);
  }
  if (metrics.empty()) object[part].erase(list);
  return value;
}

void put_cpu(Json& object, const char* part, const char* list, const char* side, const Json& value) {
  Json& metrics = object[part][list];
  if (!metrics.is_array()) metrics = Json::array();
  Json metric = {{"type", "Resource"}, {"resource", {{"name", "cpu"}}}};
  metric["resource"][side] = {{"averageUtilization", value}};
  if (std::string_view(side) == "target") metric["resource"][side]["type"] = "Utilization";
  metrics.push_back(std::move(metric));
}

// Moves object[part][key] into an annotation.
template <class Convert>
void annotate(Json& object, const char* part, const char* key, const char* annotation, const Convert& convert) {
  if (member(member(object, part), key).is_null()) return;
  object["metadata"]["annotations"][annotation] = to_text(convert(object[part][key]));
  object[part].erase(key);
}

// The reverse. An annotation that does not parse, or to no `list`, is left where it is.
template <class Convert>
void restore(Json& object, const char* part, const char* key, const char* annotation, bool list,
             const Convert& convert) {
  const Json& text = at_path(object, {"metadata", "annotations", annotation});
  if (!text.is_string()) return;
  const auto value = parse_json(text.get_ref<const std::string&>());
  if (!value || (list ? !value->is_array() : !value->is_object())) return;
  if (!member(object, part).is_null() && !member(object, part).is_object()) return;
  object[part][key] = convert(*value);
  Json& annotations = object["metadata"]["annotations"];
  annotations.erase(annotation);
  if (annotations.empty()) object["metadata"].erase("annotations");
}

Json as_it_is(const Json& value) { return value; }

}  // namespace

void autoscaler_to_v1(Json& object) {
  if (auto cpu = take_cpu(object, "spec", "metrics", "target")) {
    object["spec"]["targetCPUUtilizationPercentage"] = std::move(*cpu);
  }
  if (auto cpu = take_cpu(object, "status", "currentMetrics", "current")) {
    object["status"]["currentCPUUtilizationPercentage"] = std::move(*cpu);
  }
  annotate(object, "spec", "metrics", kMetrics, [](const Json& metrics) { return metrics_to_v1(metrics, true); });
  annotate(object, "spec", "behavior", kBehavior, [](const Json& behavior) { return recased(behavior, true); });
  annotate(object, "status", "currentMetrics", kCurrentMetrics,
           [](const Json& metrics) { return metrics_to_v1(metrics, false); });
  annotate(object, "status", "conditions", kConditions, as_it_is);
}

void autoscaler_from_v1(Json& object) {
  restore(object, "spec", "metrics", kMetrics, true,
          [](const Json& metrics) { return metrics_from_v1(metrics, true); });
  restore(object, "spec", "behavior", kBehavior, false, [](const Json& behavior) { return recased(behavior, false); });
  restore(object, "status", "currentMetrics", kCurrentMetrics, true,
          [](const Json& metrics) { return metrics_from_v1(metrics, false); });
  restore(object, "status", "conditions", kConditions, true, as_it_is);
  const Json target = at_path(object, {"spec", "targetCPUUtilizationPercentage"});
  if (!target.is_null()) {
    object["spec"].erase("targetCPUUtilizationPercentage");
    put_cpu(object, "spec", "metrics", "target", target);
  }
  const Json current = at_path(object, {"status", "currentCPUUtilizationPercentage"});
  if (!current.is_null()) {
    object["status"].erase("currentCPUUtilizationPercentage");
    put_cpu(object, "status", "currentMetrics", "current", current);
  }
}

}  // namespace fakeapi
