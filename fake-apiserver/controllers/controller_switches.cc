#include "fake-apiserver/controllers/controller_switches.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "common/base/check.h"
#include "common/config/document.h"

namespace fakeapi {
namespace {

// The names of Kubernetes 1.28 and later that do not follow from the older ones.
constexpr std::array<std::pair<std::string_view, std::string_view>, 7> kLaterNames = {{
    {"garbage-collector-controller", "garbagecollector"},
    {"node-lifecycle-controller", "nodelifecycle"},
    {"endpoints-controller", "endpoints"},
    {"horizontal-pod-autoscaler-controller", "horizontalpodautoscaling"},
    {"horizontalpodautoscaler", "horizontalpodautoscaling"},
    {"cluster-autoscaler", "clusterautoscaler"},
    {"kube-scheduler", "scheduler"},
}};

std::optional<std::string> known_name(std::string_view text) {
  for (const auto& [later, name] : kLaterNames) {
    if (text == later) return std::string(name);
  }
  constexpr std::string_view kSuffix = "-controller";
  if (text.ends_with(kSuffix)) text.remove_suffix(kSuffix.size());
  const auto& known = ControllerSwitches::known();
  if (std::find(known.begin(), known.end(), text) == known.end()) return std::nullopt;
  return std::string(text);
}

}  // namespace

const std::vector<std::string>& ControllerSwitches::known() {
  static const std::vector<std::string> kKnown = {
      "clusterautoscaler", "cronjob",       "daemonset",         "deployment", "disruption",
      "endpoints",         "endpointslice", "garbagecollector",  "job",        "kubelet",
      "metrics-server",    "namespace",     "nodelifecycle",     "replicaset", "horizontalpodautoscaling",
      "scheduler",         "statefulset",   "ttl-after-finished"};
  return kKnown;
}

ControllerSwitches ControllerSwitches::none() {
  ControllerSwitches switches;
  switches.off_.insert(known().begin(), known().end());
  return switches;
}

base::Result<ControllerSwitches> ControllerSwitches::parse(std::string_view list) {
  bool all = false;
  std::set<std::string> on;
  std::set<std::string> off;
  while (!list.empty()) {
    const std::size_t end = std::min(list.find(','), list.size());
    std::string_view entry = list.substr(0, end);
    list.remove_prefix(std::min(end + 1, list.size()));
    if (entry == "*") {
      all = true;
      continue;
    }
    const bool minus = entry.starts_with('-');
    if (minus) entry.remove_prefix(1);
    const auto name = known_name(entry);
    if (!name) {
      const std::string meant = config::did_you_mean(entry, known());
      const std::string help = meant.empty() ? "" : "; did you mean \"" + meant + "\"?";
      return base::Error{base::ErrorCode::kInvalid, "\"" + std::string(entry) + "\" is not a known controller" + help};
    }
    (minus ? off : on).insert(*name);
  }
  ControllerSwitches switches;
  for (const std::string& name : known()) switches.set(name, on.contains(name) || (all && !off.contains(name)));
  return switches;
}

bool ControllerSwitches::acts(std::string_view name) const {
  CHECK(std::find(known().begin(), known().end(), name) != known().end(), "no such controller");
  return !off_.contains(name);
}

void ControllerSwitches::set(std::string_view name, bool acts) {
  CHECK(std::find(known().begin(), known().end(), name) != known().end(), "no such controller");
  if (acts) {
    off_.erase(std::string(name));
  } else {
    off_.insert(std::string(name));
  }
}

}  // namespace fakeapi
