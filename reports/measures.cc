#include "reports/measures.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "reports/page_text.h"

namespace report {
namespace {

std::function<std::optional<double>(const PolicyRun&, const Finding&)> from_summary(std::string key) {
  return [key = std::move(key)](const PolicyRun& policy, const Finding&) { return policy.number(key); };
}

std::optional<double> worst_p99(const PolicyRun& policy, const Finding&) {
  if (const auto value = policy.number("worstP99Ms")) return value;
  std::optional<double> worst;
  for (const double ms : policy.series[kP99]) {
    if (!std::isnan(ms)) worst = std::max(worst.value_or(0), ms);
  }
  return worst;
}

std::optional<double> failed_share(const PolicyRun& policy, const Finding&) {
  const auto failed = policy.number("failed");
  const auto requests = policy.number("requests");
  if (!failed || !requests) return std::nullopt;
  return *requests > 0 ? *failed / *requests : 0;
}

// How long demand stood above capacity in the longest shortage.
std::optional<double> time_to_capacity(const PolicyRun& policy, const Finding& finding) {
  if (const auto value = policy.number("timeToCapacitySeconds")) return value;
  std::optional<double> longest;
  for (const Episode& episode : finding.episodes) {
    if (!episode.crossed) continue;
    longest = std::max(longest.value_or(0), episode.restored.value_or(episode.whole.to) - *episode.crossed);
  }
  return longest;
}

// The elasticity metrics are percentages already, as SPEC defines them.
std::string format_percent(double percent) { return format_share(percent / 100); }

}  // namespace

std::vector<Measure> answer_measures() {
  return {{"Degraded", from_summary("degradationSeconds"), format_span},
          {"Worst p99", worst_p99, format_latency},
          {"Failed", failed_share, format_share},
          {"Time to capacity", time_to_capacity, format_span, "never short"},
          {"Pod-hours", from_summary("podHours"), format_decimal, "–", "lowest"},
          {"Cost", from_summary("cost"), format_decimal, "–", "lowest"},
          {"Scale events", from_summary("scaleEvents"), format_count, "–", "lowest"}};
}

std::vector<Measure> cost_measures() {
  return {{"Pod-hours", from_summary("podHours"), format_decimal, "–", "lowest"},
          {"Node-hours", from_summary("nodeHours"), format_decimal, "–", "lowest"},
          {"Utilisation", from_summary("utilization"), format_share, "–", ""},
          {"Time over-provisioned", from_summary("elasticity.overTimeshare"), format_percent, "–", "lowest"},
          {"Time under-provisioned", from_summary("elasticity.underTimeshare"), format_percent, "–", "lowest"},
          {"SLO minutes missed", from_summary("sloMinutes"), format_count, "–", "lowest"},
          {"Error budget burnt, times over", from_summary("errorBudgetBurn.wholeRun"), format_decimal, "–", "lowest"},
          {"Apdex", from_summary("apdex"), format_decimal, "–", ""},
          {"Elastic speed-up over fixed replicas", from_summary("elasticSpeedup"), format_decimal, "–", ""},
          {"Demand capped by maxReplicas", from_summary("cappedDemand.seconds"), format_span, "never", "lowest"},
          {"Need to ready pod, mean", from_summary("lagSeconds.total"), format_span, "–", "lowest"},
          {"Pod-hours beyond the oracle's", from_summary("regret.extraPodHours"), format_decimal, "–", ""},
          {"Reversals", from_summary("scaleReversals"), format_count, "–", "lowest"},
          {"Cost", from_summary("cost"), format_decimal, "–", "lowest"}};
}

std::vector<std::string> measure_cells(const Measure& measure, const RunFile& run,
                                       const std::vector<Finding>& findings) {
  std::vector<std::optional<double>> values;
  for (std::size_t p = 0; p < run.policies.size(); ++p) values.push_back(measure.value(run.policies[p], findings[p]));
  // No value is better than any: "never short".
  const auto better = [](const auto& a, const auto& b) { return a.value_or(-1) < b.value_or(-1); };
  const auto [best, worst] = std::minmax_element(values.begin(), values.end(), better);
  const bool differ = !measure.lowest.empty() && better(*best, *worst);
  std::vector<std::string> cells;
  for (const auto& value : values) {
    const bool is_best = differ && value == *best;
    cells.push_back(
        fmt::format("<td class=\"num{}\">{}{}</td>", is_best ? " best" : "",
                    value ? escape_html(measure.format(*value)) : measure.none,
                    is_best ? fmt::format(" <span class=\"tag\">{}</span>", measure.lowest) : std::string()));
  }
  return cells;
}

}  // namespace report
