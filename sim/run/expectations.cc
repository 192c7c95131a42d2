#include "sim/run/expectations.h"

#include <algorithm>

#include "common/config/document.h"

namespace sim {

base::Result<> check_metric_names(const Scenario& scenario) {
  const std::vector<std::string> known = summary_paths();
  for (const Expectation& expectation : scenario.expectations) {
    if (std::find(known.begin(), known.end(), expectation.metric) != known.end()) continue;
    const std::string meant = config::did_you_mean(expectation.metric, known);
    return base::Error{base::ErrorCode::kInvalid, expectation.where + ": metric \"" + expectation.metric +
                                                      "\" is no number of a run's summary" +
                                                      (meant.empty() ? "" : "; did you mean \"" + meant + "\"?")};
  }
  return {};
}

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
