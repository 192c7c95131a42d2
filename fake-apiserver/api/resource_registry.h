// The resources that the server knows, in the order in which discovery lists them: those built in, and those that
// definitions add and take away at run time.
//
// A ResourceInfo keeps its address as long as the registry lives, also when its resource is no longer served: views and
// watches hold it. Served again, a resource has the same place. Single-threaded; owned by FakeApiServer.
#pragma once

#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "fake-apiserver/store/object_store.h"

namespace fakeapi {

class CustomDefinition;

struct ResourceInfo {
  Resource resource;
  std::vector<std::string> versions;  // the preferred one, in which objects are stored, first
  std::string kind;
  std::string singular;
  std::vector<std::string> short_names;
  std::vector<std::string> subresources;  // "status", "scale", ...
  bool namespaced = true;
  bool in_all = false;  // of the category "all"
  bool custom = false;  // not built into Kubernetes: no strategic merge patch
  // Answered by the server itself and never stored: reviews, bindings.
  bool transient = false;
  // The group that serves the objects of `resource` a second time: events.k8s.io.
  std::string alias_group = {};
  std::vector<std::string> categories = {};
  std::vector<std::string> verbs = {"create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"};
  // Of a resource that a CustomResourceDefinition defines, otherwise null: schemas, columns, paths of the scale.
  std::shared_ptr<const CustomDefinition> definition = nullptr;
  std::string list_kind = {};  // empty: kind + "List"

  bool has_subresource(std::string_view name) const;
  bool has_version(std::string_view version) const;
  const std::string& served_group() const { return alias_group.empty() ? resource.group : alias_group; }
  // "v1", "apps/v1": as it is served, and as it is stored.
  std::string api_version(const std::string& version) const;
  std::string stored_api_version() const;
  std::string kind_of_list() const { return list_kind.empty() ? kind + "List" : list_kind; }
};

struct ApiGroup {
  std::string name;
  std::vector<std::string> versions;  // the preferred one first
};

class ResourceRegistry {
 public:
  // What Kubernetes has and scaling touches, and the custom resources that are scaling policies.
  static ResourceRegistry builtin();

  ResourceRegistry(ResourceRegistry&&) = default;
  ResourceRegistry(const ResourceRegistry&) = delete;
  ResourceRegistry& operator=(const ResourceRegistry&) = delete;

  // Null if it is not served.
  const ResourceInfo* find(std::string_view group, std::string_view version, std::string_view plural) const;
  const ResourceInfo* find(const Resource& resource) const;
  const std::list<ResourceInfo>& all() const { return infos_; }
  // Without the core group. Versions of a group of definitions are ordered by maturity: v2, v1, v1beta1, ...
  std::vector<ApiGroup> groups() const;
  bool has_group_version(std::string_view group, std::string_view version) const;

  // Serves `info` from now on, in the place of whatever has that resource already: a built-in row waits until
  // withdraw() brings it back.
  const ResourceInfo* install(ResourceInfo info);
  // Serves the resource no longer, unless a built-in row had it before. REQUIRES: it was installed.
  void withdraw(const Resource& resource);

  // Grows with each change of what is served.
  std::uint64_t changes() const { return changes_; }

 private:
  // Views of strings of the infos, which never move.
  struct Key {
    std::string_view group;
    std::string_view version;
    std::string_view plural;
    bool operator==(const Key&) const = default;
  };
  struct KeyHash {
    std::size_t operator()(const Key& key) const;
  };

  ResourceRegistry() = default;
  void enter(const ResourceInfo& info);
  void leave(const ResourceInfo& info);
  ResourceInfo* mutable_of(const Resource& resource);
  ResourceInfo* place_for(const Resource& resource);

  std::list<ResourceInfo> infos_;
  std::list<ResourceInfo> withdrawn_;
  std::map<Resource, ResourceInfo> replaced_;  // built-in rows that a definition stands in for
  // Looked up, never iterated. With an empty version: by resource. With an empty plural: how many resources a group
  // and version have.
  std::unordered_map<Key, ResourceInfo*, KeyHash> index_;
  std::map<std::string, std::map<std::string, int, std::less<>>, std::less<>> group_versions_;
  std::uint64_t changes_ = 0;
};

// Whether `a` comes before `b` in the preference of clients: v10, v2, v1, v2beta1, v1beta2, v1alpha1, then the rest by
// name.
bool is_preferred_version(const std::string& a, const std::string& b);

}  // namespace fakeapi
