#include "fake-apiserver/controllers/pod_status.h"

#include <algorithm>
#include <array>
#include <utility>

#include "common/base/time_format.h"
#include "fake-apiserver/controllers/object_fields.h"
#include "fake-apiserver/controllers/resource_quantity.h"

namespace fakeapi::pod_status {
namespace {

// Kubernetes 1.20 lists them in this order.
constexpr std::array<const char*, 4> kConditionOrder = {"Initialized", "Ready", "ContainersReady", "PodScheduled"};

void sort_conditions(Json& status) {
  Json sorted = Json::array();
  for (const char* type : kConditionOrder) {
    for (const Json& condition : status["conditions"]) {
      if (text_at(condition, {"type"}) == type) sorted.push_back(condition);
    }
  }
  for (const Json& condition : status["conditions"]) {
    bool known = false;
    for (const char* type : kConditionOrder) known = known || text_at(condition, {"type"}) == type;
    if (!known) sorted.push_back(condition);
  }
  status["conditions"] = std::move(sorted);
}

std::string container_names(const Json& pod, const char* list = "containers") {
  std::string names;
  const Json* containers = field_at(pod, {"spec", list});
  if (!containers || !containers->is_array()) return names;
  for (const Json& container : *containers) names += (names.empty() ? "" : " ") + text_at(container, {"name"});
  return names;
}

// What acknowledge() wrote, unless a client has put something else there since.
Json& container_statuses(Json& status, Group group = Group::kMain) {
  Json& statuses = status[group == Group::kInit ? "initContainerStatuses" : "containerStatuses"];
  if (!statuses.is_array()) statuses = Json::array();
  for (Json& container : statuses) {
    if (!container.is_object()) container = Json::object();
  }
  return statuses;
}

void set_not_ready(const Json& pod, Json& status, base::Time now) {
  const std::string message = "containers with unready status: [" + container_names(pod) + "]";
  for (const char* type : {"Ready", "ContainersReady"}) {
    set_condition(status, {.type = type, .status = "False", .reason = "ContainersNotReady", .message = message}, now);
  }
}

Json waiting_containers(const Json& pod, const char* list, const char* reason) {
  Json containers = Json::array();
  const Json* specified = field_at(pod, {"spec", list});
  if (!specified || !specified->is_array()) return containers;
  for (const Json& container : *specified) {
    containers.push_back({{"name", text_at(container, {"name"})},
                          {"image", text_at(container, {"image"})},
                          {"imageID", ""},
                          {"ready", false},
                          {"started", false},
                          {"restartCount", 0},
                          {"lastState", Json::object()},
                          {"state", {{"waiting", {{"reason", reason}}}}}});
  }
  return containers;
}

std::string container_id(const Json& pod, const Json& container, std::int64_t restarts) {
  const std::string id = "containerd://" + uid_of(pod) + "-" + text_at(container, {"name"});
  return restarts > 0 ? id + "-" + std::to_string(restarts) : id;
}

Json crash_loop(const Json& pod, const Json& container, base::Duration back_off) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(back_off).count();
  const std::string message = "back-off " + std::to_string(seconds) +
                              "s restarting failed container=" + text_at(container, {"name"}) +
                              " pod=" + name_of(pod).name;
  return {{"waiting", {{"reason", "CrashLoopBackOff"}, {"message", message}}}};
}

}  // namespace

void acknowledge(const Json& pod, Json& status, const std::string& host_ip, base::Time now) {
  if (!field_at(status, {"phase"})) status["phase"] = "Pending";
  if (!field_at(status, {"qosClass"})) status["qosClass"] = quality_of_service(pod);
  if (!field_at(status, {"startTime"})) status["startTime"] = base::format_rfc3339(now);
  if (!host_ip.empty()) status["hostIP"] = host_ip;
  const std::string init_names = container_names(pod, "initContainers");
  if (init_names.empty()) {
    set_condition(status, {.type = "Initialized", .status = "True", .reason = "", .message = ""}, now);
  } else {
    set_condition(status,
                  {.type = "Initialized",
                   .status = "False",
                   .reason = "ContainersNotInitialized",
                   .message = "containers with incomplete status: [" + init_names + "]"},
                  now);
    status["initContainerStatuses"] = waiting_containers(pod, "initContainers", "PodInitializing");
  }
  set_not_ready(pod, status, now);
  sort_conditions(status);
  status["containerStatuses"] =
      waiting_containers(pod, "containers", init_names.empty() ? "ContainerCreating" : "PodInitializing");
}

void wait(Json& status, Group group, std::optional<std::size_t> only, const std::string& reason,
          const std::string& message) {
  Json& statuses = container_statuses(status, group);
  for (std::size_t i = 0; i < statuses.size(); ++i) {
    if (only && *only != i) continue;
    Json waiting{{"reason", reason}};
    if (!message.empty()) waiting["message"] = message;
    statuses[i]["state"] = {{"waiting", std::move(waiting)}};
  }
}

void run_init(const Json& pod, Json& status, std::size_t index, std::int64_t restarts, base::Time now) {
  Json& statuses = container_statuses(status, Group::kInit);
  if (index >= statuses.size()) return;
  Json& container = statuses[index];
  if (const Json* ended = field_at(container, {"state", "terminated"})) {
    container["lastState"] = Json{{"terminated", *ended}};
  }
  container["state"] = {{"running", {{"startedAt", base::format_rfc3339(now)}}}};
  container["started"] = true;
  container["restartCount"] = restarts;
  container["containerID"] = container_id(pod, container, restarts);
  container["imageID"] = text_at(container, {"image"});
}

void sidecar_ready(Json& status, std::size_t index) {
  Json& statuses = container_statuses(status, Group::kInit);
  if (index < statuses.size()) statuses[index]["ready"] = true;
}

void end_init(const Json& pod, Json& status, const InitEnd& end, base::Time now) {
  Json& statuses = container_statuses(status, Group::kInit);
  if (end.index >= statuses.size()) return;
  Json& container = statuses[end.index];
  const std::string started = text_at(container, {"state", "running", "startedAt"});
  const Json terminated{{"terminated",
                         {{"reason", end.exit_code == 0 ? "Completed" : "Error"},
                          {"exitCode", end.exit_code},
                          {"startedAt", started},
                          {"finishedAt", base::format_rfc3339(now)},
                          {"containerID", text_at(container, {"containerID"})}}}};
  container["ready"] = end.exit_code == 0;
  container["started"] = false;
  if (end.back_off <= base::Duration::zero()) {
    container["state"] = terminated;
    return;
  }
  container["lastState"] = terminated;
  container["state"] = crash_loop(pod, container, end.back_off);
}

void initialize(Json& status, base::Time now) {
  set_condition(status, {.type = "Initialized", .status = "True", .reason = "", .message = ""}, now);
}

void set_started(Json& status, bool started) {
  for (Json& container : container_statuses(status)) container["started"] = started;
}

void run(const Json& pod, Json& status, const std::string& pod_ip, base::Time now) {
  status["phase"] = "Running";
  status["podIP"] = pod_ip;
  status["podIPs"] = Json::array({{{"ip", pod_ip}}});
  set_not_ready(pod, status, now);
  for (Json& container : container_statuses(status)) {
    container["state"] = {{"running", {{"startedAt", base::format_rfc3339(now)}}}};
    container["started"] = true;
    container["containerID"] = container_id(pod, container, 0);
    container["imageID"] = text_at(container, {"image"});
  }
}

void become_ready(Json& status, base::Time now) {
  for (const char* type : {"Ready", "ContainersReady"}) {
    set_condition(status, {.type = type, .status = "True", .reason = "", .message = ""}, now);
  }
  for (Json& container : container_statuses(status)) container["ready"] = true;
}

void become_unready(const Json& pod, Json& status, base::Time now) {
  set_not_ready(pod, status, now);
  for (Json& container : container_statuses(status)) container["ready"] = false;
}

void end_containers(const Json& pod, Json& status, const ContainerEnd& end, base::Time now) {
  constexpr int kKilled = 137;  // 128 + SIGKILL
  become_unready(pod, status, now);
  for (Json& container : container_statuses(status)) {
    if (!field_at(container, {"containerID"})) continue;  // it never ran
    const Json terminated{{"terminated",
                           {{"reason", end.reason},
                            {"exitCode", end.exit_code.value_or(end.reason == "Completed" ? 0 : kKilled)},
                            {"startedAt", base::format_rfc3339(end.started)},
                            {"finishedAt", base::format_rfc3339(now)},
                            {"containerID", text_at(container, {"containerID"})}}}};
    container["started"] = false;
    if (end.back_off <= base::Duration::zero()) {
      container["state"] = terminated;
      continue;
    }
    container["lastState"] = terminated;
    container["state"] = crash_loop(pod, container, end.back_off);
  }
}

void finish(const Json& pod, Json& status, const ContainerEnd& containers, const PodEnd& end, base::Time now) {
  end_containers(pod, status, containers, now);
  status["phase"] = end.succeeded ? "Succeeded" : "Failed";
  if (!end.reason.empty()) status["reason"] = end.reason;
  if (!end.message.empty()) status["message"] = end.message;
  const char* reason = end.succeeded ? "PodCompleted" : "PodFailed";
  for (const char* type : {"Ready", "ContainersReady"}) {
    set_condition(status, {.type = type, .status = "False", .reason = reason, .message = ""}, now);
  }
  if (!end.succeeded) return;
  set_condition(status, {.type = "Initialized", .status = "True", .reason = reason, .message = ""}, now);
}

void run_again(const Json& pod, Json& status, base::Time now) {
  set_not_ready(pod, status, now);
  for (Json& container : container_statuses(status)) {
    const std::int64_t restarts = int_at(container, {"restartCount"}) + 1;
    if (const Json* ended = field_at(container, {"state", "terminated"})) {
      container["lastState"] = Json{{"terminated", *ended}};
    }
    container["state"] = {{"running", {{"startedAt", base::format_rfc3339(now)}}}};
    container["started"] = true;
    container["restartCount"] = restarts;
    container["containerID"] = container_id(pod, container, restarts);
  }
}

void put_right(const Json& told, Json& status) {
  for (const char* key : {"phase", "reason", "message", "startTime", "hostIP", "hostIPs", "podIP", "podIPs",
                          "initContainerStatuses", "containerStatuses"}) {
    if (const Json* value = field_at(told, {key})) {
      status[key] = *value;
    } else {
      status.erase(key);
    }
  }
  const Json whole{{"status", told}};
  for (const char* type : {"Initialized", "Ready", "ContainersReady"}) {
    const Json* mine = find_condition(whole, type);
    if (!mine) {
      remove_condition(status, type);
      continue;
    }
    Json& conditions = status["conditions"];
    if (!conditions.is_array()) conditions = Json::array();
    const auto theirs = std::find_if(conditions.begin(), conditions.end(),
                                     [&](const Json& condition) { return text_at(condition, {"type"}) == type; });
    if (theirs == conditions.end()) {
      conditions.push_back(*mine);
    } else {
      *theirs = *mine;
    }
  }
}

std::string quality_of_service(const Json& pod) {
  bool any = false;
  bool guaranteed = true;
  const Json* containers = field_at(pod, {"spec", "containers"});
  if (!containers || !containers->is_array()) return "BestEffort";
  for (const Json& container : *containers) {
    for (const auto& [resource, decimals] : {std::pair{"cpu", 3}, std::pair{"memory", 0}}) {
      const Json* request = field_at(container, {"resources", "requests", resource});
      const Json* limit = field_at(container, {"resources", "limits", resource});
      any = any || request || limit;
      guaranteed =
          guaranteed && limit && (!request || whole_quantity(*request, decimals) == whole_quantity(*limit, decimals));
    }
  }
  if (!any) return "BestEffort";
  return guaranteed ? "Guaranteed" : "Burstable";
}

}  // namespace fakeapi::pod_status
