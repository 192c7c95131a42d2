// What whole runs of scenarios must show.
#include <algorithm>
#include <utility>

#include "sim/validation/validate.h"

namespace sim {
namespace {

struct Promise {
  const char* scenario;
  const char* what;
  const char* source;
  Check check;
  double expected;
  double upper;
  double (*figure)(const ScenarioOutcome&);
  const char* note;
};

constexpr const char* kTuner = "hpa-tuner README";
constexpr const char* kStrategy = "API testing strategy, k6 thresholds";

const Promise kPromises[] = {
    {"seed-002-plain-hpa", "minutes above 2 s in a row under a plain HPA", kTuner, Check::kBetween, 1, 4,
     [](const ScenarioOutcome& o) { return o.longest_degradation_seconds / 60.0; },
     "degradation of 1 to 4 minutes during major game events"},
    {"seed-004-k6", "p50, ms", kStrategy, Check::kBetween, 0, 50, [](const ScenarioOutcome& o) { return o.p50_ms; },
     "below 50 ms"},
    {"seed-004-k6", "p95, ms", kStrategy, Check::kBetween, 0, 200, [](const ScenarioOutcome& o) { return o.p95_ms; },
     "the k6 gate of 200 ms; the text's target is 100 ms"},
    {"seed-004-k6", "p99, ms", kStrategy, Check::kBetween, 0, 200, [](const ScenarioOutcome& o) { return o.p99_ms; },
     "below 200 ms"},
    {"seed-004-k6", "slowest, ms", kStrategy, Check::kBetween, 0, 500,
     [](const ScenarioOutcome& o) { return o.max_ms; }, "below 500 ms"},
    {"seed-004-k6", "share of failures", kStrategy, Check::kBetween, 0, 0.1,
     [](const ScenarioOutcome& o) { return o.failed_ratio; }, "the k6 gate of 0.1; the text's target is 0.001"},
};

Row row_of(const Promise& promise, const ScenarioOutcome& outcome) {
  Row row;
  row.group = "scenarios";
  row.name = std::string(promise.scenario) + ", " + outcome.policy + ": " + promise.what;
  row.source = promise.source;
  row.expected = promise.expected;
  row.upper = promise.upper;
  row.actual = promise.figure(outcome);
  row.check = promise.check;
  row.note = promise.note;
  row.command = outcome.command;
  return row;
}

Row missing(const Promise& promise) {
  Row row;
  row.group = "scenarios";
  row.name = std::string(promise.scenario) + ": " + promise.what;
  row.source = promise.source;
  row.check = Check::kLeftOut;
  row.note = "the scenario was not run";
  row.command = "gamenight validate --groups scenarios";
  return row;
}

}  // namespace

std::vector<Row> scenario_rows(const std::vector<ScenarioOutcome>& outcomes) {
  std::vector<Row> rows;
  for (const Promise& promise : kPromises) {
    bool found = false;
    for (const ScenarioOutcome& outcome : outcomes) {
      if (outcome.scenario != promise.scenario) continue;
      rows.push_back(row_of(promise, outcome));
      found = true;
    }
    if (!found) rows.push_back(missing(promise));
  }
  return rows;
}

}  // namespace sim
