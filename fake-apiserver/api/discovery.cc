#include "fake-apiserver/api/discovery.h"

#include <algorithm>

#include "fake-apiserver/api/subresource_kinds.h"
#include "fake-apiserver/store/json_access.h"

namespace fakeapi {
namespace {

std::string group_version(const std::string& group, const std::string& version) {
  return group.empty() ? version : group + "/" + version;
}

Json version_entry(const std::string& group, const std::string& version) {
  return {{"groupVersion", group_version(group, version)}, {"version", version}};
}

Json group_document(const ApiGroup& group) {
  Json versions = Json::array();
  for (const std::string& version : group.versions) versions.push_back(version_entry(group.name, version));
  return {{"name", group.name}, {"versions", versions}, {"preferredVersion", versions.front()}};
}

std::vector<ApiGroup> groups_of(const Catalog& catalog) {
  std::vector<ApiGroup> groups = catalog.registry.groups();
  for (const VirtualResource& extra : catalog.extra) {
    const bool known =
        std::any_of(groups.begin(), groups.end(), [&](const ApiGroup& g) { return g.name == extra.group; });
    if (!known) groups.push_back(ApiGroup{extra.group, extra.versions});
  }
  for (const RemoteVersion& remote : catalog.remote) {
    auto group = std::find_if(groups.begin(), groups.end(), [&](const ApiGroup& g) { return g.name == remote.group; });
    if (group == groups.end()) group = groups.insert(groups.end(), ApiGroup{remote.group, {}});
    std::vector<std::string>& versions = group->versions;
    if (std::find(versions.begin(), versions.end(), remote.version) == versions.end()) {
      versions.push_back(remote.version);
    }
  }
  return groups;
}

void add_legacy(Json& resources, const ResourceInfo& info, const std::string& version) {
  Json entry = {{"name", info.resource.plural},
                {"singularName", info.singular},
                {"namespaced", info.namespaced},
                {"kind", info.kind},
                {"verbs", info.verbs}};
  if (!info.short_names.empty()) entry["shortNames"] = info.short_names;
  if (!info.categories.empty()) entry["categories"] = info.categories;
  resources.push_back(std::move(entry));
  for (const std::string& subresource : info.subresources) {
    const SubresourceKind kind = subresource_kind(info, version, subresource);
    Json part = {{"name", info.resource.plural + "/" + subresource},
                 {"singularName", ""},
                 {"namespaced", info.namespaced},
                 {"kind", kind.kind},
                 {"verbs", kind.verbs}};
    if (kind.group != info.served_group()) {
      part["group"] = kind.group;
      part["version"] = kind.version;
    }
    resources.push_back(std::move(part));
  }
}

Json response_kind(const std::string& group, const std::string& version, const std::string& kind) {
  return {{"group", group}, {"version", version}, {"kind", kind}};
}

Json aggregated_entry(const ResourceInfo& info, const std::string& version) {
  Json entry = {{"resource", info.resource.plural},
                {"responseKind", response_kind(info.served_group(), version, info.kind)},
                {"scope", info.namespaced ? "Namespaced" : "Cluster"},
                {"singularResource", info.singular},
                {"verbs", info.verbs}};
  if (!info.short_names.empty()) entry["shortNames"] = info.short_names;
  if (!info.categories.empty()) entry["categories"] = info.categories;
  for (const std::string& subresource : info.subresources) {
    const SubresourceKind kind = subresource_kind(info, version, subresource);
    entry["subresources"].push_back({{"subresource", subresource},
                                     {"responseKind", response_kind(kind.group, kind.version, kind.kind)},
                                     {"verbs", kind.verbs}});
  }
  return entry;
}

// "pods/requests" is listed as a resource of that name; the aggregated form has no place for it but this.
Json aggregated_entry(const VirtualResource& extra, const std::string& version) {
  return {{"resource", extra.plural},
          {"responseKind", response_kind(extra.group, version, extra.kind)},
          {"scope", extra.namespaced ? "Namespaced" : "Cluster"},
          {"singularResource", extra.singular},
          {"verbs", {"get", "list"}}};
}

// The entries of an APIResourceList in the aggregated form. "pods/log" is a part of "pods" where there is such a
// resource, and a name of its own elsewhere.
Json aggregated_entries(const RemoteVersion& remote) {
  Json entries = Json::array();
  for (const Json& item : remote.resources) {
    const std::string name = text_at(item, {"name"});
    const auto own = [&](const char* key, const std::string& otherwise) {
      const std::string text = text_at(item, {key});
      return text.empty() ? otherwise : text;
    };
    const Json kind =
        response_kind(own("group", remote.group), own("version", remote.version), text_at(item, {"kind"}));
    const std::size_t slash = name.find('/');
    const auto parent = std::find_if(entries.begin(), entries.end(), [&](const Json& entry) {
      return slash != std::string::npos && text_at(entry, {"resource"}) == name.substr(0, slash);
    });
    if (parent != entries.end()) {
      (*parent)["subresources"].push_back(
          {{"subresource", name.substr(slash + 1)}, {"responseKind", kind}, {"verbs", member(item, "verbs")}});
      continue;
    }
    Json entry = {{"resource", name},
                  {"responseKind", kind},
                  {"scope", member(item, "namespaced") == Json(true) ? "Namespaced" : "Cluster"},
                  {"singularResource", text_at(item, {"singularName"})},
                  {"verbs", member(item, "verbs")}};
    for (const char* key : {"shortNames", "categories"}) {
      if (member(item, key).is_array()) entry[key] = item[key];
    }
    entries.push_back(std::move(entry));
  }
  return entries;
}

bool serves(const VirtualResource& extra, const std::string& group, const std::string& version) {
  return extra.group == group &&
         std::find(extra.versions.begin(), extra.versions.end(), version) != extra.versions.end();
}

}  // namespace

Json api_versions(const std::string& host) {
  return {{"kind", "APIVersions"},
          {"versions", {"v1"}},
          {"serverAddressByClientCIDRs", Json::array({{{"clientCIDR", "0.0.0.0/0"}, {"serverAddress", host}}})}};
}

Json api_group_list(const Catalog& catalog) {
  Json groups = Json::array();
  for (const ApiGroup& group : groups_of(catalog)) groups.push_back(group_document(group));
  return {{"kind", "APIGroupList"}, {"apiVersion", "v1"}, {"groups", groups}};
}

std::optional<Json> api_group(const Catalog& catalog, const std::string& name) {
  for (const ApiGroup& group : groups_of(catalog)) {
    if (group.name != name) continue;
    Json document = group_document(group);
    document["kind"] = "APIGroup";
    document["apiVersion"] = "v1";
    return document;
  }
  return std::nullopt;
}

std::optional<Json> api_resource_list(const Catalog& catalog, const std::string& group, const std::string& version) {
  bool known = false;
  Json resources = Json::array();
  for (const ResourceInfo& info : catalog.registry.all()) {
    if (info.served_group() != group || !info.has_version(version)) continue;
    known = true;
    add_legacy(resources, info, version);
  }
  for (const VirtualResource& extra : catalog.extra) {
    if (!serves(extra, group, version)) continue;
    known = true;
    if (extra.plural.empty()) continue;
    resources.push_back({{"name", extra.plural},
                         {"singularName", extra.singular},
                         {"namespaced", extra.namespaced},
                         {"kind", extra.kind},
                         {"verbs", {"get", "list"}}});
  }
  if (!known) return std::nullopt;
  return Json{{"kind", "APIResourceList"},
              {"apiVersion", "v1"},
              {"groupVersion", group_version(group, version)},
              {"resources", resources}};
}

Json aggregated_discovery(const Catalog& catalog, bool core, const std::string& version) {
  std::vector<ApiGroup> groups;
  if (core) {
    groups.push_back(ApiGroup{"", {"v1"}});
  } else {
    groups = groups_of(catalog);
  }
  Json items = Json::array();
  for (const ApiGroup& group : groups) {
    Json versions = Json::array();
    for (const std::string& v : group.versions) {
      Json resources = Json::array();
      for (const ResourceInfo& info : catalog.registry.all()) {
        if (info.served_group() == group.name && info.has_version(v)) resources.push_back(aggregated_entry(info, v));
      }
      for (const VirtualResource& extra : catalog.extra) {
        if (serves(extra, group.name, v) && !extra.plural.empty()) resources.push_back(aggregated_entry(extra, v));
      }
      const char* freshness = "Current";
      for (const RemoteVersion& remote : catalog.remote) {
        if (remote.group != group.name || remote.version != v) continue;
        resources = aggregated_entries(remote);
        if (!remote.current) freshness = "Stale";
      }
      versions.push_back({{"version", v}, {"freshness", freshness}, {"resources", resources}});
    }
    Json item = {{"versions", versions}, {"metadata", Json::object()}};
    if (!group.name.empty()) item["metadata"]["name"] = group.name;
    items.push_back(std::move(item));
  }
  return {{"kind", "APIGroupDiscoveryList"},
          {"apiVersion", "apidiscovery.k8s.io/" + version},
          {"metadata", Json::object()},
          {"items", items}};
}

}  // namespace fakeapi
