#include "fake-apiserver/security/attributes.h"

#include <algorithm>

#include "fake-apiserver/api/query_flag.h"

namespace fakeapi {
namespace {

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return text;
}

std::string verb_of(const std::string& method) {
  if (method == "POST") return "create";
  if (method == "PUT") return "update";
  if (method == "GET" || method == "HEAD") return "get";
  return lower(method);  // patch, delete
}

// "metadata.name=x" picks one object, which may be all that somebody is allowed to see.
std::string selected_name(const http::Target& target) {
  constexpr std::string_view kField = "metadata.name=";
  const std::string selector = target.get("fieldSelector").value_or("");
  if (!selector.starts_with(kField) || selector.find(',') != std::string::npos) return "";
  std::string name = selector.substr(kField.size());
  if (name.starts_with("=")) name.erase(0, 1);
  return name;
}

std::string quoted(const std::string& text) { return "\"" + text + "\""; }

}  // namespace

Attributes attributes_of(const std::string& method, const http::Target& target) {
  Attributes a;
  const auto& s = target.segments;
  const bool core = !s.empty() && s[0] == "api";
  const std::size_t prefix = core ? 2 : 3;
  if (s.size() <= prefix || (!core && s[0] != "apis")) {
    a.verb = lower(method);
    a.path = target.path;
    return a;
  }
  a.is_resource = true;
  a.verb = verb_of(method);
  if (!core) a.group = s[1];
  a.version = s[prefix - 1];
  std::size_t at = prefix;
  if (s[at] == "namespaces" && s.size() > at + 1) {
    a.ns = s[at + 1];
    if (s.size() > at + 2 && s[at + 2] != "status" && s[at + 2] != "finalize") at += 2;
  }
  a.resource = s[at];
  if (s.size() > at + 1) a.name = s[at + 1];
  if (s.size() > at + 2) a.subresource = s[at + 2];
  const bool watches = method == "GET" && a.subresource.empty() && query_flag(target, "watch");
  if (watches) a.verb = "watch";
  if (!a.name.empty()) return a;
  if (a.verb == "delete") a.verb = "deletecollection";
  if (a.verb == "get") a.verb = "list";
  if (a.verb != "list" && a.verb != "watch") return a;
  a.name = selected_name(target);
  return a;
}

StatusError forbidden_request(const User& user, const Attributes& a, const std::string& reason) {
  std::string why = "User " + quoted(user.name) + " cannot " + a.verb;
  if (a.is_resource) {
    why += " resource " + quoted(a.subresource.empty() ? a.resource : a.resource + "/" + a.subresource);
    why += " in API group " + quoted(a.group);
    why += a.ns.empty() ? " at the cluster scope" : " in the namespace " + quoted(a.ns);
  } else {
    why += " path " + quoted(a.path);
  }
  if (!reason.empty()) why += ": " + reason;

  const Resource resource{a.group, a.resource};
  StatusError error = forbidden(resource, a.name, why);
  if (!a.is_resource) {
    error.message = "forbidden: " + why;
    error.details = Json::object();
  } else if (a.name.empty()) {
    error.message = display_name(resource) + " is forbidden: " + why;
  }
  return error;
}

}  // namespace fakeapi
