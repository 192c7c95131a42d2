// Network policies and the classes of ingresses.
#include <boost/asio/ip/network_v4.hpp>
#include <boost/asio/ip/network_v6.hpp>

#include "fake-apiserver/kinds/metadata_rules.h"
#include "fake-apiserver/kinds/names.h"
#include "fake-apiserver/kinds/object_rules.h"

namespace fakeapi {
namespace {

constexpr std::int64_t kLastPort = 65535;

bool is_network(const std::string& text) {
  boost::system::error_code error;
  boost::asio::ip::make_network_v4(text, error);
  if (error) boost::asio::ip::make_network_v6(text, error);
  return !error;
}

bool is_inside(const std::string& text, const std::string& network) {
  boost::system::error_code error;
  const auto inner = boost::asio::ip::make_network_v4(text, error);
  if (!error) {
    const auto outer = boost::asio::ip::make_network_v4(network, error);
    return !error && inner.is_subnet_of(outer);
  }
  const auto inner6 = boost::asio::ip::make_network_v6(text, error);
  if (error) return false;
  const auto outer6 = boost::asio::ip::make_network_v6(network, error);
  return !error && inner6.is_subnet_of(outer6);
}

void check_policy_port(Problems& problems, const FieldPath& path, const Json& port) {
  const Json& number = member(port, "port");
  if (!member(port, "protocol").is_null()) {
    problems.check_choice(path / "protocol", member(port, "protocol"), {"SCTP", "TCP", "UDP"});
  }
  if (number.is_string()) {
    problems.invalid_all(path / "port", number, port_name_problems(view_of(number)));
  } else {
    problems.check_range(path / "port", number, 1, kLastPort);
  }
  const Json& end = member(port, "endPort");
  if (end.is_null()) return;
  if (number.is_string()) {
    problems.invalid(path / "endPort", end, "may not be specified when `port` is non-numeric");
  } else if (number.is_null()) {
    problems.invalid(path / "endPort", end, "may not be specified when `port` is not specified");
  } else if (end < number) {
    problems.invalid(path / "endPort", end, "must be greater than or equal to `port`");
  }
}

void check_block(Problems& problems, const FieldPath& path, const Json& block) {
  const std::string network(view_at(block, "cidr"));
  constexpr const char* kRule = "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)";
  if (network.empty()) {
    problems.required(path / "cidr");
  } else if (!is_network(network)) {
    problems.invalid(path / "cidr", network, kRule);
  }
  const FieldPath except = path / "except";
  const Json& list = member(block, "except");
  for (std::size_t i = 0; list.is_array() && i < list.size(); ++i) {
    if (!is_network(text_of(list[i]))) {
      problems.invalid(except[i], list[i], kRule);
    } else if (is_network(network) && !is_inside(text_of(list[i]), network)) {
      problems.invalid(except[i], list[i], "must be a strict subset of `cidr`");
    }
  }
}

void check_peer(Problems& problems, const FieldPath& path, const Json& peer) {
  const Json& pods = member(peer, "podSelector");
  const Json& namespaces = member(peer, "namespaceSelector");
  const Json& block = member(peer, "ipBlock");
  if (pods.is_object()) check_label_selector(problems, path / "podSelector", pods);
  if (namespaces.is_object()) check_label_selector(problems, path / "namespaceSelector", namespaces);
  if (block.is_object()) check_block(problems, path / "ipBlock", block);
  if (pods.is_null() && namespaces.is_null() && block.is_null()) {
    problems.required(path, "must specify a peer");
  } else if (!block.is_null() && (!pods.is_null() || !namespaces.is_null())) {
    problems.forbidden(path, "may not specify both ipBlock and another peer");
  }
}

void check_direction(Problems& problems, const FieldPath& path, const Json& rules, const char* peers_key) {
  for_each_item(rules, [&](const Json& rule, std::size_t i) {
    const FieldPath item = path[i];
    const FieldPath ports = item / "ports";
    const FieldPath peers = item / peers_key;
    for_each_item(member(rule, "ports"),
                  [&](const Json& port, std::size_t j) { check_policy_port(problems, ports[j], port); });
    for_each_item(member(rule, peers_key),
                  [&](const Json& peer, std::size_t j) { check_peer(problems, peers[j], peer); });
  });
}

}  // namespace

void check_network_policy(Problems& problems, const Json& object, const Json*) {
  const FieldPath path("spec");
  const FieldPath types = path / "policyTypes";
  const Json& spec = member(object, "spec");
  check_label_selector(problems, path / "podSelector", member(spec, "podSelector"));
  check_direction(problems, path / "ingress", member(spec, "ingress"), "from");
  check_direction(problems, path / "egress", member(spec, "egress"), "to");
  const Json& list = member(spec, "policyTypes");
  if (!list.is_array()) return;
  if (list.size() > 2) return problems.invalid(types, list, "may not specify more than two policyTypes");
  for (std::size_t i = 0; i < list.size(); ++i) problems.check_choice(types[i], list[i], {"Egress", "Ingress"});
}

void check_ingress_class(Problems& problems, const Json& object, const Json* before) {
  const FieldPath path("spec");
  const Json& controller = at_path(object, {"spec", "controller"});
  const std::string_view text = view_of(controller);
  const std::size_t slash = text.find('/');
  if (before && controller != at_path(*before, {"spec", "controller"})) {
    problems.invalid(path / "controller", controller, kImmutable);
  } else if (text.empty()) {
    problems.required(path / "controller");
  } else if (slash == std::string_view::npos || slash == 0 || slash + 1 == text.size()) {
    problems.invalid(path / "controller", controller, "must be a domain-prefixed path (such as \"acme.io/foo\")");
  } else {
    problems.invalid_all(path / "controller", controller, dns_subdomain_problems(text.substr(0, slash)));
  }
}

}  // namespace fakeapi
