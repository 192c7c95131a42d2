// Reads a HorizontalPodAutoscaler with the API server's defaults and validation; the first of several problems is the
// complaint: "file:line:col: spec.maxReplicas: Invalid value: 0: must be greater than 0".
//
// Stateless. Complaints travel as config::FieldError.
#pragma once

#include "common/config/fields.h"
#include "scaler/policy/policy_spec.h"

namespace scaler {

// The object's `spec`, with scaleTargetRef; `policy` holds the metadata already.
void read_hpa(config::Fields& spec, PolicySpec& policy);     // autoscaling/v2
void read_hpa_v1(config::Fields& spec, PolicySpec& policy);  // autoscaling/v1

}  // namespace scaler
