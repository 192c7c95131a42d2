#include "fake-apiserver/api/defaults.h"

#include "fake-apiserver/api/base64.h"
#include "fake-apiserver/store/json_access.h"

namespace fakeapi {
namespace {

void fill(Json& object, const char* key, Json value) {
  if (object.is_object() && member(object, key).is_null()) object[key] = std::move(value);
}

// The object under `key`, made if absent; null if something else stands there.
Json* child(Json& object, const char* key) {
  fill(object, key, Json::object());
  Json& value = object[key];
  return value.is_object() ? &value : nullptr;
}

// kubelet pulls again only what may have changed under the same name.
bool is_moving_tag(const std::string& image) {
  const std::size_t colon = image.rfind(':');
  const std::size_t slash = image.rfind('/');
  const bool tagged = colon != std::string::npos && (slash == std::string::npos || colon > slash);
  return image.find('@') == std::string::npos && (!tagged || image.substr(colon) == ":latest");
}

void default_probe(Json& container, const char* name) {
  if (!member(container, name).is_object()) return;
  Json& probe = container[name];
  fill(probe, "timeoutSeconds", 1);
  fill(probe, "periodSeconds", 10);
  fill(probe, "successThreshold", 1);
  fill(probe, "failureThreshold", 3);
  if (member(probe, "httpGet").is_object()) {
    fill(probe["httpGet"], "path", "/");
    fill(probe["httpGet"], "scheme", "HTTP");
  }
}

void default_container(Json& container) {
  if (!container.is_object()) return;
  fill(container, "imagePullPolicy", is_moving_tag(text_at(container, {"image"})) ? "Always" : "IfNotPresent");
  fill(container, "terminationMessagePath", "/dev/termination-log");
  fill(container, "terminationMessagePolicy", "File");
  Json* resources = child(container, "resources");
  if (resources && member(*resources, "limits").is_object()) {
    const Json limits = (*resources)["limits"];
    if (Json* requests = child(*resources, "requests")) {
      for (const auto& [name, limit] : limits.items()) fill(*requests, name.c_str(), limit);
    }
  }
  for (const char* probe : {"livenessProbe", "readinessProbe", "startupProbe"}) default_probe(container, probe);
  if (!member(container, "ports").is_array()) return;
  for (Json& port : container["ports"]) fill(port, "protocol", "TCP");
}

void default_pod_spec(Json& spec) {
  if (!spec.is_object()) return;
  fill(spec, "restartPolicy", "Always");
  fill(spec, "dnsPolicy", "ClusterFirst");
  fill(spec, "schedulerName", "default-scheduler");
  fill(spec, "terminationGracePeriodSeconds", 30);
  fill(spec, "securityContext", Json::object());
  for (const char* list : {"containers", "initContainers"}) {
    if (!member(spec, list).is_array()) continue;
    for (Json& container : spec[list]) default_container(container);
  }
}

void default_template(Json& spec) {
  if (!member(spec, "template").is_object()) return;
  Json* pod_spec = child(spec["template"], "spec");
  if (pod_spec) default_pod_spec(*pod_spec);
}

void default_deployment(Json& spec) {
  fill(spec, "replicas", 1);
  fill(spec, "progressDeadlineSeconds", 600);
  fill(spec, "revisionHistoryLimit", 10);
  if (Json* strategy = child(spec, "strategy")) {
    fill(*strategy, "type", "RollingUpdate");
    if (text_at(*strategy, {"type"}) != "RollingUpdate") return;
    if (Json* rolling = child(*strategy, "rollingUpdate")) {
      fill(*rolling, "maxSurge", "25%");
      fill(*rolling, "maxUnavailable", "25%");
    }
  }
}

void default_stateful_set(Json& spec) {
  fill(spec, "replicas", 1);
  fill(spec, "podManagementPolicy", "OrderedReady");
  fill(spec, "revisionHistoryLimit", 10);
  fill(spec, "updateStrategy", {{"type", "RollingUpdate"}, {"rollingUpdate", {{"partition", 0}}}});
}

void default_daemon_set(Json& spec) {
  fill(spec, "revisionHistoryLimit", 10);
  fill(spec, "updateStrategy",
       {{"type", "RollingUpdate"}, {"rollingUpdate", {{"maxSurge", 0}, {"maxUnavailable", 1}}}});
}

void default_autoscaler(Json& spec) {
  fill(spec, "minReplicas", 1);
  if (member(spec, "metrics").is_null() || member(spec, "metrics").empty()) {
    spec["metrics"] = Json::array(
        {{{"type", "Resource"},
          {"resource", {{"name", "cpu"}, {"target", {{"type", "Utilization"}, {"averageUtilization", 80}}}}}}});
  }
}

void default_service(Json& spec) {
  fill(spec, "type", "ClusterIP");
  fill(spec, "sessionAffinity", "None");
  if (text_at(spec, {"type"}) != "ExternalName") {
    fill(spec, "internalTrafficPolicy", "Cluster");
    fill(spec, "ipFamilies", Json::array({"IPv4"}));
    fill(spec, "ipFamilyPolicy", "SingleStack");
  }
  if (!member(spec, "ports").is_array()) return;
  for (Json& port : spec["ports"]) {
    fill(port, "protocol", "TCP");
    if (port.is_object() && port.contains("port")) fill(port, "targetPort", port["port"]);
  }
}

// What stringData says wins over data, and is not kept.
void default_secret(Json& object) {
  fill(object, "type", "Opaque");
  if (!member(object, "stringData").is_object()) return;
  const Json strings = object["stringData"];
  object.erase("stringData");
  if (Json* data = child(object, "data")) {
    for (const auto& [key, value] : strings.items()) (*data)[key] = base64_encode(text_of(value));
  }
}

void default_namespace(Json& object) {
  if (Json* spec = child(object, "spec")) fill(*spec, "finalizers", Json::array({"kubernetes"}));
  if (Json* labels = child(object["metadata"], "labels")) {
    fill(*labels, "kubernetes.io/metadata.name", object["metadata"]["name"]);
  }
}

}  // namespace

void apply_defaults(const Resource& resource, Json& object) {
  const std::string& plural = resource.plural;
  if (resource.group.empty() && plural == "secrets") return default_secret(object);
  if (resource.group.empty() && plural == "namespaces") return default_namespace(object);
  if (!member(object, "spec").is_object()) return;
  Json& spec = object["spec"];
  if (resource.group == "apps") {
    if (plural == "deployments") default_deployment(spec);
    if (plural == "replicasets") fill(spec, "replicas", 1);
    if (plural == "statefulsets") default_stateful_set(spec);
    if (plural == "daemonsets") default_daemon_set(spec);
    default_template(spec);
  } else if (resource.group == "batch" && plural == "jobs") {
    default_template(spec);
  } else if (resource.group == "autoscaling") {
    default_autoscaler(spec);
  } else if (resource.group.empty()) {
    if (plural == "pods") default_pod_spec(spec);
    if (plural == "services") default_service(spec);
    if (plural == "replicationcontrollers") {
      fill(spec, "replicas", 1);
      default_template(spec);
    }
  }
}

void set_initial_status(const Resource& resource, Json& object) {
  object.erase("status");
  if (resource == Resource{"", "pods"}) object["status"] = {{"phase", "Pending"}};
  if (resource == Resource{"", "namespaces"}) object["status"] = {{"phase", "Active"}};
  if (resource == Resource{"apps", "deployments"}) object["status"] = Json::object();
  if (resource == Resource{"apps", "replicasets"}) object["status"] = {{"replicas", 0}};
}

}  // namespace fakeapi
