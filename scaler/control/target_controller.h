// Follows one policy object: asks its policy at every loop and at every edge of a schedule, and writes what it decides.
//
// While the Deployment behind it is stopped (Ownership::stop), the policy is asked and nothing is written.
//
// Life: created with the object, run() in a TaskGroup, end() when the object is deleted, retire() when its spec was
// edited; run() then returns and begins no write. Single-threaded.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "common/base/notify.h"
#include "scaler/actuate/scale_actuator.h"
#include "scaler/control/event_recorder.h"
#include "scaler/control/hpa_reporter.h"
#include "scaler/control/observer.h"
#include "scaler/control/ownership.h"
#include "scaler/control/tuner_status.h"
#include "scaler/policy/hpa/hpa_policy.h"
#include "scaler/policy/policy_spec.h"

namespace scaler {

// What becomes of a policy's decisions.
enum class Role {
  kReplicas,     // the replicas of a Deployment, or of anything else with a scale
  kMinReplicas,  // the minReplicas of an HPA
  kAdvice,       // a ScalingPolicy whose target is an HPA: nothing is written, the decision service tells its opinion
};
Role role_of(const PolicySpec& spec);

struct ControlOptions {
  base::Duration period = std::chrono::seconds(15);  // --horizontal-pod-autoscaler-sync-period
  base::Duration first_loop_delay{};                 // from the controller's start
  ControllerOptions policies;                        // what all policies are made with
  bool allow_people = false;                         // HumanOperators: baselines, which simulations alone may run
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
  EventRecorder& events;
  DecisionSink sink;
  ControlOptions options;
  DecisionSink forget;  // told policy, target and field of one that decides no more
};

class TargetController {
 public:
  // With `writes_status`, the policy is an HPA of the API whose status this controller keeps. The first evaluation is
  // due at `first`.
  TargetController(PolicyId id, PolicySpec spec, std::unique_ptr<Policy> policy, bool writes_status, base::Time first,
                   const ControlParts& parts);

  static boost::asio::awaitable<void> run(std::shared_ptr<TargetController> self);
  void end();
  // A successor is to take over. What a round has begun goes on meanwhile, which is_busy() tells and finished() waits
  // for: of an HPA the whole round, as its controller works on the copy with which it began, of others a write. The
  // field that is written stays claimed.
  void retire();
  bool is_busy() const { return busy_; }
  boost::asio::awaitable<void> finished();
  // Gives up the field that is written. Before a successor is made, which claims its own.
  void release();
  // Before run(): the memory of one that was retired and released, and is not busy.
  void take_over(const TargetController& before);
  // Evaluates as soon as it can, and counts its period from there.
  void wake();

  // Of the next evaluation, as things are; of the present one while it lasts.
  base::Time due() const { return due_; }
  const PolicyId& id() const { return id_; }
  const Policy& policy() const { return *policy_; }
  // The HPA that it advises; nullopt if it has another role.
  std::optional<ObjectKey> advised_hpa() const;

 private:
  boost::asio::awaitable<void> loop();
  boost::asio::awaitable<void> wait_until(base::Time at);
  boost::asio::awaitable<void> evaluate(Trigger trigger);
  base::Time next_loop(base::Time last) const;
  boost::asio::awaitable<base::Result<Observed>> observe(MetricNeeds needs);
  boost::asio::awaitable<void> apply(Decision& decision, Observed observed);
  // What follows a decision of an HPA: its status and so on. Without an error the scale was read.
  boost::asio::awaitable<void> conclude(Decision decision, std::optional<base::Error> unreadable,
                                        base::MonoTime started);
  boost::asio::awaitable<void> write_tuner_status();
  base::Result<> may_write() const;
  // What is scaled in the end, which only an HPA of the cache tells if it is not the target itself.
  std::optional<ObjectKey> deployment() const;
  void hold_if_stopped(Decision& decision) const;
  void refuse(Decision& decision, const base::Error& error) const;
  ScaleTarget scale_target() const;
  std::optional<ObservingHpa> observing_hpa() const;
  // Policy, target and field.
  Decision nameplate() const;
  // What a ScalingPolicy would ask the decision service.
  std::optional<DecisionQuestion> question() const;
  void record_events(const Decision& decision);
  Decision undecided(Trigger trigger, const base::Error& error) const;
  void identify(Decision& decision, Trigger trigger) const;
  void finish(const Decision& decision);
  void count(const Decision& decision);
  // Of an HPA of the API, which a tuner may change under its controller.
  std::optional<int> current_min_replicas() const;
  WrittenField written() const;

  const PolicyId id_;
  const PolicySpec spec_;
  const Role role_;
  const ObjectKey target_;
  const std::unique_ptr<Policy> policy_;
  HpaPolicy* const hpa_;  // the policy, if it is an HPA
  const bool writes_status_;
  const ControlParts& parts_;
  base::Notify woken_;
  base::Time due_;
  bool ended_ = false;
  bool removed_ = false;  // and there is no object any more
  bool busy_ = false;
  bool asked_ = false;    // by wake(), since the last evaluation began
  int last_known_ = 0;    // replicas (or minReplicas) as last seen, for decisions without an observation
  HpaReporter reporter_;  // of an HPA
  TunerStatus told_;      // of a tuner: the status that its object has
};

}  // namespace scaler
