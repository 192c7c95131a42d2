// Bindings and the finalizing of namespaces.
#include "fake-apiserver/api/subresources.h"

#include "fake-apiserver/api/testing.h"
#include "fake-apiserver/controllers/object_fields.h"

namespace fakeapi {
namespace {

class SubresourcesTest : public ApiTest {
 protected:
  Json bind(int status, const Json& metadata, const std::string& query = "") {
    const Json binding = {{"apiVersion", "v1"},
                          {"kind", "Binding"},
                          {"metadata", metadata},
                          {"target", {{"kind", "Node"}, {"name", "n1"}}}};
    return expect(status, {.method = "POST", .target = kPodsUrl + "/a/binding" + query, .body = binding.dump()});
  }
};

TEST_F(SubresourcesTest, ABindingBringsItsAnnotationsAndTellsThatThePodHasItsPlace) {
  create(kPodsUrl, test_pod("a"));
  bind(201, {{"name", "a"}, {"annotations", {{"by", "me"}}}});
  const Json pod = get(kPodsUrl + "/a");
  EXPECT_EQ(pod.at("spec").at("nodeName"), "n1");
  EXPECT_EQ(pod.at("metadata").at("annotations").at("by"), "me");
  const Json* scheduled = find_condition(pod, "PodScheduled");
  ASSERT_NE(scheduled, nullptr);
  EXPECT_EQ(scheduled->at("status"), "True");
}

TEST_F(SubresourcesTest, ABindingHoldsForThePodThatItNamesAlone) {
  const Json pod = create(kPodsUrl, test_pod("a"));
  const std::string uid = text_at(pod, {"metadata", "uid"});
  const Json refused = bind(409, {{"name", "a"}, {"uid", "another"}});
  EXPECT_EQ(refused.at("reason"), "Conflict");
  EXPECT_NE(text_at(refused, {"message"}).find("UID in precondition: another, UID in object meta: " + uid),
            std::string::npos);
  bind(409, {{"name", "a"}, {"resourceVersion", "1"}});
  EXPECT_TRUE(at_path(get(kPodsUrl + "/a"), {"spec", "nodeName"}).is_null());
  bind(201, {{"name", "a"}, {"uid", uid}, {"resourceVersion", version_of(pod)}});
}

TEST_F(SubresourcesTest, FinalizingIsRehearsedLikeAnyWrite) {
  create("/api/v1/namespaces", {{"metadata", {{"name", "x"}}}});
  const Json before = get("/api/v1/namespaces/x");
  Json without = before;
  without["spec"]["finalizers"] = Json::array();
  const auto finalize = [&](int status, const std::string& query) {
    return expect(status, {.method = "PUT", .target = "/api/v1/namespaces/x/finalize" + query, .body = without.dump()});
  };
  EXPECT_TRUE(at_path(finalize(200, "?dryRun=All"), {"spec", "finalizers"}).is_null());
  EXPECT_EQ(get("/api/v1/namespaces/x"), before);
  finalize(422, "?dryRun=Some");
  finalize(200, "");
  EXPECT_TRUE(at_path(get("/api/v1/namespaces/x"), {"spec", "finalizers"}).is_null());
}

}  // namespace
}  // namespace fakeapi
