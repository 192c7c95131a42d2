#include "sim/run/runner.h"

#include <algorithm>
#include <optional>
#include <thread>

#include "sim/run/expectations.h"
#include "sim/run/policy_run.h"

namespace sim {

base::Result<RunResult> run_scenario(const Scenario& scenario, const RunOptions& options, RunControl& control) {
  const std::size_t count = std::max<std::size_t>(1, scenario.policies.size());
  std::vector<std::optional<base::Result<PolicyResult>>> results(count);
  std::atomic<std::size_t> next = 0;
  const std::size_t jobs = static_cast<std::size_t>(std::max(options.jobs, 1));
  const std::size_t threads = std::clamp<std::size_t>(jobs, 1, count);
  PolicyRunOptions run_options;
  run_options.engine = {options.fidelity, static_cast<int>(std::max<std::size_t>(1, jobs / threads))};
  run_options.log_level = options.log_level;
  const auto work = [&] {
    for (std::size_t i = next++; i < count; i = next++) {
      const PolicyFile* policy = scenario.policies.empty() ? nullptr : &scenario.policies[i];
      results[i] = run_policy(scenario, policy, run_options, control);
      ++control.policies_done;
    }
  };
  {
    std::vector<std::jthread> others;
    for (std::size_t i = 1; i < threads; ++i) others.emplace_back(work);
    work();
  }

  RunResult run;
  run.scenario = &scenario;
  for (auto& result : results) {
    if (!*result) return result->error();
    run.policies.push_back(std::move(**result));
  }
  run.fidelity = options.fidelity;
  check_expectations(run);
  return run;
}

}  // namespace sim
