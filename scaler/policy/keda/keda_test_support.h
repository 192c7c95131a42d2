// ScaledObjects and what they see, in a few words, for the tests of this folder.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "common/base/check.h"
#include "common/config/document.h"
#include "scaler/policy/keda/keda_hpa.h"
#include "scaler/policy/policy_file.h"
#include "scaler/policy/policy_test_support.h"

// A namespace of its own: other folders have helpers of these names.
namespace scaler::testing {
inline namespace keda {

// The ScaledObject "web" of the Deployment "api"; `spec` are the lines below spec, indented by two. In complaints the
// file is called keda.yaml.
inline std::string scaled_object_text(const std::string& spec, const std::string& annotations = "") {
  return "apiVersion: keda.sh/v1alpha1\nkind: ScaledObject\nmetadata: {name: web, annotations: {" + annotations +
         "}}\nspec:\n  scaleTargetRef: {name: api}\n" + spec;
}

inline base::Result<PolicySpec> read_text(const std::string& text) {
  auto documents = config::parse_yaml(text, "keda.yaml");
  if (!documents) return documents.error();
  return read_policy(documents->front());
}

inline PolicySpec scaled_object(const std::string& spec, const std::string& annotations = "") {
  auto read = read_text(scaled_object_text(spec, annotations));
  CHECK(read.has_value(), read.has_value() ? "" : read.error().message);
  return std::move(*read);
}

// One prometheus trigger, 100 a pod.
inline constexpr const char* kRequests = R"(  triggers:
    - type: prometheus
      metadata: {serverAddress: "http://prometheus:9090", query: rate, threshold: "100"}
)";

inline const MetricNeed kRequestsNeed = keda_need("s0-prometheus", "web");

using Values = base::Result<std::vector<MetricValue>>;

inline Observation with_external(Observation observation, const std::string& metric, double value) {
  const auto milli = static_cast<std::int64_t>(value * 1000);
  observation.external_metrics.insert_or_assign(keda_need(metric, "web"), Values({{milli, observation.now}}));
  return observation;
}

inline Observation with_failure(Observation observation, const std::string& metric) {
  observation.external_metrics.insert_or_assign(keda_need(metric, "web"),
                                                Values(base::Error{base::ErrorCode::kTimeout, "no answer"}));
  return observation;
}

inline const Unused* unused_of(const Decision& decision, const std::string& rule) {
  const auto found = std::find_if(decision.unused.begin(), decision.unused.end(),
                                  [&](const Unused& unused) { return unused.rule == rule; });
  return found == decision.unused.end() ? nullptr : &*found;
}

}  // namespace keda
}  // namespace scaler::testing
