#include <map>
#include <set>

#include "fake-apiserver/kinds/admission.h"
#include "fake-apiserver/kinds/problems.h"

namespace fakeapi {
namespace {

const Resource kServices{"", "services"};
constexpr int kAddresses = 256 * 255;  // of 10.96.0.0/16
constexpr std::int64_t kFirstNodePort = 30000;
constexpr std::int64_t kLastNodePort = 32767;

struct Taken {
  std::set<std::string> addresses;
  std::set<std::int64_t> ports;
};

Taken taken_by_others(const ObjectStore& store, const ObjectName& name) {
  Taken taken;
  for (const ObjectPtr& service : store.list(kServices)) {
    if (name_of(*service) == name) continue;
    taken.addresses.insert(text_at(*service, {"spec", "clusterIP"}));
    for_each_item(at_path(*service, {"spec", "ports"}), [&](const Json& port, std::size_t) {
      if (const auto number = integer_at(port, {"nodePort"})) taken.ports.insert(*number);
    });
  }
  return taken;
}

std::string free_address(const Taken& taken) {
  for (int host = 1; host < kAddresses; ++host) {
    std::string address = "10.96." + std::to_string(host / 256) + "." + std::to_string(host % 256);
    if (!taken.addresses.contains(address)) return address;
  }
  return "None";
}

void allocate_cluster_ip(Problems& problems, const Taken& taken, Json& spec) {
  const std::string address = text_at(spec, {"clusterIP"});
  if (address == "None" || address.empty()) {
    const std::string chosen = address.empty() ? free_address(taken) : address;
    spec["clusterIP"] = chosen;
    spec["clusterIPs"] = Json::array({chosen});
    return;
  }
  if (taken.addresses.contains(address)) {
    const FieldPath path("spec");
    problems.invalid(path / "clusterIPs", Json::array({address}),
                     "failed to allocate IP " + address + ": provided IP is already allocated");
  }
  spec["clusterIPs"] = Json::array({address});
}

// The node port that a port of the same name or number had before.
std::int64_t earlier_port(const Json* before, const Json& port) {
  std::int64_t number = 0;
  if (!before) return number;
  for_each_item(at_path(*before, {"spec", "ports"}), [&](const Json& old, std::size_t) {
    const bool same =
        member(old, "port") == member(port, "port") && member(old, "protocol") == member(port, "protocol");
    if (same) number = integer_at(old, {"nodePort"}).value_or(0);
  });
  return number;
}

void allocate_node_ports(Problems& problems, Taken& taken, Json& spec, const Json* before) {
  const FieldPath path("spec");
  const FieldPath ports = path / "ports";
  if (!member(spec, "ports").is_array()) return;
  for (std::size_t i = 0; i < spec["ports"].size(); ++i) {
    Json& port = spec["ports"][i];
    std::int64_t number = integer_at(port, {"nodePort"}).value_or(0);
    if (number == 0) number = earlier_port(before, port);
    const FieldPath item = ports[i];
    if (number == 0) {
      for (number = kFirstNodePort; taken.ports.contains(number) && number < kLastNodePort;) ++number;
    } else if (number < kFirstNodePort || number > kLastNodePort) {
      problems.invalid(item / "nodePort", number,
                       "provided port is not in the valid range. The range of valid ports is 30000-32767");
    }
    if (taken.ports.contains(number)) {
      problems.invalid(item / "nodePort", number, "provided port is already allocated");
    }
    taken.ports.insert(number);
    port["nodePort"] = number;
  }
}

void drop_node_ports(Json& spec) {
  if (!member(spec, "ports").is_array()) return;
  for (Json& port : spec["ports"]) {
    if (port.is_object()) port.erase("nodePort");
  }
}

}  // namespace

ApiResult<> allocate_addresses(const ObjectStore& store, Json& service, const Json* before) {
  if (!member(service, "spec").is_object()) return {};
  Json& spec = service["spec"];
  const std::string type = text_at(spec, {"type"});
  if (type == "ExternalName") {
    for (const char* key : {"clusterIP", "clusterIPs"}) spec.erase(key);
    return {};
  }
  Taken taken = taken_by_others(store, name_of(service));
  Problems problems;
  allocate_cluster_ip(problems, taken, spec);
  const bool ports =
      type == "NodePort" || (type == "LoadBalancer" && member(spec, "allocateLoadBalancerNodePorts") != false);
  if (ports) {
    allocate_node_ports(problems, taken, spec, before);
  } else if (type == "ClusterIP") {
    drop_node_ports(spec);
  }
  if (problems.empty()) return {};
  return invalid_object("", "Service", text_at(service, {"metadata", "name"}), problems.errors());
}

}  // namespace fakeapi
