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

  // A bound that holds at full length, for as much as is run.
  double widened(double bound) const;
};

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
