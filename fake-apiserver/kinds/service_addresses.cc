#include <map>
#include <set>

#include "fake-apiserver/kinds/admission.h"
#include "fake-apiserver/kinds/problems.h"

namespace fakeapi {
namespace {

const Resource kServices{"", "services"};
constexpr const char* kRange = "10.96.0.0/16";
constexpr std::string_view kPrefix = "10.96.";
constexpr std::string_view kNetwork = "10.96.0.0";
constexpr std::string_view kBroadcast = "10.96.255.255";
constexpr int kAddresses = 256 * 255;
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
  const FieldPath path("spec");
  std::string why;
  if (!address.starts_with(kPrefix) || address == kNetwork || address == kBroadcast) {
    why = "the provided IP (" + address + ") is not in the valid range. The range of valid IPs is " + kRange;
  }
  if (taken.addresses.contains(address)) why = "provided IP is already allocated";
  if (!why.empty()) {
    problems.invalid(path / "clusterIPs", Json::array({address}), "failed to allocate IP " + address + ": " + why);
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

bool has_node_ports(std::string_view type) { return type == "NodePort" || type == "LoadBalancer"; }

// Those that are set, in whatever order.
std::set<std::int64_t> node_ports_of(const Json& spec) {
  std::set<std::int64_t> numbers;
  for_each_item(member(spec, "ports"), [&](const Json& port, std::size_t) {
    if (const auto number = integer_at(port, {"nodePort"}); number && *number != 0) numbers.insert(*number);
  });
  return numbers;
}

// Of what is the same as it was.
void drop_unchanged(const Json& old, Json& spec, std::initializer_list<const char*> keys) {
  for (const char* key : keys) {
    if (member(spec, key) == member(old, key)) spec.erase(key);
  }
}

}  // namespace

void adapt_service(const Json& before, Json& service) {
  if (!member(service, "spec").is_object()) return;
  Json& spec = service["spec"];
  const Json& old = member(before, "spec");
  const std::string_view type = view_at(spec, "type");
  const std::string_view old_type = view_at(old, "type");
  if (type != "ExternalName" && old_type != "ExternalName") {
    for (const char* key : {"clusterIP", "clusterIPs"}) {
      if (member(spec, key).is_null() && !member(old, key).is_null()) spec[key] = member(old, key);
    }
    // Whoever knows of one address only means both fields.
    const bool renamed = member(spec, "clusterIP") != member(old, "clusterIP");
    if (renamed && member(spec, "clusterIPs") == member(old, "clusterIPs")) {
      spec["clusterIPs"] = Json::array({member(spec, "clusterIP")});
    }
  }
  if (type == old_type) return;
  if (type == "ExternalName") drop_unchanged(old, spec, {"clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"});
  if (!has_node_ports(type)) {
    drop_unchanged(old, spec, {"externalTrafficPolicy"});
    if (node_ports_of(spec) == node_ports_of(old) && member(spec, "ports").is_array()) {
      for (Json& port : spec["ports"]) {
        if (port.is_object()) port.erase("nodePort");
      }
    }
  }
  if (old_type == "LoadBalancer") {
    drop_unchanged(old, spec, {"allocateLoadBalancerNodePorts", "loadBalancerClass", "healthCheckNodePort"});
  }
}

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
  }
  if (problems.empty()) return {};
  return invalid_object("", "Service", text_at(service, {"metadata", "name"}), problems.errors());
}

}  // namespace fakeapi
