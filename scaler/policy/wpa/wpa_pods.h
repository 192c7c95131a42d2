// Which pods the WatermarkPodAutoscaler counts, and what they use.
//
// Pure functions. Every observed pod is taken for one of the target's own: owners are not observed.
#pragma once

#include <cstdint>
#include <optional>

#include "common/base/result.h"
#include "scaler/model/observation.h"
#include "scaler/policy/wpa/wpa_spec.h"

namespace scaler {

struct WpaUsage {
  int ready = 0;
  std::int64_t sum_milli = 0;
  std::optional<base::Time> oldest;  // of the values; nullopt: there are none
};

// Reads one metric of the round; the error says why it cannot be used, which ends the round.
base::Result<WpaUsage> read_wpa_metric(const WpaSpec& spec, const WpaMetric& metric, const Observation& observation);

// Ready for External metrics: running and ready, or pending since less than readinessDelaySeconds.
base::Result<int> count_ready_pods(const WpaSpec& spec, const Observation& observation);

}  // namespace scaler
