#include "scaler/policy/hpa/hpa_defaults.h"

#include <nlohmann/json.hpp>

#include "scaler/policy/hpa/json_values.h"

namespace scaler {
namespace {

using json_values::find;
using json_values::Json;

void set_if_absent(Json& object, const char* key, Json value) {
  if (!find(object, key)) object[key] = std::move(value);
}

Json rate_policy(const char* type, int value) {
  constexpr int kPeriodSeconds = 15;
  return {{"type", type}, {"value", value}, {"periodSeconds", kPeriodSeconds}};
}

Json default_metrics() {
  constexpr int kPercent = 80;
  return Json::array(
      {{{"type", "Resource"},
        {"resource", {{"name", "cpu"}, {"target", {{"type", "Utilization"}, {"averageUtilization", kPercent}}}}}}});
}

// The rules of one direction, to be filled in; nullptr if something else than an object is there.
Json* rules_of(Json& behavior, const char* direction) {
  set_if_absent(behavior, direction, Json::object());
  Json& rules = behavior[direction];
  return rules.is_object() ? &rules : nullptr;
}

}  // namespace

Json apply_behavior_defaults(Json behavior) {
  if (!behavior.is_object()) return behavior;
  const Json all = rate_policy("Percent", 100);
  if (Json* up = rules_of(behavior, "scaleUp")) {
    set_if_absent(*up, "stabilizationWindowSeconds", 0);
    set_if_absent(*up, "selectPolicy", "Max");
    set_if_absent(*up, "policies", Json::array({rate_policy("Pods", 4), all}));
  }
  if (Json* down = rules_of(behavior, "scaleDown")) {
    set_if_absent(*down, "selectPolicy", "Max");
    set_if_absent(*down, "policies", Json::array({all}));
  }
  return behavior;
}

Json apply_hpa_defaults(Json spec) {
  if (!spec.is_object()) return spec;
  set_if_absent(spec, "minReplicas", 1);
  const Json* metrics = find(spec, "metrics");
  if (!metrics || (metrics->is_array() && metrics->empty())) spec["metrics"] = default_metrics();
  if (find(spec, "behavior")) spec["behavior"] = apply_behavior_defaults(std::move(spec["behavior"]));
  return spec;
}

}  // namespace scaler
