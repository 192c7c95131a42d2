#include "sim/cli/commands.h"

#include <unistd.h>

#include <csignal>
#include <cstdio>

#include "common/base/file.h"
#include "common/base/number_format.h"
#include "common/base/time_format.h"
#include "reports/html_report.h"
#include "reports/timeseries_csv.h"
#include "sim/cli/catalogue.h"
#include "sim/cli/driver.h"
#include "sim/cli/exit_codes.h"
#include "sim/cli/output.h"
#include "sim/cli/summary_text.h"
#include "sim/run/expectations.h"
#include "sim/run/runner.h"
#include "sim/scenario/scenario_loader.h"

namespace sim {
namespace {

int complain(const base::Error& error, ExitCode code) {
  std::fprintf(stderr, "%s\n", error.message.c_str());
  return code;
}

// How far the replays of a scenario are.
ProgressLine replay_progress(const Scenario& scenario, const RunControl& control) {
  const std::size_t policies = std::max<std::size_t>(1, scenario.policies.size());
  const double total = base::seconds(scenario.duration) * static_cast<double>(policies);
  return [&control, policies, total](double elapsed) {
    const double done = static_cast<double>(control.seconds_done);
    const double speed = elapsed > 0 ? done / elapsed : 0;
    std::string line = base::format_number(std::int64_t{control.policies_done}) + "/" +
                       base::format_number(std::uint64_t{policies}) + " policies";
    if (speed > 0) {
      const base::Duration left(static_cast<std::int64_t>((total - done) / speed) * 1'000'000'000);
      line += "  " + base::format_fixed(100 * done / total, 0) + " %  " +
              base::format_grouped(static_cast<std::uint64_t>(speed)) + " sim-s/s  ETA " + base::format_duration(left);
    }
    return line;
  };
}

base::Result<RunResult> replay(const Scenario& scenario, const RunFlags& flags, RunControl& control) {
  RunOptions options;
  options.jobs = threads_or_all(flags.jobs);
  options.fidelity = flags.cohort ? Fidelity::kCohort : Fidelity::kExact;
  options.log_level = flags.verbose ? base::LogLevel::kDebug : base::LogLevel::kOff;
  base::Result<RunResult> result = base::Error{};
  const double wall = drive([&] { result = run_scenario(scenario, options, control); },
                            flags.quiet ? ProgressLine() : replay_progress(scenario, control), control);
  if (result) result->wall_seconds = wall;
  return result;
}

// What to type to get the same result: nothing in it depends on how this run was made (threads, folder).
std::string reproduction(const RunFlags& flags, const Scenario& scenario) {
  std::string text = "gamenight run " + quoted(flags.scenario);
  for (const std::string& policy : flags.policies) text += " --policy " + quoted(policy);
  if (flags.duration) text += " --duration " + base::format_duration(*flags.duration);
  return text + " --seed " + base::format_number(scenario.seed);
}

base::Result<> write_results(const RunResult& result, const std::string& folder, const std::string& command_line) {
  const std::string json = run_json(result);
  const std::string decisions = decisions_ndjson(result);
  const auto html = report::render_html(json, decisions, command_line);
  if (!html) return html.error();
  const auto csv = report::render_csv(json);
  if (!csv) return csv.error();
  base::FileSet files(folder);
  for (const auto& [name, content] : {std::pair<std::string, const std::string&>("run.json", json),
                                      {"decisions.ndjson", decisions},
                                      {"timeseries.csv", *csv},
                                      {"report.html", *html}}) {
    if (auto added = files.add(name, content); !added) return added;
  }
  return files.commit();
}

// Whether results can be written there, before hours of replaying; creates nothing.
base::Result<> check_folder(const std::filesystem::path& folder) {
  std::error_code error;
  std::filesystem::path existing = std::filesystem::absolute(folder, error);
  while (!std::filesystem::exists(existing, error) && existing != existing.parent_path()) {
    existing = existing.parent_path();
  }
  const auto refuse = [&](const std::string& why) {
    return base::Error{base::ErrorCode::kInvalid, "--out " + folder.string() + ": " + existing.string() + why};
  };
  if (!std::filesystem::is_directory(existing, error)) return refuse(" is no folder");
  if (::access(existing.c_str(), W_OK) != 0) return refuse(" cannot be written to");
  return {};
}

}  // namespace

int run_command(const RunFlags& flags) {
  const auto scenario = load_scenario(flags.scenario, Overrides{flags.policies, flags.seed, flags.duration});
  if (!scenario) return complain(scenario.error(), kExitInvalid);
  if (const auto ok = check_metric_names(*scenario); !ok) return complain(ok.error(), kExitInvalid);
  const std::string folder = flags.out.empty() ? "out/" + scenario->name : flags.out;
  if (const auto ok = check_folder(folder); !ok) return complain(ok.error(), kExitInvalid);

  RunControl control;
  const auto result = replay(*scenario, flags, control);
  if (control.stop) {
    std::fputs("interrupted; nothing was written\n", stderr);
    return kExitInterrupted;
  }
  if (!result) {
    return complain(result.error(), result.error().code == base::ErrorCode::kInvalid ? kExitInvalid : kExitInternal);
  }
  // From here on it takes a moment: a Ctrl-C now must not leave old and new files mixed.
  std::signal(SIGINT, SIG_IGN);
  std::signal(SIGTERM, SIG_IGN);
  if (const auto written = write_results(*result, folder, reproduction(flags, *scenario)); !written) {
    return complain(written.error(), kExitInternal);
  }
  if (!flags.quiet) {
    std::fputs(summary_text(*result).c_str(), stdout);
    std::fputs(expectations_text(*result).c_str(), stdout);
    std::fprintf(stdout, "\nreport: %s/report.html\n", folder.c_str());
  }
  return all_met(*result) ? kExitOk : kExitFailed;
}

int check_command(const CheckFlags& flags) {
  ExitCode code = kExitOk;
  for (const std::string& file : flags.files) {
    const auto scenario = load_scenario(file, Overrides{});
    const base::Result<> ok = scenario ? check_metric_names(*scenario) : base::Result<>(scenario.error());
    if (ok) {
      std::fprintf(stdout, "%s: ok\n", file.c_str());
    } else {
      code = kExitInvalid;
      std::fprintf(stderr, "%s\n", ok.error().message.c_str());
    }
  }
  return code;
}

int catalogue_command(const CatalogueFlags& flags) {
  RunControl control;
  base::Result<std::vector<CatalogueEntry>> entries = base::Error{};
  const auto line = [&control](double) {
    return base::format_number(std::int64_t{control.policies_done}) + " runs done";
  };
  drive(
      [&] {
        entries = run_catalogue(flags.folder, {threads_or_all(flags.jobs), flags.at_most}, control);
      },
      flags.quiet ? ProgressLine() : line, control);
  if (control.stop) {
    std::fputs("interrupted; nothing was written\n", stderr);
    return kExitInterrupted;
  }
  if (!entries) return complain(entries.error(), kExitInvalid);
  std::string command = "gamenight catalogue";
  if (flags.folder != "scenarios") command += " " + quoted(flags.folder);
  if (flags.at_most != CatalogueFlags{}.at_most) command += " --at-most " + base::format_duration(flags.at_most);
  if (!flags.out.empty()) command += " --out " + quoted(flags.out);
  const std::string table = catalogue_markdown(*entries, command);
  if (flags.out.empty()) {
    std::fputs(table.c_str(), stdout);
  } else if (const auto written = write_document(flags.out, table); !written) {
    return complain(written.error(), kExitInternal);
  }
  std::size_t failures = 0;
  int expectations = 0;
  for (const CatalogueEntry& entry : *entries) {
    expectations += entry.expectations;
    failures += entry.failures.size();
    for (const std::string& failure : entry.failures) std::fprintf(stderr, "%s\n", failure.c_str());
  }
  std::fprintf(flags.out.empty() ? stderr : stdout, "%zu scenarios, %d expectations, %zu not met\n", entries->size(),
               expectations, failures);
  return failures == 0 ? kExitOk : kExitFailed;
}

}  // namespace sim
