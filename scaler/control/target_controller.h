// Follows one policy object: asks its policy at every loop and at every edge of a schedule, and writes what it decides.
//
// Life: created with the object, run() in a TaskGroup, end() when the object is deleted or replaced; run() then returns
// without writing again. Single-threaded.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "common/base/notify.h"
#include "scaler/actuate/scale_actuator.h"
#include "scaler/control/hpa_status.h"
#include "scaler/control/observer.h"
#include "scaler/control/ownership.h"
#include "scaler/policy/policy_spec.h"

namespace scaler {

struct ControlOptions {
  base::Duration period = std::chrono::seconds(15);  // --horizontal-pod-autoscaler-sync-period
  base::Duration first_loop_delay{};                 // from the controller's start
};

using DecisionSink = std::function<void(const Decision&)>;

// What all controllers share; everything outlives them.
struct ControlParts {
  base::Clock& clock;
  const base::Log& log;
  base::Metrics& metrics;
  KubeClient& client;
  ClusterView& view;
  Observer& observer;
  ScaleActuator& actuator;
  Ownership& ownership;
  DecisionSink sink;
  ControlOptions options;
};

class TargetController {
 public:
  // With `writes_status`, the policy is an HPA of the API whose status this controller keeps.
  TargetController(PolicyId id, PolicySpec spec, std::unique_ptr<Policy> policy, bool writes_status,
                   const ControlParts& parts);

  static boost::asio::awaitable<void> run(std::shared_ptr<TargetController> self);
  void end();

  const PolicyId& id() const { return id_; }
  const Policy& policy() const { return *policy_; }

 private:
  boost::asio::awaitable<void> loop();
  boost::asio::awaitable<void> wait_until(base::Time at);
  boost::asio::awaitable<void> evaluate(Trigger trigger);
  boost::asio::awaitable<void> apply(Decision& decision, Observed observed);
  boost::asio::awaitable<void> write_status(Decision decision, bool scale_read);
  base::Result<> may_write() const;
  Decision undecided(Trigger trigger, const base::Error& error) const;
  void identify(Decision& decision, Trigger trigger) const;
  void finish(const Decision& decision);
  std::optional<int> current_min_replicas() const;
  bool is_tuner() const { return id_.kind == kTunerKind; }

  const PolicyId id_;
  const PolicySpec spec_;
  const ObjectKey target_;
  const std::unique_ptr<Policy> policy_;
  const bool writes_status_;
  const ControlParts& parts_;
  base::Notify woken_;
  bool ended_ = false;
  int last_known_ = 0;  // replicas (or minReplicas) as last seen, for decisions without an observation
  HpaStatusWriter status_;
};

}  // namespace scaler
