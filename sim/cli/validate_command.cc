#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <optional>

#include "common/base/number_format.h"
#include "common/config/document.h"
#include "sim/cli/commands.h"
#include "sim/cli/driver.h"
#include "sim/cli/exit_codes.h"
#include "sim/cli/output.h"
#include "sim/run/runner.h"
#include "sim/scenario/scenario_loader.h"
#include "sim/validation/validate.h"

namespace sim {
namespace {

namespace fs = std::filesystem;

constexpr double kQuickScale = 0.05;
constexpr int kQuickSeeds = 4;
constexpr const char* kScenarioGroup = "scenarios";

std::vector<std::string> known_groups() {
  std::vector<std::string> groups = validation_groups();
  groups.push_back(kScenarioGroup);
  return groups;
}

// What is wrong with the groups asked for; empty if nothing is.
std::string unknown_group(const std::vector<std::string>& asked) {
  const std::vector<std::string> known = known_groups();
  for (const std::string& group : asked) {
    if (std::find(known.begin(), known.end(), group) != known.end()) continue;
    std::string text = "gamenight: no group \"" + group + "\"; there are";
    for (const std::string& name : known) text += " " + name;
    const std::string meant = config::did_you_mean(group, known);
    return text + (meant.empty() ? "" : "; did you mean \"" + meant + "\"?");
  }
  return {};
}

// The file <name>.yaml below the folder.
std::optional<fs::path> find_scenario(const fs::path& folder, const std::string& name) {
  std::error_code error;
  std::vector<fs::path> found;
  for (fs::recursive_directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    if (at->path().filename() == name + ".yaml") found.push_back(at->path());
  }
  if (found.empty()) return std::nullopt;
  return *std::min_element(found.begin(), found.end());
}

base::Result<std::vector<ScenarioOutcome>> run_promised(const fs::path& folder, RunControl& control) {
  std::vector<ScenarioOutcome> outcomes;
  for (const std::string& name : promised_scenarios()) {
    const auto file = find_scenario(folder, name);
    if (!file) continue;
    const auto scenario = load_scenario(*file, Overrides{});
    if (!scenario) return scenario.error();
    const auto result = run_scenario(*scenario, RunOptions{}, control);
    if (!result) return annotate(result.error(), file->string());
    for (const PolicyResult& policy : result->policies) {
      const Summary& s = policy.summary;
      ScenarioOutcome outcome;
      outcome.scenario = scenario->name;
      outcome.policy = policy.name;
      outcome.longest_degradation_seconds = s.longest_degradation_seconds;
      outcome.p50_ms = s.latency_ms.p50;
      outcome.p95_ms = s.latency_ms.p95;
      outcome.p99_ms = s.latency_ms.p99;
      outcome.max_ms = s.latency_ms.max;
      outcome.failed_ratio = s.requests == 0 ? 0 : static_cast<double>(s.failed) / static_cast<double>(s.requests);
      outcome.command = "gamenight run " + file->generic_string();
      outcomes.push_back(std::move(outcome));
    }
  }
  return outcomes;
}

}  // namespace

int validate_command(const ValidateFlags& flags) {
  if (const std::string what = unknown_group(flags.groups); !what.empty()) {
    std::fprintf(stderr, "%s\n", what.c_str());
    return kExitInvalid;
  }
  const auto asked_for = [&flags](const std::string& group) {
    return flags.groups.empty() || std::find(flags.groups.begin(), flags.groups.end(), group) != flags.groups.end();
  };
  ValidateOptions options;
  options.groups = flags.groups;
  options.jobs = static_cast<unsigned>(threads_or_all(flags.jobs));
  if (flags.quick) {
    options.scale = kQuickScale;
    options.seeds = kQuickSeeds;
  }
  RunControl control;
  options.stop = &control.stop;
  std::vector<Row> rows;
  base::Result<std::vector<ScenarioOutcome>> outcomes = std::vector<ScenarioOutcome>{};
  const auto others = [](const std::string& group) { return group != kScenarioGroup; };
  const double wall = drive(
      [&] {
        if (flags.groups.empty() || std::any_of(flags.groups.begin(), flags.groups.end(), others)) {
          rows = validate(options);
        }
        if (asked_for(kScenarioGroup)) outcomes = run_promised(flags.scenarios, control);
      },
      [](double elapsed) { return "validating, " + base::format_fixed(elapsed, 0) + " s"; }, control);
  if (control.stop) {
    std::fputs("interrupted; nothing was written\n", stderr);
    return kExitInterrupted;
  }
  if (!outcomes) {
    std::fprintf(stderr, "%s\n", outcomes.error().message.c_str());
    return kExitInvalid;
  }
  if (asked_for(kScenarioGroup)) {
    for (Row& row : scenario_rows(*outcomes)) rows.push_back(std::move(row));
  }
  std::fputs(validation_text(rows).c_str(), stdout);
  if (!flags.out.empty()) {
    if (const auto written = write_document(flags.out, validation_markdown(rows)); !written) {
      std::fprintf(stderr, "%s\n", written.error().message.c_str());
      return kExitInternal;
    }
  }
  std::fprintf(stderr, "%s s\n", base::format_fixed(wall, 1).c_str());
  return std::all_of(rows.begin(), rows.end(), [](const Row& row) { return passed(row); }) ? kExitOk : kExitFailed;
}

}  // namespace sim
