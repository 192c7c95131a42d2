#include "fake-apiserver/daemon/flags.h"

#include <CLI/CLI.hpp>
#include <cmath>

#include "common/base/file.h"
#include "common/base/time_format.h"
#include "common/config/document.h"
#include "common/http/url.h"
#include "fake-apiserver/controllers/resource_quantity.h"

namespace fakeapi {
namespace {

constexpr int kUsageError = 2;
// Memory counts for a program beside others on a machine: most objects rest as text.
constexpr std::size_t kOpenDocuments = 1000;
constexpr base::Duration kNeverForgotten = std::chrono::hours(24 * 365 * 100);
// Of one watch in a crowd: more than what waking it and writing to its socket costs.
constexpr base::Duration kPace = std::chrono::microseconds(25);

constexpr const char* kExamples = R"(
Examples:
  fake-apiserver --nodes 5 --kubeconfig-out kc        and then: kubectl --kubeconfig kc get nodes
  fake-apiserver --speed 60                           an hour of the cluster in a minute
  fake-apiserver --stepped --start-time 2026-01-01T19:30:00Z
      curl -d '{"advance":"30s"}' http://127.0.0.1:8001/gamenight/clock
  fake-apiserver --load manifests/ --snapshot state.json
  fake-apiserver --restore state.json --faults faults.yaml --record requests.ndjson
  fake-apiserver --tls --authorization-mode RBAC --kubeconfig-out kc
)";

// What the command line says in words of its own.
struct Words {
  std::optional<int> max_nodes;
  bool no_watch_list = false;
  bool no_managers = false;
  bool no_controllers = false;
  bool no_hpa = false;
  bool stepped = false;
  bool no_auto_advance = false;
  bool no_anonymous = false;
  std::string start_time;
  std::string controllers;
  std::string log_requests = "all";
  std::string authorization = "AlwaysAllow";
  std::string node_profile = "cluster-autoscaler";
  std::vector<std::string> aggregate;
};

// CLI11 converts numbers and texts; durations are ours.
base::Duration duration_of(const std::string& name, const std::string& text) {
  const auto duration = base::parse_duration(text);
  if (duration && *duration >= base::Duration::zero()) return *duration;
  throw CLI::ValidationError(name, "\"" + text + "\" is not a duration such as 90s or 5m");
}

// For CLI11 takes -1 as the largest number that an unsigned one may be.
std::string whole_number(const std::string& text) {
  const bool digits = !text.empty() && text.find_first_not_of("0123456789") == std::string::npos;
  return digits ? "" : "\"" + text + "\" is not a whole number from 0 on";
}

CLI::Option* add_duration(CLI::App& app, const std::string& name, base::Duration& target, const std::string& help) {
  const auto set = [&target, name](const std::string& text) { target = duration_of(name, text); };
  return app.add_option_function<std::string>(name, set, help)
      ->type_name("DURATION")
      ->default_str(base::format_duration(target));
}

CLI::Option* add_delay(CLI::App& app, const std::string& name, Delay& target, const std::string& help) {
  const auto set = [&target, name](const std::string& text) { target = Delay::fixed(duration_of(name, text)); };
  return app.add_option_function<std::string>(name, set, help)->type_name("DURATION");
}

void add_connections(CLI::App& app, Flags& flags, Words& words) {
  const std::string group = "Connections";
  app.add_option("--address,--bind-address", flags.address, "Address to listen on; others than loopback let anybody in")
      ->capture_default_str()
      ->group(group);
  app.add_option("--port", flags.port, "Port to listen on, 0 for any free one")->capture_default_str()->group(group);
  app.add_flag("--print-port", flags.print_port, "Print the port, alone on a line, once it is open")->group(group);
  app.add_option("--kubeconfig-out", flags.kubeconfig_out, "Write a kubeconfig that leads here")->group(group);
  app.add_option("--max-connections", flags.max_connections, "More are refused with 503")
      ->check(CLI::Range(std::size_t{1}, std::size_t{1'000'000}))
      ->capture_default_str()
      ->group(group);
  app.add_flag("--tls", flags.tls, "TLS 1.3, with an authority made at the start unless files are given")->group(group);
  app.add_option("--tls-cert-file", flags.tls_cert, "Certificate of the server (PEM)")->group(group);
  app.add_option("--tls-private-key-file", flags.tls_key, "Its key (PEM)")->group(group);
  app.add_option("--client-ca-file", flags.client_ca, "Who signs the certificates of clients (PEM)")->group(group);
  app.add_option("--token-auth-file", flags.token_file, "Tokens: token,user,uid,\"group1,group2\"")->group(group);
  app.add_flag("--no-anonymous-auth", words.no_anonymous, "401 for requests without credentials")->group(group);
  app.add_option("--authorization-mode", words.authorization, "AlwaysAllow or RBAC")
      ->check(CLI::IsMember({"AlwaysAllow", "RBAC"}))
      ->capture_default_str()
      ->group(group);
}

void add_clock(CLI::App& app, Flags& flags, Words& words) {
  const std::string group = "Clock";
  CLI::Option* speed = app.add_option("--speed", flags.speed, "Seconds of the cluster in a second of the machine")
                           ->check(CLI::Range(0.0, 1e6))
                           ->capture_default_str()
                           ->group(group);
  app.add_flag("--stepped", words.stepped, "Time stands still until POST /gamenight/clock moves it; --speed 0")
      ->excludes(speed)
      ->group(group);
  app.add_option("--start-time", words.start_time, "Where the clock begins (RFC 3339); default: now")->group(group);
  app.add_flag("--no-auto-advance", words.no_auto_advance,
               "A clock that stands still stays so even while a client waits")
      ->group(group);
  add_duration(app, "--auto-advance-after", flags.auto_advance.quiet, "Time without requests before it moves by itself")
      ->group(group);
  add_duration(app, "--auto-advance-limit", flags.auto_advance.limit,
               "It then moves at most so far, until somebody asks for something new")
      ->group(group);
  add_duration(app, "--idle-horizon", flags.auto_advance.horizon, "What is due later counts as nothing to wait for")
      ->group(group);
}

void add_cluster(CLI::App& app, Flags& flags, Words& words) {
  const std::string group = "Cluster";
  NodePoolOptions& pool = flags.cluster.node_pools.front();
  app.add_option("--nodes", pool.nodes, "Nodes at the start")
      ->check(CLI::Range(0, 10'000))
      ->capture_default_str()
      ->group(group);
  app.add_option("--max-nodes", words.max_nodes,
                 "Nodes up to which pending pods make the cluster grow; default: --nodes, 100 more with karpenter")
      ->check(CLI::Range(0, 10'000))
      ->group(group);
  app.add_option("--node-cpu", pool.cpu, "Allocatable CPU of a node")->capture_default_str()->group(group);
  app.add_option("--node-memory", pool.memory, "Allocatable memory of a node")->capture_default_str()->group(group);
  app.add_option("--node-profile", words.node_profile, "What adds nodes: cluster-autoscaler (to the pool) or karpenter")
      ->check(CLI::IsMember({"cluster-autoscaler", "karpenter"}))
      ->capture_default_str()
      ->group(group);
  app.add_flag("--client-side-limits", flags.cluster.client_side_limits,
               "Controllers are as slow as the limits of their clients make the real ones")
      ->group(group);
  add_delay(app, "--node-provisioning", pool.provisioning, "From the decision for a node to its being Ready")
      ->group(group);
  PodStartOptions& start = flags.cluster.pod_start;
  add_delay(app, "--container-delay", start.container_delay, "From a pod's placement to its running containers")
      ->group(group);
  add_delay(app, "--boot", start.boot, "From running containers to a pod that is up")->group(group);
  add_duration(app, "--metric-resolution", flags.cluster.metrics_resolution, "Period of metrics-server")->group(group);
  app.add_option("--controllers", words.controllers, "Which act, as *,-job or deployment,replicaset; default: all")
      ->group(group);
  app.add_flag("--no-controllers", words.no_controllers, "Store objects only: no Deployment ever gets pods")
      ->group(group);
  app.add_flag("--no-hpa", words.no_hpa, "HorizontalPodAutoscalers are left to somebody else")->group(group);
}

void add_state(CLI::App& app, Flags& flags, Words& words) {
  const std::string group = "State and faults";
  app.add_option("--load", flags.load, "Manifests to apply at the start: a file or a folder")->group(group);
  app.add_option("--restore", flags.restore, "Begin with this snapshot")->group(group);
  app.add_option("--snapshot", flags.snapshot, "Write a snapshot here at the end, and when asked to")->group(group);
  app.add_option("--faults", flags.faults, "What goes wrong, see docs/fake-apiserver.md")->group(group);
  app.add_option("--record", flags.recorder.file, "Append every request and its answer to this file, as JSON lines")
      ->group(group);
  app.add_option("--record-body-limit", flags.recorder.body_limit, "Bytes of a body that are kept")
      ->check(whole_number)
      ->capture_default_str()
      ->group(group);
  app.add_option("--history-events", flags.server.store.history_limit, "Changes kept for watches that resume")
      ->check(whole_number)
      ->capture_default_str()
      ->group(group);
  add_duration(app, "--history-age", flags.server.store.history_age,
               "How long they are kept, by the cluster's clock; only at --speed 1 by default")
      ->group(group);
  app.add_flag("--no-watch-list", words.no_watch_list, "Refuse watches that ask for initial events")->group(group);
  app.add_option("--aggregate", words.aggregate,
                 "Where an APIService is reached: v1beta1.external.metrics.k8s.io=http://127.0.0.1:6443")
      ->type_name("NAME=URL")
      ->group(group);
  app.add_option("--version-reported", flags.server.router.git_version, "What /version says")
      ->capture_default_str()
      ->group(group);
  app.add_flag("--no-managed-fields", words.no_managers, "Writes do not note which client owns which field")
      ->group(group);
  app.add_option("--seed", flags.seed, "Of names, uids, delays and faults; if given, also of tokens that guard nothing")
      ->check(whole_number)
      ->capture_default_str()
      ->group(group);
}

void add_log(CLI::App& app, Flags& flags, Words& words) {
  const std::string group = "Log";
  app.add_option("--log-level", flags.log_level, "debug, info, warning, error or off")
      ->check(CLI::IsMember({"debug", "info", "warning", "error", "off"}))
      ->capture_default_str()
      ->group(group);
  app.add_option("--log-requests", words.log_requests, "Which get a line: all, writes, failures or none")
      ->check(CLI::IsMember({"all", "writes", "failures", "none"}))
      ->capture_default_str()
      ->group(group);
}

bool is_version(const std::string& text) {
  const std::size_t dot = text.find('.');
  return text.size() > 4 && text[0] == 'v' && dot != std::string::npos && text.find('.', dot + 1) != std::string::npos;
}

// Whether it is a quantity above 0.
bool is_amount(const std::string& text, int decimals) {
  const auto amount = whole_quantity(text, decimals);
  return amount && *amount > 0;
}

// What CLI11 cannot check; "" if all is well.
std::string wrong_values(const Flags& flags) {
  const NodePoolOptions& pool = flags.cluster.node_pools.front();
  if (std::isnan(flags.speed)) return "--speed: nan is not a number";
  if (pool.max_nodes < pool.nodes) return "--max-nodes must not be less than --nodes";
  if (!is_amount(pool.cpu, 3)) return "--node-cpu: \"" + pool.cpu + "\" is not a quantity such as 16 or 500m";
  if (!is_amount(pool.memory, 0)) return "--node-memory: \"" + pool.memory + "\" is not a quantity such as 64Gi";
  if (flags.cluster.metrics_resolution <= base::Duration::zero()) return "--metric-resolution must be more than 0s";
  if (!is_version(flags.server.router.git_version)) return "--version-reported: not a version such as v1.33.0";
  if (flags.tls_cert.empty() != flags.tls_key.empty()) return "--tls-cert-file and --tls-private-key-file go together";
  return "";
}

std::string take_words(const Words& words, Flags& flags) {
  NodePoolOptions& pool = flags.cluster.node_pools.front();
  pool.max_nodes = words.max_nodes.value_or(pool.nodes);
  for (const std::string& backend : words.aggregate) {
    const std::size_t equals = backend.find('=');
    if (equals == 0 || equals == std::string::npos || !http::parse_origin(backend.substr(equals + 1))) {
      return "--aggregate: \"" + backend + "\" is not NAME=http://HOST:PORT";
    }
    flags.server.aggregation.backends[backend.substr(0, equals)] = backend.substr(equals + 1);
  }
  flags.controllers = !words.no_controllers;
  flags.server.router.reader.watch_list = !words.no_watch_list;
  flags.server.router.writer.track_managers = !words.no_managers;
  flags.auto_advance.enabled = !words.no_auto_advance;
  if (words.stepped) flags.speed = 0;
  if (!words.start_time.empty()) {
    flags.start_time = base::parse_rfc3339(words.start_time);
    if (!flags.start_time) return "--start-time: \"" + words.start_time + "\" is no time such as 2026-01-01T19:30:00Z";
  }
  if (!words.controllers.empty()) {
    auto switches = ControllerSwitches::parse(words.controllers);
    if (!switches) return "--controllers: " + switches.error().message;
    flags.cluster.controllers = std::move(*switches);
  }
  flags.hpa = flags.controllers && !words.no_hpa && flags.cluster.controllers.acts("horizontalpodautoscaling");
  const std::string& log = words.log_requests;
  flags.recorder.log = log == "none"       ? LogRequests::kNone
                       : log == "failures" ? LogRequests::kFailures
                       : log == "writes"   ? LogRequests::kWrites
                                           : LogRequests::kAll;
  flags.server.security.authentication.anonymous = !words.no_anonymous;
  if (words.authorization == "RBAC") flags.server.security.authorization = AuthorizationMode::kRbac;
  flags.tls = flags.tls || !flags.tls_cert.empty() || !flags.client_ca.empty();
  const std::string wrong = wrong_values(flags);
  if (wrong.empty() && words.node_profile == "karpenter") {  // which adds all nodes: the pool stays as it is
    KarpenterOptions& karpenter = flags.cluster.karpenter.emplace();
    if (words.max_nodes) karpenter.max_nodes = pool.max_nodes - pool.nodes;
    pool.max_nodes = pool.nodes;
  }
  return wrong;
}

// The first argument that looks like a flag and is none, with the flag that was meant.
std::string suggestion(const CLI::App& app, int argc, const char* const* argv) {
  std::vector<std::string> known;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) known.push_back("--" + name);
  }
  for (int i = 1; i < argc; ++i) {
    const std::string word = std::string(argv[i]).substr(0, std::string(argv[i]).find('='));
    if (!word.starts_with("--") || std::find(known.begin(), known.end(), word) != known.end()) continue;
    const std::string meant = config::did_you_mean(word, known);
    if (!meant.empty()) return "; did you mean " + meant + "?";
  }
  return "";
}

std::string one_line(std::string text) {
  for (char& c : text) {
    if (c == '\n') c = ' ';
  }
  return text;
}

}  // namespace

ParsedFlags parse_flags(int argc, const char* const* argv) {
  Flags flags;
  flags.cluster.node_pools = {NodePoolOptions{}};
  flags.cluster.admit_pods = true;
  flags.cluster.spread_over_hosts = true;
  flags.cluster.autoscaler.scale_down_utilization_threshold = 0.5;  // the cluster-autoscaler's default
  flags.cluster.node_pools.front().cpu = "16";
  flags.cluster.node_pools.front().memory = "64Gi";
  flags.server.store.open_documents = kOpenDocuments;
  flags.server.watch.pace = kPace;
  Words words;

  CLI::App app("A Kubernetes API server without a cluster: objects live in memory, pods and nodes are simulated.",
               "fake-apiserver");
  app.footer(kExamples);
  add_connections(app, flags, words);
  add_clock(app, flags, words);
  add_cluster(app, flags, words);
  add_state(app, flags, words);
  add_log(app, flags, words);
  try {
    app.parse(argc, argv);
    flags.seed_given = app.count("--seed") > 0;
  } catch (const CLI::CallForHelp&) {
    return ParsedFlags{std::nullopt, 0, app.help()};
  } catch (const CLI::ParseError& e) {
    const std::string what = one_line(e.what()) + suggestion(app, argc, argv);
    return ParsedFlags{std::nullopt, kUsageError, "fake-apiserver: " + what + " (see --help)\n"};
  }
  if (const std::string wrong = take_words(words, flags); !wrong.empty()) {
    return ParsedFlags{std::nullopt, kUsageError, "fake-apiserver: " + wrong + "\n"};
  }
  // Clients resume in their own time, which says nothing of a clock that runs ahead or is moved: there the number
  // counts.
  if (flags.speed != 1 && app.get_option("--history-age")->count() == 0) {
    flags.server.store.history_age = kNeverForgotten;
  }
  return ParsedFlags{std::move(flags), 0, ""};
}

}  // namespace fakeapi
