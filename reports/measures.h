// Numbers that rank policies: their title, where they come from, how they are written, which one is best.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "reports/page_sections.h"

namespace report {

struct Measure {
  std::string title;
  std::function<std::optional<double>(const PolicyRun&, const Finding&)> value;
  std::function<std::string(double)> format;
  std::string none = "–";       // what stands where there is no value
  std::string lowest = "best";  // what marks the lowest; empty: the numbers have no order
};

std::vector<Measure> answer_measures();
std::vector<Measure> cost_measures();

// One table cell for each policy. Where the policies differ, the best ones say so in words.
std::vector<std::string> measure_cells(const Measure& measure, const RunFile& run,
                                       const std::vector<Finding>& findings);

}  // namespace report
