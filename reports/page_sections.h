// The parts of the page that need no script: the answer, the response table, the cost, how to run it again.
#pragma once

#include <string>
#include <vector>

#include "reports/episodes.h"
#include "reports/run_file.h"

namespace report {

struct Finding {
  std::vector<Interval> degraded;
  std::vector<Episode> episodes;
};

// One for each policy of the run.
std::vector<Finding> examine(const RunFile& run);

std::string header_section(const RunFile& run);
std::string answer_section(const RunFile& run, const std::vector<Finding>& findings);
std::string response_section(const RunFile& run, const std::vector<Finding>& findings);
std::string cost_section(const RunFile& run);
std::string reproduce_section(const RunFile& run, const std::string& command);

// A line in the colour and dash of policy number `index`, and its name.
std::string policy_label(const RunFile& run, std::size_t index);

}  // namespace report
