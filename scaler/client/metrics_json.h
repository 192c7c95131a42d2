// The JSON of the metrics APIs and of discovery as plain values.
//
// A list in which one value is no quantity is refused as a whole, with the value: upstream's clients do the same.
// Stateless.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "scaler/model/observation.h"

namespace scaler {

// A PodMetricsList of metrics.k8s.io.
base::Result<std::vector<PodUsage>> decode_pod_metrics(std::string_view body);
// A MetricValueList of custom.metrics.k8s.io, v1beta1 or v1beta2, of pods.
base::Result<std::vector<PodMetricValue>> decode_metric_values(std::string_view body);
// The same of one object: exactly one value.
base::Result<MetricValue> decode_object_metric(std::string_view body);
// An ExternalMetricValueList.
base::Result<std::vector<MetricValue>> decode_external_metric(std::string_view body);

// The versions of an APIGroup, the preferred one first; empty if it has none.
std::vector<std::string> decode_group_versions(std::string_view body);
// The plural of a kind in an APIResourceList; empty if it is not there.
std::string decode_plural(std::string_view body, const std::string& kind);

}  // namespace scaler
