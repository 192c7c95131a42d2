#include "fake-apiserver/api/watch_hub.h"

#include "fake-apiserver/api/testing.h"

namespace fakeapi {
namespace {

using namespace std::chrono_literals;
using Names = std::vector<std::string>;

class WatchTest : public ApiTest {
 protected:
  WatchTest()
      : ApiTest({.store = {.history_limit = 50, .history_age = 5min},
                 .watch = {.bookmark_interval = 1min, .default_timeout = 30min, .queue_limit = 20}}) {}

  std::string from_now() { return kPodsUrl + "?watch=true&resourceVersion=" + std::to_string(store().revision()); }
  void make(const std::string& name, const Json& labels = Json::object()) { create(kPodsUrl, test_pod(name, labels)); }
  void relabel(const std::string& name, const char* value) {
    patch(kPodsUrl + "/" + name, {{"metadata", {{"labels", {{"app", value}}}}}});
  }
};

TEST_F(WatchTest, FromARevisionComeExactlyTheLaterChangesInOrder) {
  make("a");
  const std::string since = std::to_string(store().revision());
  make("b");
  relabel("a", "web");

  auto changes = watch(kPodsUrl + "?watch=true&resourceVersion=" + since);
  EXPECT_EQ(changes->status(), 200);
  EXPECT_EQ(changes->take_names(), (Names{"ADDED b", "MODIFIED a"}));
  create(kConfigMapsUrl, {{"metadata", {{"name", "other"}}}});
  EXPECT_TRUE(changes->take().empty());
  expect(200, {.method = "DELETE", .target = kPodsUrl + "/b"});
  const auto events = changes->take();
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].at("type"), "DELETED");
  EXPECT_EQ(version_of(events[0].at("object")), std::to_string(store().revision()));
  EXPECT_EQ(events[0].at("object").at("kind"), "Pod");
  EXPECT_EQ(events[0].at("object").at("apiVersion"), "v1");
  EXPECT_FALSE(changes->ended());
}

TEST_F(WatchTest, TrueIsSpeltInManyWays) {
  for (const char* value : {"true", "True", "1"}) {
    auto changes = watch(kPodsUrl + "?watch=" + value);
    EXPECT_FALSE(changes->ended()) << value;
    EXPECT_EQ(server_.watch_hub().watchers(), 1u) << value;
  }
}

TEST_F(WatchTest, WithoutARevisionEverythingComesFirst) {
  make("a");
  make("b");
  for (const char* version : {"", "&resourceVersion=0", "&resourceVersion="}) {
    auto changes = watch(kPodsUrl + "?watch=1" + version);
    EXPECT_EQ(changes->take_names(), (Names{"ADDED a", "ADDED b"})) << version;
  }
}

TEST_F(WatchTest, OtherNamespacesAreNotSeen) {
  create("/api/v1/namespaces", {{"metadata", {{"name", "shop"}}}});
  auto here = watch(from_now());
  auto everywhere = watch("/api/v1/pods?watch=1&resourceVersion=" + std::to_string(store().revision()));
  create("/api/v1/namespaces/shop/pods", test_pod("s"));
  EXPECT_TRUE(here->take().empty());
  EXPECT_EQ(everywhere->take_names(), (Names{"ADDED s"}));
}

TEST_F(WatchTest, TimeoutEndsTheStreamCleanly) {
  auto changes = watch(from_now() + "&timeoutSeconds=2");
  clock_.run_for(2s - 1ns);
  EXPECT_FALSE(changes->ended());
  clock_.run_for(1ns);
  EXPECT_TRUE(changes->ended());
}

TEST_F(WatchTest, EveryWatchEndsSomeTime) {
  auto changes = watch(from_now());
  clock_.run_for(60min);
  EXPECT_TRUE(changes->ended());
}

TEST_F(WatchTest, BookmarksComeOnceAMinuteAndBeforeTheEnd) {
  auto changes = watch(from_now() + "&allowWatchBookmarks=true&timeoutSeconds=90");
  create(kConfigMapsUrl, {{"metadata", {{"name", "other"}}}});
  clock_.run_for(60s);
  const auto events = changes->take();
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].at("type"), "BOOKMARK");
  EXPECT_EQ(
      events[0].at("object"),
      (Json{{"kind", "Pod"},
            {"apiVersion", "v1"},
            {"metadata", {{"resourceVersion", std::to_string(store().revision())}, {"creationTimestamp", nullptr}}}}));
  clock_.run_for(28s);
  EXPECT_EQ(changes->take().size(), 1u);
  clock_.run_for(2s);
  EXPECT_TRUE(changes->take().empty());
  EXPECT_TRUE(changes->ended());
}

TEST_F(WatchTest, NobodyGetsBookmarksUnasked) {
  auto changes = watch(from_now());
  clock_.run_for(5min);
  EXPECT_TRUE(changes->take().empty());
}

TEST_F(WatchTest, ASelectorTurnsLeavingIntoDeletedAndEnteringIntoAdded) {
  make("a", {{"app", "web"}});
  auto changes = watch(from_now() + "&labelSelector=app%3Dweb");

  relabel("a", "api");
  auto events = changes->take();
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].at("type"), "DELETED");
  EXPECT_EQ(events[0].at("object").at("metadata").at("labels").at("app"), "web");
  EXPECT_EQ(version_of(events[0].at("object")), std::to_string(store().revision()));

  relabel("a", "db");
  EXPECT_TRUE(changes->take().empty());
  relabel("a", "web");
  EXPECT_EQ(changes->take_names(), (Names{"ADDED a"}));
  relabel("a", "api");
  changes->take();
  expect(200, {.method = "DELETE", .target = kPodsUrl + "/a"});
  EXPECT_TRUE(changes->take().empty()) << "what had left cannot be deleted again";
}

TEST_F(WatchTest, ASingleObjectIsWatchedByItsName) {
  make("a");
  make("b");
  auto changes = watch(kPodsUrl + "?fieldSelector=metadata.name%3Da&resourceVersion=0&watch=true");
  auto direct = watch(kPodsUrl + "/a?watch=true");
  relabel("b", "x");
  relabel("a", "x");
  EXPECT_EQ(changes->take_names(), (Names{"ADDED a", "MODIFIED a"}));
  EXPECT_EQ(direct->take_names(), (Names{"ADDED a", "MODIFIED a"}));
}

TEST_F(WatchTest, ACompactedRevisionGives200AndOneError) {
  const std::string since = std::to_string(store().revision());
  for (int i = 0; i < 60; ++i) make("p" + std::to_string(i));
  auto changes = watch(kPodsUrl + "?watch=1&resourceVersion=" + since);

  EXPECT_EQ(changes->status(), 200);
  const auto events = changes->take();
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].at("type"), "ERROR");
  const Json& status = events[0].at("object");
  EXPECT_EQ(status.at("kind"), "Status");
  EXPECT_EQ(status.at("code"), 410);
  EXPECT_EQ(status.at("reason"), "Expired");
  EXPECT_EQ(status.at("message"),
            "too old resource version: " + since + " (" + std::to_string(store().revision()) + ")");
  EXPECT_TRUE(changes->ended());
}

TEST_F(WatchTest, ARevisionThatIsYetToComeGivesATimeout) {
  auto changes = watch(kPodsUrl + "?watch=1&resourceVersion=99999");
  const auto events = changes->take();
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].at("type"), "ERROR");
  const Json& status = events[0].at("object");
  EXPECT_EQ(status.at("code"), 504);
  EXPECT_EQ(status.at("reason"), "Timeout");
  EXPECT_EQ(status.at("message"),
            "Timeout: Too large resource version: 99999, current: " + std::to_string(store().revision()));
  EXPECT_EQ(status.at("details").at("causes").at(0).at("reason"), "ResourceVersionTooLarge");
  EXPECT_TRUE(changes->ended());
}

TEST_F(WatchTest, WatchListMarksTheEndOfTheInitialEvents) {
  make("a");
  const std::string watch_list =
      kPodsUrl + "?watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true";
  auto changes = watch(watch_list + "&resourceVersion=" + std::to_string(store().revision()));
  const auto events = changes->take();
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(events[0].at("type"), "ADDED");
  EXPECT_EQ(events[1].at("type"), "BOOKMARK");
  const Json& mark = events[1].at("object");
  EXPECT_EQ(mark.at("kind"), "Pod");
  EXPECT_EQ(mark.at("apiVersion"), "v1");
  EXPECT_EQ(mark.at("metadata").at("annotations").at("k8s.io/initial-events-end"), "true");
  EXPECT_EQ(version_of(mark), std::to_string(store().revision()));
  make("b");
  EXPECT_EQ(changes->take_names(), (Names{"ADDED b"}));
}

TEST_F(WatchTest, WatchListOfNothingIsMarkedAtOnce) {
  auto changes = watch(kDeploymentsUrl +
                       "?watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true");
  const auto events = changes->take();
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].at("object").at("metadata").at("annotations").at("k8s.io/initial-events-end"), "true");
}

TEST_F(WatchTest, WatchListIsValidated) {
  const Json without = expect(422, {.target = kPodsUrl + "?watch=1&sendInitialEvents=true"});
  EXPECT_NE(without.at("message").get<std::string>().find(
                "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan"),
            std::string::npos);
  expect(422, {.target = kPodsUrl + "?watch=1&resourceVersionMatch=NotOlderThan"});
  expect(422, {.target = kPodsUrl + "?sendInitialEvents=true&resourceVersionMatch=NotOlderThan"});
}

class NoWatchListTest : public ApiTest {
 protected:
  NoWatchListTest() : ApiTest({.router = {.reader = {.watch_list = false}, .git_version = "v1.30.1"}}) {}
};

TEST_F(NoWatchListTest, IsRefusedInTheWordsThatClientsKnow) {
  const Json refused =
      expect(422, {.target = kPodsUrl + "?watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan"});
  EXPECT_NE(refused.at("message").get<std::string>().find("sendInitialEvents is forbidden for watch unless the "
                                                          "WatchList feature gate is enabled"),
            std::string::npos);
  EXPECT_EQ(get("/version").at("minor"), "30");
}

TEST_F(WatchTest, TablesDefineTheirColumnsOnce) {
  make("a");
  auto changes = watch(kPodsUrl + "?watch=true", kTableAccept);
  make("b");
  const auto events = changes->take();
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(events[0].at("object").at("kind"), "Table");
  EXPECT_EQ(events[0].at("object").at("columnDefinitions").size(), 9u);
  EXPECT_TRUE(events[1].at("object").at("columnDefinitions").is_null());
  EXPECT_EQ(events[1].at("object").at("rows").at(0).at("cells").at(0), "b");
  EXPECT_EQ(version_of(events[1].at("object")), std::to_string(store().revision()));
}

TEST_F(WatchTest, PartialMetadataIsWatchable) {
  make("a");
  auto changes = watch(kPodsUrl + "?watch=true", "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1");
  const auto events = changes->take();
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].at("object").at("kind"), "PartialObjectMetadata");
  EXPECT_FALSE(events[0].at("object").contains("spec"));
}

TEST_F(WatchTest, OlderVersionsAreConverted) {
  const std::string v1 = "/apis/autoscaling/v1/namespaces/default/horizontalpodautoscalers";
  auto changes = watch(v1 + "?watch=1");
  create("/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers",
         {{"metadata", {{"name", "h"}}},
          {"spec", {{"maxReplicas", 3}, {"scaleTargetRef", {{"kind", "Deployment"}, {"name", "web"}}}}}});
  const auto events = changes->take();
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].at("object").at("apiVersion"), "autoscaling/v1");
  EXPECT_EQ(events[0].at("object").at("spec").at("targetCPUUtilizationPercentage"), 80);
}

TEST_F(WatchTest, EveryObjectHasKindAndApiVersion) {
  make("a");
  auto changes = watch(kPodsUrl + "?watch=1&allowWatchBookmarks=true&timeoutSeconds=90");
  make("b");
  relabel("a", "web");
  expect(200, {.method = "DELETE", .target = kPodsUrl + "/b"});
  clock_.run_for(60s);
  Names types;
  for (const Json& event : changes->take()) {
    types.push_back(event.at("type").get<std::string>());
    EXPECT_EQ(event.at("object").at("kind"), "Pod") << event;
    EXPECT_EQ(event.at("object").at("apiVersion"), "v1") << event;
  }
  EXPECT_EQ(types, (Names{"ADDED", "ADDED", "MODIFIED", "DELETED", "BOOKMARK"}));
}

TEST_F(WatchTest, EachEventIsOneLine) {
  auto changes = watch(from_now());
  Json pod = test_pod("a");
  pod["metadata"]["annotations"] = {{"text", "two\nlines"}};
  create(kPodsUrl, pod);
  changes->take();
  EXPECT_EQ(std::count(changes->raw().begin(), changes->raw().end(), '\n'), 1);
}

TEST_F(WatchTest, ClosingFreesTheWatcher) {
  for (int i = 0; i < 10'000; ++i) {
    auto changes = watch(from_now() + "&allowWatchBookmarks=1");
    ASSERT_EQ(server_.watch_hub().watchers(), 1u);
  }
  EXPECT_EQ(server_.watch_hub().watchers(), 0u);
  EXPECT_EQ(clock_.next_due(), std::nullopt);
  EXPECT_EQ(metrics_.value("fakeapi_watchers"), 0);
}

TEST_F(WatchTest, ASlowReaderIsDroppedAlone) {
  auto quick = watch(from_now());
  WatchRequest request;
  const ResourceRegistry registry = ResourceRegistry::builtin();
  request.view = View{registry.find(Resource{"", "pods"}), "v1", OutputFormat()};
  request.since = store().revision();
  const auto slow = server_.watch_hub().open(request);  // that nobody reads
  for (int i = 0; i < 21; ++i) make("p" + std::to_string(i));

  EXPECT_EQ(quick->take().size(), 21u);
  EXPECT_FALSE(quick->ended());
  EXPECT_EQ(metrics_.value("fakeapi_watch_drops_total"), 1);
  std::optional<std::string> chunk = "unread";
  base::TaskGroup tasks(clock_.executor());
  const auto read = [&]() -> boost::asio::awaitable<void> { chunk = co_await slow->next_chunk(); };
  tasks.spawn(read());
  clock_.run_ready();
  EXPECT_EQ(chunk, std::nullopt);
}

TEST_F(WatchTest, ClosingTheServerEndsAllStreamsCleanly) {
  auto one = watch(from_now());
  auto two = watch(kConfigMapsUrl + "?watch=1");
  make("a");
  server_.watch_hub().close_all();
  EXPECT_EQ(one->take_names(), (Names{"ADDED a"}));
  EXPECT_TRUE(one->ended());
  EXPECT_TRUE(two->take().empty() || two->ended());
}

}  // namespace
}  // namespace fakeapi
