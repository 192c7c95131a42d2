#include "scaler/policy/kpa/knative_service.h"

#include <array>
#include <nlohmann/json.hpp>

#include "scaler/policy/hpa/field_problem.h"
#include "scaler/policy/hpa/json_values.h"
#include "scaler/policy/kpa/kpa_reader.h"

namespace scaler {
namespace {

using config::Fields;
using config::Json;

constexpr const char* kTemplate = "/spec/template";
constexpr const char* kApps = "apps/v1";

// Of a template's metadata and of its spec, which is a pod's and a little more: what says nothing about scaling.
constexpr std::array kOtherMetadata = {"name", "namespace", "labels", "creationTimestamp"};
constexpr std::array kOtherSpec = {"affinity",
                                   "automountServiceAccountToken",
                                   "containers",
                                   "dnsConfig",
                                   "dnsPolicy",
                                   "enableServiceLinks",
                                   "hostAliases",
                                   "hostIPC",
                                   "hostNetwork",
                                   "hostPID",
                                   "idleTimeoutSeconds",
                                   "imagePullSecrets",
                                   "initContainers",
                                   "nodeSelector",
                                   "priorityClassName",
                                   "responseStartTimeoutSeconds",
                                   "runtimeClassName",
                                   "schedulerName",
                                   "securityContext",
                                   "serviceAccountName",
                                   "shareProcessNamespace",
                                   "terminationGracePeriodSeconds",
                                   "timeoutSeconds",
                                   "tolerations",
                                   "topologySpreadConstraints",
                                   "volumes"};

void refuse_misplaced(const Fields& spec, const PolicySpec& policy) {
  for (const auto& [key, text] : policy.annotations) {
    const bool scales = key.rfind("autoscaling.knative.dev/", 0) == 0 || key.rfind("gamenight/", 0) == 0;
    if (!scales) continue;
    throw config::FieldError(spec.document().locate(annotation_pointer(key)) + ": " + key +
                             " must be put under spec.template.metadata.annotations to work");
  }
}

std::map<std::string, std::string> read_annotations(Fields& revision) {
  std::map<std::string, std::string> annotations;
  auto metadata = revision.object_if("metadata");
  if (!metadata) return annotations;
  for (const char* key : kOtherMetadata) metadata->ignore(key);
  auto given = metadata->object_if("annotations");
  if (!given) return annotations;
  for (const auto& [key, value] : given->value().items()) annotations[key] = given->has(key) ? given->text(key) : "";
  return annotations;
}

}  // namespace

void read_knative_service(Fields& spec, PolicySpec& policy) {
  refuse_misplaced(spec, policy);
  spec.ignore("traffic");
  Fields revision = spec.object("template");
  policy.annotations = read_annotations(revision);
  KpaSpec kpa;
  if (auto pods = revision.object_if("spec")) {
    for (const char* key : kOtherSpec) pods->ignore(key);
    kpa.container_concurrency = read_container_concurrency(*pods);
  }
  Annotations annotations(spec, policy.annotations, kTemplate);
  read_kpa_annotations(annotations, kpa);
  policy.rules = kpa;
  policy.target = {kApps, "Deployment", policy.name};
  policy.target_where = spec.document().locate("/metadata/name");
}

Json pod_autoscaler_of(const Json& service) {
  const Json& metadata = service.at("metadata");
  const Json& revision = service.at("spec").at("template");
  Json object;
  object["apiVersion"] = "autoscaling.internal.knative.dev/v1alpha1";
  object["kind"] = "PodAutoscaler";
  object["metadata"]["name"] = metadata.at("name");
  if (const Json* ns = json_values::find(metadata, "namespace")) object["metadata"]["namespace"] = *ns;
  if (const Json* own = json_values::find_object(revision, "metadata")) {
    if (const Json* given = json_values::find_object(*own, "annotations")) object["metadata"]["annotations"] = *given;
  }
  Json& spec = object["spec"];
  spec["scaleTargetRef"] = {{"apiVersion", kApps}, {"kind", "Deployment"}, {"name", metadata.at("name")}};
  const Json* pods = json_values::find_object(revision, "spec");
  const Json* limit = pods ? json_values::find(*pods, "containerConcurrency") : nullptr;
  if (limit) spec["containerConcurrency"] = *limit;
  return object;
}

}  // namespace scaler
