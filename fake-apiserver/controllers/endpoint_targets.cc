#include "fake-apiserver/controllers/endpoint_targets.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "fake-apiserver/controllers/object_fields.h"

namespace fakeapi {
namespace {

constexpr std::size_t kMostAddresses = 1000;

bool will_not_run(const Pod& pod) {
  const std::string policy = text_or(*pod.object, {"spec", "restartPolicy"}, "Always");
  if (policy == "Never") return pod.finished();
  return policy == "OnFailure" ? pod.phase == PodPhase::kSucceeded : pod.finished();
}

std::optional<std::int64_t> named_port(const Json& pod, const std::string& name, const std::string& protocol) {
  const Json* containers = field_at(pod, {"spec", "containers"});
  if (!containers || !containers->is_array()) return std::nullopt;
  for (const Json& container : *containers) {
    const Json* ports = field_at(container, {"ports"});
    if (!ports || !ports->is_array()) continue;
    for (const Json& port : *ports) {
      if (text_at(port, {"name"}) != name || text_or(port, {"protocol"}, "TCP") != protocol) continue;
      return int_at(port, {"containerPort"});
    }
  }
  return std::nullopt;
}

// The pod's ports; nullopt if it has one of those that are named not.
std::optional<Json> ports_of(const Json& service, const Json& pod) {
  Json resolved = Json::array();
  const Json* ports = field_at(service, {"spec", "ports"});
  if (!ports || !ports->is_array()) return resolved;
  for (const Json& port : *ports) {
    const std::string protocol = text_or(port, {"protocol"}, "TCP");
    const Json* target = field_at(port, {"targetPort"});
    std::int64_t number = int_at(port, {"port"});
    if (target && target->is_string()) {
      const auto found = named_port(pod, target->get<std::string>(), protocol);
      if (!found) return std::nullopt;
      number = *found;
    } else if (target && target->is_number_integer() && target->get<std::int64_t>() != 0) {
      number = target->get<std::int64_t>();
    }
    Json entry{{"port", number}, {"protocol", protocol}};
    entry["name"] = text_at(port, {"name"});
    if (const Json* protocol_of_application = field_at(port, {"appProtocol"})) {
      entry["appProtocol"] = *protocol_of_application;
    }
    resolved.push_back(std::move(entry));
  }
  return resolved;
}

EndpointTarget target_of(const Json& service, const Pod& pod) {
  const bool publish_all = bool_at(service, {"spec", "publishNotReadyAddresses"});
  const bool of_this_name = text_at(*pod.object, {"spec", "subdomain"}) == text_at(service, {"metadata", "name"});
  EndpointTarget target;
  target.address = text_at(*pod.object, {"status", "podIP"});
  target.node = pod.node;
  target.hostname = of_this_name ? text_at(*pod.object, {"spec", "hostname"}) : "";
  target.pod = pod.name;
  target.uid = pod.uid;
  target.terminating = pod.deleting;
  target.serving = pod.ready;
  target.ready = publish_all || (pod.ready && !pod.deleting);
  return target;
}

Json reference_to(const EndpointTarget& target) {
  return {{"kind", "Pod"}, {"namespace", target.pod.ns}, {"name", target.pod.name}, {"uid", target.uid}};
}

Json address_of(const EndpointTarget& target) {
  Json address{{"ip", target.address}, {"nodeName", target.node}, {"targetRef", reference_to(target)}};
  if (!target.hostname.empty()) address["hostname"] = target.hostname;
  return address;
}

}  // namespace

std::vector<EndpointGroup> endpoint_groups(const Json& service, const std::vector<const Pod*>& pods) {
  std::vector<EndpointGroup> groups;
  for (const Pod* pod : pods) {
    if (will_not_run(*pod) || text_at(*pod->object, {"status", "podIP"}).empty()) continue;
    auto ports = ports_of(service, *pod->object);
    if (!ports) continue;
    auto group = std::find_if(groups.begin(), groups.end(), [&](const auto& known) { return known.ports == *ports; });
    if (group == groups.end()) group = groups.insert(groups.end(), EndpointGroup{std::move(*ports), {}});
    group->targets.push_back(target_of(service, *pod));
  }
  return groups;
}

Json endpoint_subsets(const std::vector<EndpointGroup>& groups, bool& truncated) {
  Json subsets = Json::array();
  std::size_t left = kMostAddresses;
  truncated = false;
  for (const EndpointGroup& group : groups) {
    Json ready = Json::array();
    Json not_ready = Json::array();
    for (const bool of_ready : {true, false}) {
      for (const EndpointTarget& target : group.targets) {
        if (target.ready != of_ready || (target.terminating && !target.ready)) continue;
        if (left == 0) {
          truncated = true;
          continue;
        }
        --left;
        (of_ready ? ready : not_ready).push_back(address_of(target));
      }
    }
    if (ready.empty() && not_ready.empty()) continue;
    Json subset = Json::object();
    if (!ready.empty()) subset["addresses"] = std::move(ready);
    if (!not_ready.empty()) subset["notReadyAddresses"] = std::move(not_ready);
    Json ports = group.ports;
    for (Json& port : ports) {
      if (text_at(port, {"name"}).empty()) port.erase("name");
    }
    if (!ports.empty()) subset["ports"] = std::move(ports);
    subsets.push_back(std::move(subset));
  }
  return subsets;
}

Json slice_endpoint(const EndpointTarget& target) {
  Json endpoint{
      {"addresses", Json::array({target.address})},
      {"conditions", {{"ready", target.ready}, {"serving", target.serving}, {"terminating", target.terminating}}},
      {"nodeName", target.node},
      {"targetRef", reference_to(target)}};
  if (!target.hostname.empty()) endpoint["hostname"] = target.hostname;
  if (!target.zone.empty()) endpoint["zone"] = target.zone;
  return endpoint;
}

}  // namespace fakeapi
