#include "fake-apiserver/api/eviction.h"

#include "fake-apiserver/api/disruption_budgets.h"
#include "fake-apiserver/api/testing.h"

namespace fakeapi {
namespace {

const Resource kPods{"", "pods"};

class EvictionTest : public ApiTest {
 protected:
  // A pod that runs, bound and ready unless told otherwise.
  void run_pod(const std::string& name, bool ready = true, const char* phase = "Running") {
    create(kPodsUrl, test_pod(name, {{"app", "web"}}));
    const auto written = store().update(kPods, {"default", name}, Part::kAll, [&](Json& pod) -> base::Result<> {
      pod["spec"]["nodeName"] = "n1";
      pod["status"]["phase"] = phase;
      pod["status"]["conditions"] = Json::array({{{"type", "Ready"}, {"status", ready ? "True" : "False"}}});
      return {};
    });
    ASSERT_TRUE(written);
  }
  // As the disruption controller would leave it.
  void guard(const std::string& name, int allowed, int healthy, int desired, int observed = 1) {
    const Json budget = {{"apiVersion", "policy/v1"},
                         {"kind", "PodDisruptionBudget"},
                         {"metadata", {{"name", name}, {"namespace", "default"}}},
                         {"spec", {{"minAvailable", desired}, {"selector", {{"matchLabels", {{"app", "web"}}}}}}},
                         {"status",
                          {{"disruptionsAllowed", allowed},
                           {"currentHealthy", healthy},
                           {"desiredHealthy", desired},
                           {"expectedPods", healthy},
                           {"observedGeneration", observed},
                           {"conditions", Json::array({{{"type", "DisruptionAllowed"}, {"status", "True"}}})}}}};
    ASSERT_TRUE(store().create(kDisruptionBudgets, budget));
  }
  Json budget() { return *store().find(kDisruptionBudgets, {"default", "b"}); }
  Json evict(int status, const std::string& pod, Json extra = Json::object(), const char* version = "policy/v1") {
    Json body = {
        {"apiVersion", version}, {"kind", "Eviction"}, {"metadata", {{"name", pod}, {"namespace", "default"}}}};
    body.update(extra);
    return expect(status, {.method = "POST", .target = kPodsUrl + "/" + pod + "/eviction", .body = body.dump()});
  }
  bool going(const std::string& pod) {
    const ObjectPtr found = store().find(kPods, {"default", pod});
    return !found || at_path(*found, {"metadata", "deletionTimestamp"}).is_string();
  }
};

TEST_F(EvictionTest, WithoutABudgetAnEvictionIsADeletionWithGrace) {
  run_pod("a");
  const Json status = evict(201, "a");
  EXPECT_EQ(status.at("status"), "Success");
  EXPECT_EQ(integer_at(*store().find(kPods, {"default", "a"}), {"metadata", "deletionGracePeriodSeconds"}), 30);
}

TEST_F(EvictionTest, BothVersionsOfTheKindAreUnderstood) {
  run_pod("a");
  run_pod("b");
  evict(201, "a", Json::object(), "policy/v1");
  evict(201, "b", Json::object(), "policy/v1beta1");
}

TEST_F(EvictionTest, TheDeleteOptionsInsideAreThoseOfTheDeletion) {
  run_pod("a");
  run_pod("b");
  evict(201, "a", {{"deleteOptions", {{"gracePeriodSeconds", 0}}}});
  EXPECT_FALSE(store().find(kPods, {"default", "a"}));
  const Json refused = evict(409, "b", {{"deleteOptions", {{"preconditions", {{"uid", "other"}}}}}});
  EXPECT_EQ(refused.at("reason"), "Conflict");
  EXPECT_FALSE(going("b"));
}

TEST_F(EvictionTest, ABudgetThatAllowsItIsCharged) {
  run_pod("a");
  guard("b", 2, 5, 3);
  evict(201, "a");
  EXPECT_TRUE(going("a"));
  EXPECT_EQ(integer_at(budget(), {"status", "disruptionsAllowed"}), 1);
  EXPECT_TRUE(budget().at("status").at("disruptedPods").contains("a"));
  EXPECT_EQ(budget().at("status").at("conditions").at(0).at("status"), "True");
}

TEST_F(EvictionTest, TheLastAllowedDisruptionTurnsTheCondition) {
  run_pod("a");
  guard("b", 1, 4, 3);
  evict(201, "a");
  EXPECT_EQ(budget().at("status").at("conditions").at(0).at("reason"), "InsufficientPods");
}

TEST_F(EvictionTest, ABudgetThatIsUsedUpAnswers429WithItsCause) {
  run_pod("a");
  guard("b", 0, 3, 3);
  const Json refused = evict(429, "a");
  EXPECT_EQ(refused.at("reason"), "TooManyRequests");
  EXPECT_EQ(refused.at("message"), "Cannot evict pod as it would violate the pod's disruption budget.");
  const Json& cause = refused.at("details").at("causes").at(0);
  EXPECT_EQ(cause.at("reason"), "DisruptionBudget");
  EXPECT_EQ(cause.at("message"), "The disruption budget b needs 3 healthy pods and has 3 currently");
  EXPECT_FALSE(refused.at("details").contains("retryAfterSeconds"));
  EXPECT_FALSE(going("a"));
}

TEST_F(EvictionTest, ABudgetThatNobodyHasReadYetAsksToComeBack) {
  run_pod("a");
  guard("b", 1, 4, 3, 0);
  const Json refused = evict(429, "a");
  EXPECT_EQ(refused.at("details").at("retryAfterSeconds"), 10);
  EXPECT_EQ(refused.at("details").at("causes").at(0).at("message"),
            "The disruption budget b is still being processed by the server.");
}

TEST_F(EvictionTest, SeveralBudgetsAreMoreThanItCanServe) {
  run_pod("a");
  guard("b", 1, 4, 3);
  guard("c", 1, 4, 3);
  const Json refused = evict(500, "a");
  EXPECT_EQ(refused.at("message"),
            "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.");
  EXPECT_FALSE(going("a"));
}

TEST_F(EvictionTest, PodsThatDoNotServeNeedNoBudget) {
  guard("b", 0, 3, 3);
  run_pod("pending", false, "Pending");
  run_pod("done", false, "Succeeded");
  run_pod("unready", false);
  for (const char* pod : {"pending", "done", "unready"}) evict(201, pod);
  EXPECT_EQ(integer_at(budget(), {"status", "disruptionsAllowed"}), 0);
}

TEST_F(EvictionTest, AnUnreadyPodIsHeldWhileTooFewAreHealthy) {
  guard("b", 0, 2, 3);
  run_pod("unready", false);
  evict(429, "unready");
}

TEST_F(EvictionTest, ARehearsalChargesNobody) {
  run_pod("a");
  guard("b", 1, 4, 3);
  const Revision before = store().revision();
  evict(201, "a", {{"deleteOptions", {{"dryRun", {"All"}}}}});
  EXPECT_EQ(store().revision(), before);
  guard("c", 0, 4, 4);
}

TEST_F(EvictionTest, AnAbsentPodOrAnotherNameIsRefused) {
  evict(404, "none");
  run_pod("a");
  evict(400, "a", {{"metadata", {{"name", "b"}}}});
  EXPECT_FALSE(going("a"));
}

}  // namespace
}  // namespace fakeapi
