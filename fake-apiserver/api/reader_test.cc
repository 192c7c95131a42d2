#include "fake-apiserver/api/reader.h"

#include "fake-apiserver/api/base64.h"
#include "fake-apiserver/api/testing.h"

namespace fakeapi {
namespace {

using Names = std::vector<std::string>;

class ListTest : public ApiTest {
 protected:
  void SetUp() override {
    for (const char* name : {"a", "b", "c"}) create(kPodsUrl, test_pod(name));
  }
  std::string message(int status, const std::string& query) {
    return text_at(expect(status, {.target = kPodsUrl + "?" + query}), {"message"});
  }
  static bool says(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }
};

TEST_F(ListTest, ResourceVersionMatchNeedsAResourceVersion) {
  EXPECT_TRUE(says(message(422, "resourceVersionMatch=Exact"),
                   "resourceVersionMatch is forbidden unless resourceVersion is provided"));
  EXPECT_TRUE(says(message(422, "resourceVersionMatch=Newest&resourceVersion=1"),
                   "Unsupported value: \"Newest\": supported values: \"Exact\", \"NotOlderThan\""));
  EXPECT_TRUE(says(message(422, "resourceVersionMatch=Exact&resourceVersion=0"), "resourceVersionMatch is forbidden"));
  EXPECT_TRUE(says(message(422, "sendInitialEvents=true"), "sendInitialEvents is forbidden for list"));
  EXPECT_EQ(get(kPodsUrl + "?resourceVersionMatch=NotOlderThan&resourceVersion=1").at("items").size(), 3u);
}

TEST_F(ListTest, WrongRevisionsAndLimitsAreBadRequests) {
  for (const char* query :
       {"resourceVersion=abc", "resourceVersion=-1", "resourceVersion=1.5", "limit=many",
        "resourceVersion=99999999999999999999", "watch=1&resourceVersion=abc", "watch=1&timeoutSeconds=soon"}) {
    EXPECT_EQ(expect(400, {.target = kPodsUrl + "?" + query}).at("reason"), "BadRequest") << query;
  }
}

TEST_F(ListTest, ContinueTokensThatNobodyGaveAreBadRequests) {
  const auto token = [](const std::string& text) { return http::percent_encode(base64_encode(text)); };
  for (const std::string& bad :
       {std::string("rubbish"), token("{}"), token(R"({"v":"meta.k8s.io/v2","rv":5,"start":"default/a"})"),
        token(R"({"v":"meta.k8s.io/v1","rv":-5,"start":"default/a"})"),
        token(R"({"v":"meta.k8s.io/v1","rv":"5","start":"default/a"})"),
        token(R"({"v":"meta.k8s.io/v1","rv":5,"start":"nowhere"})"), token("[[[[")}) {
    EXPECT_TRUE(says(message(400, "limit=1&continue=" + bad), "continue key is not valid")) << bad;
  }
  const std::string good = text_at(get(kPodsUrl + "?limit=1"), {"metadata", "continue"});
  EXPECT_TRUE(says(message(400, "resourceVersion=5&continue=" + http::percent_encode(good)),
                   "specifying resource version is not allowed when using continue"));
  EXPECT_TRUE(says(message(422, "resourceVersionMatch=Exact&continue=" + http::percent_encode(good)),
                   "resourceVersionMatch is forbidden when continue is provided"));
}

TEST_F(ListTest, AnExpiredTokenBringsAFreshOneAndTheWarning) {
  const std::string token = http::percent_encode(text_at(get(kPodsUrl + "?limit=1"), {"metadata", "continue"}));
  create(kConfigMapsUrl, {{"metadata", {{"name", "x"}}}});
  store().shrink_history(0);
  const Json expired = expect(410, {.target = kPodsUrl + "?limit=1&continue=" + token});
  EXPECT_EQ(expired.at("reason"), "Expired");
  EXPECT_TRUE(
      says(expired.at("message").get<std::string>(), "You can start a new list without the continue parameter"));
  const std::string fresh = http::percent_encode(text_at(expired, {"metadata", "continue"}));
  EXPECT_EQ(names_of(get(kPodsUrl + "?limit=5&continue=" + fresh)), (Names{"b", "c"}));
}

TEST_F(ListTest, WatchersOfOneFormShareWhatTheyAreSent) {
  std::vector<std::unique_ptr<TestWatch>> watches;
  for (int i = 0; i < 100; ++i) {
    watches.push_back(watch(kPodsUrl + "?watch=1&resourceVersion=" + std::to_string(store().revision())));
  }
  auto tables = watch(kPodsUrl + "?watch=1&resourceVersion=" + std::to_string(store().revision()), kTableAccept);
  auto elsewhere = watch("/api/v1/namespaces/kube-system/pods?watch=1");
  for (int i = 0; i < 10; ++i) create(kPodsUrl, test_pod("p" + std::to_string(i)));
  for (const auto& one : watches) {
    one->take();
    EXPECT_EQ(one->raw(), watches.front()->raw());
  }
  EXPECT_EQ(std::count(watches.front()->raw().begin(), watches.front()->raw().end(), '\n'), 10);
  EXPECT_EQ(tables->take().at(9).at("object").at("kind"), "Table");
  EXPECT_TRUE(elsewhere->take().empty());
}

TEST_F(ListTest, ARestoredStoreKeepsItsRevisionsAndForgetsItsHistory) {
  const std::string before = std::to_string(store().revision());
  std::vector<std::pair<Resource, Json>> objects;
  const Resource pods{"", "pods"};
  for (const ObjectPtr& pod : store().list(pods)) objects.emplace_back(pods, *pod);
  objects.pop_back();
  std::vector<std::string> heard;
  store().subscribe(pods, [&](const StoreEvent& event) {
    heard.push_back((event.type == EventType::kDeleted ? "-" : "+") + name_of(*event.object).name);
  });
  store().restore(500, objects);
  EXPECT_EQ(heard, (Names{"-a", "-b", "-c", "+a", "+b"}));
  EXPECT_EQ(store().revision(), 500u);
  EXPECT_EQ(*store().find(pods, {"default", "a"}), objects[0].second);
  EXPECT_EQ(store().find(pods, {"default", "c"}), nullptr);
  EXPECT_FALSE(store().events_since(pods, std::stoull(before)));
  const auto created = store().create(pods, {{"metadata", {{"name", "d"}, {"namespace", "default"}}}});
  ASSERT_TRUE(created);
  EXPECT_EQ(version_of(**created), "501");
}

TEST_F(ListTest, APageOfARevisionThatIsYetToComeIsExpired) {
  const std::string token = base64_encode(R"({"v":"meta.k8s.io/v1","rv":999999,"start":"default/a"})");
  const Json refused = expect(410, {.target = kPodsUrl + "?limit=1&continue=" + token});
  EXPECT_EQ(refused.at("reason"), "Expired");
  EXPECT_FALSE(text_at(refused, {"metadata", "continue"}).empty());
}

}  // namespace
}  // namespace fakeapi
