#include "fake-apiserver/api/deprecation.h"

namespace fakeapi {
namespace {

struct Deprecation {
  std::string_view group;
  std::string_view version;
  std::string_view kind;
  int since;                   // 1.<since>
  int gone;                    // 0: not announced
  std::string_view successor;  // group and version of the same kind; empty if there is none
};

constexpr Deprecation kDeprecations[] = {
    {"", "v1", "ComponentStatus", 19, 0, ""},
    {"autoscaling", "v2beta2", "HorizontalPodAutoscaler", 23, 26, "autoscaling/v2"},
    {"batch", "v1beta1", "CronJob", 21, 25, "batch/v1"},
    {"discovery.k8s.io", "v1beta1", "EndpointSlice", 21, 25, "discovery.k8s.io/v1"},
    {"policy", "v1beta1", "Eviction", 22, 25, "policy/v1"},
    {"policy", "v1beta1", "PodDisruptionBudget", 21, 25, "policy/v1"},
};

}  // namespace

std::optional<std::string> deprecation_warning(std::string_view group, std::string_view version, std::string_view kind,
                                               int minor) {
  for (const Deprecation& entry : kDeprecations) {
    if (entry.kind != kind || entry.version != version || entry.group != group || minor < entry.since) continue;
    std::string text = group.empty() ? "" : std::string(group) + "/";
    text.append(version).append(" ").append(kind);
    text += " is deprecated in v1." + std::to_string(entry.since) + "+";
    if (entry.gone > 0) text += ", unavailable in v1." + std::to_string(entry.gone) + "+";
    if (!entry.successor.empty()) text.append("; use ").append(entry.successor).append(" ").append(kind);
    return text;
  }
  return std::nullopt;
}

}  // namespace fakeapi
