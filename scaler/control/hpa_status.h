// The status of an HPA as its controller keeps it: replica counts, current metrics, conditions, written when it
// changed.
//
// Not thread-safe; owned by one TargetController.
#pragma once

#include <optional>
#include <string>

#include "scaler/client/api_types.h"
#include "scaler/model/decision.h"
#include "scaler/policy/policy_spec.h"

namespace scaler {

class HpaStatusWriter {
 public:
  // REQUIRES: `spec` outlives this object.
  explicit HpaStatusWriter(const PolicySpec& spec) : spec_(spec) {}

  // A merge patch for /status after `decision`; nullopt if it would change nothing. `scale_read`: whether the target's
  // scale could be read at all.
  std::optional<std::string> patch(const PolicyObject& hpa, const Decision& decision, bool scale_read);

  // The last patch was not stored: the next one is due even if nothing changes.
  void forget() { last_.clear(); }

 private:
  const PolicySpec& spec_;
  std::string last_;  // the status that was handed out last
};

}  // namespace scaler
