#include "fake-apiserver/kinds/kind_rules.h"

#include <gtest/gtest.h>

#include "fake-apiserver/api/testing.h"

namespace fakeapi {
namespace {

class KindRulesTest : public ApiTest {
 protected:
  // What the server says to a POST that it refuses with this status.
  std::string refusal(const std::string& collection, const Json& object, int status = 422) {
    return expect(status, {.method = "POST", .target = collection, .body = object.dump()})
        .at("message")
        .get<std::string>();
  }
};

Json named(const std::string& name, Json fields = Json::object()) {
  fields["metadata"]["name"] = name;
  return fields;
}

TEST_F(KindRulesTest, ADeploymentWithoutAnythingSaysAllThatIsMissing) {
  const Json status = expect(422, {.method = "POST",
                                   .target = kDeploymentsUrl,
                                   .body = R"({"metadata":{"name":"x"},"spec":{"template":{"spec":{}}}})"});
  EXPECT_EQ(status.at("message"),
            "Deployment.apps \"x\" is invalid: [spec.selector: Required value, spec.template.metadata.labels: Invalid "
            "value: null: `selector` does not match template `labels`, spec.template.spec.containers: Required value]");
  EXPECT_EQ(status.at("reason"), "Invalid");
  EXPECT_EQ(status.at("details").at("kind"), "Deployment");
  EXPECT_EQ(status.at("details").at("causes").at(0),
            (Json{{"reason", "FieldValueRequired"}, {"message", "Required value"}, {"field", "spec.selector"}}));
}

TEST_F(KindRulesTest, ASelectorMatchesItsTemplateAndNeverChanges) {
  Json deployment = test_deployment("web");
  deployment["spec"]["template"]["metadata"]["labels"] = {{"app", "other"}};
  EXPECT_EQ(refusal(kDeploymentsUrl, deployment),
            "Deployment.apps \"web\" is invalid: spec.template.metadata.labels: Invalid value: {\"app\":\"other\"}: "
            "`selector` does not match template `labels`");
  create(kDeploymentsUrl, test_deployment("web"));
  const Json changed = {
      {"spec",
       {{"selector", {{"matchLabels", {{"app", "b"}}}}}, {"template", {{"metadata", {{"labels", {{"app", "b"}}}}}}}}}};
  const Json status = expect(422, {.method = "PATCH",
                                   .target = kDeploymentsUrl + "/web",
                                   .body = changed.dump(),
                                   .content_type = "application/merge-patch+json"});
  EXPECT_EQ(
      status.at("message"),
      "Deployment.apps \"web\" is invalid: spec.selector: Invalid value: {\"matchLabels\":{\"app\":\"b\"}}: field "
      "is immutable");
}

TEST_F(KindRulesTest, ContainersTellWhichOfThemIsWrong) {
  Json pod = test_pod("p");
  pod["spec"]["containers"] = Json::parse(R"([
    {"name":"a","image":"i","ports":[{"containerPort":70000},{"containerPort":80,"name":"UP"}],
     "env":[{"name":""},{"name":"X","valueFrom":{}}],"volumeMounts":[{"name":"none","mountPath":"/m"}],
     "resources":{"limits":{"cpu":"1"},"requests":{"cpu":"2","foo":"1"}}},
    {"name":"a","imagePullPolicy":"Sometimes","livenessProbe":{"successThreshold":2,"tcpSocket":{"port":80}}}])");
  const std::string message = refusal(kPodsUrl, pod);
  for (const char* part :
       {"spec.containers[0].ports[0].containerPort: Invalid value: 70000: must be between 1 and 65535, inclusive",
        "spec.containers[0].ports[1].name: Invalid value: \"UP\": must contain only alphanumeric characters (a-z, 0-9)",
        "spec.containers[0].env[0].name: Required value",
        "spec.containers[0].env[1].valueFrom: Invalid value: \"\": must specify one of: `fieldRef`",
        "spec.containers[0].volumeMounts[0].name: Not found: \"none\"",
        "spec.containers[0].resources.requests[foo]: Invalid value: \"foo\": must be a standard resource type or fully "
        "qualified",
        "spec.containers[0].resources.requests: Invalid value: \"2\": must be less than or equal to cpu limit of 1",
        "spec.containers[1].name: Duplicate value: \"a\"", "spec.containers[1].image: Required value",
        "spec.containers[1].imagePullPolicy: Unsupported value: \"Sometimes\": supported values: \"Always\", "
        "\"IfNotPresent\", \"Never\"",
        "spec.containers[1].livenessProbe.successThreshold: Invalid value: 2: must be 1"}) {
    EXPECT_NE(message.find(part), std::string::npos) << part << "\n" << message;
  }
}

TEST_F(KindRulesTest, APodsSpecChangesInItsImagesAlone) {
  create(kPodsUrl, test_pod("p"));
  const std::string url = kPodsUrl + "/p";
  const Json image = Json::parse(R"([{"op":"replace","path":"/spec/containers/0/image","value":"app:2"}])");
  EXPECT_EQ(patch(url, image, "json-patch").at("spec").at("containers").at(0).at("image"), "app:2");
  const Json policy = {{"spec", {{"restartPolicy", "Never"}}}};
  const Json status = expect(
      422, {.method = "PATCH", .target = url, .body = policy.dump(), .content_type = "application/merge-patch+json"});
  EXPECT_TRUE(status.at("message").get<std::string>().starts_with(
      "Pod \"p\" is invalid: spec: Forbidden: pod updates may not change fields other than"));
}

TEST_F(KindRulesTest, ASpecOfTheWrongTypeIsNoDocumentOfTheKind) {
  Json deployment = test_deployment("web");
  deployment["spec"]["replicas"] = "three";
  EXPECT_EQ(refusal(kDeploymentsUrl, deployment, 400),
            "Deployment in version \"v1\" cannot be handled as a Deployment: json: cannot unmarshal string into Go "
            "struct field DeploymentSpec.spec.replicas of type int32");
}

TEST_F(KindRulesTest, QuantitiesAreStoredInTheirShortestForm) {
  Json pod = test_pod("p");
  pod["spec"]["containers"][0]["resources"]["requests"] = {{"cpu", 0.5}, {"memory", "1024Mi"}};
  const Json stored = create(kPodsUrl, pod);
  EXPECT_EQ(stored.at("spec").at("containers").at(0).at("resources").at("requests"),
            (Json{{"cpu", "500m"}, {"memory", "1Gi"}}));
}

struct Refused {
  const char* name;
  const char* collection;
  const char* object;
  const char* message;
  friend void PrintTo(const Refused& refused, std::ostream* out) { *out << refused.name; }
};

class RefusedTest : public KindRulesTest, public testing::WithParamInterface<Refused> {};

TEST_P(RefusedTest, InTheWordsOfKubernetes) {
  const std::string message = refusal(GetParam().collection, Json::parse(GetParam().object));
  EXPECT_NE(message.find(GetParam().message), std::string::npos) << message;
}

const Refused kRefused[] = {
    {"service_name", "/api/v1/namespaces/default/services",
     R"({"metadata":{"name":"1a"},"spec":{"ports":[{"port":80}]}})",
     "Service \"1a\" is invalid: metadata.name: Invalid value: \"1a\": a DNS-1035 label must consist of"},
    {"service_ports", "/api/v1/namespaces/default/services",
     R"({"metadata":{"name":"s"},"spec":{"ports":[{"port":80},{"port":81}]}})",
     "[spec.ports[0].name: Required value, spec.ports[1].name: Required value]"},
    {"node_port", "/api/v1/namespaces/default/services",
     R"({"metadata":{"name":"s"},"spec":{"type":"NodePort","ports":[{"port":80,"nodePort":80}]}})",
     "spec.ports[0].nodePort: Invalid value: 80: provided port is not in the valid range. The range of valid ports is "
     "30000-32767"},
    {"config_key", "/api/v1/namespaces/default/configmaps", R"({"metadata":{"name":"c"},"data":{"a b":""}})",
     "data[a b]: Invalid value: \"a b\": a valid config key must consist of"},
    {"tls_secret", "/api/v1/namespaces/default/secrets", R"({"metadata":{"name":"s"},"type":"kubernetes.io/tls"})",
     "data[tls.crt]: Required value"},
    {"hpa_bounds", "/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers",
     R"({"metadata":{"name":"h"},"spec":{"minReplicas":5,"maxReplicas":2,
         "scaleTargetRef":{"apiVersion":"apps/v1","kind":"Deployment","name":"w"}}})",
     "spec.maxReplicas: Invalid value: 2: must be greater than or equal to `minReplicas`"},
    {"pdb_both", "/apis/policy/v1/namespaces/default/poddisruptionbudgets",
     R"({"metadata":{"name":"p"},"spec":{"minAvailable":1,"maxUnavailable":1}})",
     "minAvailable and maxUnavailable cannot be both set"},
    {"priority_name", "/apis/scheduling.k8s.io/v1/priorityclasses", R"({"metadata":{"name":"system-x"},"value":1})",
     "metadata.name: Forbidden: priority class names with 'system-' prefix are reserved for system use only"},
    {"priority_value", "/apis/scheduling.k8s.io/v1/priorityclasses", R"({"metadata":{"name":"x"},"value":1000000001})",
     "value: Forbidden: maximum allowed value of a user defined priority is 1000000000"},
    {"cron_schedule", "/apis/batch/v1/namespaces/default/cronjobs",
     R"({"metadata":{"name":"c"},"spec":{"schedule":"* *","jobTemplate":{"spec":{"template":{"spec":{
         "restartPolicy":"Never","containers":[{"name":"a","image":"i"}]}}}}}})",
     "spec.schedule: Invalid value: \"* *\": expected exactly 5 fields, found 2: [* *]"},
    {"job_restart", "/apis/batch/v1/namespaces/default/jobs",
     R"({"metadata":{"name":"j"},"spec":{"template":{"spec":{"containers":[{"name":"a","image":"i"}]}}}})",
     "spec.template.spec.restartPolicy: Required value: valid values: \"OnFailure\", \"Never\""},
    {"role_ref", "/apis/rbac.authorization.k8s.io/v1/namespaces/default/rolebindings",
     R"({"metadata":{"name":"b"},"roleRef":{"kind":"User","name":"x"}})",
     "roleRef.kind: Unsupported value: \"User\": supported values: \"Role\", \"ClusterRole\""},
    {"ingress_path", "/apis/networking.k8s.io/v1/namespaces/default/ingresses",
     R"({"metadata":{"name":"i"},"spec":{"rules":[{"http":{"paths":[{"path":"/"}]}}]}})",
     "spec.rules[0].http.paths[0].pathType: Required value: pathType must be specified"},
    {"slice_address", "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices",
     R"({"metadata":{"name":"e"},"addressType":"IPv4","endpoints":[{"addresses":["x"]}]})",
     "endpoints[0].addresses[0]: Invalid value: \"x\": must be a valid IPv4 address"},
    {"toleration", "/api/v1/namespaces/default/pods",
     R"({"metadata":{"name":"p"},"spec":{"containers":[{"name":"a","image":"i"}],"tolerations":[{"value":"x"}]}})",
     "spec.tolerations[0].operator: Invalid value: \"\": operator must be Exists when `key` is empty"},
    {"spread", "/api/v1/namespaces/default/pods",
     R"({"metadata":{"name":"p"},"spec":{"containers":[{"name":"a","image":"i"}],
         "topologySpreadConstraints":[{"maxSkew":0,"topologyKey":"z","whenUnsatisfiable":"DoNotSchedule"}]}})",
     "spec.topologySpreadConstraints[0].maxSkew: Invalid value: 0: must be greater than zero"},
    {"label_value", "/api/v1/namespaces/default/configmaps", R"({"metadata":{"name":"c","labels":{"a":"b c"}}})",
     "metadata.labels: Invalid value: \"b c\": a valid label must be an empty string or consist of"},
    {"finalizer", "/api/v1/namespaces/default/configmaps", R"({"metadata":{"name":"c","finalizers":["a b"]}})",
     "metadata.finalizers: Invalid value: \"a b\": name part must consist of"},
    {"owner", "/api/v1/namespaces/default/configmaps",
     R"({"metadata":{"name":"c","ownerReferences":[{"apiVersion":"v1","kind":"Pod","name":"p"}]}})",
     "metadata.ownerReferences.uid: Invalid value: \"\": uid must not be empty"},
    {"service_range", "/api/v1/namespaces/default/services",
     R"({"metadata":{"name":"s"},"spec":{"clusterIP":"1.2.3.4","ports":[{"port":80}]}})",
     "spec.clusterIPs: Invalid value: [\"1.2.3.4\"]: failed to allocate IP 1.2.3.4: the provided IP (1.2.3.4) is not "
     "in "
     "the valid range. The range of valid IPs is 10.96.0.0/16"},
    {"service_address_list", "/api/v1/namespaces/default/services",
     R"({"metadata":{"name":"s"},"spec":{"clusterIPs":["10.96.7.7"],"ports":[{"port":80}]}})",
     "spec.clusterIPs: Invalid value: [\"10.96.7.7\"]: must be empty when `clusterIP` is not specified"},
    {"service_node_port_inside", "/api/v1/namespaces/default/services",
     R"({"metadata":{"name":"s"},"spec":{"ports":[{"port":80,"nodePort":30001}]}})",
     "spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'"},
    {"service_balancer_class", "/api/v1/namespaces/default/services",
     R"({"metadata":{"name":"s"},"spec":{"loadBalancerClass":"a.b/c","ports":[{"port":80}]}})",
     "spec.loadBalancerClass: Forbidden: may only be used when `type` is 'LoadBalancer'"},
    {"service_policy", "/api/v1/namespaces/default/services",
     R"({"metadata":{"name":"s"},"spec":{"externalTrafficPolicy":"Local","ports":[{"port":80}]}})",
     "spec.externalTrafficPolicy: Invalid value: \"Local\": may only be set for externally-accessible services"},
    {"service_dual_stack", "/api/v1/namespaces/default/services",
     R"({"metadata":{"name":"s"},"spec":{"ipFamilyPolicy":"RequireDualStack","ports":[{"port":80}]}})",
     "spec.ipFamilyPolicy: Invalid value: \"RequireDualStack\": this cluster is not configured for dual-stack "
     "services"},
    {"service_nothing", "/api/v1/namespaces/default/services", R"({"metadata":{"name":"s"}})",
     "Service \"s\" is invalid: spec.ports: Required value"},
    {"claim", "/api/v1/namespaces/default/persistentvolumeclaims", R"({"metadata":{"name":"c"},"spec":{}})",
     "[spec.accessModes: Required value: at least 1 access mode is required, spec.resources[storage]: Required value]"},
    {"claim_mode", "/api/v1/namespaces/default/persistentvolumeclaims",
     R"({"metadata":{"name":"c"},"spec":{"accessModes":["Often"],"resources":{"requests":{"storage":"1Gi"}}}})",
     "spec.accessModes: Unsupported value: \"Often\": supported values: \"ReadOnlyMany\", \"ReadWriteMany\", "
     "\"ReadWriteOnce\", \"ReadWriteOncePod\""},
    {"volume", "/api/v1/persistentvolumes", R"({"metadata":{"name":"v"},"spec":{}})",
     "[spec.accessModes: Required value, spec.capacity: Required value, spec: Required value: must specify a volume "
     "type]"},
    {"network_policy", "/apis/networking.k8s.io/v1/namespaces/default/networkpolicies",
     R"({"metadata":{"name":"n"},"spec":{"podSelector":{},"policyTypes":["X"],
         "ingress":[{"from":[{"ipBlock":{"cidr":"x"}}],"ports":[{"port":0,"endPort":5}]}]}})",
     "[spec.ingress[0].ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive, "
     "spec.ingress[0].from[0].ipBlock.cidr: Invalid value: \"x\": must be a valid CIDR value, (e.g. 10.9.8.0/24 or "
     "2001:db8::/64), spec.policyTypes[0]: Unsupported value: \"X\": supported values: \"Egress\", \"Ingress\"]"},
    {"ingress_class", "/apis/networking.k8s.io/v1/ingressclasses",
     R"({"metadata":{"name":"i"},"spec":{"controller":"plain"}})",
     "spec.controller: Invalid value: \"plain\": must be a domain-prefixed path (such as \"acme.io/foo\")"},
    {"network_policy_except", "/apis/networking.k8s.io/v1/namespaces/default/networkpolicies",
     R"({"metadata":{"name":"n"},"spec":{"podSelector":{},"ingress":[{"from":[{"ipBlock":{"cidr":"10.0.0.0/16",
         "except":["10.0.1.0/24","10.0.0.0/16","10.1.0.0/24","fd00::/64"]}},
         {"ipBlock":{"cidr":"fd00::/48","except":["fd00::/64","fd01::/64"]}}]}]}})",
     "[spec.ingress[0].from[0].ipBlock.except[1]: Invalid value: \"10.0.0.0/16\": must be a strict subset of `cidr`, "
     "spec.ingress[0].from[0].ipBlock.except[2]: Invalid value: \"10.1.0.0/24\": must be a strict subset of `cidr`, "
     "spec.ingress[0].from[0].ipBlock.except[3]: Invalid value: \"fd00::/64\": must be a strict subset of `cidr`, "
     "spec.ingress[0].from[1].ipBlock.except[1]: Invalid value: \"fd01::/64\": must be a strict subset of `cidr`]"},
    {"claim_one_pod", "/api/v1/namespaces/default/persistentvolumeclaims",
     R"({"metadata":{"name":"c"},"spec":{"accessModes":["ReadWriteOnce","ReadWriteOncePod"],
         "resources":{"requests":{"storage":"1Gi"}}}})",
     "is invalid: spec.accessModes: Forbidden: may not use ReadWriteOncePod with other access modes"},
    {"volume_one_pod", "/api/v1/persistentvolumes",
     R"({"metadata":{"name":"v"},"spec":{"accessModes":["ReadWriteOncePod","ReadOnlyMany"],
         "capacity":{"storage":"1Gi"},"hostPath":{"path":"/a"}}})",
     "is invalid: spec.accessModes: Forbidden: may not use ReadWriteOncePod with other access modes"},
    {"volume_capacity", "/api/v1/persistentvolumes",
     R"({"metadata":{"name":"v"},"spec":{"accessModes":["ReadWriteOnce"],
         "capacity":{"cpu":"1","storage":"1Gi"},"hostPath":{"path":"/a"}}})",
     "is invalid: spec.capacity: Unsupported value: {\"cpu\":\"1\",\"storage\":\"1Gi\"}: supported values: "
     "\"storage\""},
    {"volume_steps_back", "/api/v1/persistentvolumes",
     R"({"metadata":{"name":"v"},"spec":{"accessModes":["ReadWriteOnce"],
         "capacity":{"storage":"1Gi"},"hostPath":{"path":"/a/../b"}}})",
     "is invalid: spec.hostPath.path: Invalid value: \"/a/../b\": must not contain '..'"},
    {"pod_steps_back", "/api/v1/namespaces/default/pods",
     R"({"metadata":{"name":"p"},"spec":{"containers":[{"name":"a","image":"i"}],
         "volumes":[{"name":"v","hostPath":{"path":"/a..b/.."}},{"name":"w","hostPath":{"path":"/a..b"}}]}})",
     "is invalid: spec.volumes[0].hostPath.path: Invalid value: \"/a..b/..\": must not contain '..'"},
    {"service_network_address", "/api/v1/namespaces/default/services",
     R"({"metadata":{"name":"s"},"spec":{"clusterIP":"10.96.0.0","ports":[{"port":80}]}})",
     "failed to allocate IP 10.96.0.0: the provided IP (10.96.0.0) is not in the valid range."},
    {"service_broadcast_address", "/api/v1/namespaces/default/services",
     R"({"metadata":{"name":"s"},"spec":{"clusterIP":"10.96.255.255","ports":[{"port":80}]}})",
     "failed to allocate IP 10.96.255.255: the provided IP (10.96.255.255) is not in the valid range."},
    {"gate_twice", "/api/v1/namespaces/default/pods",
     R"({"metadata":{"name":"p"},"spec":{"containers":[{"name":"a","image":"i"}],
         "schedulingGates":[{"name":"x/a"},{"name":"x/a"}]}})",
     "is invalid: spec.schedulingGates[1]: Duplicate value: \"x/a\""},
    {"gate_name", "/api/v1/namespaces/default/pods",
     R"({"metadata":{"name":"p"},"spec":{"containers":[{"name":"a","image":"i"}],"schedulingGates":[{"name":"a b"}]}})",
     "is invalid: spec.schedulingGates[0]: Invalid value: \"a b\": name part must consist of"},
    {"gate_and_node", "/api/v1/namespaces/default/pods",
     R"({"metadata":{"name":"p"},"spec":{"nodeName":"n","containers":[{"name":"a","image":"i"}],
         "schedulingGates":[{"name":"x/a"}]}})",
     "is invalid: spec.nodeName: Forbidden: cannot be set until all schedulingGates have been cleared"},
    {"runtime_class", "/apis/node.k8s.io/v1/runtimeclasses", R"({"metadata":{"name":"r"},"handler":"A B"})",
     "handler: Invalid value: \"A B\": a lowercase RFC 1123 label must consist of"},
    {"pod_template", "/api/v1/namespaces/default/podtemplates", R"({"metadata":{"name":"t"},"template":{}})",
     "template.spec.containers: Required value"},
    {"controller_revision", "/apis/apps/v1/namespaces/default/controllerrevisions",
     R"({"metadata":{"name":"r"},"revision":-1})",
     "[revision: Invalid value: -1: must be greater than or equal to 0, data: Required value: data is mandatory]"},
    {"name_missing", "/api/v1/namespaces/default/configmaps", R"({"metadata":{}})",
     "metadata.name: Required value: name or generateName is required"},
};

INSTANTIATE_TEST_SUITE_P(Rules, RefusedTest, testing::ValuesIn(kRefused),
                         [](const auto& test) { return std::string(test.param.name); });

TEST_F(KindRulesTest, AnnotationsEndAt256Kibibytes) {
  Json map = named("c");
  map["metadata"]["annotations"]["a"] = std::string(256 * 1024 - 1, 'x');
  create(kConfigMapsUrl, map);
  map["metadata"]["annotations"]["a"] = std::string(256 * 1024, 'x');
  EXPECT_NE(refusal(kConfigMapsUrl, map).find("metadata.annotations: Too long: may not be more than 262144 bytes"),
            std::string::npos);
}

TEST_F(KindRulesTest, AnImmutableConfigMapStaysAsItIs) {
  create(kConfigMapsUrl, named("c", {{"immutable", true}, {"data", {{"a", "1"}}}}));
  const Json status = expect(422, {.method = "PATCH",
                                   .target = kConfigMapsUrl + "/c",
                                   .body = R"({"data":{"a":"2"}})",
                                   .content_type = "application/merge-patch+json"});
  EXPECT_EQ(status.at("message"),
            "ConfigMap \"c\" is invalid: data: Forbidden: field is immutable when `immutable` is set");
}

TEST_F(KindRulesTest, GatesOfAPodMayOnlyBeTakenAway) {
  Json pod = test_pod("p");
  pod["spec"]["schedulingGates"] = Json::array({{{"name", "x/wait"}}});
  create(kPodsUrl, pod);
  const std::string url = kPodsUrl + "/p";
  const Json more = Json::parse(R"({"spec":{"schedulingGates":[{"name":"x/wait"},{"name":"x/other"}]}})");
  const Json refused = expect(
      422, {.method = "PATCH", .target = url, .body = more.dump(), .content_type = "application/merge-patch+json"});
  EXPECT_EQ(refused.at("message"),
            "Pod \"p\" is invalid: spec.schedulingGates[1].name: Forbidden: only deletion is allowed, but found new "
            "scheduling gate 'x/other'");
  EXPECT_FALSE(patch(url, {{"spec", {{"schedulingGates", nullptr}}}}).at("spec").contains("schedulingGates"));
}

TEST_F(KindRulesTest, AClaimGrowsOnceItIsBoundAndIsOtherwiseSettled) {
  const std::string url = "/api/v1/namespaces/default/persistentvolumeclaims";
  Json claim = {{"metadata", {{"name", "c"}}}, {"spec", {{"accessModes", {"ReadWriteOnce"}}}}};
  claim["spec"]["resources"]["requests"]["storage"] = "1Gi";
  create(url, claim);
  const auto ask = [&](const char* amount) {
    return call({.method = "PATCH",
                 .target = url + "/c",
                 .body = std::string(R"({"spec":{"resources":{"requests":{"storage":")") + amount + R"("}}}})",
                 .content_type = "application/merge-patch+json"});
  };
  EXPECT_EQ(ask("2Gi").status, 422) << "nothing is there to grow";
  patch(url + "/c", {{"spec", {{"volumeName", "v"}}}});
  patch(url + "/c/status", {{"status", {{"phase", "Bound"}}}});
  EXPECT_EQ(ask("2Gi").status, 200);
  for (const char* other : {R"({"requests":{"cpu":"1"}})", R"({"limits":{"storage":"9Gi"}})"}) {
    const Json resources = {{"spec", {{"resources", Json::parse(other)}}}};
    const Json refused = expect(422, {.method = "PATCH",
                                      .target = url + "/c",
                                      .body = resources.dump(),
                                      .content_type = "application/merge-patch+json"});
    EXPECT_NE(to_text(refused).find("spec is immutable after creation"), std::string::npos) << other;
  }
  const http::Response shrunk = ask("1Gi");
  EXPECT_EQ(shrunk.status, 422);
  EXPECT_NE(shrunk.body.find("spec.resources.requests.storage: Forbidden: field can not be less than"),
            std::string::npos);
  const Json modes = expect(422, {.method = "PATCH",
                                  .target = url + "/c",
                                  .body = R"({"spec":{"accessModes":["ReadWriteMany"]}})",
                                  .content_type = "application/merge-patch+json"});
  EXPECT_NE(modes.at("message").get<std::string>().find("spec: Forbidden: spec is immutable after creation"),
            std::string::npos);
  patch(url + "/c", {{"metadata", {{"labels", {{"a", "b"}}}}}});
}

TEST_F(KindRulesTest, WhatIsCreatedIsNotBeingDeleted) {
  Json map = {{"metadata", {{"name", "m"}, {"deletionTimestamp", "2001-01-01T00:00:00Z"}}}};
  map["metadata"]["deletionGracePeriodSeconds"] = 5;
  map["metadata"]["finalizers"] = {"a.b/hold"};
  const Json metadata = create(kConfigMapsUrl, map).at("metadata");
  EXPECT_FALSE(metadata.contains("deletionTimestamp"));
  EXPECT_FALSE(metadata.contains("deletionGracePeriodSeconds"));
  EXPECT_EQ(to_text(metadata.at("managedFields")).find("deletion"), std::string::npos);
}

TEST_F(KindRulesTest, RefusedWritesLeaveNothing) {
  (void)refusal(kDeploymentsUrl, named("x"));
  EXPECT_EQ(call({.target = kDeploymentsUrl + "/x"}).status, 404);
}

}  // namespace
}  // namespace fakeapi
