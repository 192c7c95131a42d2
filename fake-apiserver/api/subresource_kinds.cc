#include "fake-apiserver/api/subresource_kinds.h"

namespace fakeapi {
namespace {

struct Entry {
  const char* plural;  // "" is every resource
  const char* name;
  const char* group;  // null is that of the resource, and so is its version
  const char* version;
  const char* kind;  // null is that of the resource
  const char* verbs;
};

constexpr const char* kReadAndWrite = "get patch update";
constexpr const char* kProxied = "create delete get patch update";

constexpr Entry kEntries[] = {
    {"", "scale", "autoscaling", "v1", "Scale", kReadAndWrite},
    {"pods", "attach", nullptr, nullptr, "PodAttachOptions", "create get"},
    {"pods", "binding", nullptr, nullptr, "Binding", "create"},
    {"pods", "eviction", "policy", "v1", "Eviction", "create"},
    {"pods", "exec", nullptr, nullptr, "PodExecOptions", "create get"},
    {"pods", "log", nullptr, nullptr, nullptr, "get"},
    {"pods", "portforward", nullptr, nullptr, "PodPortForwardOptions", "create get"},
    {"pods", "proxy", nullptr, nullptr, "PodProxyOptions", kProxied},
    {"nodes", "proxy", nullptr, nullptr, "NodeProxyOptions", kProxied},
    {"services", "proxy", nullptr, nullptr, "ServiceProxyOptions", kProxied},
    {"namespaces", "finalize", nullptr, nullptr, nullptr, "update"},
    {"serviceaccounts", "token", "authentication.k8s.io", "v1", "TokenRequest", "create"},
};

std::vector<std::string> words(std::string_view text) {
  std::vector<std::string> result;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    result.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return result;
}

}  // namespace

SubresourceKind subresource_kind(const ResourceInfo& info, const std::string& version, const std::string& name) {
  for (const Entry& entry : kEntries) {
    if (name != entry.name || (*entry.plural != '\0' && info.resource.plural != entry.plural)) continue;
    return {entry.group ? entry.group : info.served_group(), entry.version ? entry.version : version,
            entry.kind ? entry.kind : info.kind, words(entry.verbs)};
  }
  return {info.served_group(), version, info.kind, words(kReadAndWrite)};
}

}  // namespace fakeapi
