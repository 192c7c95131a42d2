// Printed rows of the published simulator: mean response time, seconds above 0.4 s and mean cores, to the last digit.
#include <array>
#include <utility>

#include "sim/validation/cases.h"
#include "sim/validation/ras_simulation.h"

namespace sim {
namespace {

constexpr const char* kSource = "Quattrocchi et al. 2024, deib-polimi/RAS";

struct Published {
  double mean;
  int violations;
  double cores;
};
struct Line {
  const char* controller;
  ras::Controller (*make)();
  std::array<Published, 3> rows;  // SN1, ST1, RM1
};

const std::array<Line, 8> kTable = {{
    {"Static", [] { return ras::hold(); }, {{{.35, 440, 5.00}, {1.10, 1000, 5.00}, {1.03, 920, 5.00}}}},
    {"SimpleCR", [] { return ras::simple(30, 1); }, {{{.28, 249, 6.72}, {.55, 961, 21.14}, {.53, 916, 19.20}}}},
    {"SimpleCR +3", [] { return ras::simple(30, 3); }, {{{.28, 140, 7.43}, {.37, 106, 38.78}, {.35, 48, 35.37}}}},
    {"StepCR", [] { return ras::stepped(30); }, {{{.23, 54, 8.82}, {.37, 117, 39.15}, {.35, 36, 35.46}}}},
    {"TargetVM", [] { return ras::target(180); }, {{{.43, 560, 4.02}, {.47, 624, 33.69}, {.42, 542, 30.74}}}},
    {"TargetCR", [] { return ras::target(30); }, {{{.32, 211, 6.05}, {.34, 64, 44.19}, {.33, 35, 39.59}}}},
    {"TargetFast", [] { return ras::target(1); }, {{{.29, 0, 6.48}, {.32, 6, 45.82}, {.31, 0, 40.82}}}},
    {"ScaleX", [] { return ras::scale_x(); }, {{{.32, 4, 5.87}, {.33, 16, 44.59}, {.32, 6, 39.86}}}},
}};

Row digits(std::string name, double published, double ours, int decimals) {
  Row row;
  row.name = std::move(name);
  row.source = kSource;
  row.expected = published;
  row.actual = ours;
  row.check = Check::kDigits;
  row.tolerance = decimals;
  row.note = "1,000 s, deterministic";
  return row;
}

std::vector<Row> rows_of(const Line& line) {
  const std::array<std::pair<const char*, ras::Workload>, 3> workloads = {
      {{"SN1", ras::sine()}, {"ST1", ras::stairs()}, {"RM1", ras::ramp()}}};
  std::vector<Row> rows;
  for (std::size_t i = 0; i < workloads.size(); ++i) {
    const ras::Outcome ours = ras::simulate(workloads[i].second, line.make());
    const Published& published = line.rows[i];
    const std::string name = std::string(workloads[i].first) + ", " + line.controller;
    rows.push_back(digits(name + ": mean response time, s", published.mean, ours.mean, 2));
    rows.push_back(digits(name + ": seconds above the SLA", published.violations, ours.violations, 0));
    rows.push_back(digits(name + ": mean cores", published.cores, ours.mean_cores, 2));
  }
  return rows;
}

Row left_out(std::string name, std::string why) {
  Row row;
  row.name = std::move(name);
  row.source = kSource;
  row.check = Check::kLeftOut;
  row.note = std::move(why);
  return row;
}

}  // namespace

std::vector<Case> ras_cases() {
  std::vector<Case> cases;
  for (const Line& line : kTable) {
    cases.push_back({"ras", line.controller, [&line](const CaseContext&) { return rows_of(line); }});
  }
  cases.push_back({"ras", "left out", [](const CaseContext&) {
                     return std::vector<Row>{
                         left_out("TW1, all controllers", "the 494 points of its Twitter series are not shipped"),
                         left_out("QNCTRL, all workloads", "needs that controller's own optimiser")};
                   }});
  return cases;
}

}  // namespace sim
