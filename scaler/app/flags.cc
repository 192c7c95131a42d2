#include "scaler/app/flags.h"

#include <CLI/CLI.hpp>

#include "common/base/number_format.h"
#include "common/base/time_format.h"
#include "common/config/document.h"

namespace scaler {
namespace {

constexpr char kVersion[] = "scaler 0.1.0\n";

constexpr char kFooter[] = R"(
Examples:
  kubectl proxy & scaler                                   follow the policies of the cluster
  scaler --server http://127.0.0.1:8001 --dry-run          say what would be done, write nothing
  scaler --policy grand-final.yaml --policy night.yaml     policies from files, beside those of the cluster
  scaler --port 0 --print-port --log-format json           any free port, told on standard output

Endpoints:
  GET  /healthz /readyz /livez /metrics
  GET  /replica-count?namespace=NS&deployment=NAME[&minResourceVersion=V]
  POST /replica-count?namespace=NS&deployment=NAME         {"replicas":3}
  POST /stop?deployment=NAME[&namespace=NS]                to zero, and its policies stay quiet; DELETE does the same
  POST /start?deployment=NAME[&namespace=NS]               back to what it had, and its policies go on
  GET  /api/HorizontalPodAutoscaler?name=NS/NAME&current-min=N&current-instance-count=N   what HpaTuners ask
  GET  /deployments[?namespace=NS]
  GET  /v1/decisions[?limit=N]

Exit codes: 0 ended by a signal; 2 usage or invalid input; 5 the API is unreachable or denies us; 70 internal error.)";

FlagsMessage complaint(const std::string& text) { return {"scaler: " + text + "; try: scaler --help\n", kExitInvalid}; }

// One line; an option that does not exist gets the nearest one that does.
std::string explain(const CLI::App& app, const CLI::ParseError& error, int argc, const char* const* argv) {
  std::vector<std::string> options;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) options.push_back("--" + name);
  }
  for (int i = 1; i < argc; ++i) {
    const std::string argument = argv[i];
    const std::string word = argument.substr(0, argument.find('='));
    if (!word.starts_with("--") || std::find(options.begin(), options.end(), word) != options.end()) continue;
    const std::string meant = config::did_you_mean(word, options);
    return "unknown option \"" + word + "\"" + (meant.empty() ? "" : ", did you mean \"" + meant + "\"?");
  }
  const std::string text = error.what();
  return text.substr(0, text.find('\n'));
}

// A positive duration with its unit.
CLI::Option* add_duration(CLI::App& app, const char* name, std::optional<base::Duration>& value, const char* help) {
  const auto read = [&value, name](const std::string& text) {
    const auto parsed = base::parse_duration(text);
    if (!parsed || *parsed <= base::Duration::zero()) {
      throw CLI::ValidationError(name, "\"" + text + "\" is not a positive duration with its unit, such as 30s");
    }
    value = parsed;
  };
  return app.add_option_function<std::string>(name, read, help)->type_name("DURATION");
}

void add_port(CLI::App& app, std::uint16_t& port) {
  const auto read = [&port](const std::string& text) {
    const auto number = base::parse_int64(text);
    if (!number || *number < 0 || *number > std::numeric_limits<std::uint16_t>::max()) {
      throw CLI::ValidationError("--port", "\"" + text + "\" is not a port, which is a number from 0 to 65535");
    }
    port = static_cast<std::uint16_t>(*number);
  };
  app.add_option_function<std::string>("--port", read, "Serve on this port, 0 for any free one")
      ->type_name("PORT")
      ->default_str(base::format_number(std::int64_t{port}));
}

// One of a few words, which are the help.
template <class Value>
void add_choice(CLI::App& app, const char* name, Value& value, std::map<std::string, Value> choices, const char* help) {
  const auto read = [&value, name, help, choices = std::move(choices)](const std::string& word) {
    const auto found = choices.find(word);
    if (found == choices.end()) throw CLI::ValidationError(name, "\"" + word + "\" is not one of " + help);
    value = found->second;
  };
  app.add_option_function<std::string>(name, read, help)->type_name("WORD");
}

struct Parsed {
  DaemonFlags flags;
  std::optional<base::Duration> period;
};

void declare(CLI::App& app, Parsed& parsed) {
  DaemonFlags& flags = parsed.flags;
  app.set_version_flag("--version", kVersion);
  app.footer(kFooter);
  app.add_option("--server", flags.server, "The Kubernetes API, http://HOST[:PORT]")->capture_default_str();
  app.add_option("--namespace", flags.ns, "Look at this namespace alone");
  app.add_option("--address", flags.address, "Serve on this address")->capture_default_str();
  add_port(app, flags.port);
  app.add_flag("--print-port", flags.print_port, "Print the port on standard output once it is open");
  app.add_option("--policy", flags.policies, "Follow the policies of this file; may be repeated")
      ->take_all()
      ->allow_extra_args(false)
      ->type_name("FILE");
  app.add_flag("--run-hpa-controller", flags.run_hpa_controller,
               "Act on HorizontalPodAutoscalers in the place of kube-controller-manager");
  app.add_flag("--dry-run", flags.dry_run, "Decide, but write nothing");
  app.add_flag("--force-ownership", flags.force_ownership,
               "Write replicas even if an HPA or another policy scales the same Deployment");
  app.add_option("--max-replicas", flags.max_replicas, "Refuse more by POST /replica-count")
      ->check(CLI::Range(1, std::numeric_limits<int>::max()))
      ->capture_default_str();
  add_duration(app, "--period", parsed.period, "Time between two decisions of a policy")->default_str("15s");
  add_duration(app, "--wait-for-api", flags.wait_for_api,
               "Give up (exit 5) if the API has not answered after so long; without, keep trying");
  app.add_option("--decision-service", flags.decision_service,
                 "http://HOST[:PORT] that HpaTuners and ScalingPolicies may ask");
  add_choice(app, "--log-format", flags.log.format,
             {{"logfmt", base::LogFormat::kLogfmt}, {"json", base::LogFormat::kJson}}, "logfmt, json");
  add_choice(app, "--log-level", flags.log.level,
             {{"debug", base::LogLevel::kDebug},
              {"info", base::LogLevel::kInfo},
              {"warning", base::LogLevel::kWarning},
              {"error", base::LogLevel::kError},
              {"off", base::LogLevel::kOff}},
             "debug, info, warning, error, off");
}

}  // namespace

std::variant<DaemonFlags, FlagsMessage> parse_flags(int argc, const char* const* argv) {
  CLI::App app("Follows scaling policies of a Kubernetes cluster and serves replica counts.", "scaler");
  Parsed parsed;
  declare(app, parsed);
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    return FlagsMessage{app.help(), kExitOk};
  } catch (const CLI::CallForVersion&) {
    return FlagsMessage{kVersion, kExitOk};
  } catch (const CLI::ParseError& error) {
    return complaint(explain(app, error, argc, argv));
  }
  if (parsed.period) parsed.flags.period = *parsed.period;
  return parsed.flags;
}

}  // namespace scaler
