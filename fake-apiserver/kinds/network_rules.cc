// Services and what stands behind and before them.
#include <algorithm>

#include "fake-apiserver/kinds/metadata_rules.h"
#include "fake-apiserver/kinds/names.h"
#include "fake-apiserver/kinds/object_rules.h"

namespace fakeapi {
namespace {

constexpr std::int64_t kLastPort = 65535;
constexpr int kLongestAffinitySeconds = 86400;
constexpr std::size_t kMostEndpoints = 1000;
constexpr std::size_t kMostSlicePorts = 20000;

bool contains(const std::vector<std::string>& list, const std::string& value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

void check_service_port(Problems& problems, const FieldPath& path, const Json& port, bool needs_name, bool headless) {
  const Json& name = member(port, "name");
  if (is_unset(name)) {
    if (needs_name) problems.required(path / "name");
  } else {
    problems.invalid_all(path / "name", name, dns_label_problems(view_of(name)));
  }
  const Json& number = member(port, "port");
  problems.check_range(path / "port", number.is_null() ? Json(0) : number, 1, kLastPort);
  const Json& protocol = member(port, "protocol");
  if (is_unset(protocol)) {
    problems.required(path / "protocol");
  } else {
    problems.check_choice(path / "protocol", protocol, {"SCTP", "TCP", "UDP"});
  }
  const Json& target = member(port, "targetPort");
  if (target.is_string()) {
    problems.invalid_all(path / "targetPort", target, port_name_problems(view_of(target)));
  } else {
    problems.check_range(path / "targetPort", target, headless ? 0 : 1, kLastPort);
  }
}

void check_service_ports(Problems& problems, const FieldPath& path, const Json& ports, bool headless) {
  std::vector<std::string> names;
  std::vector<std::string> numbers;
  for_each_item(ports, [&](const Json& port, std::size_t i) {
    const FieldPath item = path[i];
    check_service_port(problems, item, port, ports.size() > 1, headless);
    std::string name(view_at(port, "name"));
    if (!name.empty()) {
      if (contains(names, name)) problems.duplicate(item / "name", name);
      names.push_back(std::move(name));
    }
    std::string number = to_text(member(port, "port")) + "/" + to_text(member(port, "protocol"));
    if (contains(numbers, number)) {
      problems.duplicate(item, {{"port", member(port, "port")}, {"protocol", member(port, "protocol")}});
    }
    numbers.push_back(std::move(number));
  });
}

void check_external_name(Problems& problems, const FieldPath& path, const Json& spec) {
  const std::string_view name = view_at(spec, "externalName");
  if (name.empty()) {
    problems.required(path / "externalName");
  } else {
    problems.invalid_all(path / "externalName", name,
                         dns_subdomain_problems(name.ends_with('.') ? name.substr(0, name.size() - 1) : name));
  }
  if (!view_at(spec, "clusterIP").empty())
    problems.forbidden(path / "clusterIPs", "may not be set for ExternalName services");
}

// What only services have that are reached from outside.
void check_outside(Problems& problems, const FieldPath& path, const Json& spec) {
  const std::string_view type = view_at(spec, "type");
  const bool balanced = type == "LoadBalancer";
  for (const char* key : {"allocateLoadBalancerNodePorts", "loadBalancerClass", "loadBalancerSourceRanges"}) {
    if (!balanced && !member(spec, key).empty()) {
      problems.forbidden(path / key, "may only be used when `type` is 'LoadBalancer'");
    }
  }
  const bool outside = balanced || type == "NodePort" || !member(spec, "externalIPs").empty();
  const Json& policy = member(spec, "externalTrafficPolicy");
  if (!outside && !is_unset(policy)) {
    problems.invalid(path / "externalTrafficPolicy", policy, "may only be set for externally-accessible services");
  }
  const FieldPath ports = path / "ports";
  for_each_item(member(spec, "ports"), [&](const Json& port, std::size_t i) {
    const FieldPath item = ports[i];
    if (type == "ClusterIP" && !is_unset(member(port, "nodePort"))) {
      problems.forbidden(item / "nodePort", "may not be used when `type` is 'ClusterIP'");
    }
  });
}

void check_families(Problems& problems, const FieldPath& path, const Json& spec) {
  const Json& policy = member(spec, "ipFamilyPolicy");
  if (policy == "RequireDualStack") {
    problems.invalid(path / "ipFamilyPolicy", policy, "this cluster is not configured for dual-stack services");
  } else if (!is_unset(policy)) {
    problems.check_choice(path / "ipFamilyPolicy", policy, {"SingleStack", "PreferDualStack", "RequireDualStack"});
  }
  const FieldPath families = path / "ipFamilies";
  const Json& list = member(spec, "ipFamilies");
  for (std::size_t i = 0; list.is_array() && i < list.size(); ++i) {
    if (list[i] == "IPv6") {
      problems.invalid(families[i], list[i], "not configured on this cluster");
    } else {
      problems.check_choice(families[i], list[i], {"IPv4", "IPv6"});
    }
  }
}

void check_affinity(Problems& problems, const FieldPath& path, const Json& spec) {
  const Json& affinity = member(spec, "sessionAffinity");
  problems.check_choice(path / "sessionAffinity", affinity, {"ClientIP", "None"});
  const Json& config = member(spec, "sessionAffinityConfig");
  const FieldPath config_path = path / "sessionAffinityConfig";
  if (affinity == "None" && !config.is_null()) {
    problems.forbidden(config_path, "must not be set when session affinity is None");
  }
  const Json& seconds = at_path(config, {"clientIP", "timeoutSeconds"});
  const FieldPath client = config_path / "clientIP";
  if (affinity == "ClientIP" && seconds.is_number_integer() && (seconds <= 0 || seconds > kLongestAffinitySeconds)) {
    problems.invalid(client / "timeoutSeconds", seconds,
                     "must be greater than 0 and less than " + std::to_string(kLongestAffinitySeconds));
  }
}

void check_addresses(Problems& problems, const FieldPath& path, const Json& spec) {
  const Json& address = member(spec, "clusterIP");
  const std::string_view type = view_at(spec, "type");
  const FieldPath first = path / "clusterIPs";
  const std::string_view text = view_of(address);
  if (!text.empty() && text != "None" && !is_ipv4(text) && !is_ipv6(text)) {
    problems.invalid(first[0], address, "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)");
  }
  const Json& all = member(spec, "clusterIPs");
  if (all.is_array() && !all.empty() && all[0] != text) {
    problems.invalid(
        first, all,
        text.empty() ? "must be empty when `clusterIP` is not specified" : "first value must match `clusterIP`");
  }
  if (text == "None" && (type == "NodePort" || type == "LoadBalancer")) {
    problems.invalid(first[0], address, "may not be set to 'None' for " + std::string(type) + " services");
  }
  const FieldPath external = path / "externalIPs";
  for_each_item(member(spec, "externalIPs"), [&](const Json& ip, std::size_t i) {
    if (!is_ipv4(view_of(ip)) && !is_ipv6(view_of(ip))) {
      problems.invalid(external[i], ip, "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)");
    }
  });
}

}  // namespace

void check_service(Problems& problems, const Json& object, const Json* before) {
  const FieldPath path("spec");
  const Json& spec = member(object, "spec");
  const Json& type = member(spec, "type");
  const bool headless = view_at(spec, "clusterIP") == "None";
  const bool external = type == "ExternalName";
  problems.check_choice(path / "type", type, {"ClusterIP", "ExternalName", "LoadBalancer", "NodePort"});
  if (external) {
    check_external_name(problems, path, spec);
  } else {
    check_addresses(problems, path, spec);
    if (member(spec, "ports").empty() && !headless) problems.required(path / "ports");
  }
  check_service_ports(problems, path / "ports", member(spec, "ports"), headless || external);
  check_labels(problems, path / "selector", member(spec, "selector"));
  check_affinity(problems, path, spec);
  check_outside(problems, path, spec);
  check_families(problems, path, spec);
  for (const char* key : {"externalTrafficPolicy", "internalTrafficPolicy"}) {
    if (!member(spec, key).is_null()) problems.check_choice(path / key, member(spec, key), {"Cluster", "Local"});
  }
  if (!before || external || at_path(*before, {"spec", "type"}) == "ExternalName") return;
  const Json& old = at_path(*before, {"spec", "clusterIP"});
  const FieldPath addresses = path / "clusterIPs";
  if (!is_unset(old) && member(spec, "clusterIP") != old) {
    problems.invalid(addresses[0], Json::array({member(spec, "clusterIP")}), "may not change once set");
  }
}

void check_endpoints(Problems& problems, const Json& object, const Json*) {
  const FieldPath path("subsets");
  for_each_item(member(object, "subsets"), [&](const Json& subset, std::size_t i) {
    const FieldPath item = path[i];
    if (member(subset, "addresses").empty() && member(subset, "notReadyAddresses").empty()) {
      problems.required(item, "must specify `addresses` or `notReadyAddresses`");
    }
    for (const char* key : {"addresses", "notReadyAddresses"}) {
      const FieldPath list = item / key;
      for_each_item(member(subset, key), [&](const Json& address, std::size_t j) {
        const FieldPath at = list[j];
        const std::string_view ip = view_at(address, "ip");
        if (!is_ipv4(ip) && !is_ipv6(ip)) {
          problems.invalid(at / "ip", ip, "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)");
        }
      });
    }
    const FieldPath ports = item / "ports";
    for_each_item(member(subset, "ports"), [&](const Json& port, std::size_t j) {
      const FieldPath at = ports[j];
      if (view_at(port, "name").empty() && member(subset, "ports").size() > 1) problems.required(at / "name");
      const Json& number = member(port, "port");
      problems.check_range(at / "port", number.is_null() ? Json(0) : number, 1, kLastPort);
      problems.check_choice(at / "protocol", member(port, "protocol"), {"SCTP", "TCP", "UDP"});
    });
  });
}

void check_endpoint_slice(Problems& problems, const Json& object, const Json* before) {
  const FieldPath type_path("addressType");
  const Json& type = member(object, "addressType");
  if (is_unset(type)) {
    problems.required(type_path);
  } else {
    problems.check_choice(type_path, type, {"FQDN", "IPv4", "IPv6"});
  }
  const FieldPath endpoints("endpoints");
  if (member(object, "endpoints").size() > kMostEndpoints) problems.too_long(endpoints, kMostEndpoints);
  for_each_item(member(object, "endpoints"), [&](const Json& endpoint, std::size_t i) {
    const FieldPath item = endpoints[i];
    const FieldPath addresses = item / "addresses";
    if (member(endpoint, "addresses").empty()) {
      problems.required(addresses, "must contain at least 1 address");
    }
    for_each_item(member(endpoint, "addresses"), [&](const Json& address, std::size_t j) {
      const std::string_view text = view_of(address);
      if (type == "IPv4" && !is_ipv4(text)) problems.invalid(addresses[j], address, "must be a valid IPv4 address");
      if (type == "IPv6" && !is_ipv6(text)) problems.invalid(addresses[j], address, "must be a valid IPv6 address");
      if (type == "FQDN") problems.invalid_all(addresses[j], address, dns_subdomain_problems(text));
    });
  });
  const FieldPath ports("ports");
  if (member(object, "ports").size() > kMostSlicePorts) problems.too_long(ports, kMostSlicePorts);
  std::vector<std::string> names;
  for_each_item(member(object, "ports"), [&](const Json& port, std::size_t i) {
    const FieldPath item = ports[i];
    std::string name(view_at(port, "name"));
    if (contains(names, name)) problems.duplicate(item / "name", name);
    if (!name.empty()) problems.invalid_all(item / "name", name, dns_label_problems(name));
    names.push_back(std::move(name));
    if (!member(port, "protocol").is_null()) {
      problems.check_choice(item / "protocol", member(port, "protocol"), {"SCTP", "TCP", "UDP"});
    }
  });
  if (before && member(*before, "addressType") != type) problems.invalid(type_path, type, kImmutable);
}

void check_ingress(Problems& problems, const Json& object, const Json*) {
  const FieldPath path("spec");
  const Json& spec = member(object, "spec");
  if (member(spec, "rules").empty() && member(spec, "defaultBackend").is_null()) {
    problems.invalid(path, spec, "either `defaultBackend` or `rules` must be specified");
  }
  const FieldPath rules = path / "rules";
  for_each_item(member(spec, "rules"), [&](const Json& rule, std::size_t i) {
    const FieldPath item = rules[i];
    const std::string_view host = view_at(rule, "host");
    if (!host.empty()) {
      problems.invalid_all(item / "host", host, dns_subdomain_problems(host.starts_with("*.") ? host.substr(2) : host));
    }
    const Json& http = member(rule, "http");
    if (!http.is_object()) return;
    const FieldPath http_path = item / "http";
    const FieldPath paths = http_path / "paths";
    if (member(http, "paths").empty()) problems.required(paths);
    for_each_item(member(http, "paths"), [&](const Json& entry, std::size_t j) {
      const FieldPath at = paths[j];
      const Json& type = member(entry, "pathType");
      const std::string_view text = view_at(entry, "path");
      if (type.is_null()) {
        problems.required(at / "pathType", "pathType must be specified");
      } else {
        problems.check_choice(at / "pathType", type, {"Exact", "ImplementationSpecific", "Prefix"});
      }
      if (!text.starts_with('/') && !(type == "ImplementationSpecific" && text.empty())) {
        problems.invalid(at / "path", text, "must be an absolute path");
      }
      const FieldPath backend = at / "backend";
      const Json& service = at_path(entry, {"backend", "service"});
      const FieldPath service_path = backend / "service";
      if (service.is_object() && view_at(service, "name").empty()) problems.required(service_path / "name");
    });
  });
}

}  // namespace fakeapi
