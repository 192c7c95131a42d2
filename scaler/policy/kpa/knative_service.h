// A Knative Service, the object that people write where Knative itself keeps a PodAutoscaler.
//
// Its revisions are one target here: the Deployment of the service's name. Complaints travel as config::FieldError.
#pragma once

#include "common/config/document.h"
#include "common/config/fields.h"
#include "scaler/policy/policy_spec.h"

namespace scaler {

inline constexpr const char* kKnativeServiceVersion = "serving.knative.dev/v1";

// Reads the `spec` of a Service: the annotations of its template, which become those of `policy`, and the template's
// containerConcurrency; where its requests go (traffic) and what its pods are is not read. `policy` holds the metadata
// already; annotations about scaling are refused there, as Knative refuses them.
void read_knative_service(config::Fields& spec, PolicySpec& policy);

// The PodAutoscaler that stands for the latest revision of `service`, which is taken for right.
config::Json pod_autoscaler_of(const config::Json& service);

}  // namespace scaler
