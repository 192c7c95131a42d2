#include "sim/cli/summary_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "common/base/number_format.h"
#include "common/base/time_format.h"

namespace sim {
namespace {

constexpr double kFailedMs = 3'600'000;  // what stands for infinitely slow in the series

std::string milliseconds(double ms) {
  if (ms >= kFailedMs) return "failed";
  return ms >= 1000 ? fmt::format("{:.2f} s", ms / 1000) : fmt::format("{:.0f} ms", ms);
}

double failed_percent(const Summary& s) {
  return s.requests == 0 ? 0 : 100.0 * static_cast<double>(s.failed) / static_cast<double>(s.requests);
}

std::string answer(const RunResult& result) {
  const auto better = [](const PolicyResult& a, const PolicyResult& b) {
    return std::pair(a.summary.degradation_seconds, a.summary.cost) <
           std::pair(b.summary.degradation_seconds, b.summary.cost);
  };
  const auto [best, worst] = std::minmax_element(result.policies.begin(), result.policies.end(), better);
  const Scenario& scenario = *result.scenario;
  const SloOptions& slo = scenario.system.slo;
  const std::string limit =
      percentile_name(slo.percentile) + " over " + base::format_duration(base::Duration(slo.latency));
  std::string text = fmt::format("{}: {} for {} s", best->name, limit, best->summary.degradation_seconds);
  if (result.policies.size() > 1) {
    text += fmt::format("; {}: for {} s", worst->name, worst->summary.degradation_seconds);
  }
  return text + "\n";
}

}  // namespace

std::string summary_text(const RunResult& result) {
  const Scenario& scenario = *result.scenario;
  std::string text = answer(result);
  text += fmt::format("{}, seed {}, {} from {}, {} requests\n\n", scenario.name, scenario.seed,
                      base::format_duration(scenario.duration), base::format_rfc3339(scenario.start),
                      base::format_grouped(result.policies.front().summary.requests));

  std::size_t width = 6;
  for (const PolicyResult& policy : result.policies) width = std::max(width, policy.name.size());
  text += fmt::format("{:<{}}  {:>9}  {:>9}  {:>8}  {:>9}  {:>8}  {:>11}  {:>6}\n", "policy", width, "degraded",
                      "worst p99", "failed", "pod-hours", "cost", "to capacity", "scaled");
  for (const PolicyResult& policy : result.policies) {
    const Summary& s = policy.summary;
    text += fmt::format("{:<{}}  {:>7} s  {:>9}  {:>6.2f} %  {:>9.1f}  {:>8.2f}  {:>9} s  {:>5}x\n", policy.name, width,
                        s.degradation_seconds, milliseconds(s.worst_p99_ms), failed_percent(s), s.pod_hours, s.cost,
                        s.time_to_capacity_seconds, s.scale_events);
  }
  return text;
}

std::string expectations_text(const RunResult& result) {
  if (result.expectations.empty()) return {};
  std::string failed;
  std::string met;
  for (const ExpectationResult& e : result.expectations) {
    std::string bounds;
    if (e.expectation->at_least) bounds += " >= " + base::format_number(*e.expectation->at_least);
    if (e.expectation->at_most) bounds += " <= " + base::format_number(*e.expectation->at_most);
    (e.met ? met : failed) +=
        fmt::format("  {}  {} {}: {}, expected{}\n", e.met ? "ok    " : "FAILED", e.policy, e.expectation->metric,
                    e.value ? base::format_number(*e.value) : "no such number", bounds);
  }
  return "\nexpectations\n" + failed + met;
}

}  // namespace sim
