// What moves the minReplicas of an HPA: the HpaTuner, and the person who does it by hand. Plain values.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "common/base/time.h"

namespace scaler {

// webapp.streamotion.com.au/v1 HpaTuner
struct HpaTunerSpec {
  int min_replicas = 1;
  int max_replicas = 1;
  base::Duration downscale_forbidden_window = std::chrono::seconds(300);
  base::Duration upscale_forbidden_window_after_downscale = std::chrono::seconds(300);
  int cpu_idling_percentage = 0;
  bool use_decision_service = false;
};

// gamenight/v1 HumanOperator: a baseline for simulations.
struct HumanOperatorSpec {
  int min_replicas = 1;
};

}  // namespace scaler
