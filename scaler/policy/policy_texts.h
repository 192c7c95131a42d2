// Policies as their users write them, for tests of the reader.
//
// Constants, and functions without state.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "scaler/policy/policy_file.h"

namespace scaler::policy_texts {

// The file's name in complaints is policy.yaml.
inline base::Result<PolicySpec> read(const std::string& text) {
  auto documents = config::parse_yaml(text, "policy.yaml");
  if (!documents) return documents.error();
  return read_policy(documents->front());
}

inline std::string complaint(const std::string& text) {
  const auto policy = read(text);
  return policy ? "no complaint" : policy.error().message;
}

// "policy.yaml:line:column" of the first `part` in `text`.
inline std::string position_of(const std::string& text, const std::string& part) {
  const std::size_t at = text.find(part);
  EXPECT_NE(at, std::string::npos) << part;
  const auto line = std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n') + 1;
  const std::size_t line_start = at == 0 ? 0 : text.rfind('\n', at - 1) + 1;
  return "policy.yaml:" + std::to_string(line) + ":" + std::to_string(at - line_start + 1);
}

inline constexpr const char* kHpaDefault = R"(apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: hpa-default
  namespace: default
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: api}
  minReplicas: 20
  maxReplicas: 600
  metrics:
    - type: Resource
      resource: {name: cpu, target: {type: Utilization, averageUtilization: 70}}
)";

inline constexpr const char* kScheduled = R"(apiVersion: gamenight/v1
kind: ScalingPolicy
metadata: {name: scheduled}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: api}
  minReplicas: 20
  maxReplicas: 600
  metrics:
    - type: Resource
      resource: {name: cpu, target: {type: Utilization, averageUtilization: 70}}
  cooldown: {scaleUp: 0s, scaleDown: 5m}
  schedules:
    - {name: grand-final, cron: "20 19 * * 6", timeZone: Australia/Sydney, duration: 45m, minReplicas: 330}
)";

inline constexpr const char* kPredictive = R"(apiVersion: gamenight/v1
kind: ScalingPolicy
metadata: {name: predictive, namespace: night}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: api}
  minReplicas: 20
  maxReplicas: 600
  metrics:
    - type: Pods
      pods: {metric: {name: requests_per_second}, target: {type: AverageValue, averageValue: "140"}}
  cooldown: {scaleUp: 0s, scaleDown: 5m}
  prediction: {model: dampedTrend, horizon: 3m, quantile: 0.9, history: 15m}
)";

inline constexpr const char* kTunerText = R"(apiVersion: webapp.streamotion.com.au/v1
kind: HpaTuner
metadata: {name: hpa-tuner, namespace: default}
spec:
  scaleTargetRef: {kind: HorizontalPodAutoscaler, name: api-hpa}
  minReplicas: 20
  maxReplicas: 600
  downscaleForbiddenWindowSeconds: 600
  upscaleForbiddenWindowAfterDownscaleSeconds: 60
  scaleUpLimitFactor: 2
  scaleUpLimitMinimum: 4
  cpuIdlingPercentage: 30
  useDecisionService: false
)";

}  // namespace scaler::policy_texts
