// One HorizontalPodAutoscaler (autoscaling/v2), decided as the controller of Kubernetes does.
//
// Not thread-safe; owned by one control loop. Its history survives an edit of the spec (inherit) but is lost on a
// restart, as the controller's is: the first round records the current size, which holds scale-down for a whole window.
#pragma once

#include <optional>
#include <string>

#include "scaler/policy/hpa/hpa_round.h"
#include "scaler/policy/hpa/metric_proposals.h"
#include "scaler/policy/hpa/rate_limits.h"
#include "scaler/policy/hpa/stabilizer.h"
#include "scaler/policy/policy.h"
#include "scaler/policy/policy_spec.h"

namespace scaler {

class HpaPolicy final : public Policy {
 public:
  // What a controller that has known the HPA for a while remembers.
  struct History {
    Stabilizer stabilizer;
    ScaleHistory events;
  };

  // REQUIRES: `spec.rules` is an HpaSpec.
  HpaPolicy(const PolicySpec& spec, const ControllerOptions& options, std::optional<History> history = std::nullopt);

  MetricNeeds needs() const override { return needs_of(hpa_.metrics); }
  Decision evaluate(const Observation& observation) override;
  void applied(const Decision& decision) override;
  void inherit(const Policy& previous) override;
  std::optional<base::Time> next_wake(base::Time) const override { return std::nullopt; }

  // Whether evaluate() would look at pods and metrics, which need not be read otherwise. Of the observation it uses
  // scale, current_min_replicas and hpa_object.
  bool computes_metrics(const Observation& observation) const;

  // What the round comes to whose evaluate() answered `decision`, once that was written or could not be
  // (decision.applied): status, events, labels. Based on the status that evaluate() saw in Observation::hpa_object;
  // without one, on that of the round before. Independent of applied().
  // REQUIRES: `decision` is the answer of the last evaluate(); its `final` may have been taken back to `current`.
  HpaRound conclude(const Decision& decision);

  // The round when the target's scale could not be read, in place of evaluate() and conclude(). `read`: the object, if
  // there is one. `kind`: kSpec if scaleTargetRef.apiVersion makes no sense, else kInternal.
  HpaRound scale_unreadable(const std::optional<HpaObjectState>& read, base::Time now, HpaErrorKind kind,
                            const std::string& message);

  const History& history() const { return history_; }

 private:
  Bounds bounds_of(const Observation& observation) const;
  bool fell_asleep(const Observation& observation) const;
  bool may_wake(const Observation& observation) const;
  bool jump_into_bounds(Bounds bounds, Decision& decision);
  void ask_metrics(const Observation& observation, Bounds bounds, Decision& decision);
  int stabilize(int desired, Decision& decision);
  void normalize(base::Time now, int desired, Bounds bounds, Decision& decision);
  void wake_to_minimum(int min, Decision& decision);

  const std::string name_;
  const std::string target_;
  const HpaSpec hpa_;
  const ControllerOptions options_;
  const Tolerance tolerance_;
  bool seen_ = false;
  History history_;
  HpaRoundFacts facts_;     // of the last evaluate()
  HpaStatus own_status_;    // of the last round, for an HPA that is no object of the API
  bool own_sleep_ = false;  // whether such an HPA scaled its target to zero itself
};

}  // namespace scaler
