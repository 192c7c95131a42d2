// What moves the minReplicas of an HPA: the HpaTuner, and the person who does it by hand. Plain values.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "common/base/time.h"

namespace scaler {

// Mistakes of the tuner's first implementation, to replay what it would have done. Each is an annotation of the
// HpaTuner, gamenight/bug-…: "true".
struct HpaTunerBugs {
  bool unbounded_minimum = false;      // no maxReplicas, the tuner's or the HPA's, bounds the minimum
  bool unchecked_status = false;       // the decision service is believed whatever its HTTP status
  bool garbage_is_zero = false;        // an answer of the decision service that does not parse is a minimum of 0
  bool stamps_failed_updates = false;  // the windows count from changes that were tried, written or not
  int idle_divisor = 0;                // without cpuIdlingPercentage, idle is below the HPA's target / this: 3 in the
                                       // code (bug-idle-threshold-code), 2 in its comment (bug-idle-threshold-docs)
  bool operator==(const HpaTunerBugs&) const = default;
};

// webapp.streamotion.com.au/v1 HpaTuner
struct HpaTunerSpec {
  int min_replicas = 1;
  int max_replicas = 1;
  base::Duration downscale_forbidden_window = std::chrono::seconds(300);
  base::Duration upscale_forbidden_window_after_downscale = std::chrono::seconds(300);
  int cpu_idling_percentage = 0;
  bool use_decision_service = false;
  HpaTunerBugs bugs{};
};

// The CPU target, in percent, of an HPA that names none.
inline constexpr int kDefaultCpuTarget = 80;

// One game, or all games of a cron expression, before which a person raises the floor.
struct ShiftSpec {
  std::string name;               // unique; the luck of a shift hangs on it
  std::optional<base::Time> at;   // when the game begins, or ...
  std::string cron{};             // ... five fields
  std::string time_zone = "UTC";  // of cron
  base::Duration lead{};          // planned so long before the game
  base::Duration duration{};      // from the game's beginning to the planned end
  int min_replicas = 1;
};

// gamenight/v1 HumanOperator: a baseline for simulations. Delays are lognormal.
struct HumanOperatorSpec {
  std::optional<int> min_replicas;  // to which the floor is lowered; nullopt: what it was at first
  std::vector<ShiftSpec> shifts;
  base::Duration reaction_median = std::chrono::minutes(2);
  double reaction_sigma = 0.5;  // of the logarithm, of late raises too
  double late_probability = 0.1;
  base::Duration late_median = std::chrono::minutes(15);
  double forgets_probability = 0.02;
  double forgets_to_lower_probability = 0.0;
};

}  // namespace scaler
