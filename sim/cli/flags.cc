#include "sim/cli/flags.h"

#include <CLI/CLI.hpp>

#include "common/base/number_format.h"
#include "common/base/time_format.h"
#include "common/config/document.h"
#include "sim/cli/exit_codes.h"

namespace sim {
namespace {

constexpr const char* kVersion = "gamenight 0.1.0";

constexpr const char* kRunExamples = R"(
Examples:
  gamenight run scenarios/grand-final.yaml
  gamenight run scenarios/grand-final.yaml --policy my-hpa.yaml --policy my-schedule.yaml --out out/mine
  gamenight run scenarios/wc98-0626.yaml --duration 2h15m --seed 7)";

// CLI11 tells only that something is wrong with the first word; say what was meant.
std::string explain(const CLI::App& app, const CLI::ParseError& error, int argc, const char* const* argv) {
  std::string text = error.what();
  if (const std::size_t end = text.find('\n'); end != std::string::npos) text.erase(end);
  const CLI::App* sub = app.get_subcommands().empty() ? nullptr : app.get_subcommands().front();
  std::vector<std::string> known;
  for (const CLI::App* s : app.get_subcommands([](const CLI::App*) { return true; })) known.push_back(s->get_name());
  if (!sub && argc > 1 && argv[1][0] != '-') {
    text = std::string("unknown command \"") + argv[1] + "\"";
    const std::string meant = config::did_you_mean(argv[1], known);
    if (!meant.empty()) text += "; did you mean \"" + meant + "\"?";
  } else if (sub) {
    std::vector<std::string> options;
    for (const CLI::Option* o : sub->get_options()) {
      if (!o->get_lnames().empty()) options.push_back("--" + o->get_lnames().front());
    }
    for (int i = 2; i < argc; ++i) {
      const std::string word = std::string(argv[i]).substr(0, std::string(argv[i]).find('='));
      if (!word.starts_with("--") || std::find(options.begin(), options.end(), word) != options.end()) continue;
      text = "unknown option \"" + word + "\"";
      const std::string meant = config::did_you_mean(word, options);
      if (!meant.empty()) text += "; did you mean \"" + meant + "\"?";
      break;
    }
  }
  return "gamenight: " + text + "\nTry: gamenight " + (sub ? sub->get_name() + " " : std::string()) + "--help\n";
}

std::optional<base::Duration> whole_seconds(const std::string& text) {
  const auto duration = base::parse_duration(text);
  const base::Duration second = std::chrono::seconds(1);
  if (!duration || *duration < second || *duration % second != base::Duration::zero()) return std::nullopt;
  return duration;
}
std::string not_whole_seconds(const std::string& option, const std::string& text) {
  return "gamenight: " + option + " must be a positive duration in whole seconds, such as 30m, is \"" + text + "\"\n";
}

CLI::App* add_policies(CLI::App& app, PoliciesFlags& flags, std::vector<std::string>& scenarios) {
  CLI::App* policies =
      app.add_subcommand("policies", "Run a night with every preset and tell who suffers how long, at what price");
  policies->add_option("--scenario", scenarios, "The night (default: scenarios/grand-final.yaml); may be repeated")
      ->take_all()
      ->allow_extra_args(false);
  policies->add_option("--presets", flags.presets, "Where the presets are (default: scenarios/policies)");
  policies->add_option("--out", flags.out, "Write the document into this file, not on stdout");
  policies->add_option("--jobs", flags.jobs, "Threads at the most (default: one a core)")->check(CLI::Range(1, 1024));
  policies->add_flag("--quiet,-q", flags.quiet, "No progress on stderr");
  return policies;
}

CLI::App* add_explain(CLI::App& app, ExplainFlags& flags) {
  CLI::App* explain = app.add_subcommand("explain", "Tell why a policy decided what it did at a moment of a run");
  explain->add_option("RUN", flags.run, "The folder of a run, e.g. out/grand-final")->required();
  explain->add_option(
      "--at", flags.at,
      "A time of the scenario's clock (19:30:15), an RFC 3339 time or a time since the start (+10m15s)\n"
      "(default: every decision of the run)");
  explain->add_option("--policy", flags.policy, "Only this policy (default: all of the run)");
  explain->add_option("--target", flags.target, "Only decisions about this object, e.g. default/api");
  explain->footer(
      "\nExamples:\n  gamenight explain out/grand-final --at 19:30:15\n"
      "  gamenight explain out/grand-final --policy predictive");
  return explain;
}

}  // namespace

Flags parse_flags(int argc, const char* const* argv) {
  CLI::App app("Replays a game night against the real scaler in virtual time.", "gamenight");
  app.set_version_flag("--version", kVersion);
  app.footer(kExitCodeHelp);
  app.require_subcommand(1);

  RunFlags run_flags;
  std::string duration;
  std::string seed;
  CLI::App* run = app.add_subcommand("run", "Replay a scenario once per policy and write the report");
  run->add_option("SCENARIO", run_flags.scenario, "The scenario file")->required();
  run->add_option("--policy", run_flags.policies,
                  "Use this policy file in the place of the scenario's; may be repeated")
      ->take_all()
      ->allow_extra_args(false);
  run->add_option("--seed", seed, "Seed of all randomness, in the place of the scenario's");
  run->add_option("--duration", duration, "How much of the scenario to replay, e.g. 30m");
  run->add_option("--out", run_flags.out,
                  "Folder for run.json, report.html, decisions.ndjson and timeseries.csv\n"
                  "(default: out/ and the scenario's name)");
  run->add_option("--jobs", run_flags.jobs, "Threads at the most (default: one a core)")->check(CLI::Range(1, 1024));
  std::string fidelity = "exact";
  run->add_option("--fidelity", fidelity,
                  "exact: every request by itself (default); cohort: fluid slices, many times faster and a little off")
      ->check(CLI::IsMember({"exact", "cohort"}));
  run->add_flag("--quiet,-q", run_flags.quiet, "Print nothing but errors");
  run->add_flag("--verbose,-v", run_flags.verbose, "Log what the scaler does, in virtual time, on stderr");
  run->footer(kRunExamples);

  CheckFlags check_flags;
  CLI::App* check = app.add_subcommand("check", "Check scenario files and the policies and traces that they name");
  check->add_option("FILE", check_flags.files, "Scenario files")->required();

  CatalogueFlags catalogue_flags;
  CLI::App* catalogue = app.add_subcommand("catalogue", "Run every scenario of a folder and check its expectations");
  catalogue->add_option("FOLDER", catalogue_flags.folder, "Where the scenarios are (default: scenarios)");
  catalogue->add_option("--out", catalogue_flags.out, "Write the table into this file, not on stdout");
  catalogue->add_option("--jobs", catalogue_flags.jobs, "Threads at the most (default: one a core)")
      ->check(CLI::Range(1, 1024));
  std::string at_most;
  catalogue->add_option("--at-most", at_most, "How much of each scenario to replay (default: 3h)");
  catalogue->add_flag("--quiet,-q", catalogue_flags.quiet, "No progress on stderr");

  ValidateFlags validate_flags;
  CLI::App* validate =
      app.add_subcommand("validate", "Compare the simulation with queueing theory and with published measurements");
  validate->add_option("--out", validate_flags.out, "Write the table as a document, e.g. docs/validation.md");
  validate->add_flag("--quick", validate_flags.quick, "Short runs with wider bounds, for a first look");
  validate->add_option("--groups", validate_flags.groups, "Only this group of rows; may be repeated")
      ->take_all()
      ->allow_extra_args(false);
  validate->add_option("--scenarios", validate_flags.scenarios, "The folder of the catalogue (default: scenarios)");
  validate->add_option("--jobs", validate_flags.jobs, "Threads at the most (default: one a core)")
      ->check(CLI::Range(1, 1024));

  PoliciesFlags policies_flags;
  std::vector<std::string> nights;
  const CLI::App* policies = add_policies(app, policies_flags, nights);

  ExplainFlags explain_flags;
  const CLI::App* explain_app = add_explain(app, explain_flags);

  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    const auto parsed = app.get_subcommands();
    const CLI::App* asked = parsed.empty() ? &app : parsed.front();
    return Message{asked->help(), kExitOk};
  } catch (const CLI::CallForVersion&) {
    return Message{std::string(kVersion) + "\n", kExitOk};
  } catch (const CLI::ParseError& error) {
    return Message{explain(app, error, argc, argv), kExitInvalid};
  }
  if (check->parsed()) return check_flags;
  if (policies->parsed()) {
    if (!nights.empty()) policies_flags.scenarios = nights;
    return policies_flags;
  }
  if (explain_app->parsed()) return explain_flags;
  if (catalogue->parsed()) {
    if (at_most.empty()) return catalogue_flags;
    const auto bound = whole_seconds(at_most);
    if (!bound) return Message{not_whole_seconds("--at-most", at_most), kExitInvalid};
    catalogue_flags.at_most = *bound;
    return catalogue_flags;
  }
  if (validate->parsed()) return validate_flags;
  run_flags.cohort = fidelity == "cohort";
  if (!seed.empty()) {
    const auto number = base::parse_int64(seed);
    if (!number || *number < 0) {
      return Message{"gamenight: --seed must be a whole number from 0 to 9223372036854775807, is \"" + seed + "\"\n",
                     kExitInvalid};
    }
    run_flags.seed = static_cast<std::uint64_t>(*number);
  }
  if (!duration.empty()) {
    run_flags.duration = whole_seconds(duration);
    if (!run_flags.duration) return Message{not_whole_seconds("--duration", duration), kExitInvalid};
  }
  return run_flags;
}

}  // namespace sim
