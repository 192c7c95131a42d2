#include "sim/bridge/policy_objects.h"

#include <nlohmann/json.hpp>

#include "fake-apiserver/api/conversion.h"
#include "scaler/policy/kpa/knative_service.h"

namespace sim {
namespace {

struct KnownKind {
  const char* kind;
  fakeapi::Resource resource;
  bool namespaced = true;
};

// In the order of creation: what others refer to comes first. Kinds that the API does not serve are not for it.
const KnownKind kKinds[] = {
    {"PriorityClass", {"scheduling.k8s.io", "priorityclasses"}, false},
    {"Deployment", {"apps", "deployments"}},
    {"HorizontalPodAutoscaler", {"autoscaling", "horizontalpodautoscalers"}},
    {"HpaTuner", {"webapp.streamotion.com.au", "hpatuners"}},
    {"PodAutoscaler", {"autoscaling.internal.knative.dev", "podautoscalers"}},
    {"ScaledObject", {"keda.sh", "scaledobjects"}},
    {"ScalingPolicy", {"gamenight", "scalingpolicies"}},
    {"WatermarkPodAutoscaler", {"datadoghq.com", "watermarkpodautoscalers"}},
};

// As Knative's own controllers do, of which there are none here.
fakeapi::Json object_of(const config::Json& document) {
  const bool service = document.value("kind", "") == "Service";
  const bool knative = service && document.value("apiVersion", "") == scaler::kKnativeServiceVersion;
  return knative ? scaler::pod_autoscaler_of(document) : document;
}

}  // namespace

base::Result<> create_policy_objects(const PolicyFile& file, fakeapi::ObjectStore& store) {
  const fakeapi::ResourceRegistry registry = fakeapi::ResourceRegistry::builtin();
  for (const KnownKind& known : kKinds) {
    for (const config::Document& document : file.documents) {
      fakeapi::Json object = object_of(document.value);
      if (object.value("kind", "") != known.kind) continue;
      // "autoscaling/v1" is the version v1 of its group, "v1" the same of the core group.
      const std::string api_version = object.value("apiVersion", "");
      fakeapi::to_stored(object, *registry.find(known.resource), api_version.substr(api_version.find('/') + 1));
      if (known.namespaced && !object["metadata"].contains("namespace")) object["metadata"]["namespace"] = "default";
      const auto created = store.create(known.resource, object);
      if (!created) return annotate(created.error(), "create the objects of " + file.path);
    }
  }
  return {};
}

}  // namespace sim
