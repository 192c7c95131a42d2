// What the tests of custom resources share: definitions and the way to install them.
#pragma once

#include <string>

#include "fake-apiserver/api/testing.h"

namespace fakeapi {

inline const std::string kDefinitionsUrl = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
inline const std::string kCronTabsUrl = "/apis/stable.example.com/v1/namespaces/default/crontabs";

// crontabs.stable.example.com, as the documentation of Kubernetes has it: a spec with types, limits and defaults, a
// status and a scale.
inline Json cron_tab_definition() {
  return Json::parse(R"({
    "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
    "metadata": {"name": "crontabs.stable.example.com"},
    "spec": {
      "group": "stable.example.com", "scope": "Namespaced",
      "names": {"plural": "crontabs", "singular": "crontab", "kind": "CronTab", "shortNames": ["ct"],
                "categories": ["all"]},
      "versions": [{
        "name": "v1", "served": true, "storage": true,
        "schema": {"openAPIV3Schema": {"type": "object", "properties": {
          "spec": {"type": "object", "required": ["cronSpec"], "properties": {
            "cronSpec": {"type": "string", "pattern": "^(\\d+|\\*)(/\\d+)?(\\s+(\\d+|\\*)(/\\d+)?){4}$"},
            "image": {"type": "string", "description": "What runs."},
            "replicas": {"type": "integer", "minimum": 1, "maximum": 10, "default": 1},
            "policy": {"type": "string", "enum": ["Allow", "Forbid"], "default": "Allow"},
            "port": {"x-kubernetes-int-or-string": true},
            "labels": {"type": "object", "additionalProperties": {"type": "string"}},
            "extra": {"type": "object", "x-kubernetes-preserve-unknown-fields": true},
            "steps": {"type": "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name"],
                      "items": {"type": "object", "required": ["name"], "properties": {
                        "name": {"type": "string"}, "retries": {"type": "integer", "default": 3}}}}}},
          "status": {"type": "object", "properties": {
            "replicas": {"type": "integer"}, "labelSelector": {"type": "string"},
            "conditions": {"type": "array", "items": {"type": "object", "properties": {
              "type": {"type": "string"}, "status": {"type": "string"}}}}}}}}},
        "subresources": {"status": {}, "scale": {"specReplicasPath": ".spec.replicas",
          "statusReplicasPath": ".status.replicas", "labelSelectorPath": ".status.labelSelector"}},
        "additionalPrinterColumns": [
          {"name": "Spec", "type": "string", "jsonPath": ".spec.cronSpec"},
          {"name": "Replicas", "type": "integer", "jsonPath": ".spec.replicas"},
          {"name": "Ready", "type": "string", "jsonPath": ".status.conditions[?(@.type==\"Ready\")].status"},
          {"name": "Image", "type": "string", "priority": 1, "jsonPath": ".spec.image"},
          {"name": "Age", "type": "date", "jsonPath": ".metadata.creationTimestamp"}]
      }]}})");
}

inline Json cron_tab(const std::string& name, Json spec = {{"cronSpec", "* * * * */5"}}) {
  return {{"apiVersion", "stable.example.com/v1"},
          {"kind", "CronTab"},
          {"metadata", {{"name", name}}},
          {"spec", std::move(spec)}};
}

class CustomTest : public ApiTest {
 protected:
  using ApiTest::ApiTest;

  Json define(const Json& definition) { return create(kDefinitionsUrl, definition); }

  Json condition(const std::string& definition, const std::string& type) {
    const Json object = get(kDefinitionsUrl + "/" + definition);
    for (const Json& item : object.at("status").at("conditions")) {
      if (item.at("type") == type) return item;
    }
    return nullptr;
  }

  Json send(int status, const std::string& method, const std::string& target, const Json& body,
            const std::string& type = "application/json") {
    return expect(status, {.method = method, .target = target, .body = body.dump(), .content_type = type});
  }
};

}  // namespace fakeapi
