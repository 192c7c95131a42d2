// The formats of strings that schemas name.
#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/network_v4.hpp>
#include <boost/asio/ip/network_v6.hpp>

#include "common/base/time_format.h"
#include "fake-apiserver/api/base64.h"
#include "fake-apiserver/custom/structural_schema.h"

namespace fakeapi {
namespace {

namespace ip = boost::asio::ip;

bool is_hex(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

// `shape` has an x for each hexadecimal digit and a 9 for each decimal one; everything else stands for itself.
bool has_shape(std::string_view text, std::string_view shape) {
  return text.size() == shape.size() && std::equal(text.begin(), text.end(), shape.begin(), [](char c, char s) {
           return s == 'x' ? is_hex(c) : (s == '9' ? is_digit(c) : c == s);
         });
}

bool is_cidr(const std::string& text) {
  boost::system::error_code four;
  boost::system::error_code six;
  ip::make_network_v4(text, four);
  ip::make_network_v6(text, six);
  return !four || !six;
}

bool is_ip(const std::string& text, bool four, bool six) {
  boost::system::error_code error;
  const ip::address address = ip::make_address(text, error);
  return !error && ((four && address.is_v4()) || (six && address.is_v6()));
}

bool is_hostname(std::string_view text) {
  if (text.empty() || text.size() > 253) return false;
  while (!text.empty()) {
    const std::string_view label = text.substr(0, text.find('.'));
    const bool ok = !label.empty() && label.size() <= 63 && label.front() != '-' && label.back() != '-' &&
                    std::all_of(label.begin(), label.end(), [](char c) {
                      return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
                    });
    if (!ok) return false;
    text.remove_prefix(std::min(label.size() + 1, text.size()));
  }
  return true;
}

bool is_uri(std::string_view text) {
  const std::size_t colon = text.find(':');
  return (colon != std::string_view::npos && colon > 0 && text.find(' ') == std::string_view::npos) ||
         text.starts_with('/');
}

bool is_email(std::string_view text) {
  const std::size_t at = text.rfind('@');
  return at != std::string_view::npos && at > 0 && text.find(' ') == std::string_view::npos &&
         is_hostname(text.substr(at + 1));
}

// "1h30m", "250ms", "-1.5s"
bool is_duration(std::string_view text) {
  if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
  if (text == "0") return true;
  if (text.empty()) return false;
  while (!text.empty()) {
    const std::size_t digits = std::min(text.find_first_not_of("0123456789."), text.size());
    if (digits == 0 || text.substr(0, digits) == ".") return false;
    text.remove_prefix(digits);
    const std::size_t unit = std::min(text.find_first_of("0123456789."), text.size());
    const std::string_view name = text.substr(0, unit);
    constexpr std::string_view kUnits[] = {"ns", "us", "\xC2\xB5s", "ms", "s", "m", "h", "d", "w"};
    if (std::find(std::begin(kUnits), std::end(kUnits), name) == std::end(kUnits)) return false;
    text.remove_prefix(unit);
  }
  return true;
}

bool is_uuid(const std::string& text) {
  return has_shape(text, "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx") || has_shape(text, "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx");
}

}  // namespace

bool has_format(std::string_view format, const std::string& text) {
  if (format == "date-time" || format == "datetime") return base::parse_rfc3339(text).has_value();
  if (format == "date") return base::parse_rfc3339(text + "T00:00:00Z").has_value();
  if (format == "duration") return is_duration(text);
  if (format == "byte") return base64_decode(text).has_value();
  if (format == "ipv4") return is_ip(text, true, false);
  if (format == "ipv6") return is_ip(text, false, true);
  if (format == "cidr") return is_cidr(text);
  if (format == "hostname") return is_hostname(text);
  if (format == "uri") return is_uri(text);
  if (format == "email") return is_email(text);
  if (format == "mac") return has_shape(text, "xx:xx:xx:xx:xx:xx") || has_shape(text, "xx-xx-xx-xx-xx-xx");
  if (format == "uuid") return is_uuid(text);
  return true;
}

}  // namespace fakeapi
