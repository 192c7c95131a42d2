// Objects of one file that cannot both be meant: two that write the replicas of one target, a floor above the maximum
// of the HPA that it is for, and a horizontal and a vertical autoscaler by the same resource of one target.
//
// Stateless.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/base/error.h"
#include "common/config/document.h"
#include "scaler/policy/policy_spec.h"

namespace scaler {

struct PlacedPolicy {
  const PolicySpec* policy = nullptr;
  const config::Document* document = nullptr;  // where it was read from
};

// The first contradiction, with the places of both sides; nullopt if there is none. Of `companions` only
// VerticalPodAutoscalers matter; one that cannot be read is an error too.
std::optional<base::Error> find_contradiction(const std::vector<PlacedPolicy>& policies,
                                              const std::vector<config::Document>& companions);

}  // namespace scaler
