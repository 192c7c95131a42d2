// A HorizontalPodAutoscaler of autoscaling/v1 as one of autoscaling/v2: its CPU target becomes a metric, and what v1
// has no field for comes from annotations autoscaling.alpha.kubernetes.io/….
//
// Stateless.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>

namespace scaler {

// The annotations' common prefix; then come metrics, behavior, scale-up-tolerance and scale-down-tolerance.
inline constexpr const char* kHpaV1Annotation = "autoscaling.alpha.kubernetes.io/";

struct HpaV1Conversion {
  nlohmann::json spec;  // of autoscaling/v2, with the defaults of v1, not validated
  // By JSON pointer into the v2 object, where in the v1 object what stands there and below came from. What is not
  // named kept its place.
  std::map<std::string, std::string> origins;
  // An annotation that cannot be read: why, and its JSON pointer. Empty if there is none.
  std::string problem;
  std::string problem_at;

  // Where in the v1 object the value at `pointer` of the v2 object came from.
  std::string origin_of(const std::string& pointer) const;
};

// The fields of `spec` are of the right types already.
HpaV1Conversion convert_hpa_v1(const nlohmann::json& spec, const std::map<std::string, std::string>& annotations);

}  // namespace scaler
