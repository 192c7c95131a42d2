#include "scaler/policy/hpa/names.h"

#include <algorithm>

namespace scaler {
namespace {

constexpr std::size_t kLongestName = 63;

bool is_lower_alphanumeric(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }
bool is_alphanumeric(char c) { return is_lower_alphanumeric(c) || (c >= 'A' && c <= 'Z'); }

// The part after the domain of a qualified name, which is what a label's value looks like too.
bool is_plain_name(std::string_view name) {
  if (name.empty() || name.size() > kLongestName) return false;
  if (!is_alphanumeric(name.front()) || !is_alphanumeric(name.back())) return false;
  return std::all_of(name.begin(), name.end(),
                     [](char c) { return is_alphanumeric(c) || c == '-' || c == '_' || c == '.'; });
}

bool is_part_of_subdomain(std::string_view part) {
  if (part.empty() || !is_lower_alphanumeric(part.front()) || !is_lower_alphanumeric(part.back())) return false;
  return std::all_of(part.begin(), part.end(), [](char c) { return is_lower_alphanumeric(c) || c == '-'; });
}

}  // namespace

bool is_dns_subdomain(std::string_view name) {
  constexpr std::size_t kLongest = 253;
  if (name.size() > kLongest) return false;
  for (;;) {
    const std::size_t dot = name.find('.');
    if (!is_part_of_subdomain(name.substr(0, dot))) return false;
    if (dot == std::string_view::npos) return true;
    name.remove_prefix(dot + 1);
  }
}

bool is_dns_label(std::string_view name) { return name.size() <= kLongestName && is_part_of_subdomain(name); }

bool is_qualified_name(std::string_view name) {
  const std::size_t slash = name.find('/');
  if (slash == std::string_view::npos) return is_plain_name(name);
  return is_dns_subdomain(name.substr(0, slash)) && is_plain_name(name.substr(slash + 1));
}

bool is_label_value(std::string_view value) { return value.empty() || is_plain_name(value); }

std::vector<std::string> path_segment_problems(std::string_view name) {
  if (name == "." || name == "..") return {"may not be '" + std::string(name) + "'"};
  std::vector<std::string> problems;
  for (const char c : {'/', '%'}) {
    if (name.find(c) != std::string_view::npos) problems.push_back("may not contain '" + std::string(1, c) + "'");
  }
  return problems;
}

}  // namespace scaler
