// Reads a Knative PodAutoscaler of the class kpa. Complaints travel as config::FieldError.
#pragma once

#include "common/config/fields.h"
#include "scaler/policy/kpa/annotations.h"
#include "scaler/policy/policy_spec.h"

namespace scaler {

// Reads the object's `spec`, but for scaleTargetRef, and its annotations: autoscaling.knative.dev/… as Knative has them
// (kebab-case, or the camelCase of old), and gamenight/… for the keys of the ConfigMap config-autoscaler, which a
// single file has no other place for. `policy` holds the metadata already.
void read_kpa(config::Fields& spec, PolicySpec& policy);

// What the annotations alone say. Complains about those that are nearly known.
void read_kpa_annotations(Annotations& annotations, KpaSpec& kpa);

// `fields`.containerConcurrency; 0: no limit.
double read_container_concurrency(config::Fields& fields);

}  // namespace scaler
