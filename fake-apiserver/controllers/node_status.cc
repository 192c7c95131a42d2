#include "fake-apiserver/controllers/node_status.h"

#include <algorithm>
#include <string>

#include "common/base/time_format.h"
#include "fake-apiserver/controllers/object_fields.h"

namespace fakeapi {
namespace {

constexpr const char* kNotReady = "node.kubernetes.io/not-ready";

}  // namespace

Json node_conditions(bool ready, base::Time at) {
  struct Kind {
    const char* type;
    const char* status;
    const char* reason;
    const char* message;
  };
  const Kind up{"Ready", "True", "KubeletReady", "kubelet is posting ready status"};
  const Kind down{"Ready", "False", "KubeletNotReady",
                  "container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady"};
  const std::string now = base::format_rfc3339(at);
  Json conditions = Json::array();
  for (const Kind& kind :
       {Kind{"MemoryPressure", "False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"},
        Kind{"DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"},
        Kind{"PIDPressure", "False", "KubeletHasSufficientPID", "kubelet has sufficient PID available"},
        ready ? up : down}) {
    conditions.push_back({{"type", kind.type},
                          {"status", kind.status},
                          {"reason", kind.reason},
                          {"message", kind.message},
                          {"lastHeartbeatTime", now},
                          {"lastTransitionTime", now}});
  }
  return conditions;
}

void mark_node(Json& node, bool ready, base::Time now) {
  Json& status = object_in(node, "status");
  const std::string heard = base::format_rfc3339(now);
  for (const Json& condition : node_conditions(ready, now)) {
    set_condition(status,
                  {.type = text_at(condition, {"type"}),
                   .status = text_at(condition, {"status"}),
                   .reason = text_at(condition, {"reason"}),
                   .message = text_at(condition, {"message"})},
                  now);
  }
  for (Json& condition : status["conditions"]) condition["lastHeartbeatTime"] = heard;
}

void mark_new_node(Json& node, base::Time now) {
  mark_node(node, false, now);
  Json& taints = object_in(node, "spec")["taints"];
  if (!taints.is_array()) taints = Json::array();
  for (const char* effect : {"NoSchedule", "NoExecute"}) {
    taints.push_back({{"key", kNotReady}, {"effect", effect}, {"timeAdded", base::format_rfc3339(now)}});
  }
}

bool is_new_node(const Json& node) {
  const Json* ready = find_condition(node, "Ready");
  const Json* taints = field_at(node, {"spec", "taints"});
  if (!ready || text_at(*ready, {"reason"}) != "KubeletNotReady" || !taints || !taints->is_array()) return false;
  return std::any_of(taints->begin(), taints->end(), [](const Json& t) { return text_at(t, {"key"}) == kNotReady; });
}

void mark_ready_node(Json& node, base::Time now) {
  mark_node(node, true, now);
  Json& spec = object_in(node, "spec");
  Json kept = Json::array();
  if (spec.contains("taints") && spec["taints"].is_array()) {
    for (const Json& taint : spec["taints"]) {
      if (text_at(taint, {"key"}) != kNotReady) kept.push_back(taint);
    }
  }
  spec["taints"] = std::move(kept);
  if (spec["taints"].empty()) spec.erase("taints");
}

}  // namespace fakeapi
