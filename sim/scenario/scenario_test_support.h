// Nights written into a folder of their own, to be read or refused.
//
// Owned by one test.
#pragma once

#include <filesystem>
#include <string>

#include "sim/scenario/scenario.h"
#include "sim/scenario/scenario_loader.h"

namespace sim {

// The parts of spec, each whole lines of YAML with two blanks in front.
struct NightText {
  std::string times = "  startTime: \"2026-09-26T19:20:00+10:00\"\n  duration: 30m\n";
  std::string traffic = "  traffic:\n    sources: [{name: all, constant: {rps: 10}}]\n";
  std::string workloads =
      "  workload: {name: api, replicas: 1, serviceTime: {distribution: exponential, mean: 40ms}}\n";
  std::string rest;

  std::string text() const;
};

// A source of `name` with these fields, in a traffic that has nothing else.
std::string one_source(const std::string& fields);
// The workload "api" with these fields beside those it needs.
std::string one_workload(const std::string& fields);
// Workloads in the long form, each the inside of a mapping beside replicas and serviceTime.
std::string many_workloads(const std::vector<std::string>& inside);

class ScenarioFolder {
 public:
  ScenarioFolder();
  ~ScenarioFolder();
  ScenarioFolder(const ScenarioFolder&) = delete;
  ScenarioFolder& operator=(const ScenarioFolder&) = delete;

  void write(const std::string& name, const std::string& text) const;
  // A failure of the test if it is refused.
  Scenario load(const NightText& night, const Overrides& overrides = {}) const;
  // The complaint, without the folder; a failure of the test if there is none.
  std::string refusal(const NightText& night, const Overrides& overrides = {}) const;

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace sim
