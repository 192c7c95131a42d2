// The API server's validation of a HorizontalPodAutoscaler (autoscaling/v2), over the JSON of its spec. Problems are
// accumulated in the server's order, with its field paths, error types and words.
//
// The JSON is what the server validates: after defaulting (apply_hpa_defaults). Values of a wrong type, which a server
// refuses before it validates, count as absent here. Stateless.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "scaler/policy/hpa/field_problem.h"

namespace scaler {

struct HpaValidationOptions {
  bool scale_to_zero = true;           // gate HPAScaleToZero
  bool configurable_tolerance = true;  // gate HPAConfigurableTolerance: without it tolerances are dropped, not checked
  const nlohmann::json* old_spec = nullptr;  // of the stored object, for an update
};

FieldProblems validate_hpa_spec(const nlohmann::json& spec, const HpaValidationOptions& options = {});

// Parts of it, for other kinds that take them over. `path` is where the value stands.
FieldProblems validate_metric(const nlohmann::json& metric, const FieldPath& path);
FieldProblems validate_behavior(const nlohmann::json& behavior, const FieldPath& path);

// autoscaling/v1 Scale.
FieldProblems validate_scale_spec(const nlohmann::json& spec);

}  // namespace scaler
