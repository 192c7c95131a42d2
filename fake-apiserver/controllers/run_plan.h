// What the containers of a pod are going to do, as its spec and annotations tell. Pure functions over the pod's object.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/base/time.h"
#include "fake-apiserver/controllers/pod_cache.h"

namespace fakeapi {

// On the pod: how long its containers run before they end by themselves ("90s"), and the exit code they end with.
inline constexpr const char* kRunsForAnnotation = "gamenight/runs-for";
inline constexpr const char* kExitCodeAnnotation = "gamenight/exit-code";
// The same of each of its init containers.
inline constexpr const char* kInitRunsForAnnotation = "gamenight/init-runs-for";
inline constexpr const char* kInitExitCodeAnnotation = "gamenight/init-exit-code";

enum class RestartPolicy { kAlways, kOnFailure, kNever };

struct RunPlan {
  RestartPolicy restart = RestartPolicy::kAlways;
  std::optional<base::Duration> runs_for{};  // nullopt: as long as they are let
  int exit_code = 0;
  base::Duration init_runs_for = std::chrono::seconds(1);
  int init_exit_code = 0;
  std::optional<base::Duration> deadline{};  // spec.activeDeadlineSeconds
  base::Duration pre_stop{};                 // the longest sleep of the containers' preStop hooks
};

// Without the annotations the pods of Jobs and the hooks of Helm end after a second with 0, the others never.
RunPlan run_plan_of(const Pod& pod);

// Whether the containers are started again after they have ended with `exit_code`.
bool starts_again(RestartPolicy policy, int exit_code);

struct ContainerSpec {
  std::string name;
  std::string image;
  bool sidecar = false;  // an init container that runs on: its restartPolicy is Always
};

// `list` is "containers" or "initContainers".
std::vector<ContainerSpec> containers_of(const Json& pod, const char* list);

// The registry of these images does not exist (RFC 2606 keeps the top level domain free): "registry.invalid/app:1".
bool is_of_no_registry(const std::string& image);

}  // namespace fakeapi
