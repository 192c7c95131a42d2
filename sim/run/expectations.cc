#include "sim/run/expectations.h"

#include <algorithm>

namespace sim {

void check_expectations(RunResult& result) {
  for (const Expectation& expectation : result.scenario->expectations) {
    for (const PolicyResult& policy : result.policies) {
      if (!expectation.policy.empty() && expectation.policy != policy.name) continue;
      const std::optional<double> value = summary_value(policy, expectation.metric);
      const bool met =
          value && *value >= expectation.at_least.value_or(*value) && *value <= expectation.at_most.value_or(*value);
      result.expectations.push_back({&expectation, policy.name, value, met});
    }
  }
}

bool all_met(const RunResult& result) {
  return std::all_of(result.expectations.begin(), result.expectations.end(),
                     [](const ExpectationResult& e) { return e.met; });
}

}  // namespace sim
