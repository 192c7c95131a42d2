// What is refused wherever it is asked: methods by resource, by collection or object, with and without a namespace.
#include "fake-apiserver/api/testing.h"

namespace fakeapi {
namespace {

struct Refusal {
  const char* method;
  const char* target;
  int status;
  friend void PrintTo(const Refusal& r, std::ostream* out) { *out << r.method << " " << r.target; }
};

class RefusalTest : public ApiTest, public testing::WithParamInterface<Refusal> {};

TEST_P(RefusalTest, ChangesNothing) {
  create(kConfigMapsUrl, {{"metadata", {{"name", "kept"}}}});
  create("/api/v1/namespaces", {{"metadata", {{"name", "kept"}}}});
  create(kPodsUrl, test_pod("kept"));
  const Revision before = store().revision();
  const bool patches = std::string(GetParam().method) == "PATCH";
  const auto& [method, target, status] = GetParam();
  const Json refused = Json::parse(call({.method = method,
                                         .target = target,
                                         .body = std::string(method) == "GET" ? "" : R"({"metadata":{"name":"new"}})",
                                         .content_type = patches ? "application/merge-patch+json" : ""})
                                       .body,
                                   nullptr, false);
  EXPECT_EQ(store().revision(), before);
  if (refused.is_discarded()) {
    EXPECT_EQ(status, 404) << "only a path that nobody serves is answered without a document";
    return;
  }
  EXPECT_EQ(refused.at("status"), "Failure");
  EXPECT_EQ(refused.at("code"), status);
  EXPECT_EQ(refused.at("reason"), status == 405 ? "MethodNotAllowed" : status == 403 ? "Forbidden" : "NotFound");
}

constexpr Refusal kRefusals[] = {
    // All namespaces together are for reading.
    {"POST", "/api/v1/configmaps", 405},
    {"PUT", "/api/v1/configmaps", 405},
    {"PATCH", "/api/v1/configmaps", 405},
    {"DELETE", "/api/v1/configmaps", 405},
    {"DELETE", "/api/v1/pods", 405},
    {"DELETE", "/apis/apps/v1/deployments", 405},
    {"DELETE", "/api/v1/configmaps?labelSelector=a%3Db", 405},
    {"DELETE", "/api/v1/configmaps?dryRun=All", 405},
    // Collections are created in and emptied, not replaced.
    {"PUT", "/api/v1/namespaces/default/configmaps", 405},
    {"PATCH", "/api/v1/namespaces/default/configmaps", 405},
    {"PUT", "/api/v1/nodes", 405},
    {"PATCH", "/api/v1/nodes", 405},
    {"DELETE", "/api/v1/namespaces", 405},
    {"PUT", "/api/v1/namespaces", 405},
    // An object is created in its collection.
    {"POST", "/api/v1/namespaces/default/configmaps/kept", 405},
    {"POST", "/api/v1/namespaces/kept", 405},
    {"POST", "/api/v1/nodes/n1", 405},
    // Objects of a namespace have no place outside of one, and those of the cluster none within.
    {"GET", "/api/v1/configmaps/kept", 404},
    {"PUT", "/api/v1/configmaps/kept", 404},
    {"PATCH", "/api/v1/configmaps/kept", 404},
    {"DELETE", "/api/v1/configmaps/kept", 404},
    {"GET", "/api/v1/namespaces/default/nodes", 404},
    {"POST", "/api/v1/namespaces/default/nodes", 404},
    {"DELETE", "/api/v1/namespaces/default/nodes/n1", 404},
    // What is not there.
    {"GET", "/api/v1/namespaces/default/configmaps/absent", 404},
    {"PATCH", "/api/v1/namespaces/default/configmaps/absent", 404},
    {"DELETE", "/api/v1/namespaces/default/configmaps/absent", 404},
    {"DELETE", "/api/v1/namespaces/absent", 404},
    {"GET", "/api/v1/namespaces/default/nothings", 404},
    {"POST", "/api/v1/namespaces/default/nothings", 404},
    {"GET", "/apis/nothing.example.com/v1/things", 404},
    {"GET", "/healthz/nope", 404},
    {"GET", "/readyz/nope", 404},
    {"GET", "/livez/ping/nope", 404},
    // Parts of objects.
    {"POST", "/api/v1/namespaces/default/pods/kept/status", 405},
    {"DELETE", "/api/v1/namespaces/default/pods/kept/status", 405},
    {"PUT", "/api/v1/namespaces/default/pods/kept/binding", 405},
    {"GET", "/api/v1/namespaces/default/pods/kept/binding", 405},
    {"GET", "/api/v1/namespaces/default/pods/kept/eviction", 405},
    {"POST", "/api/v1/namespaces/kept/finalize", 405},
    {"GET", "/api/v1/namespaces/default/configmaps/kept/status", 404},
    {"GET", "/api/v1/namespaces/default/pods/kept/nothing", 404},
    // What is asked is not stored.
    {"GET", "/apis/authentication.k8s.io/v1/tokenreviews", 405},
    {"DELETE", "/apis/authorization.k8s.io/v1/subjectaccessreviews", 405},
    {"POST", "/api/v1/componentstatuses", 405},
    {"DELETE", "/api/v1/componentstatuses", 405},
    // What the cluster can't be without.
    {"DELETE", "/api/v1/namespaces/default", 403},
    {"DELETE", "/api/v1/namespaces/kube-system", 403},
    {"DELETE", "/api/v1/namespaces/kube-public", 403},
};

INSTANTIATE_TEST_SUITE_P(Table, RefusalTest, testing::ValuesIn(kRefusals));

}  // namespace
}  // namespace fakeapi
