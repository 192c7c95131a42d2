#include "fake-apiserver/daemon/request_info.h"

#include <algorithm>
#include <cctype>

#include "common/http/url.h"
#include "fake-apiserver/api/query_flag.h"

namespace fakeapi {
namespace {

std::string verb_of(const http::Request& request, const http::Target& target, bool collection) {
  const std::string& method = request.method;
  if (method == "GET" || method == "HEAD") {
    if (query_flag(target, "watch")) return "watch";
    return collection ? "list" : "get";
  }
  if (method == "POST") return "create";
  if (method == "PUT") return "update";
  if (method == "PATCH") return "patch";
  if (method == "DELETE") return collection ? "deletecollection" : "delete";
  std::string lower = method;
  std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) { return std::tolower(c); });
  return lower;
}

}  // namespace

RequestInfo request_info(const http::Request& request) {
  RequestInfo info;
  info.client = std::string(request.headers.get("User-Agent").value_or(""));
  info.path = request.target.substr(0, request.target.find('?'));
  info.verb = request.method == "GET" || request.method == "HEAD" ? "get" : "other";
  const auto target = http::parse_target(request.target);
  if (!target) return info;
  info.path = target->path;
  const auto& s = target->segments;
  const bool core = !s.empty() && s[0] == "api";
  if (s.empty() || (!core && s[0] != "apis")) return info;
  if (!core && s.size() > 1) info.group = s[1];
  const std::size_t version_at = core ? 1 : 2;
  if (s.size() > version_at) info.version = s[version_at];
  std::size_t at = version_at + 1;
  if (at >= s.size()) return info;
  // /namespaces/x/status and /finalize belong to the namespace.
  const bool inside = s[at] == "namespaces" && s.size() > at + 2 && s[at + 2] != "status" && s[at + 2] != "finalize";
  if (inside) {
    info.ns = s[at + 1];
    at += 2;
  }
  info.resource = s[at];
  if (s.size() > at + 1) info.name = s[at + 1];
  for (std::size_t i = at + 2; i < s.size(); ++i) info.subresource += (i == at + 2 ? "" : "/") + s[i];
  info.verb = verb_of(request, *target, info.name.empty());
  return info;
}

bool matches_glob(std::string_view pattern, std::string_view text) {
  std::size_t p = 0;
  std::size_t t = 0;
  std::size_t star = std::string_view::npos;
  std::size_t resume = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = t;
    } else if (p < pattern.size() && pattern[p] == text[t]) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

}  // namespace fakeapi
