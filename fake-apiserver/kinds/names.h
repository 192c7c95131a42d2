// The rules for names, and what Kubernetes says of a name that breaks them. Pure functions: no reasons, no problem.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace fakeapi {

using NameProblems = std::vector<std::string>;

NameProblems dns_label_problems(std::string_view name);       // RFC 1123: namespaces, containers, volumes
NameProblems dns_1035_label_problems(std::string_view name);  // services
NameProblems dns_subdomain_problems(std::string_view name);   // most kinds
NameProblems path_segment_problems(std::string_view name);    // RBAC
NameProblems qualified_name_problems(std::string_view name);  // keys of labels and annotations, finalizers
NameProblems label_value_problems(std::string_view value);
NameProblems port_name_problems(std::string_view name);
NameProblems config_key_problems(std::string_view key);
NameProblems env_name_problems(std::string_view name);

// Whether `text` is an IPv4 or an IPv6 address.
bool is_ipv4(std::string_view text);
bool is_ipv6(std::string_view text);

}  // namespace fakeapi
