#include "sim/bridge/policy_objects.h"

#include <nlohmann/json.hpp>

namespace sim {
namespace {

struct KnownKind {
  const char* kind;
  fakeapi::Resource resource;
};

const KnownKind kKinds[] = {
    {"HorizontalPodAutoscaler", {"autoscaling", "horizontalpodautoscalers"}},
    {"HpaTuner", {"webapp.streamotion.com.au", "hpatuners"}},
    {"ScalingPolicy", {"gamenight", "scalingpolicies"}},
};

}  // namespace

base::Result<> create_policy_objects(const PolicyFile& file, fakeapi::ObjectStore& store) {
  for (const config::Document& document : file.documents) {
    fakeapi::Json object = document.value;
    if (!object["metadata"].contains("namespace")) object["metadata"]["namespace"] = "default";
    const std::string kind = object.value("kind", "");
    for (const KnownKind& known : kKinds) {
      if (kind != known.kind) continue;
      const auto created = store.create(known.resource, object);
      if (!created) return annotate(created.error(), "create the policy of " + file.path);
    }
  }
  return {};
}

}  // namespace sim
