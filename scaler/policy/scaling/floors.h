// Lower and upper bounds that come and go, and which of them count at the moment.
//
// Pure values and functions.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "scaler/model/decision.h"
#include "scaler/policy/hpa/rate_limits.h"

namespace scaler {

struct Floor {
  int replicas = 0;
  std::string source;                    // as Decision::selected names it: "schedule grand-final"
  std::string rule;                      // "schedules.grand-final.minReplicas"
  std::string why;                       // one sentence
  std::string param{};                   // the rule's setting, if it is not `replicas`
  std::optional<base::Time> until{};     // nullopt: not known
  Trigger trigger = Trigger::kSchedule;  // of a change that it makes
  bool is_planned = true;                // wins over a ceiling; what a measurement or a service asks for does not
};

struct Ceiling {
  int replicas = 0;
  std::string rule;
  std::string why;
};

struct Limits {
  Bounds bounds;
  std::vector<Floor> floors;       // all that hold
  std::optional<Floor> floor;      // sets bounds.min; nullopt: the policy does
  std::optional<Ceiling> ceiling;  // sets bounds.max; nullopt: the policy does
};

// The highest ceiling replaces the policy's own maximum; a planned floor, and the policy's own minimum, push it up.
// The highest floor counts if it is above the policy's own minimum, the earlier one in a tie.
Limits limits_of(Bounds own, std::vector<Floor> floors, const std::vector<Ceiling>& ceilings);

}  // namespace scaler
