// DataDog's WatermarkPodAutoscaler: a band instead of a target, two forbidden windows after each scaling, and a limit
// of how far one step goes.
//
// Asked every 15 s. Any metric that cannot be used ends the round. Both windows count from the one time of the last
// scaling, in whatever direction it went, and so from the first round even if that changes nothing. Not thread-safe;
// owned by one control loop.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "scaler/policy/policy.h"
#include "scaler/policy/policy_spec.h"
#include "scaler/policy/wpa/watermarks.h"
#include "scaler/policy/wpa/wpa_pods.h"

namespace scaler {

class WpaPolicy final : public Policy {
 public:
  // REQUIRES: `spec.rules` is a WpaSpec.
  explicit WpaPolicy(const PolicySpec& spec);

  MetricNeeds needs() const override;
  Decision evaluate(const Observation& observation) override;
  void applied(const Decision& decision) override;
  void inherit(const Policy& previous) override;
  base::Duration period(base::Duration) const override { return std::chrono::seconds(15); }
  std::optional<base::Time> next_wake(base::Time) const override { return std::nullopt; }

 private:
  // A condition of the status, with its lastTransitionTime.
  struct Condition {
    std::optional<bool> on;
    base::Time since{};
    void set(bool value, base::Time now);
  };
  struct Round {
    WatermarkProposal proposal;  // of the metric that won
    int ready = 0;
    bool above = false;  // any metric
    bool below = false;
  };
  std::optional<Round> propose(const Observation& observation, Decision& decision) const;
  Input input_of(const WpaMetric& metric, const WpaUsage& usage, const WatermarkProposal& proposal,
                 base::Time now) const;
  void tell_proposal(const Round& round, Decision& decision) const;
  void limit(const Round& round, Decision& decision) const;
  // Whether a scaling is written, even one that changes nothing.
  bool may_scale(bool stable, Decision& decision) const;
  bool hold(bool up, bool stable, Decision& decision) const;
  bool override_bounds(const Observation& observation, Decision& decision) const;

  const std::string name_;
  const std::string target_;
  const WpaSpec spec_;
  std::optional<base::Time> last_scale_;
  Condition above_;
  Condition below_;
};

}  // namespace scaler
