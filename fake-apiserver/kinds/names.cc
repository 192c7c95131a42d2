#include "fake-apiserver/kinds/names.h"

#include <algorithm>
#include <boost/asio/ip/address.hpp>

namespace fakeapi {
namespace {

constexpr std::size_t kLongestLabel = 63;
constexpr std::size_t kLongestSubdomain = 253;
constexpr std::size_t kLongestPortName = 15;

constexpr const char* kLabelRule =
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with "
    "an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is "
    "'[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
constexpr const char* kLabel1035Rule =
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, "
    "and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is "
    "'[a-z]([-a-z0-9]*[a-z0-9])?')";
constexpr const char* kSubdomainRule =
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and "
    "end with an alphanumeric character (e.g. 'example.com', regex used for validation is "
    "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
constexpr const char* kQualifiedRule =
    "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character "
    "(e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is "
    "'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
constexpr const char* kLabelValueRule =
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and "
    "end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is "
    "'(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
constexpr const char* kConfigKeyRule =
    "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or "
    "'key-name', regex used for validation is '[-._a-zA-Z0-9]+')";

bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_lower_alphanumeric(char c) { return is_lower(c) || is_digit(c); }
bool is_alphanumeric(char c) { return is_lower_alphanumeric(c) || (c >= 'A' && c <= 'Z'); }

std::string longest(std::size_t most) { return "must be no more than " + std::to_string(most) + " bytes"; }

bool is_label(std::string_view name) {
  return !name.empty() && is_lower_alphanumeric(name.front()) && is_lower_alphanumeric(name.back()) &&
         std::all_of(name.begin(), name.end(), [](char c) { return is_lower_alphanumeric(c) || c == '-'; });
}

bool is_subdomain(std::string_view name) {
  for (;;) {
    const std::size_t dot = name.find('.');
    if (!is_label(name.substr(0, dot))) return false;
    if (dot == std::string_view::npos) return true;
    name.remove_prefix(dot + 1);
  }
}

bool is_plain_name(std::string_view name) {
  return !name.empty() && is_alphanumeric(name.front()) && is_alphanumeric(name.back()) &&
         std::all_of(name.begin(), name.end(),
                     [](char c) { return is_alphanumeric(c) || c == '-' || c == '_' || c == '.'; });
}

NameProblems problems_of(std::string_view name, std::size_t most, bool fits, const char* rule) {
  NameProblems problems;
  if (name.size() > most) problems.push_back(longest(most));
  if (!fits) problems.emplace_back(rule);
  return problems;
}

}  // namespace

NameProblems dns_label_problems(std::string_view name) {
  return problems_of(name, kLongestLabel, is_label(name), kLabelRule);
}

NameProblems dns_1035_label_problems(std::string_view name) {
  return problems_of(name, kLongestLabel, is_label(name) && is_lower(name.front()), kLabel1035Rule);
}

NameProblems dns_subdomain_problems(std::string_view name) {
  return problems_of(name, kLongestSubdomain, is_subdomain(name), kSubdomainRule);
}

NameProblems path_segment_problems(std::string_view name) {
  if (name == "." || name == "..") return {"may not be '" + std::string(name) + "'"};
  NameProblems problems;
  for (const char c : {'/', '%'}) {
    if (name.find(c) != std::string_view::npos) problems.push_back("may not contain '" + std::string(1, c) + "'");
  }
  return problems;
}

NameProblems qualified_name_problems(std::string_view name) {
  NameProblems problems;
  const std::size_t slash = name.find('/');
  if (slash != std::string_view::npos && name.find('/', slash + 1) != std::string_view::npos) {
    return {std::string("a qualified name ") + kQualifiedRule +
            " with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"};
  }
  if (slash != std::string_view::npos) {
    const std::string_view prefix = name.substr(0, slash);
    if (prefix.empty()) problems.emplace_back("prefix part must be non-empty");
    if (!prefix.empty()) {
      for (const std::string& problem : dns_subdomain_problems(prefix)) problems.push_back("prefix part " + problem);
    }
    name.remove_prefix(slash + 1);
  }
  if (name.empty()) problems.emplace_back("name part must be non-empty");
  if (name.size() > kLongestLabel) problems.push_back("name part " + longest(kLongestLabel));
  if (!is_plain_name(name)) problems.push_back(std::string("name part ") + kQualifiedRule);
  return problems;
}

NameProblems label_value_problems(std::string_view value) {
  return problems_of(value, kLongestLabel, value.empty() || is_plain_name(value), kLabelValueRule);
}

NameProblems port_name_problems(std::string_view name) {
  NameProblems problems;
  if (name.size() > kLongestPortName) {
    problems.push_back("must be no more than " + std::to_string(kLongestPortName) + " characters");
  }
  if (!std::all_of(name.begin(), name.end(), [](char c) { return is_lower_alphanumeric(c) || c == '-'; })) {
    problems.emplace_back("must contain only alphanumeric characters (a-z, 0-9), and hyphens (-)");
  }
  if (std::none_of(name.begin(), name.end(), is_lower)) {
    problems.emplace_back("must contain at least one letter (a-z)");
  }
  if (name.find("--") != std::string_view::npos) problems.emplace_back("must not contain consecutive hyphens");
  if (!name.empty() && (name.front() == '-' || name.back() == '-')) {
    problems.emplace_back("must not begin or end with a hyphen");
  }
  return problems;
}

NameProblems config_key_problems(std::string_view key) {
  const bool fits = !key.empty() && std::all_of(key.begin(), key.end(), [](char c) {
    return is_alphanumeric(c) || c == '-' || c == '_' || c == '.';
  });
  NameProblems problems = problems_of(key, kLongestSubdomain, fits, kConfigKeyRule);
  if (key == "." || key == "..") problems.push_back("must not be '" + std::string(key) + "'");
  if (key.size() > 2 && key.starts_with("..")) problems.emplace_back("must not start with '..'");
  return problems;
}

NameProblems env_name_problems(std::string_view name) {
  const bool fits = std::all_of(name.begin(), name.end(), [](char c) { return c >= ' ' && c <= '~' && c != '='; });
  if (fits) return {};
  return {"a valid environment variable name must consist only of printable ASCII characters other than '='"};
}

bool is_ipv4(std::string_view text) {
  boost::system::error_code error;
  boost::asio::ip::make_address_v4(std::string(text), error);
  return !error;
}

bool is_ipv6(std::string_view text) {
  boost::system::error_code error;
  boost::asio::ip::make_address_v6(std::string(text), error);
  return !error;
}

}  // namespace fakeapi
