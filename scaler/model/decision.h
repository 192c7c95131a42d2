// What a policy answers, with its reasons. The same value is logged, counted, written to decisions.ndjson and shown in
// the report.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/time.h"

namespace scaler {

enum class Trigger { kLoop, kSchedule, kEvent, kRest, kPanic };
std::string_view to_string(Trigger trigger);

// One measured value and the replica count that it alone would ask for.
struct Input {
  std::string metric;                 // "cpu", "requests_per_second", "schedule grand-final", ...
  std::optional<double> value;        // in the unit of `target`; nullopt: no data
  std::optional<base::Duration> age;  // of the oldest sample used
  std::optional<double> target;
  std::optional<std::int64_t> average_milli;  // the same a pod, in thousandths, where `value` is a percentage; not told
  std::optional<int> wants;                   // nullopt: no opinion
  std::string note;                           // why there is no value, or what was left out; often empty
};

// One rule that changed the number.
struct Step {
  std::string rule;  // the API field or rule: "behavior.scaleUp.pods", "tolerance", "cooldown.scaleDown", ...
  int before = 0;
  int after = 0;
  std::string why;          // one sentence
  std::string param{};      // the rule's setting: "28 per 30s", "300s", "600"; empty if it has none
  std::string remaining{};  // of its budget after this decision: "0 of 28", "110s"; empty if it has none
};

// A rule that was looked at and did not change the number.
struct Unused {
  std::string rule;
  std::string why;  // "last change 190s ago >= 60s", "starts 19:45"
};

// A Kubernetes Event on the policy's object, due when the decision was written.
struct PolicyEvent {
  bool warning = false;
  std::string reason;
  std::string message;
};

// When the next change is possible, and what it waits for.
struct NextChange {
  base::Time when{};
  std::string why;
};

struct Decision {
  std::uint64_t number = 0;  // by which it can be named: counts the decisions of a process, or of a run, from 1
  base::Time at{};
  std::string policy;
  std::string target;              // "default/api", for a tuner "default/api-hpa"
  std::string field = "replicas";  // what is written: "replicas" or "minReplicas"; "advice": nothing
  Trigger trigger = Trigger::kLoop;
  int current = 0;
  std::vector<Input> inputs;
  std::string selected;    // the metric that won
  std::optional<int> raw;  // its proposal before any rule; nullopt: no data
  std::vector<Step> steps;
  std::vector<Unused> unused;
  std::optional<NextChange> next;  // nullopt: at the next loop
  int final = 0;                   // equal to `current`: nothing is written
  std::string error;               // what failed: a metric, although a decision was possible, or all of them
  std::string note;                // why nothing was computed ("the target has zero replicas"); often empty
  std::vector<PolicyEvent> events{};

  struct Applied {
    bool ok = false;
    std::string status;  // "unchanged", "patched", "dry-run", or the error
    base::Duration latency{};
  } applied;
};

}  // namespace scaler
