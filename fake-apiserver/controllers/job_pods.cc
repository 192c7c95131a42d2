#include "fake-apiserver/controllers/job_pods.h"

#include <string>
#include <utility>

#include "fake-apiserver/controllers/job_controller.h"
#include "fake-apiserver/controllers/object_fields.h"
#include "fake-apiserver/controllers/pod_status.h"

namespace fakeapi {
namespace {

constexpr std::size_t kLongestHostname = 63;

// The containers learn their index from the environment.
void tell_containers(Json& spec, const char* list) {
  if (!spec.contains(list) || !spec[list].is_array()) return;
  const Json variable = {
      {"name", "JOB_COMPLETION_INDEX"},
      {"valueFrom",
       {{"fieldRef", {{"fieldPath", std::string("metadata.annotations['") + kCompletionIndexKey + "']"}}}}}};
  for (Json& container : spec[list]) {
    if (!container.is_object()) continue;
    Json& env = container["env"];
    if (!env.is_array()) env = Json::array();
    bool told = false;
    for (const Json& entry : env) told = told || text_at(entry, {"name"}) == "JOB_COMPLETION_INDEX";
    if (!told) env.push_back(variable);
  }
}

}  // namespace

Json pod_of_job(const Json& job, std::optional<std::int64_t> index) {
  const ObjectName name = name_of(job);
  const std::string number = index ? std::to_string(*index) : "";
  Json metadata{{"generateName", name.name + "-" + (index ? number + "-" : "")},
                {"namespace", name.ns},
                {"ownerReferences", Json::array({controller_reference(job, "batch/v1", "Job")})}};
  for (const char* key : {"labels", "annotations", "finalizers"}) {
    if (const Json* value = field_at(job, {"spec", "template", "metadata", key})) metadata[key] = *value;
  }
  Json& labels = object_in(metadata, "labels");
  for (const char* prefix : {"", "batch.kubernetes.io/"}) {
    labels[std::string(prefix) + "controller-uid"] = uid_of(job);
    labels[std::string(prefix) + "job-name"] = name.name;
  }
  Json pod{{"apiVersion", "v1"}, {"kind", "Pod"}};
  const Json* spec = field_at(job, {"spec", "template", "spec"});
  pod["spec"] = spec ? *spec : Json::object();
  if (index) {
    labels[kCompletionIndexKey] = number;
    object_in(metadata, "annotations")[kCompletionIndexKey] = number;
    const std::string hostname = name.name.substr(0, kLongestHostname - number.size() - 1) + "-" + number;
    if (!pod["spec"].contains("hostname")) pod["spec"]["hostname"] = hostname;
    tell_containers(pod["spec"], "containers");
    tell_containers(pod["spec"], "initContainers");
  }
  pod["metadata"] = std::move(metadata);
  pod["status"] = {{"phase", "Pending"}, {"qosClass", pod_status::quality_of_service(pod)}};
  return pod;
}

}  // namespace fakeapi
