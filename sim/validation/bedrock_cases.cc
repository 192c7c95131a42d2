// The evening of a real HPA: the metric that it saw goes through our HPA, and its steps are compared.
#include <algorithm>
#include <utility>

#include "sim/validation/bedrock_evening.h"
#include "sim/validation/cases.h"

namespace sim {
namespace {

using bedrock::Step;

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

std::vector<Row> rows() {
  const std::vector<Step> ours = bedrock::replay();
  std::vector<Row> rows;
  const std::vector<Step> theirs = observed();
  for (std::size_t i = 1; i < theirs.size(); ++i) {
    const Step& step = theirs[i];
    const int before = replicas_at(ours, step.at - bedrock::kLoop);
    const int after = replicas_at(ours, step.at + bedrock::kLoop);
    Row row;
    row.name = "step to " + std::to_string(step.replicas) + " replicas at " + clock(step.at);
    row.source = "Bedrock 2022, digitised";
    row.expected = step.replicas;
    row.actual = std::clamp(step.replicas, before, after);
    row.check = Check::kAbsolute;
    row.tolerance = 1;
    row.note = "ours goes from " + std::to_string(before) + " to " + std::to_string(after) +
               " between a loop (30 s) before and a loop after; the nearest to theirs counts, to the pod that the "
               "picture can be read to";
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace

std::vector<Case> bedrock_cases() {
  return {{"bedrock", "evening", [](const CaseContext&) { return rows(); }}};
}

}  // namespace sim
