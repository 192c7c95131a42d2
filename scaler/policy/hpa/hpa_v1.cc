#include "scaler/policy/hpa/hpa_v1.h"

#include <optional>

#include "common/base/number_format.h"
#include "common/kube/quantity.h"
#include "scaler/policy/hpa/field_problem.h"
#include "scaler/policy/hpa/hpa_defaults.h"
#include "scaler/policy/hpa/json_values.h"

namespace scaler {
namespace {

using json_values::find;
using json_values::Json;

std::string pointer_of(const std::string& name) { return annotation_pointer(kHpaV1Annotation + name); }

// Sets `to`[`key`] if `from` has `old_key`.
void move_field(const Json& from, const char* old_key, Json& to, const char* key) {
  if (const Json* value = find(from, old_key)) to[key] = *value;
}

Json identifier(const Json& body, const char* selector_key) {
  Json metric = Json::object();
  move_field(body, "metricName", metric, "name");
  move_field(body, selector_key, metric, "selector");
  return metric;
}

Json resource_body(const Json& body) {
  Json converted = Json::object();
  move_field(body, "name", converted, "name");
  move_field(body, "container", converted, "container");
  Json target = {{"type", find(body, "targetAverageUtilization") ? "Utilization" : "AverageValue"}};
  move_field(body, "targetAverageUtilization", target, "averageUtilization");
  move_field(body, "targetAverageValue", target, "averageValue");
  converted["target"] = std::move(target);
  return converted;
}

Json pods_body(const Json& body) {
  Json target = {{"type", "AverageValue"}};
  move_field(body, "targetAverageValue", target, "averageValue");
  return {{"metric", identifier(body, "selector")}, {"target", std::move(target)}};
}

Json object_body(const Json& body) {
  Json converted = {{"metric", identifier(body, "selector")}};
  move_field(body, "target", converted, "describedObject");
  const bool average = find(body, "averageValue") != nullptr;
  Json target = {{"type", average ? "AverageValue" : "Value"}};
  move_field(body, "averageValue", target, "averageValue");
  // v1 cannot leave targetValue out: with an averageValue it is written as 0.
  const auto value = json_values::quantity(body, "targetValue");
  if (!average || !value || value->milli() != 0) move_field(body, "targetValue", target, "value");
  converted["target"] = std::move(target);
  return converted;
}

Json external_body(const Json& body) {
  Json target = {{"type", find(body, "targetValue") ? "Value" : "AverageValue"}};
  move_field(body, "targetValue", target, "value");
  move_field(body, "targetAverageValue", target, "averageValue");
  return {{"metric", identifier(body, "metricSelector")}, {"target", std::move(target)}};
}

Json convert_metric(const Json& metric) {
  struct Body {
    const char* key;
    Json (*convert)(const Json& body);
  };
  static constexpr Body kBodies[] = {{"object", object_body},
                                     {"external", external_body},
                                     {"pods", pods_body},
                                     {"resource", resource_body},
                                     {"containerResource", resource_body}};
  Json converted = Json::object();
  move_field(metric, "type", converted, "type");
  for (const Body& body : kBodies) {
    if (const Json* found = find(metric, body.key)) converted[body.key] = body.convert(*found);
  }
  return converted;
}

// The annotation holds the server's internal form, whose keys begin with a capital letter.
Json with_small_keys(const Json& value) {
  if (value.is_array()) {
    Json list = Json::array();
    for (const Json& element : value) list.push_back(with_small_keys(element));
    return list;
  }
  if (!value.is_object()) return value;
  Json object = Json::object();
  for (const auto& [key, field] : value.items()) {
    std::string small = key;
    if (!small.empty() && small[0] >= 'A' && small[0] <= 'Z') small[0] = static_cast<char>(small[0] - 'A' + 'a');
    object[small] = with_small_keys(field);
  }
  return object;
}

class Converter {
 public:
  Converter(const Json& v1, const std::map<std::string, std::string>& annotations)
      : v1_(v1), annotations_(annotations) {}

  HpaV1Conversion convert() {
    for (const char* key : {"scaleTargetRef", "minReplicas", "maxReplicas"}) move_field(v1_, key, out_.spec, key);
    if (!find(out_.spec, "minReplicas")) out_.spec["minReplicas"] = 1;
    add_metrics();
    add_behavior();
    add_tolerance("scaleDown", "scale-down-tolerance");
    add_tolerance("scaleUp", "scale-up-tolerance");
    return std::move(out_);
  }

 private:
  const std::string* annotation(const std::string& name) const {
    const auto found = annotations_.find(kHpaV1Annotation + name);
    return found == annotations_.end() ? nullptr : &found->second;
  }

  void reject(const std::string& name, const std::string& wanted) {
    if (!out_.problem.empty()) return;
    out_.problem = "the annotation " + (kHpaV1Annotation + name) + " must be " + wanted;
    out_.problem_at = pointer_of(name);
  }

  // The annotation as JSON of the wanted kind.
  std::optional<Json> json_of(const std::string& name, bool list) {
    const std::string* text = annotation(name);
    if (!text) return std::nullopt;
    Json value = Json::parse(*text, nullptr, false);
    if (!value.is_discarded() && (list ? value.is_array() : value.is_object())) return value;
    reject(name, list ? "a JSON list of metrics" : "a JSON object");
    return std::nullopt;
  }

  // The metrics of the annotation come first, then the CPU; the last resort is CPU at 80 %.
  void add_metrics() {
    Json metrics = Json::array();
    if (const auto listed = json_of("metrics", true)) {
      for (const Json& metric : *listed) {
        note_origin(metrics.size(), pointer_of("metrics"));
        metrics.push_back(convert_metric(metric));
      }
    }
    if (const Json* percent = find(v1_, "targetCPUUtilizationPercentage")) {
      note_origin(metrics.size(), "/spec/targetCPUUtilizationPercentage");
      metrics.push_back(
          {{"type", "Resource"},
           {"resource", {{"name", "cpu"}, {"target", {{"type", "Utilization"}, {"averageUtilization", *percent}}}}}});
    }
    out_.spec["metrics"] = std::move(metrics);
    out_.spec = apply_hpa_defaults(std::move(out_.spec));
  }

  void note_origin(std::size_t metric, std::string pointer) {
    out_.origins["/spec/metrics/" + base::format_number(std::uint64_t{metric})] = std::move(pointer);
  }

  void add_behavior() {
    auto behavior = json_of("behavior", false);
    if (!behavior) return;
    out_.spec["behavior"] = with_small_keys(*behavior);
    out_.origins["/spec/behavior"] = pointer_of("behavior");
  }

  void add_tolerance(const char* direction, const std::string& name) {
    const std::string* text = annotation(name);
    if (!text) return;
    if (!kube::Quantity::parse(*text)) return reject(name, "a quantity, such as 50m or 0.05, is \"" + *text + "\"");
    Json& behavior = out_.spec["behavior"];
    if (!behavior.is_object()) behavior = apply_behavior_defaults(Json::object());
    Json& rules = behavior[direction];
    if (!rules.is_object()) rules = apply_behavior_defaults(Json::object()).at(direction);
    rules["tolerance"] = *text;
    out_.origins["/spec/behavior/" + std::string(direction) + "/tolerance"] = pointer_of(name);
  }

  const Json& v1_;
  const std::map<std::string, std::string>& annotations_;
  HpaV1Conversion out_{Json::object(), {}, "", ""};
};

}  // namespace

std::string HpaV1Conversion::origin_of(const std::string& pointer) const {
  for (std::string above = pointer; !above.empty(); above.erase(above.rfind('/'))) {
    if (const auto found = origins.find(above); found != origins.end()) return found->second;
  }
  return pointer;
}

HpaV1Conversion convert_hpa_v1(const Json& spec, const std::map<std::string, std::string>& annotations) {
  return Converter(spec, annotations).convert();
}

}  // namespace scaler
