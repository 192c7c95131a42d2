#include "common/http/url.h"

#include <algorithm>

#include "common/base/number_format.h"

namespace http {
namespace {

bool unreserved(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
         c == '_' || c == '~';
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// Calls `use` with each non-empty part of `text` between `separator`s; stops when `use` says false.
template <class Use>
bool split(std::string_view text, char separator, Use use) {
  while (!text.empty()) {
    const std::size_t end = text.find(separator);
    const std::string_view part = text.substr(0, end);
    if (!part.empty() && !use(part)) return false;
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return true;
}

std::uint16_t default_port(std::string_view scheme) {
  if (scheme == "http") return 80;
  if (scheme == "https") return 443;
  return 0;
}

}  // namespace

std::string percent_encode(std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    if (unreserved(c)) {
      out += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out += '%';
      out += kHex[byte >> 4];
      out += kHex[byte & 15];
    }
  }
  return out;
}

std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%') {
      if (i + 2 >= text.size()) return std::nullopt;
      const int high = hex_digit(text[i + 1]);
      const int low = hex_digit(text[i + 2]);
      if (high < 0 || low < 0) return std::nullopt;
      out += static_cast<char>(high * 16 + low);
      i += 2;
    } else {
      out += plus_is_space && text[i] == '+' ? ' ' : text[i];
    }
  }
  return out;
}

std::optional<std::string> Target::get(std::string_view key) const {
  for (const auto& [name, value] : query) {
    if (name == key) return value;
  }
  return std::nullopt;
}

std::optional<Target> parse_target(std::string_view target) {
  if (target.empty() || target.front() != '/') return std::nullopt;
  target = target.substr(0, target.find('#'));
  const std::size_t mark = target.find('?');
  const std::string_view path = target.substr(0, mark);

  Target parsed;
  auto decoded = percent_decode(path);
  if (!decoded) return std::nullopt;
  parsed.path = std::move(*decoded);
  const bool path_ok = split(path, '/', [&](std::string_view part) {
    auto segment = percent_decode(part);
    if (segment) parsed.segments.push_back(std::move(*segment));
    return segment.has_value();
  });
  if (!path_ok) return std::nullopt;
  if (mark == std::string_view::npos) return parsed;

  const bool query_ok = split(target.substr(mark + 1), '&', [&](std::string_view part) {
    const std::size_t equals = part.find('=');
    auto key = percent_decode(part.substr(0, equals), true);
    auto value = percent_decode(equals == std::string_view::npos ? "" : part.substr(equals + 1), true);
    if (key && value) parsed.query.emplace_back(std::move(*key), std::move(*value));
    return key && value;
  });
  if (!query_ok) return std::nullopt;
  return parsed;
}

std::string make_target(std::string_view path, const std::vector<std::pair<std::string, std::string>>& query) {
  std::string target(path);
  char separator = '?';
  for (const auto& [key, value] : query) {
    target += separator;
    target += percent_encode(key) + "=" + percent_encode(value);
    separator = '&';
  }
  return target;
}

std::string Origin::authority() const {
  std::string text = host.find(':') == std::string::npos ? host : "[" + host + "]";
  if (port != default_port(scheme)) text += ":" + std::to_string(port);
  return text;
}

std::optional<Origin> parse_origin(std::string_view text) {
  Origin origin;
  const std::size_t mark = text.find("://");
  origin.scheme = std::string(text.substr(0, mark));
  if (mark == std::string_view::npos || default_port(origin.scheme) == 0) return std::nullopt;
  text.remove_prefix(mark + 3);
  if (text.ends_with('/')) text.remove_suffix(1);

  const std::size_t host_end = text.starts_with('[') ? text.find(']') : text.find(':');
  if (text.starts_with('[')) {
    if (host_end == std::string_view::npos) return std::nullopt;
    origin.host = std::string(text.substr(1, host_end - 1));
    text.remove_prefix(host_end + 1);
  } else {
    origin.host = std::string(text.substr(0, host_end));
    text.remove_prefix(origin.host.size());
    // A second colon would be an address without brackets.
    if (!std::all_of(origin.host.begin(), origin.host.end(), unreserved)) return std::nullopt;
  }
  if (origin.host.empty()) return std::nullopt;
  origin.port = default_port(origin.scheme);
  if (text.empty()) return origin;
  const auto port = text.starts_with(':') ? base::parse_int64(text.substr(1)) : std::nullopt;
  if (!port || *port < 1 || *port > 65535) return std::nullopt;
  origin.port = static_cast<std::uint16_t>(*port);
  return origin;
}

}  // namespace http
