// How the HPA controller names metrics in its events and conditions.
//
// Stateless.
#pragma once

#include <string>

#include "scaler/policy/metric_spec.h"

namespace scaler {

// As in "<name> above target".
std::string reason_name(const MetricSpec& metric);

// The word of the event and of the condition when the metric could not be used: "FailedGetResourceMetric".
std::string failure_reason(const MetricSpec& metric);

// "Resource", "Pods", ...; an unknown type as it was written.
std::string type_name(const MetricSpec& metric);

// The dump of a Go LabelSelector, which is part of the name of an External metric.
std::string dump_selector(const MetricSpec& metric);

}  // namespace scaler
