// What the users felt: bad minutes, the error budget and Apdex, from counts a second.
//
// Counts: `arrivals` are the requests that first arrived in the second. `bad` are those of them that failed or took
// longer than the SLO's latency. `satisfied` are those answered within T, `tolerating` those answered later than T and
// within 4T; neither holds failed ones. Pure functions; spans of one call are REQUIRED to be of one length.
#pragma once

#include <cstdint>
#include <span>

namespace sim {

using Counts = std::span<const std::int64_t>;

// Whole minutes from the first second on, the last one perhaps shorter, with more bad requests than
// `allowed_share * arrivals`. With allowed_share = 1 - percentile these are the minutes whose percentile is over the
// limit (the request of rank ceil(p n) is a bad one); with the error budget, those that burn it faster than it grows.
// (Google, Site Reliability Workbook, ch. 2: "good minutes".) Minutes without requests are good.
int slo_minutes(Counts arrivals, Counts bad, double allowed_share);

// Error-budget burn: the share of bad requests over the budget (1 - SLO). At 1 the budget lasts exactly as long as the
// period for which it is granted. (Site Reliability Workbook, ch. 5: page at 14.4 over 1 h and at 6 over 6 h.)
struct BudgetBurn {
  double whole_run = 0;
  // The highest of all windows of so long that lie inside the run; a run that is shorter is one window.
  double peak_1h = 0;
  double peak_6h = 0;
  bool operator==(const BudgetBurn&) const = default;
};
// REQUIRES: 0 < budget <= 1.
BudgetBurn budget_burn(Counts arrivals, Counts bad, double budget);
// The highest burn of a window of so many seconds. REQUIRES: window_seconds >= 1.
double peak_burn(Counts arrivals, Counts bad, double budget, int window_seconds);

// Apdex_T = (satisfied + tolerating / 2) / requests (Apdex Alliance, technical specification 1.1); 1 of no requests.
double apdex(std::int64_t satisfied, std::int64_t tolerating, std::int64_t requests);
double apdex(Counts satisfied, Counts tolerating, Counts arrivals);

// What the ceiling on replicas took away. `wanted` is what the metrics asked for before any bound: a decision's raw
// number, held until the next decision.
struct CappedDemand {
  int seconds = 0;               // in which wanted > maximum
  std::int64_t pod_seconds = 0;  // sum of wanted - maximum over them
  int worst = 0;                 // the largest wanted - maximum
  bool operator==(const CappedDemand&) const = default;
};
CappedDemand capped_demand(std::span<const int> wanted, int maximum);

}  // namespace sim
