#include "sim/validation/validate.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstddef>
#include <thread>

#include "common/base/check.h"
#include "sim/validation/cases.h"

namespace sim {
namespace {

constexpr double kFullSeeds = 10;

std::vector<Case> all_cases() {
  std::vector<Case> cases;
  for (const auto part : {queueing_cases, balancing_cases, client_cases, fluid_cases, ras_cases, testbed_cases,
                          bedrock_cases, cohort_cases}) {
    for (Case& c : part()) cases.push_back(std::move(c));
  }
  return cases;
}

std::vector<Row> run_case(const Case& c, const ValidateOptions& options) {
  const CaseContext context{
      .random = base::Random(options.seed).fork(c.group).fork(c.name), .seeds = options.seeds, .scale = options.scale};
  std::vector<Row> rows = c.run(context);
  for (Row& row : rows) {
    row.group = c.group;
    if (row.command.empty()) row.command = "gamenight validate --groups " + c.group;
  }
  return rows;
}

}  // namespace

double CaseContext::share(double of_a_run) const { return of_a_run * seeds / kFullSeeds; }

double widened(double bound, double share) { return bound / std::sqrt(std::min(1.0, share)); }

std::vector<std::string> validation_groups() {
  std::vector<std::string> groups;
  for (const Case& c : all_cases()) {
    if (groups.empty() || groups.back() != c.group) groups.push_back(c.group);
  }
  return groups;
}

std::vector<Row> validate(const ValidateOptions& options) {
  CHECK(options.seeds >= 2 && options.scale > 0 && options.scale <= 1, "runs to compare, none longer than full length");
  std::vector<Case> cases = all_cases();
  std::erase_if(cases, [&options](const Case& c) {
    return !options.groups.empty() &&
           std::find(options.groups.begin(), options.groups.end(), c.group) == options.groups.end();
  });
  std::vector<std::vector<Row>> results(cases.size());
  std::atomic<std::size_t> next = 0;
  {
    const auto work = [&] {
      for (std::size_t i = next++; i < cases.size(); i = next++) {
        if (options.stop && *options.stop) return;
        results[i] = run_case(cases[i], options);
      }
    };
    std::vector<std::jthread> helpers;
    for (unsigned i = 1; i < options.jobs; ++i) helpers.emplace_back(work);
    work();
  }
  std::vector<Row> rows;
  for (std::vector<Row>& part : results) {
    for (Row& row : part) rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace sim
