#include "fake-apiserver/api/base64.h"
#include "fake-apiserver/kinds/default_fields.h"

namespace fakeapi {
namespace {

constexpr const char* kRbacGroup = "rbac.authorization.k8s.io";
constexpr int kAffinitySeconds = 3 * 3600;

void default_service(Json& spec) {
  fill(spec, "type", "ClusterIP");
  fill(spec, "sessionAffinity", "None");
  const std::string type = text_at(spec, {"type"});
  if (text_at(spec, {"sessionAffinity"}) == "ClientIP") {
    Json* config = child(spec, "sessionAffinityConfig");
    Json* client = config ? child(*config, "clientIP") : nullptr;
    if (client) fill(*client, "timeoutSeconds", kAffinitySeconds);
  }
  if (type != "ExternalName") {
    fill(spec, "internalTrafficPolicy", "Cluster");
    fill(spec, "ipFamilies", Json::array({"IPv4"}));
    fill(spec, "ipFamilyPolicy", "SingleStack");
  }
  if (type == "NodePort" || type == "LoadBalancer") fill(spec, "externalTrafficPolicy", "Cluster");
  if (type == "LoadBalancer") fill(spec, "allocateLoadBalancerNodePorts", true);
  if (!member(spec, "ports").is_array()) return;
  for (Json& port : spec["ports"]) {
    fill(port, "protocol", "TCP");
    const bool unsaid =
        member(port, "targetPort").is_null() || member(port, "targetPort") == 0 || member(port, "targetPort") == "";
    if (unsaid && port.is_object() && port.contains("port")) port["targetPort"] = port["port"];
  }
}

// What stringData says wins over data, and is not kept.
void default_secret(Json& object) {
  fill(object, "type", "Opaque");
  if (!member(object, "stringData").is_object()) return;
  const Json strings = object["stringData"];
  object.erase("stringData");
  Json* data = child(object, "data");
  if (!data) return;
  for (auto entry = strings.begin(); entry != strings.end(); ++entry)
    (*data)[entry.key()] = base64_encode(text_of(*entry));
}

void default_namespace(Json& object) {
  if (Json* spec = child(object, "spec")) fill(*spec, "finalizers", Json::array({"kubernetes"}));
  if (Json* labels = child(object["metadata"], "labels")) {
    fill(*labels, "kubernetes.io/metadata.name", object["metadata"]["name"]);
  }
}

// Rules that are there are completed; an autoscaler without any stays without.
void default_scaling_rules(Json& behavior, const char* direction) {
  Json* rules = child(behavior, direction);
  if (!rules) return;
  const bool up = std::string_view(direction) == "scaleUp";
  fill(*rules, "selectPolicy", "Max");
  if (up) fill(*rules, "stabilizationWindowSeconds", 0);
  Json policies = Json::array({{{"type", "Percent"}, {"value", 100}, {"periodSeconds", 15}}});
  if (up) policies.insert(policies.begin(), Json{{"type", "Pods"}, {"value", 4}, {"periodSeconds", 15}});
  fill(*rules, "policies", std::move(policies));
}

void default_autoscaler(Json& spec) {
  fill(spec, "minReplicas", 1);
  if (member(spec, "metrics").is_null() || member(spec, "metrics").empty()) {
    spec["metrics"] = Json::array(
        {{{"type", "Resource"},
          {"resource", {{"name", "cpu"}, {"target", {{"type", "Utilization"}, {"averageUtilization", 80}}}}}}});
  }
  if (!member(spec, "behavior").is_object()) return;
  for (const char* direction : {"scaleUp", "scaleDown"}) default_scaling_rules(spec["behavior"], direction);
}

void default_ports(Json& ports, bool named) {
  if (!ports.is_array()) return;
  for (Json& port : ports) {
    if (named) fill(port, "name", "");
    fill(port, "protocol", "TCP");
  }
}

void default_binding(Json& object) {
  if (member(object, "roleRef").is_object()) fill(object["roleRef"], "apiGroup", kRbacGroup);
  if (!member(object, "subjects").is_array()) return;
  for (Json& subject : object["subjects"]) {
    const std::string kind = text_at(subject, {"kind"});
    if (kind == "User" || kind == "Group") fill(subject, "apiGroup", kRbacGroup);
  }
}

void default_network_policy(Json& spec) {
  if (!spec.is_object()) return;
  Json types = Json::array({"Ingress"});
  if (!member(spec, "egress").empty()) types.push_back("Egress");
  fill(spec, "policyTypes", std::move(types));
  for (const char* direction : {"ingress", "egress"}) {
    if (!member(spec, direction).is_array()) continue;
    for (Json& rule : spec[direction]) {
      if (member(rule, "ports").is_array()) default_ports(rule["ports"], false);
    }
  }
}

// What a limit of containers leaves out follows from what it says: from max, from default, from min.
void default_limit(Json& limit) {
  if (text_at(limit, {"type"}) != "Container") return;
  const auto follow = [&](const char* key, const char* from) {
    const Json source = member(limit, from);
    Json* amounts = source.is_object() && !source.empty() ? child(limit, key) : nullptr;
    if (!amounts) return;
    for (auto amount = source.begin(); amount != source.end(); ++amount) fill(*amounts, amount.key().c_str(), *amount);
  };
  follow("default", "max");
  follow("defaultRequest", "default");
  follow("defaultRequest", "min");
}

void default_core(const std::string& plural, Json& object) {
  if (plural == "secrets") {
    default_secret(object);
  } else if (plural == "namespaces") {
    default_namespace(object);
  } else if (plural == "podtemplates") {
    default_template(object);
  } else if (plural == "services") {
    if (Json* spec = child(object, "spec")) default_service(*spec);
  } else if (plural == "endpoints") {
    if (!member(object, "subsets").is_array()) return;
    for (Json& subset : object["subsets"]) {
      if (member(subset, "ports").is_array()) default_ports(subset["ports"], false);
    }
  } else if (member(object, "spec").is_object()) {
    Json& spec = object["spec"];
    if (plural == "limitranges" && member(spec, "limits").is_array()) {
      for (Json& limit : spec["limits"]) default_limit(limit);
    }
    if (plural == "persistentvolumeclaims") fill(spec, "volumeMode", "Filesystem");
    if (plural == "persistentvolumes") {
      fill(spec, "volumeMode", "Filesystem");
      fill(spec, "persistentVolumeReclaimPolicy", "Retain");
    }
  }
}
}  // namespace

void default_object(const Resource& resource, Json& object) {
  const std::string& group = resource.group;
  const std::string& plural = resource.plural;
  if (group.empty()) return default_core(plural, object);
  if (plural == "endpointslices" && member(object, "ports").is_array()) default_ports(object["ports"], true);
  if (group == kRbacGroup) default_binding(object);
  if (plural == "priorityclasses") fill(object, "preemptionPolicy", "PreemptLowerPriority");
  if (plural == "storageclasses") {
    fill(object, "reclaimPolicy", "Delete");
    fill(object, "volumeBindingMode", "Immediate");
  }
  if (!member(object, "spec").is_object()) return;
  if (plural == "horizontalpodautoscalers") default_autoscaler(object["spec"]);
  if (plural == "networkpolicies") default_network_policy(object["spec"]);
}
}  // namespace fakeapi
