#include "fake-apiserver/api/namespaces.h"

#include "fake-apiserver/api/testing.h"

namespace fakeapi {
namespace {

using namespace std::chrono_literals;

const std::string kShop = "/api/v1/namespaces/shop";
const Resource kSecrets{"", "secrets"};

class NamespacesTest : public ApiTest {
 protected:
  NamespacesTest() { create("/api/v1/namespaces", {{"metadata", {{"name", "shop"}}}}); }

  Json remove(int status, const std::string& target) { return expect(status, {.method = "DELETE", .target = target}); }
  int status_of(const std::string& target) { return call({.target = target}).status; }
  Json condition(const char* type) {
    const Json shop = get(kShop);
    for (const Json& entry : at_path(shop, {"status", "conditions"})) {
      if (entry.at("type") == type) return entry;
    }
    return nullptr;
  }
};

TEST_F(NamespacesTest, ItIsMarkedInOneWriteAndGoesByItself) {
  create(kShop + "/configmaps", {{"metadata", {{"name", "x"}}}});
  const Revision before = store().revision();
  const Json marked = remove(200, kShop);
  EXPECT_EQ(store().revision(), before + 1);
  EXPECT_EQ(marked.at("status").at("phase"), "Terminating");
  EXPECT_EQ(marked.at("spec").at("finalizers"), Json::array({"kubernetes"}));
  EXPECT_TRUE(at_path(marked, {"metadata", "finalizers"}).is_null());
  EXPECT_EQ(status_of(kShop + "/configmaps/x"), 200);
  clock_.run_for(1s);
  EXPECT_EQ(status_of(kShop), 404);
  EXPECT_TRUE(store().list({"", "configmaps"}, "shop").empty());
}

TEST_F(NamespacesTest, ASecondDeletionIsAConflict) {
  remove(200, kShop);
  const Json refused = remove(409, kShop);
  EXPECT_NE(refused.at("message").get<std::string>().find("will automatically be purged"), std::string::npos);
}

TEST_F(NamespacesTest, ConditionsTellWhatIsLeft) {
  create(kShop + "/secrets", {{"metadata", {{"name", "s"}, {"finalizers", {"test/hold"}}}}});
  remove(200, kShop);
  clock_.run_for(1s);
  EXPECT_EQ(condition("NamespaceContentRemaining").at("status"), "True");
  EXPECT_EQ(condition("NamespaceContentRemaining").at("message"),
            "Some resources are remaining: secrets. has 1 resource instances");
  EXPECT_EQ(condition("NamespaceFinalizersRemaining").at("reason"), "SomeFinalizersRemain");
  EXPECT_EQ(condition("NamespaceDeletionContentFailure").at("status"), "False");
  patch(kShop + "/secrets/s", {{"metadata", {{"finalizers", nullptr}}}});
  clock_.run_for(1s);
  EXPECT_EQ(status_of(kShop), 404);
}

TEST_F(NamespacesTest, OtherFinalizersOfItsSpecHoldItUntilSomebodyFinalizesIt) {
  ASSERT_TRUE(store().update({"", "namespaces"}, {"", "shop"}, Part::kAll, [](Json& object) -> base::Result<> {
    object["spec"]["finalizers"] = {"kubernetes", "test/other"};
    return {};
  }));
  remove(200, kShop);
  clock_.run_for(1s);
  Json shop = get(kShop);
  EXPECT_EQ(shop.at("spec").at("finalizers"), Json::array({"test/other"}));
  shop["spec"]["finalizers"] = Json::array();
  expect(200, {.method = "PUT", .target = kShop + "/finalize", .body = shop.dump()});
  EXPECT_EQ(status_of(kShop), 404);
}

TEST_F(NamespacesTest, SwitchedOffItLeavesANamespaceAsItIs) {
  server_.namespaces().set_collecting(false);
  create(kShop + "/configmaps", {{"metadata", {{"name", "x"}}}});
  remove(200, kShop);
  clock_.run_for(1h);
  EXPECT_EQ(get(kShop).at("status").at("phase"), "Terminating");
  EXPECT_EQ(status_of(kShop + "/configmaps/x"), 200);
}

TEST_F(NamespacesTest, WhatControllersPutThereMeanwhileGoesToo) {
  create(kShop + "/secrets", {{"metadata", {{"name", "s"}, {"finalizers", {"test/hold"}}}}});
  remove(200, kShop);
  clock_.run_for(1s);
  const Json late = {{"apiVersion", "v1"}, {"kind", "Secret"}, {"metadata", {{"name", "late"}, {"namespace", "shop"}}}};
  ASSERT_TRUE(store().create(kSecrets, late));
  clock_.run_for(1s);
  EXPECT_FALSE(store().find(kSecrets, {"shop", "late"}));
  EXPECT_EQ(status_of(kShop), 200);
}

}  // namespace
}  // namespace fakeapi
