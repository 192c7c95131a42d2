#include "fake-apiserver/kinds/default_fields.h"

namespace fakeapi {
namespace {

constexpr int kFileMode = 0644;
constexpr int kTokenSeconds = 3600;

// kubelet pulls again only what may have changed under the same name.
bool is_moving_tag(const std::string& image) {
  const std::size_t colon = image.rfind(':');
  const std::size_t slash = image.rfind('/');
  const bool tagged = colon != std::string::npos && (slash == std::string::npos || colon > slash);
  return image.find('@') == std::string::npos && (!tagged || image.substr(colon) == ":latest");
}

void default_handler(Json& handler) {
  if (member(handler, "httpGet").is_object()) {
    fill(handler["httpGet"], "path", "/");
    fill(handler["httpGet"], "scheme", "HTTP");
  }
  if (member(handler, "grpc").is_object()) fill(handler["grpc"], "service", "");
}

void default_probe(Json& container, const char* name) {
  if (!member(container, name).is_object()) return;
  Json& probe = container[name];
  fill(probe, "timeoutSeconds", 1);
  fill(probe, "periodSeconds", 10);
  fill(probe, "successThreshold", 1);
  fill(probe, "failureThreshold", 3);
  default_handler(probe);
}

void default_env(Json& container) {
  if (!member(container, "env").is_array()) return;
  for (Json& variable : container["env"]) {
    if (!member(member(variable, "valueFrom"), "fieldRef").is_object()) continue;
    fill(variable["valueFrom"]["fieldRef"], "apiVersion", "v1");
  }
}

void default_resources(Json& container) {
  Json* resources = child(container, "resources");
  if (!resources || !member(*resources, "limits").is_object()) return;
  const Json limits = (*resources)["limits"];
  Json* requests = child(*resources, "requests");
  if (!requests) return;
  for (auto limit = limits.begin(); limit != limits.end(); ++limit) fill(*requests, limit.key().c_str(), *limit);
}

void default_container(Json& container) {
  if (!container.is_object()) return;
  fill(container, "imagePullPolicy", is_moving_tag(text_at(container, {"image"})) ? "Always" : "IfNotPresent");
  fill(container, "terminationMessagePath", "/dev/termination-log");
  fill(container, "terminationMessagePolicy", "File");
  default_resources(container);
  default_env(container);
  for (const char* probe : {"livenessProbe", "readinessProbe", "startupProbe"}) default_probe(container, probe);
  if (member(container, "lifecycle").is_object()) {
    for (const char* hook : {"postStart", "preStop"}) {
      if (member(container["lifecycle"], hook).is_object()) default_handler(container["lifecycle"][hook]);
    }
  }
  if (!member(container, "ports").is_array()) return;
  for (Json& port : container["ports"]) fill(port, "protocol", "TCP");
}

void default_projection(Json& source) {
  if (member(source, "serviceAccountToken").is_object()) {
    fill(source["serviceAccountToken"], "expirationSeconds", kTokenSeconds);
  }
}

void default_volume(Json& volume) {
  if (!volume.is_object()) return;
  for (const char* source : {"configMap", "secret", "downwardAPI", "projected"}) {
    if (member(volume, source).is_object()) fill(volume[source], "defaultMode", kFileMode);
  }
  if (member(volume, "hostPath").is_object()) fill(volume["hostPath"], "type", "");
  if (!member(member(volume, "projected"), "sources").is_array()) return;
  for (Json& source : volume["projected"]["sources"]) default_projection(source);
}

}  // namespace

void fill(Json& object, const char* key, Json value) {
  if (object.is_object() && member(object, key).is_null()) object[key] = std::move(value);
}

Json* child(Json& object, const char* key) {
  if (!object.is_object()) return nullptr;
  fill(object, key, Json::object());
  Json& value = object[key];
  return value.is_object() ? &value : nullptr;
}

void default_pod_spec(Json& spec) {
  if (!spec.is_object()) return;
  fill(spec, "restartPolicy", "Always");
  fill(spec, "dnsPolicy", "ClusterFirst");
  fill(spec, "schedulerName", "default-scheduler");
  fill(spec, "terminationGracePeriodSeconds", 30);
  fill(spec, "securityContext", Json::object());
  const std::string account = text_at(spec, {"serviceAccountName"});
  // Both names of the field are kept alike.
  if (!account.empty()) fill(spec, "serviceAccount", account);
  if (account.empty() && !text_at(spec, {"serviceAccount"}).empty())
    spec["serviceAccountName"] = spec["serviceAccount"];
  for (const char* list : {"containers", "initContainers", "ephemeralContainers"}) {
    if (!member(spec, list).is_array()) continue;
    for (Json& container : spec[list]) default_container(container);
  }
  if (!member(spec, "volumes").is_array()) return;
  for (Json& volume : spec["volumes"]) default_volume(volume);
}

void default_pod(Json& spec) {
  default_pod_spec(spec);
  fill(spec, "enableServiceLinks", true);
}

void default_template(Json& spec) {
  Json* pod_template = child(spec, "template");
  Json* pod_spec = pod_template ? child(*pod_template, "spec") : nullptr;
  if (pod_spec) default_pod_spec(*pod_spec);
}

}  // namespace fakeapi
