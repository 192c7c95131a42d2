// Percent-encoding, request targets ("/path?key=value&...") and origins ("http://host:port").
#pragma once

#include <cstdint>
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

struct Origin {
  std::string scheme;  // "http" or "https"
  std::string host;    // a name or a numeric address, without brackets
  std::uint16_t port = 0;

  // As it stands in a Host field: "example.org", "[::1]:8080"; without the port that the scheme implies.
  std::string authority() const;
};

// Accepts a "/" at the end, but neither path, query nor user. nullopt for anything else.
std::optional<Origin> parse_origin(std::string_view text);

}  // namespace http
