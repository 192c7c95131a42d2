#include <algorithm>
#include <optional>

#include "common/base/time_format.h"
#include "fake-apiserver/api/human_duration.h"
#include "fake-apiserver/api/table_cells.h"
#include "fake-apiserver/store/json_access.h"

namespace fakeapi {
namespace {

constexpr const char* kNone = "<none>";
constexpr const char* kUnknown = "<unknown>";
constexpr std::size_t kAddressesShown = 3;

bool is_true(const Json& value) { return value.is_boolean() && value.get<bool>(); }

const Json* condition(const Json& object, std::string_view type) {
  const Json& conditions = at_path(object, {"status", "conditions"});
  if (!conditions.is_array()) return nullptr;
  for (const Json& c : conditions) {
    if (text_at(c, {"type"}) == type) return &c;
  }
  return nullptr;
}

std::string exit_reason(const Json& terminated) {
  const std::string reason = text_at(terminated, {"reason"});
  if (!reason.empty()) return reason;
  const auto signal = integer_at(terminated, {"signal"}).value_or(0);
  if (signal != 0) return "Signal:" + std::to_string(signal);
  return "ExitCode:" + std::to_string(integer_at(terminated, {"exitCode"}).value_or(0));
}

struct PodSummary {
  std::string status;
  std::int64_t restarts = 0;
  std::optional<base::Time> last_restart;
  std::size_t ready = 0;
};

void count_restarts(const Json& status, PodSummary& summary) {
  summary.restarts += integer_at(status, {"restartCount"}).value_or(0);
  const auto ended = base::parse_rfc3339(text_at(status, {"lastState", "terminated", "finishedAt"}));
  if (ended && (!summary.last_restart || *ended > *summary.last_restart)) summary.last_restart = ended;
}

// "2 (5m ago)": how often containers were started again, and when the last one was.
std::string restarts_cell(const PodSummary& summary, base::Time now) {
  std::string text = std::to_string(summary.restarts);
  if (summary.restarts > 0 && summary.last_restart)
    text += " (" + human_duration(now - *summary.last_restart) + " ago)";
  return text;
}

// What the init containers still keep the pod waiting for; "" when they are through.
std::string init_reason(const Json& pod, PodSummary& summary) {
  const Json& statuses = at_path(pod, {"status", "initContainerStatuses"});
  if (!statuses.is_array()) return "";
  for (std::size_t i = 0; i < statuses.size(); ++i) {
    count_restarts(statuses[i], summary);
    const Json& terminated = at_path(statuses[i], {"state", "terminated"});
    if (terminated.is_object() && integer_at(terminated, {"exitCode"}) == 0) continue;
    if (terminated.is_object()) return "Init:" + exit_reason(terminated);
    const std::string waiting = text_at(statuses[i], {"state", "waiting", "reason"});
    if (!waiting.empty() && waiting != "PodInitializing") return "Init:" + waiting;
    return "Init:" + std::to_string(i) + "/" + std::to_string(at_path(pod, {"spec", "initContainers"}).size());
  }
  return "";
}

void summarize_containers(const Json& pod, PodSummary& summary) {
  const Json& statuses = at_path(pod, {"status", "containerStatuses"});
  if (!statuses.is_array()) return;
  summary.restarts = 0;
  summary.last_restart.reset();
  bool any_running = false;
  for (std::size_t i = statuses.size(); i > 0; --i) {  // the first container that has something to say wins
    const Json& status = statuses[i - 1];
    count_restarts(status, summary);
    const std::string waiting = text_at(status, {"state", "waiting", "reason"});
    const Json& terminated = at_path(status, {"state", "terminated"});
    if (!waiting.empty()) {
      summary.status = waiting;
    } else if (terminated.is_object()) {
      summary.status = exit_reason(terminated);
    } else if (is_true(member(status, "ready")) && at_path(status, {"state", "running"}).is_object()) {
      any_running = true;
      ++summary.ready;
    }
  }
  if (summary.status != "Completed" || !any_running) return;
  const Json* ready = condition(pod, "Ready");
  summary.status = ready && text_at(*ready, {"status"}) == "True" ? "Running" : "NotReady";
}

PodSummary summarize(const Json& pod) {
  PodSummary summary;
  summary.status = text_at(pod, {"status", "phase"});
  const std::string reason = text_at(pod, {"status", "reason"});
  if (!reason.empty()) summary.status = reason;
  const Json* scheduled = condition(pod, "PodScheduled");
  if (scheduled && text_at(*scheduled, {"reason"}) == "SchedulingGated") summary.status = "SchedulingGated";
  const std::string init = init_reason(pod, summary);
  if (init.empty()) {
    summarize_containers(pod, summary);
  } else {
    summary.status = init;
  }
  if (at_path(pod, {"metadata", "deletionTimestamp"}).is_string()) {
    summary.status = reason == "NodeLost" ? "Unknown" : "Terminating";
  }
  return summary;
}

std::string readiness_gates(const Json& pod) {
  const Json& gates = at_path(pod, {"spec", "readinessGates"});
  if (!gates.is_array() || gates.empty()) return kNone;
  std::size_t met = 0;
  for (const Json& gate : gates) {
    const Json* c = condition(pod, text_at(gate, {"conditionType"}));
    if (c && text_at(*c, {"status"}) == "True") ++met;
  }
  return std::to_string(met) + "/" + std::to_string(gates.size());
}

std::string node_status(const Json& node) {
  const Json* ready = condition(node, "Ready");
  std::string status = !ready ? "Unknown" : (text_at(*ready, {"status"}) == "True" ? "Ready" : "NotReady");
  if (is_true(at_path(node, {"spec", "unschedulable"}))) status += ",SchedulingDisabled";
  return status;
}

std::string node_roles(const Json& node) {
  constexpr std::string_view kPrefix = "node-role.kubernetes.io/";
  std::vector<std::string> roles;
  const Json& labels = at_path(node, {"metadata", "labels"});
  if (labels.is_object()) {
    for (const auto& [key, value] : labels.items()) {
      if (key.starts_with(kPrefix) && key.size() > kPrefix.size()) roles.push_back(key.substr(kPrefix.size()));
      if (key == "kubernetes.io/role" && !text_of(value).empty()) roles.push_back(text_of(value));
    }
  }
  std::sort(roles.begin(), roles.end());
  return list_cell(roles, roles.size());
}

std::string node_address(const Json& node, std::string_view type) {
  const Json& addresses = at_path(node, {"status", "addresses"});
  if (!addresses.is_array()) return kNone;
  for (const Json& address : addresses) {
    if (text_at(address, {"type"}) == type) return cell_text(address, {"address"}, kNone);
  }
  return kNone;
}

std::string external_ip(const Json& service) {
  const std::string type = cell_text(service, {"spec", "type"}, "ClusterIP");
  if (type == "ExternalName") return cell_text(service, {"spec", "externalName"}, kNone);
  std::vector<std::string> addresses;
  const Json& ingress = at_path(service, {"status", "loadBalancer", "ingress"});
  if (type == "LoadBalancer" && ingress.is_array()) {
    for (const Json& entry : ingress)
      addresses.push_back(cell_text(entry, {"ip"}, text_at(entry, {"hostname"}).c_str()));
  }
  const Json& fixed = at_path(service, {"spec", "externalIPs"});
  if (fixed.is_array()) {
    for (const Json& address : fixed) addresses.push_back(text_of(address));
  }
  if (type == "LoadBalancer" && addresses.empty()) return "<pending>";
  return list_cell(addresses, addresses.size());
}

std::string service_ports(const Json& service) {
  std::vector<std::string> ports;
  const Json& list = at_path(service, {"spec", "ports"});
  if (list.is_array()) {
    for (const Json& port : list) {
      std::string text = std::to_string(integer_at(port, {"port"}).value_or(0));
      const auto node_port = integer_at(port, {"nodePort"}).value_or(0);
      if (node_port > 0) text += ":" + std::to_string(node_port);
      ports.push_back(text + "/" + cell_text(port, {"protocol"}, "TCP"));
    }
  }
  return list_cell(ports, ports.size());
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return text;
}

// Events of the newer recorders have eventTime and series in the place of the timestamps.
std::string event_age(const Json& event, const char* key, base::Time now) {
  if (member(event, key).is_string()) return age_cell(member(event, key), now);
  const Json& series = at_path(event, {"series", "lastObservedTime"});
  return age_cell(series.is_string() ? series : member(event, "eventTime"), now);
}

std::string event_source(const Json& event) {
  const std::string component =
      cell_text(event, {"source", "component"}, text_at(event, {"reportingComponent"}).c_str());
  const std::string host = text_at(event, {"source", "host"});
  return host.empty() ? component : component + ", " + host;
}

}  // namespace

Json name_cell(const Json& object) { return text_at(object, {"metadata", "name"}); }

Json age_of(const Json& object, base::Time now) {
  return age_cell(at_path(object, {"metadata", "creationTimestamp"}), now);
}

Json count_at(const Json& object, std::initializer_list<std::string_view> path) {
  return integer_at(object, path).value_or(0);
}

std::string cell_text(const Json& object, std::initializer_list<std::string_view> path, const char* otherwise) {
  const std::string text = text_at(object, path);
  return text.empty() ? otherwise : text;
}

std::string labels_cell(const Json& labels) {
  std::vector<std::string> terms;
  if (labels.is_object()) {
    for (const auto& [key, value] : labels.items()) terms.push_back(key + "=" + text_of(value));
  }
  return list_cell(terms, terms.size());
}

std::string list_cell(const std::vector<std::string>& items, std::size_t shown) {
  if (items.empty()) return kNone;
  std::string text;
  for (std::size_t i = 0; i < std::min(shown, items.size()); ++i) text += (i == 0 ? "" : ",") + items[i];
  if (items.size() > shown) text += " + " + std::to_string(items.size() - shown) + " more...";
  return text;
}

Json generic_cells(const Json& object, base::Time now) { return Json::array({name_cell(object), age_of(object, now)}); }

Json pod_cells(const Json& object, base::Time now) {
  const PodSummary summary = summarize(object);
  const std::size_t containers = at_path(object, {"spec", "containers"}).size();
  return Json::array({name_cell(object), std::to_string(summary.ready) + "/" + std::to_string(containers),
                      summary.status, restarts_cell(summary, now), age_of(object, now),
                      cell_text(object, {"status", "podIP"}, kNone), cell_text(object, {"spec", "nodeName"}, kNone),
                      cell_text(object, {"status", "nominatedNodeName"}, kNone), readiness_gates(object)});
}

Json node_cells(const Json& object, base::Time now) {
  return Json::array({name_cell(object), node_status(object), node_roles(object), age_of(object, now),
                      text_at(object, {"status", "nodeInfo", "kubeletVersion"}), node_address(object, "InternalIP"),
                      node_address(object, "ExternalIP"),
                      cell_text(object, {"status", "nodeInfo", "osImage"}, kUnknown),
                      cell_text(object, {"status", "nodeInfo", "kernelVersion"}, kUnknown),
                      cell_text(object, {"status", "nodeInfo", "containerRuntimeVersion"}, kUnknown)});
}

Json service_cells(const Json& object, base::Time now) {
  return Json::array({name_cell(object), cell_text(object, {"spec", "type"}, "ClusterIP"),
                      cell_text(object, {"spec", "clusterIP"}, kNone), external_ip(object), service_ports(object),
                      age_of(object, now), labels_cell(at_path(object, {"spec", "selector"}))});
}

Json endpoints_cells(const Json& object, base::Time now) {
  std::vector<std::string> addresses;
  const Json& subsets = member(object, "subsets");
  if (subsets.is_array()) {
    for (const Json& subset : subsets) {
      if (!member(subset, "addresses").is_array()) continue;
      for (const Json& address : member(subset, "addresses")) {
        const Json& ports = member(subset, "ports");
        if (!ports.is_array() || ports.empty()) addresses.push_back(text_at(address, {"ip"}));
        if (!ports.is_array()) continue;
        for (const Json& port : ports) {
          addresses.push_back(text_at(address, {"ip"}) + ":" + to_text(count_at(port, {"port"})));
        }
      }
    }
  }
  return Json::array({name_cell(object), list_cell(addresses, kAddressesShown), age_of(object, now)});
}

Json event_cells(const Json& object, base::Time now) {
  const std::string about =
      lower(text_at(object, {"involvedObject", "kind"})) + "/" + text_at(object, {"involvedObject", "name"});
  return Json::array({event_age(object, "lastTimestamp", now), text_at(object, {"type"}), text_at(object, {"reason"}),
                      about, text_at(object, {"involvedObject", "fieldPath"}), event_source(object),
                      text_at(object, {"message"}), event_age(object, "firstTimestamp", now),
                      std::to_string(integer_at(object, {"count"}).value_or(1)), name_cell(object)});
}

Json namespace_cells(const Json& object, base::Time now) {
  return Json::array({name_cell(object), text_at(object, {"status", "phase"}), age_of(object, now)});
}

Json config_map_cells(const Json& object, base::Time now) {
  const std::size_t entries = member(object, "data").size() + member(object, "binaryData").size();
  return Json::array({name_cell(object), std::to_string(entries), age_of(object, now)});
}

Json secret_cells(const Json& object, base::Time now) {
  return Json::array({name_cell(object), text_at(object, {"type"}), std::to_string(member(object, "data").size()),
                      age_of(object, now)});
}

Json service_account_cells(const Json& object, base::Time now) {
  return Json::array({name_cell(object), std::to_string(member(object, "secrets").size()), age_of(object, now)});
}

}  // namespace fakeapi
