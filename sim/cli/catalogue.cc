#include "sim/cli/catalogue.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <optional>
#include <thread>

#include "common/base/file.h"
#include "common/base/number_format.h"
#include "common/config/document.h"
#include "sim/cli/header_comment.h"
#include "sim/run/expectations.h"
#include "sim/scenario/scenario_loader.h"

namespace sim {
namespace {

namespace fs = std::filesystem;

bool is_scenario(const std::vector<config::Document>& documents) {
  return documents.size() == 1 && documents.front().value.is_object() &&
         documents.front().value.value("kind", "") == "Scenario";
}

base::Result<std::vector<fs::path>> scenario_files(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code error;
  for (fs::recursive_directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    if (at->path().extension() != ".yaml") continue;
    const auto documents = config::load_yaml(at->path());
    if (!documents) return documents.error();
    if (is_scenario(*documents)) files.push_back(at->path());
  }
  if (error) return base::Error{base::ErrorCode::kInvalid, folder.string() + ": " + error.message()};
  if (files.empty()) return base::Error{base::ErrorCode::kInvalid, folder.string() + ": holds no scenario"};
  std::sort(files.begin(), files.end());
  return files;
}

bool is_plain_hpa(const PolicyFile& file) {
  return std::all_of(file.specs.begin(), file.specs.end(), [](const scaler::PolicySpec& spec) {
    return std::holds_alternative<scaler::HpaSpec>(spec.rules);
  });
}

std::size_t plain_policy(const std::vector<PolicyFile>& policies) {
  const auto found = std::find_if(policies.begin(), policies.end(), is_plain_hpa);
  return found == policies.end() ? 0 : static_cast<std::size_t>(found - policies.begin());
}

std::string complaint(const std::string& scenario, const ExpectationResult& e) {
  std::string text = e.expectation->where + ": " + scenario + " under " + e.policy + ": " + e.expectation->metric +
                     " is " + (e.value ? base::format_number(*e.value) : "missing") + ", expected";
  if (e.expectation->at_least) text += " at least " + base::format_number(*e.expectation->at_least);
  if (e.expectation->at_most) text += " at most " + base::format_number(*e.expectation->at_most);
  return text;
}

base::Result<CatalogueEntry> run_entry(const fs::path& file, const fs::path& folder, base::Duration at_most,
                                       RunControl& control) {
  auto scenario = load_scenario(file, Overrides{});
  if (!scenario) return scenario.error();
  if (auto ok = check_metric_names(*scenario); !ok) return ok.error();
  const bool cut = scenario->duration > at_most;
  if (cut) {
    Overrides shorter;
    shorter.duration = at_most;
    scenario = load_scenario(file, shorter);
    if (!scenario) return scenario.error();
  }
  const auto result = run_scenario(*scenario, RunOptions{}, control);
  if (!result) return annotate(result.error(), file.string());
  CatalogueEntry entry;
  entry.path = fs::relative(file, folder).generic_string();
  entry.family = fs::relative(file, folder).parent_path().generic_string();
  entry.name = scenario->name;
  entry.about = first_sentence(scenario->text);
  const PolicyResult& plain = result->policies[plain_policy(scenario->policies)];
  entry.cut = cut;
  entry.policy = plain.name;
  entry.summary = plain.summary;
  entry.policies = static_cast<int>(result->policies.size());
  entry.expectations = static_cast<int>(result->expectations.size());
  for (const ExpectationResult& e : result->expectations) {
    if (!e.met) entry.failures.push_back(complaint(scenario->name, e));
  }
  return entry;
}

std::string row(const CatalogueEntry& e) {
  const Summary& s = e.summary;
  const double failed = s.requests == 0 ? 0 : 100.0 * static_cast<double>(s.failed) / static_cast<double>(s.requests);
  return fmt::format("| [{}]({}) | {} | {} | {} | {} | {:.2f} | {:.0f} | {} | {:.1f} | {} |\n", e.name,
                     "../scenarios/" + e.path, e.about + (e.cut ? " (in part)" : ""), e.policy,
                     base::format_grouped(s.requests), s.degradation_seconds, failed, s.latency_ms.p99,
                     s.time_to_capacity_seconds, s.pod_hours, s.scale_events);
}

}  // namespace

base::Result<std::vector<CatalogueEntry>> run_catalogue(const fs::path& folder, const CatalogueOptions& options,
                                                        RunControl& control) {
  const auto files = scenario_files(folder);
  if (!files) return files.error();
  std::vector<std::optional<base::Result<CatalogueEntry>>> results(files->size());
  std::atomic<std::size_t> next = 0;
  const auto work = [&] {
    for (std::size_t i = next++; i < files->size(); i = next++) {
      results[i] = run_entry((*files)[i], folder, options.at_most, control);
    }
  };
  {
    std::vector<std::jthread> others;
    for (int i = 1; i < options.jobs; ++i) others.emplace_back(work);
    work();
  }
  std::vector<CatalogueEntry> entries;
  for (auto& result : results) {
    if (!*result) return result->error();
    entries.push_back(std::move(**result));
  }
  return entries;
}

std::string catalogue_markdown(const std::vector<CatalogueEntry>& entries, const std::string& command) {
  std::string text =
      "# Scenarios under the plain HorizontalPodAutoscaler\n\n"
      "Every scenario of the catalogue, replayed under its plain HPA: what a cluster would have done on its own. One "
      "that has\nnothing to scale it runs as it is, as `none`.\n"
      "Generated by `" +
      command +
      "`, which also holds every\nscenario, under all of its policies, against the expectations in its file.\n\n"
      "`degraded` counts the seconds whose percentile of the SLO is over its latency, `short` is the longest stretch\n"
      "of seconds with fewer ready pods than the demand called for.\n";
  std::optional<std::string> family;
  for (const CatalogueEntry& entry : entries) {
    if (family != entry.family) {
      family = entry.family;
      text += "\n## " + (entry.family.empty() ? std::string("nights") : entry.family) +
              "\n\n| scenario | what happens | policy | requests | degraded s | failed % | p99 ms | short s | "
              "pod-hours | scalings |\n|---|---|---|--:|--:|--:|--:|--:|--:|--:|\n";
    }
    text += row(entry);
  }
  return text;
}

}  // namespace sim
