// The resources that the server knows, in the order in which discovery lists them. A value; immutable once built.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "fake-apiserver/store/object_store.h"

namespace fakeapi {

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

  bool has_subresource(std::string_view name) const;
  bool has_version(std::string_view version) const;
  // "v1", "apps/v1"
  std::string api_version(const std::string& version) const;
  std::string stored_api_version() const { return api_version(versions.front()); }
};

struct ApiGroup {
  std::string name;
  std::vector<std::string> versions;  // the preferred one first
};

class ResourceRegistry {
 public:
  // What Kubernetes has and scaling touches, and the custom resources that are scaling policies.
  static ResourceRegistry builtin();

  // Null if it is not served.
  const ResourceInfo* find(std::string_view group, std::string_view version, std::string_view plural) const;
  const ResourceInfo* find(const Resource& resource) const;
  const std::vector<ResourceInfo>& all() const { return infos_; }
  // Without the core group.
  std::vector<ApiGroup> groups() const;
  bool has_group_version(std::string_view group, std::string_view version) const;

 private:
  std::vector<ResourceInfo> infos_;
};

}  // namespace fakeapi
