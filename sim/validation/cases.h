// The pieces of validate(): cases that can run on any thread, each making its rows from its own random streams.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "common/base/random.h"
#include "sim/validation/row.h"

namespace sim {

struct CaseContext {
  base::Random random;  // of this case
  int seeds = 10;
  double scale = 1.0;

  // What is run, as a share of all that a case runs at full length with its ten seeds: of a run's requests, `of_a_run`.
  double share(double of_a_run) const;
};

// A bound that holds for a share of at least 1, for less.
double widened(double bound, double share);

struct Case {
  std::string group;
  std::string name;  // names its random stream
  std::function<std::vector<Row>(const CaseContext&)> run;
};

std::vector<Case> queueing_cases();
std::vector<Case> balancing_cases();
std::vector<Case> client_cases();
std::vector<Case> fluid_cases();
std::vector<Case> ras_cases();
std::vector<Case> testbed_cases();
std::vector<Case> bedrock_cases();
std::vector<Case> cohort_cases();

}  // namespace sim
