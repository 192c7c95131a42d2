// A policy turns an Observation into a Decision. Pure: no clock, no I/O, no log; state is its own history only.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "scaler/model/decision.h"
#include "scaler/model/observation.h"

namespace scaler {

// What must be read before evaluate() can be called.
struct MetricNeeds {
  bool resource_metrics = false;
  std::vector<MetricNeed> pods;       // Observation::pod_metrics; each once, as the next two
  std::vector<MetricNeed> objects;    // Observation::object_metrics
  std::vector<MetricNeed> externals;  // Observation::external_metrics
  bool decision_service = false;      // Observation::decision_min
  // Mistakes that a tuner may be told to repeat: any HTTP status is believed, what does not parse is 0.
  bool decision_status_unchecked = false;
  bool decision_garbage_is_zero = false;
};

class Policy {
 public:
  virtual ~Policy() = default;
  virtual MetricNeeds needs() const = 0;
  // REQUIRES: observation.now never goes backwards between calls.
  virtual Decision evaluate(const Observation& observation) = 0;
  // Called when the decision was written successfully; cooldowns and rate limits count from here.
  virtual void applied(const Decision& decision) = 0;
  // Called before the first evaluate(), with the policy that this one stands in for because its spec was edited: takes
  // over what that one remembers, as far as it still means something. Another kind of policy is ignored.
  virtual void inherit(const Policy& previous) { static_cast<void>(previous); }
  // How often it wants to be asked, where the loop of the controller would ask every `standard`.
  virtual base::Duration period(base::Duration standard) const { return standard; }
  // The minimum that it would give to the HPA that it advises; nullopt: no opinion.
  virtual std::optional<int> advised_min(base::Time) const { return std::nullopt; }
  // The next instant at which the policy wants to be asked although no loop is due (a schedule's edge); nullopt if
  // none is known.
  virtual std::optional<base::Time> next_wake(base::Time now) const = 0;
};

}  // namespace scaler
