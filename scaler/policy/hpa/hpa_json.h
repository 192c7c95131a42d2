// The JSON of a HorizontalPodAutoscaler's spec (autoscaling/v2) as the values that the controller works with. Lenient:
// nothing is validated, what is absent or of a wrong type is as if it was not given. Numbers beyond int32 saturate,
// quantities are exact thousandths, rounded up.
//
// Stateless.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "scaler/policy/hpa/hpa_spec.h"

namespace scaler {

// With the API's defaults filled in.
HpaSpec decode_hpa_spec(const nlohmann::json& spec);

// One entry of spec.metrics. An unknown type becomes Source::kUnknown; a metric.selector that is none is told in
// selector_problem.
MetricSpec decode_metric(const nlohmann::json& metric);

// spec.behavior, with the API's defaults filled in.
Behavior decode_behavior(const nlohmann::json& behavior);

// A label selector as the text that the metrics APIs take: "a=b,c in (d,e),!f", by key. Null and {} are empty.
struct SelectorText {
  std::string text;
  std::string problem;  // why it is no selector; empty if it is
};
SelectorText selector_text(const nlohmann::json& selector);

}  // namespace scaler
