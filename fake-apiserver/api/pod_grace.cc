#include "fake-apiserver/api/pod_grace.h"

#include "fake-apiserver/store/bounded_seconds.h"
#include "fake-apiserver/store/json_access.h"

namespace fakeapi {

base::Duration pod_grace(const nlohmann::json& pod, std::optional<std::int64_t> asked) {
  const std::string phase = text_at(pod, {"status", "phase"});
  if (text_at(pod, {"spec", "nodeName"}).empty() || phase == "Succeeded" || phase == "Failed") return {};
  if (asked) return bounded_seconds(*asked);
  return bounded_seconds(integer_at(pod, {"spec", "terminationGracePeriodSeconds"}).value_or(30));
}

}  // namespace fakeapi
