// Percent-encoding and request targets ("/path?key=value&..."): no scheme, no host.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace http {

std::string percent_encode(std::string_view text);
// nullopt on a broken escape. `plus_is_space` for query parts.
std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space = false);

struct Target {
  std::string path;                                        // decoded
  std::vector<std::string> segments;                       // decoded, without empty ones
  std::vector<std::pair<std::string, std::string>> query;  // decoded, in order

  // The first value of `key`, nullopt if absent ("?watch" gives an empty value).
  std::optional<std::string> get(std::string_view key) const;
};

// nullopt if it does not start with '/' or holds a broken escape.
std::optional<Target> parse_target(std::string_view target);

// Joins path and query, encoding the values.
std::string make_target(std::string_view path, const std::vector<std::pair<std::string, std::string>>& query);

}  // namespace http
