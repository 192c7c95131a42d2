#include "sim/scenario/scenario_test_support.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

namespace sim {
namespace {

std::string replace_all(std::string text, const std::string& from, const std::string& to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
  return text;
}

}  // namespace

std::string NightText::text() const {
  return "apiVersion: gamenight/v1\nkind: Scenario\nmetadata: {name: night}\nspec:\n" + times + traffic + workloads +
         rest;
}

std::string one_source(const std::string& fields) {
  return "  traffic:\n    sources:\n      - {name: all, " + fields + "}\n";
}

std::string one_workload(const std::string& fields) {
  return "  workload: {name: api, replicas: 1, serviceTime: {distribution: exponential, mean: 40ms}, " + fields + "}\n";
}

std::string many_workloads(const std::vector<std::string>& inside) {
  std::string text = "  workloads:\n";
  for (const std::string& fields : inside) {
    text += "    - {replicas: 1, serviceTime: {distribution: exponential, mean: 40ms}, " + fields + "}\n";
  }
  return text;
}

ScenarioFolder::ScenarioFolder() {
  const auto* test = testing::UnitTest::GetInstance()->current_test_info();
  path_ = std::filesystem::path(testing::TempDir()) /
          (std::string("night-") + test->name() + "-" + std::to_string(getpid()));
  std::filesystem::create_directories(path_);
}

ScenarioFolder::~ScenarioFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

void ScenarioFolder::write(const std::string& name, const std::string& text) const {
  std::ofstream(path_ / name, std::ios::binary) << text;
}

Scenario ScenarioFolder::load(const NightText& night, const Overrides& overrides) const {
  write("night.yaml", night.text());
  auto scenario = load_scenario(path_ / "night.yaml", overrides);
  if (scenario) return std::move(*scenario);
  ADD_FAILURE() << scenario.error().message;
  return {};
}

std::string ScenarioFolder::refusal(const NightText& night, const Overrides& overrides) const {
  write("night.yaml", night.text());
  const auto scenario = load_scenario(path_ / "night.yaml", overrides);
  if (!scenario) return replace_all(scenario.error().message, path_.string() + "/", "");
  ADD_FAILURE() << "not refused:\n" << night.text();
  return "";
}

}  // namespace sim
