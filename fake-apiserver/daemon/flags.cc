#include "fake-apiserver/daemon/flags.h"

#include <CLI/CLI.hpp>

#include "common/base/time_format.h"
#include "fake-apiserver/controllers/resource_quantity.h"

namespace fakeapi {
namespace {

constexpr int kUsageError = 2;

// CLI11 converts numbers and texts; durations are ours.
base::Duration duration_of(const std::string& text) {
  const auto duration = base::parse_duration(text);
  if (duration && *duration >= base::Duration::zero()) return *duration;
  throw CLI::ValidationError("\"" + text + "\" is not a duration such as 90s or 5m");
}

void add_duration(CLI::App& app, const std::string& name, base::Duration& target, const std::string& help) {
  const auto set = [&target](const std::string& text) { target = duration_of(text); };
  app.add_option_function<std::string>(name, set, help)
      ->type_name("DURATION")
      ->default_str(base::format_duration(target));
}

void add_delay(CLI::App& app, const std::string& name, Delay& target, const std::string& help) {
  const auto set = [&target](const std::string& text) { target = Delay::fixed(duration_of(text)); };
  app.add_option_function<std::string>(name, set, help)->type_name("DURATION");
}

// What CLI11 cannot check.
std::string wrong_values(const Flags& flags) {
  const NodePoolOptions& pool = flags.cluster.node_pools.front();
  if (pool.max_nodes < pool.nodes) return "--max-nodes must not be less than --nodes";
  if (!whole_quantity(pool.cpu, 3)) return "--node-cpu: \"" + pool.cpu + "\" is not a quantity such as 16 or 500m";
  if (!whole_quantity(pool.memory, 0)) return "--node-memory: \"" + pool.memory + "\" is not a quantity such as 64Gi";
  if (flags.cluster.metrics_resolution <= base::Duration::zero()) return "--metric-resolution must be more than 0s";
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
  NodePoolOptions& pool = flags.cluster.node_pools.front();
  pool.cpu = "16";
  pool.memory = "64Gi";
  std::optional<int> max_nodes;
  bool no_watch_list = false;
  bool no_controllers = false;

  CLI::App app("A Kubernetes API server without a cluster: objects live in memory, pods and nodes are simulated.",
               "fake-apiserver");
  app.add_option("--address", flags.address, "Address to listen on")->capture_default_str();
  app.add_option("--port", flags.port, "Port to listen on, 0 for any free one")->capture_default_str();
  app.add_flag("--print-port", flags.print_port, "Print the port, alone on a line, once it is open");
  app.add_option("--nodes", pool.nodes, "Nodes at the start")->check(CLI::Range(0, 10'000))->capture_default_str();
  app.add_option("--max-nodes", max_nodes, "Nodes up to which pending pods make the pool grow; default: --nodes")
      ->check(CLI::Range(0, 10'000));
  app.add_option("--node-cpu", pool.cpu, "Allocatable CPU of a node")->capture_default_str();
  app.add_option("--node-memory", pool.memory, "Allocatable memory of a node")->capture_default_str();
  add_delay(app, "--node-provisioning", pool.provisioning, "From the decision for a node to its being Ready");
  add_delay(app, "--container-delay", flags.cluster.pod_start.container_delay,
            "From a pod's placement to its running containers");
  add_delay(app, "--boot", flags.cluster.pod_start.boot, "From running containers to a pod that is up");
  add_duration(app, "--metric-resolution", flags.cluster.metrics_resolution, "Period of metrics-server");
  app.add_option("--history-events", flags.server.store.history_limit, "Changes kept for watches that resume")
      ->capture_default_str();
  add_duration(app, "--history-age", flags.server.store.history_age, "How long they are kept");
  app.add_flag("--no-watch-list", no_watch_list, "Refuse watches that ask for initial events");
  app.add_flag("--no-controllers", no_controllers, "Store objects only: no Deployment ever gets pods");
  app.add_option("--seed", flags.seed, "Of names, uids and delays")->capture_default_str();
  app.add_option("--log-level", flags.log_level, "debug, info, warning, error or off")
      ->check(CLI::IsMember({"debug", "info", "warning", "error", "off"}))
      ->capture_default_str();

  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    return ParsedFlags{std::nullopt, 0, app.help()};
  } catch (const CLI::ParseError& e) {
    return ParsedFlags{std::nullopt, kUsageError, "fake-apiserver: " + one_line(e.what()) + " (see --help)\n"};
  }
  pool.max_nodes = max_nodes.value_or(pool.nodes);
  if (const std::string wrong = wrong_values(flags); !wrong.empty()) {
    return ParsedFlags{std::nullopt, kUsageError, "fake-apiserver: " + wrong + "\n"};
  }
  flags.controllers = !no_controllers;
  flags.server.router.reader.watch_list = !no_watch_list;
  return ParsedFlags{std::move(flags), 0, ""};
}

}  // namespace fakeapi
