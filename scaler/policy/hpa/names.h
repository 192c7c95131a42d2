// The forms of names that the Kubernetes API accepts.
//
// Stateless.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace scaler {

// "my-app.v2": lower-case letters, digits, '-' and '.', a letter or digit at both ends of every part; at most 253.
bool is_dns_subdomain(std::string_view name);
// One part of the above, without '.'; at most 63.
bool is_dns_label(std::string_view name);
// Of a label or a resource: "name" or "domain/name", the name of letters, digits, '-', '_' and '.', at most 63.
bool is_qualified_name(std::string_view name);
// Empty, or a name as above.
bool is_label_value(std::string_view value);
// What the API server says against a name as a part of a URL's path, in its words; empty if nothing.
std::vector<std::string> path_segment_problems(std::string_view name);

}  // namespace scaler
