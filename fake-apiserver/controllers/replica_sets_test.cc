#include "fake-apiserver/controllers/replica_sets.h"

#include <gtest/gtest.h>

#include "fake-apiserver/controllers/object_fields.h"

namespace fakeapi {
namespace {

Json template_of(const std::string& image) {
  return {{"metadata", {{"labels", {{"app", "web"}}}}},
          {"spec", {{"containers", Json::array({{{"name", "app"}, {"image", image}}})}}}};
}

DeploymentView deployment_of(Json spec) {
  Json metadata{{"name", "web"},
                {"namespace", "default"},
                {"uid", "u-1"},
                {"annotations",
                 {{"team", "a"},
                  {"kubectl.kubernetes.io/last-applied-configuration", "{}"},
                  {"deployment.kubernetes.io/revision", "4"}}}};
  return DeploymentView(std::make_shared<const Json>(Json{{"metadata", metadata}, {"spec", std::move(spec)}}));
}

TEST(ReplicaSetsTest, TheHashUsesTheAlphabetOfKubernetesAndIsStable) {
  const std::string hash = template_hash(template_of("app:1"), 0);
  EXPECT_EQ(hash.find_first_not_of("456789bcdf"), std::string::npos) << hash;
  EXPECT_GE(hash.size(), 5u);
  EXPECT_LE(hash.size(), 10u);
  EXPECT_EQ(hash, template_hash(template_of("app:1"), 0));
  EXPECT_NE(hash, template_hash(template_of("app:2"), 0));
  EXPECT_NE(hash, template_hash(template_of("app:1"), 1));  // a collision moves on
}

TEST(ReplicaSetsTest, TemplatesAreEqualButForTheHashLabel) {
  Json labelled = template_of("app:1");
  labelled["metadata"]["labels"][kTemplateHashLabel] = "abc";
  EXPECT_TRUE(same_template(template_of("app:1"), labelled));
  EXPECT_TRUE(same_template(labelled, template_of("app:1")));
  EXPECT_FALSE(same_template(labelled, template_of("app:2")));
  labelled["metadata"]["labels"]["tier"] = "front";
  EXPECT_FALSE(same_template(template_of("app:1"), labelled));
  EXPECT_FALSE(same_template(template_of("app:1"), Json("text")));
}

TEST(ReplicaSetsTest, ANullIsTheSameAsNoField) {
  Json sent = template_of("app:1");
  sent["metadata"]["creationTimestamp"] = nullptr;
  sent["spec"]["containers"][0]["command"] = nullptr;
  EXPECT_TRUE(same_template(template_of("app:1"), sent));
  EXPECT_EQ(template_hash(template_of("app:1"), 0), template_hash(sent, 0));
  sent["spec"]["containers"][0]["command"] = Json::array();
  EXPECT_FALSE(same_template(template_of("app:1"), sent));
}

TEST(ReplicaSetsTest, ANewReplicaSetCarriesLabelsOwnerAndRevision) {
  const DeploymentView deployment = deployment_of({{"replicas", 4},
                                                   {"minReadySeconds", 3},
                                                   {"selector", {{"matchLabels", {{"app", "web"}}}}},
                                                   {"template", template_of("app:1")}});
  const Json set = new_replica_set(deployment, 2, 5);
  const std::string hash = template_hash(template_of("app:1"), 0);

  EXPECT_EQ(text_at(set, {"metadata", "name"}), "web-" + hash);
  for (const FieldPath path : {FieldPath{"metadata", "labels", kTemplateHashLabel},
                               FieldPath{"spec", "selector", "matchLabels", kTemplateHashLabel},
                               FieldPath{"spec", "template", "metadata", "labels", kTemplateHashLabel}}) {
    EXPECT_EQ(text_at(set, path), hash);
  }
  EXPECT_EQ(int_at(set, {"spec", "replicas"}), 2);
  EXPECT_EQ(int_at(set, {"spec", "minReadySeconds"}), 3);
  const Json annotations{
      {"team", "a"}, {kRevisionAnnotation, "5"}, {kDesiredReplicasAnnotation, "4"}, {kMaxReplicasAnnotation, "5"}};
  EXPECT_EQ(set["metadata"]["annotations"], annotations);
  const Json owner{{"apiVersion", "apps/v1"}, {"kind", "Deployment"},      {"name", "web"}, {"uid", "u-1"},
                   {"controller", true},      {"blockOwnerDeletion", true}};
  EXPECT_EQ(set["metadata"]["ownerReferences"], Json::array({owner}));
}

TEST(ReplicaSetsTest, DefaultsAreThoseOfKubernetes) {
  const DeploymentView bare = deployment_of(Json::object());
  EXPECT_EQ(bare.replicas, 1);
  EXPECT_EQ(bare.history_limit, 10);
  EXPECT_EQ(bare.progress_deadline, std::chrono::seconds(600));
  EXPECT_FALSE(bare.recreate);
  EXPECT_EQ(bare.posts.surge, 1);

  EXPECT_EQ(deployment_of({{"progressDeadlineSeconds", 2147483647}}).progress_deadline, std::nullopt);
  EXPECT_EQ(deployment_of({{"replicas", -5}}).replicas, 0);
  EXPECT_EQ(deployment_of({{"strategy", {{"type", "Recreate"}}}}).posts.surge, 0);
}

TEST(ReplicaSetsTest, ATemplateOfAnyShapeIsSurvived) {
  for (const Json& strange : {Json("text"), Json(3), Json{{"metadata", "x"}}, Json{{"metadata", {{"labels", 7}}}}}) {
    const DeploymentView deployment =
        deployment_of({{"template", strange}, {"selector", strange}, {"strategy", strange}});
    const Json set = new_replica_set(deployment, 1, 1);
    EXPECT_FALSE(text_at(set, {"spec", "template", "metadata", "labels", kTemplateHashLabel}).empty());
  }
}

}  // namespace
}  // namespace fakeapi
