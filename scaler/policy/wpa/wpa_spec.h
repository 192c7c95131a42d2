// datadoghq.com/v1alpha1 WatermarkPodAutoscaler. Plain values.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/base/time.h"
#include "scaler/policy/metric_spec.h"

namespace scaler {

// One entry of spec.metrics. A watermark that is not given is the other one.
struct WpaMetric {
  enum class Source { kExternal, kResource };
  Source source = Source::kExternal;
  std::string name;
  std::string selector{};  // metricSelector as text
  std::int64_t high_milli = 0;
  std::int64_t low_milli = 0;
};

// datadoghq.com/v1alpha1 WatermarkPodAutoscaler
struct WpaSpec {
  enum class Converge { kOff, kHighWatermark, kLowWatermark };

  int min_replicas = 1;
  int max_replicas = 1;
  std::vector<WpaMetric> metrics;
  bool average = false;                    // algorithm: divide by the ready pods
  std::int64_t tolerance_milli = 100;      // of 1
  std::int64_t scale_up_limit = 50'000;    // thousandths of a percent; 0: no growth
  std::int64_t scale_down_limit = 20'000;  // the same for shrinking
  base::Duration upscale_forbidden_window = std::chrono::seconds(60);
  base::Duration downscale_forbidden_window = std::chrono::seconds(300);
  base::Duration upscale_delay{};    // above the watermark
  base::Duration downscale_delay{};  // below it
  int modulo = 1;                    // replicaScalingAbsoluteModulo
  Converge converge = Converge::kOff;
  int min_available_percentage = 0;
  base::Duration readiness_delay{};
  bool tolerate_zero = false;
  bool dry_run = false;
};

}  // namespace scaler
