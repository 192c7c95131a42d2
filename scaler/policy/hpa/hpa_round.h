// What a round of the HPA controller leaves behind: the status with its conditions, events and labels.
//
// Pure functions over what the round found out.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "scaler/model/decision.h"
#include "scaler/model/hpa_status.h"
#include "scaler/model/observation.h"
#include "scaler/policy/hpa/hpa_spec.h"
#include "scaler/policy/hpa/rate_limits.h"
#include "scaler/policy/hpa/replica_math.h"

namespace scaler {

// How a round went, gathered on its way.
struct HpaRoundFacts {
  enum class Way {
    kNone,      // nothing was evaluated yet
    kDisabled,  // zero replicas, and not by the HPA itself
    kAboveMax,
    kBelowMin,
    kNoSelector,  // empty, unparsable or ambiguous
    kNoMetrics,   // all failed, or one did and the others would have lowered the count
    kComputed,
  };
  Way way = Way::kNone;
  std::optional<HpaObjectState> read;  // the object as it was read; nullopt: not an object of the API
  int min_replicas = 1;
  std::string selector_reason;                    // of kNoSelector: the event's reason
  std::vector<base::Result<Proposal>> proposals;  // by metric
  std::optional<std::size_t> winner;
  std::optional<std::size_t> first_failed;
  std::string error;   // of the metrics or the selector, also where the round went on
  int desired = 0;     // by the metrics
  int stabilized = 0;  // after the windows
  LimitReason limit = LimitReason::kDesiredWithinRange;
  bool woken_to_min = false;  // from zero, past all limits
};

bool has_object_or_external_metric(const HpaSpec& spec);

// nullptr if there is none of this type.
const HpaCondition* find_condition(const HpaStatus& status, const std::string& type);

// `before`: the status that the round started from.
HpaRound conclude_round(const HpaRoundFacts& facts, const HpaStatus& before, const HpaSpec& spec,
                        const ControllerOptions& options, const Decision& decision);

HpaRound conclude_unreadable_scale(const HpaStatus& before, base::Time now, HpaErrorKind kind,
                                   const std::string& message);

// Whether two statuses are the same to the API server: a null list and an empty one are.
bool same_status(const HpaStatus& a, const HpaStatus& b);

}  // namespace scaler
