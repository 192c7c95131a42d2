#include "fake-apiserver/security/policy_rules.h"

#include <algorithm>
#include <map>

#include "fake-apiserver/store/json_access.h"

namespace fakeapi {
namespace {

using Texts = std::vector<std::string>;

Texts texts_of(const Json& list) {
  Texts texts;
  if (!list.is_array()) return texts;
  for (const Json& value : list) {
    if (value.is_string()) texts.push_back(text_of(value));
  }
  return texts;
}

bool contains(const Texts& list, const std::string& value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

bool has(const Texts& list, const std::string& value) {
  return std::any_of(list.begin(), list.end(), [&](const std::string& s) { return s == "*" || s == value; });
}

bool has_resource(const Texts& list, const std::string& resource, const std::string& subresource) {
  const std::string whole = subresource.empty() ? resource : resource + "/" + subresource;
  return has(list, whole) || (!subresource.empty() && contains(list, "*/" + subresource));
}

bool has_url(const Texts& list, const std::string& path) {
  return std::any_of(list.begin(), list.end(), [&](const std::string& url) {
    return url == "*" || url == path || (url.ends_with('*') && path.starts_with(url.substr(0, url.size() - 1)));
  });
}

// One verb on one resource, object or path.
struct Right {
  std::string verb;
  bool is_url = false;
  std::string group;
  std::string resource;
  std::string name;
  std::string url;
};

std::vector<Right> rights_of(const PolicyRule& rule) {
  std::vector<Right> rights;
  for (const std::string& verb : rule.verbs) {
    for (const std::string& url : rule.urls) rights.push_back({verb, true, "", "", "", url});
    for (const std::string& group : rule.groups) {
      for (const std::string& resource : rule.resources) {
        if (rule.names.empty()) rights.push_back({verb, false, group, resource, "", ""});
        for (const std::string& name : rule.names) rights.push_back({verb, false, group, resource, name, ""});
      }
    }
  }
  return rights;
}

bool covers(const PolicyRule& rule, const Right& right) {
  if (!has(rule.verbs, right.verb)) return false;
  if (right.is_url) return has_url(rule.urls, right.url);
  const std::size_t slash = right.resource.find('/');
  const std::string subresource = slash == std::string::npos ? "" : right.resource.substr(slash + 1);
  return has(rule.groups, right.group) && has_resource(rule.resources, right.resource.substr(0, slash), subresource) &&
         (rule.names.empty() || (!right.name.empty() && contains(rule.names, right.name)));
}

std::string listed(const Texts& texts) {
  std::string text;
  for (const std::string& s : texts) text += (text.empty() ? "\"" : " \"") + s + "\"";
  return "[" + text + "]";
}

std::string describe(const Right& right, const Texts& verbs) {
  const std::string verb_list = ", Verbs:" + listed(verbs) + "}";
  if (right.is_url) return "{NonResourceURLs:" + listed({right.url}) + verb_list;
  const std::string names = right.name.empty() ? "" : ", ResourceNames:" + listed({right.name});
  return "{APIGroups:" + listed({right.group}) + ", Resources:" + listed({right.resource}) + names + verb_list;
}

}  // namespace

PolicyRules rules_of(const Json& role) {
  PolicyRules rules;
  const Json& list = member(role, "rules");
  if (!list.is_array()) return rules;
  for (const Json& rule : list) {
    rules.push_back({texts_of(member(rule, "verbs")), texts_of(member(rule, "apiGroups")),
                     texts_of(member(rule, "resources")), texts_of(member(rule, "resourceNames")),
                     texts_of(member(rule, "nonResourceURLs"))});
  }
  return rules;
}

Json to_json(const PolicyRule& rule) {
  Json json = {{"verbs", rule.verbs}};
  if (!rule.groups.empty()) json["apiGroups"] = rule.groups;
  if (!rule.resources.empty()) json["resources"] = rule.resources;
  if (!rule.names.empty()) json["resourceNames"] = rule.names;
  if (!rule.urls.empty()) json["nonResourceURLs"] = rule.urls;
  return json;
}

bool allows(const PolicyRule& rule, const Attributes& a) {
  if (!has(rule.verbs, a.verb)) return false;
  if (!a.is_resource) return has_url(rule.urls, a.path);
  return has(rule.groups, a.group) && has_resource(rule.resources, a.resource, a.subresource) &&
         (rule.names.empty() || contains(rule.names, a.name));
}

std::vector<std::string> missing_rights(const PolicyRules& owned, const PolicyRules& granted) {
  // Verbs on the same thing are told together.
  std::map<std::string, std::pair<Right, Texts>> missing;
  for (const PolicyRule& rule : granted) {
    for (const Right& right : rights_of(rule)) {
      const auto covering = [&](const PolicyRule& own) { return covers(own, right); };
      if (std::any_of(owned.begin(), owned.end(), covering)) continue;
      auto& [first, verbs] = missing.try_emplace(describe(right, {}), right, Texts()).first->second;
      if (!contains(verbs, right.verb)) verbs.push_back(right.verb);
    }
  }
  std::vector<std::string> lines;
  for (const auto& entry : missing) lines.push_back(describe(entry.second.first, entry.second.second));
  std::sort(lines.begin(), lines.end());
  return lines;
}

}  // namespace fakeapi
