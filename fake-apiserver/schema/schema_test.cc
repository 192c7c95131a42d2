#include "fake-apiserver/schema/schema.h"

#include <gtest/gtest.h>

#include <set>

namespace fakeapi {
namespace {

const SchemaType& kind(std::string_view group, std::string_view version, std::string_view name) {
  const SchemaType* type = Schema::builtin().of_kind(group, version, name);
  EXPECT_NE(type, nullptr) << group << " " << version << " " << name;
  static const SchemaType kNone;
  return type ? *type : kNone;
}

const SchemaField& field(const SchemaType& type, std::initializer_list<std::string_view> path) {
  static const SchemaField kNone;
  const SchemaType* at = &type;
  const SchemaField* found = nullptr;
  for (const std::string_view name : path) {
    found = at ? at->field(name) : nullptr;
    EXPECT_NE(found, nullptr) << name;
    if (!found) return kNone;
    at = found->message;
  }
  return *found;
}

TEST(SchemaTest, ADeploymentHasTheNumbersOfTheWire) {
  const SchemaType& deployment = kind("apps", "v1", "Deployment");
  EXPECT_EQ(deployment.name, "io.k8s.api.apps.v1.Deployment");
  EXPECT_EQ(field(deployment, {"metadata"}).number, 1);
  EXPECT_EQ(field(deployment, {"spec", "progressDeadlineSeconds"}).number, 9);
  EXPECT_TRUE(field(deployment, {"spec", "replicas"}).optional);
  EXPECT_FALSE(field(deployment, {"spec", "paused"}).optional);
  EXPECT_TRUE(field(deployment, {"spec", "strategy"}).retain_keys);
  EXPECT_EQ(field(deployment, {"spec", "strategy", "rollingUpdate", "maxSurge"}).type, FieldType::kIntOrString);
  EXPECT_EQ(deployment.field(3)->name, "status");
  EXPECT_EQ(deployment.field(4), nullptr);
  EXPECT_EQ(deployment.field(0), nullptr);  // apiVersion and kind are not in the message
}

TEST(SchemaTest, ListsMergeByTheirKeys) {
  const SchemaType& pod = kind("", "v1", "Pod");
  const SchemaField& ports = field(pod, {"spec", "containers", "ports"});
  EXPECT_EQ(ports.merge, MergeRule::kListByKey);
  EXPECT_EQ(ports.keys, (std::vector<std::string>{"containerPort", "protocol"}));
  EXPECT_EQ(ports.patch_merge_key, "containerPort");
  EXPECT_EQ(field(pod, {"spec", "containers", "ports", "protocol"}).default_json, "\"TCP\"");
  EXPECT_EQ(field(pod, {"spec", "containers", "env"}).keys, std::vector<std::string>{"name"});
  EXPECT_EQ(field(pod, {"spec", "volumes"}).patch_merge_key, "name");
  EXPECT_TRUE(field(pod, {"spec", "volumes"}).retain_keys);
  EXPECT_EQ(field(pod, {"spec", "topologySpreadConstraints"}).keys,
            (std::vector<std::string>{"topologyKey", "whenUnsatisfiable"}));
  EXPECT_EQ(field(pod, {"spec", "topologySpreadConstraints"}).patch_merge_key, "topologyKey");
  EXPECT_EQ(field(pod, {"metadata", "ownerReferences"}).keys, std::vector<std::string>{"uid"});
  EXPECT_EQ(field(pod, {"metadata", "finalizers"}).merge, MergeRule::kSet);
  EXPECT_EQ(field(pod, {"status", "podIPs"}).keys, std::vector<std::string>{"ip"});
  const SchemaType& service = kind("", "v1", "Service");
  EXPECT_EQ(field(service, {"spec", "ports"}).keys, (std::vector<std::string>{"port", "protocol"}));
  EXPECT_EQ(field(service, {"spec", "ports"}).patch_merge_key, "port");
}

TEST(SchemaTest, WhatIsNotMarkedIsReplacedWhole) {
  const SchemaType& pod = kind("", "v1", "Pod");
  EXPECT_EQ(field(pod, {"spec", "tolerations"}).merge, MergeRule::kAtomic);
  EXPECT_EQ(field(pod, {"spec", "containers", "args"}).merge, MergeRule::kAtomic);
  EXPECT_EQ(field(pod, {"spec", "containers", "command"}).merge, MergeRule::kAtomic);
  EXPECT_EQ(field(pod, {"spec", "nodeSelector"}).merge, MergeRule::kAtomic);
  EXPECT_EQ(field(pod, {"metadata", "labels"}).merge, MergeRule::kGranular);
  EXPECT_EQ(field(pod, {"spec", "securityContext"}).merge, MergeRule::kGranular);
  EXPECT_EQ(field(kind("", "v1", "Node"), {"spec", "taints"}).merge, MergeRule::kAtomic);
  EXPECT_EQ(field(kind("autoscaling", "v2", "HorizontalPodAutoscaler"), {"spec", "metrics"}).merge, MergeRule::kAtomic);
  EXPECT_EQ(field(kind("apps", "v1", "Deployment"), {"spec", "selector"}).merge, MergeRule::kAtomic);
  EXPECT_TRUE(field(kind("policy", "v1", "PodDisruptionBudget"), {"spec", "selector"}).patch_replace);
}

TEST(SchemaTest, InlinedMessagesAreFoundByTheirFields) {
  const SchemaType& pod = kind("", "v1", "Pod");
  EXPECT_EQ(field(pod, {"spec", "volumes", "configMap", "name"}).number, 1);
  EXPECT_EQ(field(pod, {"spec", "containers", "readinessProbe", "httpGet"}).number, 2);
  const SchemaField* source = field(pod, {"spec", "volumes"}).message->field(2);
  ASSERT_NE(source, nullptr);
  EXPECT_TRUE(source->inlined);
  EXPECT_EQ(source->name, "volumeSource");
  EXPECT_EQ(field(pod, {"spec", "volumes"}).message->field("volumeSource"), nullptr);
}

TEST(SchemaTest, KindsAreServedInTheirVersions) {
  const Schema& schema = Schema::builtin();
  EXPECT_NE(schema.of_kind("autoscaling", "v1", "HorizontalPodAutoscaler"),
            schema.of_kind("autoscaling", "v2", "HorizontalPodAutoscaler"));
  EXPECT_NE(schema.of_kind("autoscaling", "v2beta2", "HorizontalPodAutoscaler"), nullptr);
  for (const char* name : {"TokenRequest", "TokenReview", "SelfSubjectReview"}) {
    EXPECT_NE(schema.of_kind("authentication.k8s.io", "v1", name), nullptr) << name;
  }
  EXPECT_NE(schema.of_kind("", "v1", "Binding"), nullptr);
  EXPECT_NE(schema.of_kind("autoscaling", "v1", "Scale"), nullptr);
  EXPECT_NE(schema.of_kind("policy", "v1beta1", "Eviction"), nullptr);
  EXPECT_NE(schema.of_kind("apps", "v1", "DeleteOptions"), nullptr);
  EXPECT_EQ(schema.of_kind("apps", "v1", "Nothing"), nullptr);
  EXPECT_EQ(schema.of_kind("keda.sh", "v1alpha1", "ScaledObject"), nullptr);
}

TEST(SchemaTest, TypesAreSortedAndFoundByTheirOpenApiNames) {
  const Schema& schema = Schema::builtin();
  for (std::size_t i = 1; i < schema.types().size(); ++i) {
    EXPECT_LT(schema.types()[i - 1]->name, schema.types()[i]->name);
  }
  EXPECT_EQ(schema.type("io.k8s.api.core.v1.PodSpec"), field(kind("", "v1", "Pod"), {"spec"}).message);
  EXPECT_EQ(schema.type("io.k8s.api.core.v1.Nothing"), nullptr);
}

TEST(SchemaTest, NumbersAndNamesAreUniqueWithinAType) {
  for (const SchemaType* type : Schema::builtin().types()) {
    std::set<int> numbers;
    std::set<std::string> names;
    for (const SchemaField& field : type->fields) {
      EXPECT_TRUE(field.number == 0 || numbers.insert(field.number).second) << type->name << " " << field.number;
      EXPECT_TRUE(names.insert(field.name).second) << type->name << " " << field.name;
      EXPECT_EQ(field.merge == MergeRule::kListByKey, !field.keys.empty()) << type->name << " " << field.name;
      EXPECT_EQ(field.type == FieldType::kMessage, field.message != nullptr) << type->name << " " << field.name;
      for (const std::string& key : field.keys) EXPECT_NE(field.message->field(key), nullptr) << type->name;
    }
  }
}

}  // namespace
}  // namespace fakeapi
