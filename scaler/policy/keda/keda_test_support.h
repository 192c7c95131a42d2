// ScaledObjects and what they see, in a few words, for the tests of this folder.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "common/base/check.h"
#include "common/config/document.h"
#include "scaler/policy/keda/keda_hpa.h"
#include "scaler/policy/keda/keda_policy.h"
#include "scaler/policy/policy_file.h"
#include "scaler/policy/policy_test_support.h"

namespace scaler::testing {

// The ScaledObject "web" of the Deployment "api"; `spec` are the lines below spec, indented by two. In complaints the
// file is called keda.yaml.
inline std::string scaled_object_text(const std::string& spec, const std::string& annotations = "") {
  return "apiVersion: keda.sh/v1alpha1\nkind: ScaledObject\nmetadata: {name: web, annotations: {" + annotations +
         "}}\nspec:\n  scaleTargetRef: {name: api}\n" + spec;
}

inline base::Result<PolicySpec> read_text(const std::string& text) {
  auto documents = config::parse_yaml(text, "keda.yaml");
  if (!documents) return documents.error();
  return read_policy(documents->front());
}

inline PolicySpec scaled_object(const std::string& spec, const std::string& annotations = "") {
  auto read = read_text(scaled_object_text(spec, annotations));
  CHECK(read.has_value(), read.has_value() ? "" : read.error().message);
  return std::move(*read);
}

// One prometheus trigger, 100 a pod.
inline constexpr const char* kRequests = R"(  triggers:
    - type: prometheus
      metadata: {serverAddress: "http://prometheus:9090", query: rate, threshold: "100"}
)";

inline const MetricNeed kRequestsNeed = keda_need("s0-prometheus", "web");

using Values = base::Result<std::vector<MetricValue>>;

inline Observation with_external(Observation observation, const std::string& metric, double value) {
  const auto milli = static_cast<std::int64_t>(value * 1000);
  observation.external_metrics.insert_or_assign(keda_need(metric, "web"), Values({{milli, observation.now}}));
  return observation;
}

inline Observation with_failure(Observation observation, const std::string& metric) {
  observation.external_metrics.insert_or_assign(keda_need(metric, "web"),
                                                Values(base::Error{base::ErrorCode::kTimeout, "no answer"}));
  return observation;
}

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

inline const Unused* unused_of(const Decision& decision, const std::string& rule) {
  const auto found = std::find_if(decision.unused.begin(), decision.unused.end(),
                                  [&](const Unused& unused) { return unused.rule == rule; });
  return found == decision.unused.end() ? nullptr : &*found;
}

}  // namespace scaler::testing
