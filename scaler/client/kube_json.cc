#include "scaler/client/kube_json.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "scaler/client/api_error.h"
#include "scaler/client/json_fields.h"

namespace scaler {
namespace {

using namespace json_fields;

std::optional<int> percentage(const Json& value) {
  const int percent = count(value, "averageUtilization", -1);
  return percent < 0 ? std::nullopt : std::optional<int>(percent);
}

ObjectMeta decode_meta(const Json& object) {
  const Json& metadata = member(object, "metadata");
  ObjectMeta meta;
  meta.key.ns = text(metadata, "namespace");
  meta.key.name = text(metadata, "name");
  meta.uid = text(metadata, "uid");
  meta.resource_version = text(metadata, "resourceVersion");
  meta.generation = integer(metadata, "generation", 0);
  return meta;
}

PodPhase decode_phase(const std::string& phase) {
  if (phase == "Pending") return PodPhase::kPending;
  if (phase == "Running") return PodPhase::kRunning;
  if (phase == "Succeeded") return PodPhase::kSucceeded;
  if (phase == "Failed") return PodPhase::kFailed;
  return PodPhase::kUnknown;
}

ContainerObservation decode_container(const Json& container, bool sidecar) {
  const Json& requests = member(member(container, "resources"), "requests");
  ContainerObservation observed;
  observed.name = text(container, "name");
  observed.cpu_request_milli = milli(requests, "cpu");
  observed.memory_request_milli = milli(requests, "memory");
  observed.sidecar = sidecar;
  return observed;
}

PodObservation decode_pod_observation(const Json& pod, const std::string& name) {
  const Json& spec = member(pod, "spec");
  const Json& status = member(pod, "status");
  PodObservation observed;
  observed.name = name;
  observed.phase = decode_phase(text(status, "phase"));
  observed.deleting = member(member(pod, "metadata"), "deletionTimestamp").is_string();
  observed.start_time = time(status, "startTime");
  for (const Json& condition : member(status, "conditions")) {
    if (text(condition, "type") != "Ready") continue;
    observed.ready = decode_condition_status(text(condition, "status"));
    observed.ready_transition = time(condition, "lastTransitionTime").value_or(base::Time());
  }
  const Json& requests = member(member(spec, "resources"), "requests");
  observed.pod_cpu_request_milli = milli(requests, "cpu");
  observed.pod_memory_request_milli = milli(requests, "memory");
  for (const Json& container : member(spec, "containers")) {
    observed.containers.push_back(decode_container(container, false));
  }
  for (const Json& container : member(spec, "initContainers")) {
    if (text(container, "restartPolicy") == "Always") observed.containers.push_back(decode_container(container, true));
  }
  return observed;
}

// Only what becomes a T is taken out of the item; it may be robbed of its parts. `kind` and `api_version` are those of
// the collection.
template <class T>
std::shared_ptr<const T> decode_object(Json& item, const std::string& kind, const std::string& api_version);

template <>
std::shared_ptr<const DeploymentObject> decode_object(Json& item, const std::string&, const std::string&) {
  auto object = std::make_shared<DeploymentObject>();
  object->meta = decode_meta(item);
  object->spec_replicas = count(member(item, "spec"), "replicas", 1);
  object->ready_replicas = count(member(item, "status"), "readyReplicas", 0);
  return object;
}

template <>
std::shared_ptr<const PodObject> decode_object(Json& item, const std::string&, const std::string&) {
  auto object = std::make_shared<PodObject>();
  object->meta = decode_meta(item);
  const Json& labels = member(member(item, "metadata"), "labels");
  if (labels.is_object()) {
    for (const auto& [key, value] : labels.items()) {
      if (value.is_string()) object->labels.emplace(key, value.get<std::string>());
    }
  }
  object->observation = decode_pod_observation(item, object->meta.key.name);
  return object;
}

template <>
std::shared_ptr<const PolicyObject> decode_object(Json& item, const std::string& kind, const std::string& api_version) {
  if (!item.contains("kind")) item["kind"] = kind;
  if (!item.contains("apiVersion")) item["apiVersion"] = api_version;
  return std::make_shared<PolicyObject>(policy_from_document(std::move(item)));
}

WatchEventType decode_type(const std::string& type) {
  if (type == "ADDED") return WatchEventType::kAdded;
  if (type == "MODIFIED") return WatchEventType::kModified;
  if (type == "DELETED") return WatchEventType::kDeleted;
  if (type == "BOOKMARK") return WatchEventType::kBookmark;
  if (type == "ERROR") return WatchEventType::kError;
  return WatchEventType::kUnknown;
}

}  // namespace

ConditionStatus decode_condition_status(const std::string& status) {
  if (status == "True") return ConditionStatus::kTrue;
  if (status == "False") return ConditionStatus::kFalse;
  return ConditionStatus::kUnknown;
}

PolicyObject policy_from_document(Json document) {
  PolicyObject object;
  object.meta = decode_meta(document);
  object.kind = text(document, "kind");
  const Json& target = member(member(document, "spec"), "scaleTargetRef");
  object.target_kind = text(target, "kind");
  object.target_name = text(target, "name");
  object.document = std::make_shared<const Json>(std::move(document));
  return object;
}

HpaObservation observe_hpa(const PolicyObject& hpa) {
  const Json& spec = member(*hpa.document, "spec");
  const Json& status = member(*hpa.document, "status");
  HpaObservation observed;
  observed.min_replicas = count(spec, "minReplicas", 1);
  observed.max_replicas = count(spec, "maxReplicas", 1);
  observed.desired_replicas = count(status, "desiredReplicas", 0);
  for (const Json& metric : member(spec, "metrics")) {
    const Json& resource = member(metric, "resource");
    if (text(resource, "name") != "cpu") continue;
    observed.cpu_target = percentage(member(resource, "target"));
  }
  for (const Json& metric : member(status, "currentMetrics")) {
    const Json& resource = member(metric, "resource");
    if (text(resource, "name") != "cpu") continue;
    observed.cpu_utilization = percentage(member(resource, "current"));
  }
  return observed;
}

template <class T>
base::Result<DecodedList<T>> decode_list(std::string_view body) {
  Json document = parse(body);
  if (!member(document, "items").is_array() && !member(document, "items").is_null()) return garbage("a list");
  if (!member(document, "metadata").is_object()) return garbage("a list");
  std::string kind = text(document, "kind");
  if (kind.ends_with("List")) kind.resize(kind.size() - 4);
  const std::string api_version = text(document, "apiVersion");

  DecodedList<T> list;
  list.resource_version = text(member(document, "metadata"), "resourceVersion");
  list.continue_token = text(member(document, "metadata"), "continue");
  const auto items = document.find("items");
  if (items == document.end()) return list;
  list.items.reserve(items->size());
  for (Json& item : *items) {
    if (!item.is_object()) return garbage("a list of objects");
    list.items.push_back(decode_object<T>(item, kind, api_version));
  }
  return list;
}

template <class T>
base::Result<DecodedEvent<T>> decode_event(std::string_view line) {
  Json document = parse(line);
  if (!member(document, "object").is_object()) return garbage("a watch event");
  Json& object = document["object"];

  DecodedEvent<T> event;
  event.type = decode_type(text(document, "type"));
  event.resource_version = text(member(object, "metadata"), "resourceVersion");
  if (event.type == WatchEventType::kError) {
    event.error = error_of_status(count(object, "code", 500), text(object, "reason"), text(object, "message"));
  } else if (event.type != WatchEventType::kBookmark && event.type != WatchEventType::kUnknown) {
    event.object = decode_object<T>(object, text(object, "kind"), text(object, "apiVersion"));
    if (event.object->meta.key.name.empty()) return garbage("a watch event with a named object");
  }
  return event;
}

template base::Result<DecodedList<DeploymentObject>> decode_list(std::string_view);
template base::Result<DecodedList<PodObject>> decode_list(std::string_view);
template base::Result<DecodedList<PolicyObject>> decode_list(std::string_view);
template base::Result<DecodedEvent<DeploymentObject>> decode_event(std::string_view);
template base::Result<DecodedEvent<PodObject>> decode_event(std::string_view);
template base::Result<DecodedEvent<PolicyObject>> decode_event(std::string_view);

base::Result<Scale> decode_scale(std::string_view body) {
  const Json document = parse(body);
  if (!member(document, "spec").is_object() || !member(document, "metadata").is_object()) return garbage("a scale");
  Scale scale;
  scale.meta = decode_meta(document);
  scale.state.spec_replicas = count(member(document, "spec"), "replicas", 0);  // omitted by servers when 0
  scale.state.status_replicas = count(member(document, "status"), "replicas", 0);
  scale.state.selector = text(member(document, "status"), "selector");
  return scale;
}

std::string encode_scale(const Scale& read, int replicas) {
  Json metadata = {{"name", read.meta.key.name}, {"namespace", read.meta.key.ns}};
  if (!read.meta.uid.empty()) metadata["uid"] = read.meta.uid;
  if (!read.meta.resource_version.empty()) metadata["resourceVersion"] = read.meta.resource_version;
  Json scale = {{"kind", "Scale"}, {"apiVersion", "autoscaling/v1"}};
  scale["metadata"] = std::move(metadata);
  scale["spec"]["replicas"] = replicas;
  return dump(scale);
}

std::string encode_min_replicas_patch(int min_replicas, const std::string& resource_version) {
  Json patch;
  patch["spec"]["minReplicas"] = min_replicas;
  if (!resource_version.empty()) patch["metadata"]["resourceVersion"] = resource_version;
  return dump(patch);
}

base::Result<PolicyObject> decode_policy(std::string_view body) {
  Json document = parse(body);
  if (!member(document, "spec").is_object() || !member(document, "metadata").is_object()) return garbage("an object");
  return policy_from_document(std::move(document));
}

std::optional<int> decode_min_count(std::string_view body) {
  const Json document = parse(body);
  const int value = count(member(document, "decision"), "minCount", -1);
  return value < 0 ? std::nullopt : std::optional<int>(value);
}

std::optional<ApiStatus> decode_status(std::string_view body) {
  const Json document = parse(body);
  if (text(document, "kind") != "Status") return std::nullopt;
  ApiStatus status;
  status.code = count(document, "code", 0);
  status.reason = text(document, "reason");
  status.message = text(document, "message");
  for (const Json& cause : member(member(document, "details"), "causes")) {
    if (text(cause, "reason") == "ResourceVersionTooLarge") status.version_too_large = true;
  }
  return status;
}

}  // namespace scaler
