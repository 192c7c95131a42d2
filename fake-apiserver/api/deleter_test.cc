#include "fake-apiserver/api/deleter.h"

#include "fake-apiserver/api/testing.h"

namespace fakeapi {
namespace {

const Resource kPods{"", "pods"};
const std::string kJobsUrl = "/apis/batch/v1/namespaces/default/jobs";

class DeleterTest : public ApiTest {
 protected:
  Json remove(int status, const std::string& target, const Json& options = nullptr) {
    return expect(status, {.method = "DELETE", .target = target, .body = options.is_null() ? "" : options.dump()});
  }
  Json finalizers(const std::string& target) { return at_path(get(target), {"metadata", "finalizers"}); }
  void run_pod(const std::string& name, const Json& spec = Json::object()) {
    Json pod = test_pod(name);
    pod["spec"].update(spec);
    pod["spec"]["nodeName"] = "n1";
    create(kPodsUrl, pod);
  }
};

TEST_F(DeleterTest, AForegroundDeletionIsOneWriteThatRaisesTheGeneration) {
  create(kDeploymentsUrl, test_deployment("web"));
  const Revision before = store().revision();
  const Json left = remove(200, kDeploymentsUrl + "/web", {{"propagationPolicy", "Foreground"}});
  EXPECT_EQ(store().revision(), before + 1);
  EXPECT_EQ(left.at("metadata").at("finalizers"), Json::array({"foregroundDeletion"}));
  EXPECT_EQ(left.at("metadata").at("generation"), 2);
  EXPECT_EQ(left.at("metadata").at("deletionGracePeriodSeconds"), 0);
}

TEST_F(DeleterTest, ALaterPolicyReplacesTheOneUnderWay) {
  create(kDeploymentsUrl, test_deployment("web"));
  remove(200, kDeploymentsUrl + "/web", {{"propagationPolicy", "Foreground"}});
  remove(200, kDeploymentsUrl + "/web", {{"propagationPolicy", "Orphan"}});
  EXPECT_EQ(finalizers(kDeploymentsUrl + "/web"), Json::array({"orphan"}));
  remove(200, kDeploymentsUrl + "/web");  // no policy: goes on as it was
  EXPECT_EQ(finalizers(kDeploymentsUrl + "/web"), Json::array({"orphan"}));
  const Json gone = remove(200, kDeploymentsUrl + "/web", {{"propagationPolicy", "Background"}});
  EXPECT_EQ(gone.at("status"), "Success");
  remove(404, kDeploymentsUrl + "/web");
}

TEST_F(DeleterTest, JobsKeepTheirPodsUnlessToldOtherwise) {
  const Json container = {{"name", "c"}, {"image", "i"}};
  Json job = {
      {"metadata", {{"name", "j"}}},
      {"spec", {{"template", {{"spec", {{"restartPolicy", "Never"}, {"containers", Json::array({container})}}}}}}}};
  create(kJobsUrl, job);
  EXPECT_EQ(at_path(remove(200, kJobsUrl + "/j"), {"metadata", "finalizers"}), Json::array({"orphan"}));
  EXPECT_EQ(remove(200, kJobsUrl + "/j?propagationPolicy=Background").at("status"), "Success");
}

TEST_F(DeleterTest, OrphanDependentsIsTheOldWordAndExcludesTheNew) {
  create(kDeploymentsUrl, test_deployment("web"));
  const Json refused =
      remove(422, kDeploymentsUrl + "/web", {{"orphanDependents", true}, {"propagationPolicy", "Orphan"}});
  EXPECT_NE(refused.at("message").get<std::string>().find("cannot be both set"), std::string::npos);
  remove(200, kDeploymentsUrl + "/web", {{"orphanDependents", true}});
  EXPECT_EQ(finalizers(kDeploymentsUrl + "/web"), Json::array({"orphan"}));
}

TEST_F(DeleterTest, AnUnknownPolicyIsRefused) {
  create(kDeploymentsUrl, test_deployment("web"));
  const Json refused = remove(422, kDeploymentsUrl + "/web?propagationPolicy=Later");
  EXPECT_EQ(refused.at("details").at("causes").at(0).at("reason"), "FieldValueNotSupported");
  get(kDeploymentsUrl + "/web");
}

TEST_F(DeleterTest, APodGoesAfterItsGraceAndASecondRequestMayShortenIt) {
  run_pod("a", {{"terminationGracePeriodSeconds", 45}});
  EXPECT_EQ(remove(200, kPodsUrl + "/a").at("metadata").at("deletionGracePeriodSeconds"), 45);
  EXPECT_EQ(remove(200, kPodsUrl + "/a?gracePeriodSeconds=60").at("metadata").at("deletionGracePeriodSeconds"), 45);
  EXPECT_EQ(remove(200, kPodsUrl + "/a?gracePeriodSeconds=5").at("metadata").at("deletionGracePeriodSeconds"), 5);
  EXPECT_EQ(remove(200, kPodsUrl + "/a?gracePeriodSeconds=-7").at("metadata").at("deletionGracePeriodSeconds"), 1)
      << "what is negative is one second";
  EXPECT_EQ(remove(200, kPodsUrl + "/a?gracePeriodSeconds=0").at("kind"), "Pod");
  remove(404, kPodsUrl + "/a");
}

TEST_F(DeleterTest, APodThatRunsNowhereGoesAtOnce) {
  create(kPodsUrl, test_pod("a"));
  remove(200, kPodsUrl + "/a?gracePeriodSeconds=30");
  remove(404, kPodsUrl + "/a");
}

TEST_F(DeleterTest, ARehearsalShowsWhatWouldBeLeft) {
  create(kDeploymentsUrl, test_deployment("web"));
  const Revision before = store().revision();
  const Json shown = remove(200, kDeploymentsUrl + "/web?dryRun=All&propagationPolicy=Foreground");
  EXPECT_EQ(at_path(shown, {"metadata", "finalizers"}), Json::array({"foregroundDeletion"}));
  remove(200, "/api/v1/namespaces/kube-node-lease?dryRun=All");
  EXPECT_EQ(store().revision(), before);
}

TEST_F(DeleterTest, PreconditionsAreChecked) {
  const Json pod = create(kPodsUrl, test_pod("a"));
  const Json refused = remove(409, kPodsUrl + "/a", {{"preconditions", {{"uid", "abc"}}}});
  EXPECT_EQ(refused.at("message").get<std::string>().find(
                "Operation cannot be fulfilled on pods \"a\": the UID in the precondition (abc) does not match"),
            0u);
  remove(409, kPodsUrl + "/a", {{"preconditions", {{"resourceVersion", "1"}}}});
  remove(200, kPodsUrl + "/a", {{"preconditions", {{"uid", pod.at("metadata").at("uid")}}}});
}

TEST_F(DeleterTest, TheLastFinalizerHoldsTheObject) {
  create(kConfigMapsUrl, {{"metadata", {{"name", "x"}, {"finalizers", {"test/hold"}}}}});
  const Json held = remove(200, kConfigMapsUrl + "/x");
  EXPECT_TRUE(at_path(held, {"metadata", "deletionTimestamp"}).is_string());
  patch(kConfigMapsUrl + "/x", {{"metadata", {{"finalizers", nullptr}}}});
  remove(404, kConfigMapsUrl + "/x");
}

TEST_F(DeleterTest, OptionsAreAnObject) {
  create(kPodsUrl, test_pod("a"));
  for (const char* body : {"[]", "1", "\"x\""}) {
    expect(400, {.method = "DELETE", .target = kPodsUrl + "/a", .body = body});
  }
  get(kPodsUrl + "/a");
}

TEST_F(DeleterTest, AGraceLongerThanTimeItselfIsAHundredYears) {
  run_pod("a");
  const Json left = expect(
      200, {.method = "DELETE", .target = kPodsUrl + "/a", .body = R"({"gracePeriodSeconds": 9223372036854775807})"});
  EXPECT_EQ(left.at("metadata").at("deletionGracePeriodSeconds"), 3'153'600'000);
  EXPECT_EQ(left.at("metadata").at("deletionTimestamp"), "2125-12-08T00:00:00Z");
  run_pod("b", {{"terminationGracePeriodSeconds", 9'223'372'036'854'775'807}});
  EXPECT_EQ(remove(200, kPodsUrl + "/b").at("metadata").at("deletionGracePeriodSeconds"), 3'153'600'000);
}

TEST_F(DeleterTest, TheNamespacesThatTheClusterNeedsStay) {
  for (const std::string name : {"default", "kube-system", "kube-public"}) {
    const Json refused = remove(403, "/api/v1/namespaces/" + name);
    EXPECT_EQ(refused.at("message"), "namespaces \"" + name + "\" is forbidden: this namespace may not be deleted");
    EXPECT_EQ(refused.at("reason"), "Forbidden");
    get("/api/v1/namespaces/" + name);
  }
}

}  // namespace
}  // namespace fakeapi
