// The evening of a real HPA: the metric that it saw goes through our HPA, and its steps are compared.
#include <algorithm>
#include <utility>

#include "sim/validation/bedrock_evening.h"
#include "sim/validation/cases.h"

namespace sim {
namespace {

using bedrock::Step;

constexpr const char* kSource = "Bedrock 2022, digitised";
constexpr int kReading = 1;  // pods, to which the picture can be read

// The observed steps of the desired replicas.
std::vector<Step> observed() {
  std::vector<Step> steps;
  for (const bedrock::Sample& s : bedrock::evening()) {
    const int desired = s.available + s.unavailable;
    if (steps.empty() || steps.back().replicas != desired) steps.push_back({s.at, desired});
  }
  return steps;
}

int replicas_at(const std::vector<Step>& steps, int at) {
  int replicas = steps.front().replicas;
  for (const Step& step : steps) {
    if (step.at <= at) replicas = step.replicas;
  }
  return replicas;
}

std::string clock(int at) {
  const int seconds = 52 * 60 + 30 + at;
  const auto two = [](int n) { return (n < 10 ? "0" : "") + std::to_string(n); };
  return "20:" + two(seconds / 60) + ":" + two(seconds % 60);
}

// When ours first asks for so many; `row` fails where it never does.
Row moment_row(const std::vector<Step>& ours, const Step& step) {
  const auto reached =
      std::find_if(ours.begin(), ours.end(), [&step](const Step& s) { return s.replicas >= step.replicas - kReading; });
  Row row;
  row.name = "asks for " + std::to_string(step.replicas) + " replicas, s after " + clock(0);
  row.source = kSource;
  row.expected = step.at;
  row.check = Check::kAbsolute;
  row.tolerance = bedrock::kLoop;
  row.note = "theirs at " + clock(step.at) + ", read every 15 s; ours when it first asks for " +
             std::to_string(step.replicas - kReading) +
             " or more (the picture can be read to a pod); the bound is one loop; the phases of the two loops and the "
             "delay of the metric are not published: ours are those that fit best";
  if (reached != ours.end()) {
    row.actual = reached->at;
  } else {
    row.actual = bedrock::evening().back().at + 2 * bedrock::kLoop;
    row.note += "; ours does not ask for so many that evening and is given two loops after its end";
  }
  return row;
}

Row count_row(const std::vector<Step>& ours, const Step& step) {
  Row row;
  row.name = "replicas asked for at " + clock(step.at);
  row.source = kSource;
  row.expected = step.replicas;
  row.actual = replicas_at(ours, step.at);
  row.check = Check::kInformation;
  row.note = "ours at the moment at which theirs is seen to step";
  return row;
}

std::vector<Row> rows() {
  const std::vector<Step> ours = bedrock::replay();
  const std::vector<Step> theirs = observed();
  std::vector<Row> rows;
  for (std::size_t i = 1; i < theirs.size(); ++i) {
    rows.push_back(moment_row(ours, theirs[i]));
    rows.push_back(count_row(ours, theirs[i]));
  }
  return rows;
}

}  // namespace

std::vector<Case> bedrock_cases() {
  return {{"bedrock", "evening", [](const CaseContext&) { return rows(); }}};
}

}  // namespace sim
