#include "fake-apiserver/api/resource_registry.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "common/base/check.h"
#include "common/base/number_format.h"
#include "fake-apiserver/api/builtin_resources.h"

namespace fakeapi {
namespace {

// A version as Kubernetes reads it, v<major>[alpha|beta<minor>]; nullopt for any other name.
struct VersionName {
  int stage = 0;  // 2: stable, 1: beta, 0: alpha
  std::int64_t major = 0;
  std::int64_t minor = 0;
  auto operator<=>(const VersionName&) const = default;
};

std::optional<std::int64_t> number_at(std::string_view& text) {
  const std::size_t end = std::min(text.find_first_not_of("0123456789"), text.size());
  if (end == 0 || text.front() == '0' || end > 9) return std::nullopt;
  const auto number = base::parse_int64(text.substr(0, end));
  text.remove_prefix(end);
  return number;
}

std::optional<VersionName> parse_version(std::string_view text) {
  if (text.empty() || text.front() != 'v') return std::nullopt;
  text.remove_prefix(1);
  VersionName version;
  const auto major = number_at(text);
  if (!major) return std::nullopt;
  version.major = *major;
  version.stage = 2;
  if (text.empty()) return version;
  for (const auto& [word, stage] : {std::pair{std::string_view("alpha"), 0}, std::pair{std::string_view("beta"), 1}}) {
    if (!text.starts_with(word)) continue;
    text.remove_prefix(word.size());
    const auto minor = number_at(text);
    if (!minor || !text.empty()) return std::nullopt;
    version.stage = stage;
    version.minor = *minor;
    return version;
  }
  return std::nullopt;
}

bool contains(const std::vector<std::string>& list, std::string_view value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

}  // namespace

bool is_preferred_version(const std::string& a, const std::string& b) {
  const auto left = parse_version(a);
  const auto right = parse_version(b);
  if (left && right) return *left > *right;
  if (left || right) return left.has_value();
  return a < b;
}

bool ResourceInfo::has_subresource(std::string_view name) const { return contains(subresources, name); }
bool ResourceInfo::has_version(std::string_view version) const { return contains(versions, version); }

std::string ResourceInfo::api_version(const std::string& version) const {
  return served_group().empty() ? version : served_group() + "/" + version;
}

std::string ResourceInfo::stored_api_version() const {
  return resource.group.empty() ? versions.front() : resource.group + "/" + versions.front();
}

ResourceRegistry ResourceRegistry::builtin() {
  ResourceRegistry registry;
  for (ResourceInfo& info : builtin_resources()) registry.enter(registry.infos_.emplace_back(std::move(info)));
  return registry;
}

std::size_t ResourceRegistry::KeyHash::operator()(const Key& key) const {
  const std::hash<std::string_view> hash;
  return (hash(key.group) * 31 + hash(key.version)) * 31 + hash(key.plural);
}

const ResourceInfo* ResourceRegistry::find(std::string_view group, std::string_view version,
                                           std::string_view plural) const {
  if (version.empty()) return nullptr;
  const auto found = index_.find(Key{group, version, plural});
  return found == index_.end() ? nullptr : found->second;
}

const ResourceInfo* ResourceRegistry::find(const Resource& resource) const {
  const auto found = index_.find(Key{resource.group, "", resource.plural});
  return found == index_.end() ? nullptr : found->second;
}

std::vector<ApiGroup> ResourceRegistry::groups() const {
  std::vector<ApiGroup> groups;
  std::vector<std::string> defined;
  for (const ResourceInfo& info : infos_) {
    if (info.served_group().empty()) continue;
    auto group = std::find_if(groups.begin(), groups.end(),
                              [&](const ApiGroup& known) { return known.name == info.served_group(); });
    if (group == groups.end()) group = groups.insert(groups.end(), ApiGroup{info.served_group(), {}});
    if (info.definition && !contains(defined, group->name)) defined.push_back(group->name);
    for (const std::string& version : info.versions) {
      if (!contains(group->versions, version)) group->versions.push_back(version);
    }
  }
  for (ApiGroup& group : groups) {
    if (contains(defined, group.name)) std::sort(group.versions.begin(), group.versions.end(), is_preferred_version);
  }
  return groups;
}

bool ResourceRegistry::has_group_version(std::string_view group, std::string_view version) const {
  const auto versions = group_versions_.find(group);
  return versions != group_versions_.end() && versions->second.find(version) != versions->second.end();
}

const ResourceInfo* ResourceRegistry::install(ResourceInfo info) {
  ResourceInfo* known = mutable_of(info.resource);
  if (!known) {
    known = place_for(info.resource);
    *known = std::move(info);
  } else {
    leave(*known);
    if (!known->definition) replaced_.emplace(known->resource, *known);
    *known = std::move(info);
  }
  enter(*known);
  ++changes_;
  return known;
}

// Where the resource was before, so that coming and going costs no memory.
ResourceInfo* ResourceRegistry::place_for(const Resource& resource) {
  const auto old = std::find_if(withdrawn_.begin(), withdrawn_.end(),
                                [&](const ResourceInfo& info) { return info.resource == resource; });
  if (old == withdrawn_.end()) return &infos_.emplace_back();
  infos_.splice(infos_.end(), withdrawn_, old);
  return &infos_.back();
}

void ResourceRegistry::withdraw(const Resource& resource) {
  ResourceInfo* known = mutable_of(resource);
  CHECK(known && known->definition, "only an installed resource can be withdrawn");
  ++changes_;
  leave(*known);
  if (const auto before = replaced_.find(resource); before != replaced_.end()) {
    *known = std::move(before->second);
    replaced_.erase(before);
    enter(*known);
    return;
  }
  const auto at = std::find_if(infos_.begin(), infos_.end(), [&](const ResourceInfo& info) { return &info == known; });
  withdrawn_.splice(withdrawn_.end(), infos_, at);
}

void ResourceRegistry::enter(const ResourceInfo& info) {
  ResourceInfo* const entry = const_cast<ResourceInfo*>(&info);
  const Resource& resource = info.resource;
  if (info.alias_group.empty()) index_[Key{resource.group, "", resource.plural}] = entry;
  for (const std::string& version : info.versions) {
    index_[Key{info.served_group(), version, resource.plural}] = entry;
    ++group_versions_[info.served_group()][version];
  }
}

void ResourceRegistry::leave(const ResourceInfo& info) {
  const Resource& resource = info.resource;
  index_.erase(Key{resource.group, "", resource.plural});
  const auto group = group_versions_.find(resource.group);
  for (const std::string& version : info.versions) {
    index_.erase(Key{resource.group, version, resource.plural});
    if (--group->second[version] == 0) group->second.erase(version);
  }
  if (group->second.empty()) group_versions_.erase(group);
}

ResourceInfo* ResourceRegistry::mutable_of(const Resource& resource) {
  const auto found = index_.find(Key{resource.group, "", resource.plural});
  return found == index_.end() ? nullptr : found->second;
}

}  // namespace fakeapi
