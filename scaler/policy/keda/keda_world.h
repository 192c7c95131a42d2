// A ScaledObject at work in small worlds, for the tests of this folder.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "scaler/policy/keda/keda_policy.h"
#include "scaler/policy/keda/keda_test_support.h"

// A namespace of its own: other folders have helpers of these names.
namespace scaler::testing {
inline namespace keda {

struct ReplicaChange {
  int second;
  int replicas;
  friend bool operator==(const ReplicaChange&, const ReplicaChange&) = default;
  friend void PrintTo(const ReplicaChange& change, std::ostream* out) {
    *out << change.second << "s: " << change.replicas;
  }
};

// A control loop of 15 s over a target whose pods follow at once.
class KedaWorld {
 public:
  using See = std::function<Observation(Observation, int second)>;

  KedaWorld(const PolicySpec& spec, int replicas, See see)
      : policy_(spec, ControllerOptions{}), replicas_(replicas), see_(std::move(see)) {}

  // Asks until `until` seconds, excluded, and lists the changes of this stretch.
  std::vector<ReplicaChange> run(int until) {
    std::vector<ReplicaChange> changes;
    while (now_ < kStart + std::chrono::seconds(until)) {
      const Decision decision = ask();
      if (decision.final == decision.current) continue;
      changes.push_back({second_of(decision.at), decision.final});
    }
    return changes;
  }

  // One call, applied; time goes on to the next loop or wake.
  Decision ask() {
    last_ = policy_.evaluate(see_(target_of(now_, replicas_), second_of(now_)));
    if (last_.final != last_.current && writes_succeed) {
      replicas_ = last_.final;
      policy_.applied(last_);
    }
    if (now_ >= next_loop_) next_loop_ += std::chrono::seconds(15);
    const auto wake = policy_.next_wake(now_);
    now_ = wake ? std::min(*wake, next_loop_) : next_loop_;
    return last_;
  }

  int replicas() const { return replicas_; }
  void set_replicas(int replicas) { replicas_ = replicas; }
  KedaPolicy& policy() { return policy_; }
  const Decision& last() const { return last_; }

  bool writes_succeed = true;

 private:
  static int second_of(base::Time at) { return static_cast<int>(base::seconds(at - kStart)); }

  KedaPolicy policy_;
  int replicas_;
  See see_;
  base::Time now_ = kStart;
  base::Time next_loop_ = kStart;
  Decision last_;
};

using Changes = std::vector<ReplicaChange>;

// The rate of kRequests from one second on, and 0 before.
inline KedaWorld::See rate_from(int second, double value) {
  return [=](Observation observation, int now) {
    return with_external(std::move(observation), "s0-prometheus", now < second ? 0 : value);
  };
}

// The rate until the second, then 0.
inline KedaWorld::See rate_until(int second, double value) {
  return [=](Observation observation, int now) {
    return with_external(std::move(observation), "s0-prometheus", now < second ? value : 0);
  };
}

inline KedaWorld::See failing() {
  return [](Observation observation, int) { return with_failure(std::move(observation), "s0-prometheus"); };
}

inline KedaPolicy policy_of(const PolicySpec& spec) { return KedaPolicy(spec, ControllerOptions{}); }

// `lines` below spec, and one trigger.
inline std::string with(const std::string& lines) { return lines + kRequests; }

}  // namespace keda
}  // namespace scaler::testing
