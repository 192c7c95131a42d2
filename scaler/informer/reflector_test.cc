#include "scaler/informer/reflector.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "scaler/informer/informer.h"
#include "scaler/testing/rig.h"

namespace scaler {
namespace {

using namespace std::chrono_literals;
using testing::kDeployments;
using testing::kStart;

constexpr char kList[] = "GET /apis/apps/v1/deployments?limit=500";
constexpr char kWatch[] = "GET /apis/apps/v1/deployments?allowWatchBookmarks=true";

// Follows the Deployments. Without jitter, so that times are exact.
struct ReflectorRig : testing::Rig {
  explicit ReflectorRig(ReflectorOptions options = without_jitter())
      : reflector("deployments", kDeployments, informer, client, clock, base::Random(1), log, metrics, options) {
    api.put(kDeployments, testing::deployment("a", 1));
  }
  ~ReflectorRig() {
    tasks.cancel();
    clock.run_ready();
  }

  static ReflectorOptions without_jitter() {
    ReflectorOptions options;
    options.backoff.jitter = 0;
    return options;
  }

  void start() {
    tasks.spawn(reflector.run());
    clock.run_ready();
  }
  std::string names() {
    std::string names;
    informer.cache().for_each("", [&](const DeploymentObject& d) { names += d.meta.key.name; });
    return names;
  }
  double failures(const std::string& reason) {
    return metrics.value("scaler_reflector_failures_total", {{"resource", "deployments"}, {"reason", reason}});
  }
  std::size_t lists() { return api.count(kList); }
  std::size_t watches() { return api.count(kWatch); }

  KubeClient client{transport, clock, metrics, KubeClientOptions()};
  Informer<DeploymentObject> informer{clock};
  Reflector reflector;
};

TEST(ReflectorTest, ListsFromTheCacheAndWatchesFromThere) {
  ReflectorRig rig;
  EXPECT_FALSE(rig.informer.is_synced());

  rig.start();

  EXPECT_TRUE(rig.informer.is_synced());
  EXPECT_EQ(rig.names(), "a");
  ASSERT_EQ(rig.api.requests.size(), 2u);
  EXPECT_EQ(rig.api.requests[0], "GET /apis/apps/v1/deployments?limit=500&resourceVersion=0");
  EXPECT_TRUE(rig.api.requests[1].starts_with(
      "GET /apis/apps/v1/deployments?allowWatchBookmarks=true&resourceVersion=101&timeoutSeconds="));
  EXPECT_TRUE(rig.api.requests[1].ends_with("&watch=true"));
}

TEST(ReflectorTest, FollowsChanges) {
  ReflectorRig rig;
  rig.start();

  rig.api.put(kDeployments, testing::deployment("b", 1));
  rig.api.put(kDeployments, testing::deployment("a", 9));
  rig.clock.run_ready();
  EXPECT_EQ(rig.names(), "ab");
  EXPECT_EQ(rig.informer.cache().find(ObjectKey{"default", "a"})->spec_replicas, 9);
  EXPECT_EQ(rig.informer.revision(), 103);

  rig.api.remove(kDeployments, "default", "a");
  rig.clock.run_ready();
  EXPECT_EQ(rig.names(), "b");
  EXPECT_EQ(rig.lists(), 1u);
}

TEST(ReflectorTest, GathersPagesIntoOneList) {
  ReflectorRig rig;
  rig.api.page_size = 2;
  for (const char* name : {"b", "c", "d", "e"}) rig.api.put(kDeployments, testing::deployment(name, 1));

  rig.start();

  EXPECT_EQ(rig.names(), "abcde");
  EXPECT_EQ(rig.lists(), 3u);
  EXPECT_EQ(rig.api.requests[1], "GET /apis/apps/v1/deployments?limit=500&continue=default%2Fb");
}

TEST(ReflectorTest, BookmarkMovesThePositionOfTheNextWatch) {
  ReflectorRig rig;
  rig.start();
  rig.api.put(testing::kPods, testing::pod("p", kStart));  // moves the revision, not the Deployments
  rig.api.send_raw(kDeployments, R"({"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"102"}}})");
  rig.clock.run_for(1s);

  rig.api.end_watches(kDeployments);
  rig.clock.run_ready();

  EXPECT_EQ(rig.informer.revision(), 102);
  EXPECT_NE(rig.api.requests.back().find("resourceVersion=102&"), std::string::npos);
}

TEST(ReflectorTest, WatchThatEndsCleanlyIsTakenUpAgainAtOnce) {
  ReflectorRig rig;
  rig.start();

  rig.clock.run_for(10min + 1s);  // timeoutSeconds is at most ten minutes

  EXPECT_GE(rig.watches(), 2u);
  EXPECT_EQ(rig.lists(), 1u);
  EXPECT_EQ(rig.failures("short"), 0);
}

TEST(ReflectorTest, WatchThatEndsAtOnceLeadsToAListAfterBackOff) {
  ReflectorRig rig;
  rig.start();
  rig.clock.run_for(999ms);

  rig.api.end_watches(kDeployments);
  rig.clock.run_for(799ms);
  EXPECT_EQ(rig.lists(), 1u);
  EXPECT_EQ(rig.watches(), 1u);

  rig.clock.run_for(1ms);
  EXPECT_EQ(rig.lists(), 2u);
  EXPECT_EQ(rig.watches(), 2u);
  EXPECT_EQ(rig.failures("short"), 1);
}

TEST(ReflectorTest, ExpiredEventLeadsToAListThatIsNotOlder) {
  ReflectorRig rig;
  rig.start();
  rig.api.put(kDeployments, testing::deployment("b", 1));
  rig.clock.run_for(2s);

  rig.api.send_raw(kDeployments,
                   R"({"type":"ERROR","object":{"kind":"Status","code":410,"reason":"Expired","message":"too old"}})");
  rig.clock.run_for(1s);

  EXPECT_EQ(rig.failures("expired"), 1);
  EXPECT_EQ(rig.lists(), 2u);
  EXPECT_EQ(rig.api.count("GET /apis/apps/v1/deployments?limit=500&resourceVersion=102"), 1u);
}

TEST(ReflectorTest, ExpiredListIsRepeatedWithoutAVersion) {
  ReflectorRig rig;
  rig.start();
  rig.clock.run_for(2s);
  rig.api.hook = [](const http::Request& request) -> std::optional<http::Response> {
    if (!request.target.ends_with("limit=500&resourceVersion=101")) return std::nullopt;
    return testing::status_response(410, "Expired", "too old resource version");
  };

  rig.api.send_raw(kDeployments, R"({"type":"ERROR","object":{"kind":"Status","code":500,"message":"oops"}})");
  rig.clock.run_for(10s);
  EXPECT_EQ(rig.failures("list"), 1);
  EXPECT_EQ(std::count(rig.api.requests.begin(), rig.api.requests.end(), kList), 1);
  EXPECT_EQ(rig.lists(), 3u);
}

struct RefusedWatch {
  const char* name;
  int status;
  bool lists_again;
  friend void PrintTo(const RefusedWatch& c, std::ostream* out) { *out << c.name; }
};

class RefusedWatchTest : public ::testing::TestWithParam<RefusedWatch> {};

TEST_P(RefusedWatchTest, IsAnsweredWithBackOffAndAListUnlessTheServerIsOnlyBusy) {
  ReflectorRig rig;
  int refusals = 1;
  rig.api.hook = [&](const http::Request& request) -> std::optional<http::Response> {
    if (request.target.find("watch=true") == std::string::npos || refusals-- <= 0) return std::nullopt;
    return testing::status_response(GetParam().status, "Reason", "refused");
  };
  rig.start();
  EXPECT_EQ(rig.watches(), 1u);

  rig.clock.run_for(800ms);

  EXPECT_EQ(rig.watches(), 2u);
  EXPECT_EQ(rig.lists(), GetParam().lists_again ? 2u : 1u);
  EXPECT_EQ(rig.failures("watch"), 1);
  EXPECT_EQ(rig.api.open_watches(kDeployments), 1u);
}

INSTANTIATE_TEST_SUITE_P(Statuses, RefusedWatchTest,
                         ::testing::Values(RefusedWatch{"Busy", 429, false}, RefusedWatch{"Gone", 410, true},
                                           RefusedWatch{"Forbidden", 403, true}, RefusedWatch{"Broken", 500, true},
                                           RefusedWatch{"Unavailable", 503, true}),
                         [](const auto& chosen) { return chosen.param.name; });

TEST(ReflectorTest, BrokenStreamIsTakenUpAgainFromTheLastVersion) {
  ReflectorRig rig;
  rig.start();
  rig.clock.run_for(5s);

  rig.transport.break_streams();
  rig.clock.run_ready();
  rig.api.put(kDeployments, testing::deployment("b", 1));  // missed by the broken stream
  rig.clock.run_for(1s);

  EXPECT_EQ(rig.names(), "ab");
  EXPECT_EQ(rig.lists(), 1u);
  EXPECT_EQ(rig.failures("broken"), 1);
}

TEST(ReflectorTest, OutageIsRiddenOutWithGrowingPausesAndWithoutAList) {
  ReflectorRig rig;
  rig.start();
  rig.clock.run_for(5s);
  rig.transport.refuses = true;
  rig.transport.break_streams();

  rig.clock.run_for(10min);
  const double attempts = rig.failures("watch");
  EXPECT_GE(attempts, 20);  // 0.8 s doubling to 30 s: 6 in the first 51 s, then 2 a minute
  EXPECT_LE(attempts, 25);

  rig.transport.refuses = false;
  rig.api.remove(kDeployments, "default", "a");
  rig.clock.run_for(31s);
  EXPECT_EQ(rig.names(), "");
  EXPECT_EQ(rig.lists(), 1u);
}

TEST(ReflectorTest, DeletionDuringAnOutageIsFoundByTheNextList) {
  ReflectorRig rig;
  rig.start();
  rig.clock.run_for(5s);
  rig.transport.refuses = true;
  rig.transport.break_streams();
  rig.clock.run_for(1s);
  rig.api.remove(kDeployments, "default", "a");
  rig.api.forget_history();

  rig.transport.refuses = false;
  rig.clock.run_for(10s);

  EXPECT_EQ(rig.names(), "");
  EXPECT_EQ(rig.lists(), 2u);
}

TEST(ReflectorTest, FailingListIsRepeatedUntilItWorks) {
  ReflectorRig rig;
  rig.transport.refuses = true;
  rig.start();
  rig.clock.run_for(3s);
  EXPECT_FALSE(rig.informer.is_synced());

  rig.transport.refuses = false;
  rig.clock.run_for(4s);

  EXPECT_TRUE(rig.informer.is_synced());
  EXPECT_GE(rig.failures("list"), 2);
}

TEST(ReflectorTest, AbsentCollectionIsEmptyAndLookedForEveryMinute) {
  ReflectorOptions options = ReflectorRig::without_jitter();
  options.may_be_absent = true;
  ReflectorRig rig(options);
  rig.api.drop_collection(kDeployments);
  rig.start();
  EXPECT_TRUE(rig.informer.is_synced());
  EXPECT_EQ(rig.names(), "");
  EXPECT_EQ(rig.lists(), 1u);

  rig.api.add_collection(kDeployments);
  rig.api.put(kDeployments, testing::deployment("late", 1));
  rig.clock.run_for(59s);
  EXPECT_EQ(rig.lists(), 1u);

  rig.clock.run_for(1s);
  EXPECT_EQ(rig.names(), "late");
}

TEST(ReflectorTest, CollectionThatMustExistIsNotEmptyBecauseItIsNotFound) {
  ReflectorRig rig;
  rig.api.drop_collection(kDeployments);
  rig.start();
  rig.clock.run_for(1min);
  EXPECT_FALSE(rig.informer.is_synced());
  EXPECT_GE(rig.failures("list"), 2);

  rig.api.add_collection(kDeployments);
  rig.api.put(kDeployments, testing::deployment("a", 1));
  rig.clock.run_for(31s);
  EXPECT_TRUE(rig.informer.is_synced());
  EXPECT_EQ(rig.names(), "a");
}

TEST(ReflectorTest, VersionThatTheServerHasNotReachedIsGivenUp) {
  ReflectorRig rig;
  rig.start();
  rig.clock.run_for(2s);
  rig.api.hook = [](const http::Request& request) -> std::optional<http::Response> {
    if (!request.target.ends_with("limit=500&resourceVersion=101")) return std::nullopt;
    return http::json_response(504, R"({"kind":"Status","status":"Failure","reason":"Timeout","code":504,
        "message":"Timeout: Too large resource version: 101, current: 7",
        "details":{"causes":[{"reason":"ResourceVersionTooLarge","message":"Too large resource version"}]}})");
  };

  rig.api.send_raw(kDeployments, R"({"type":"ERROR","object":{"kind":"Status","code":500,"message":"oops"}})");
  rig.clock.run_for(10s);

  EXPECT_EQ(rig.failures("list"), 1);
  EXPECT_EQ(std::count(rig.api.requests.begin(), rig.api.requests.end(), kList), 1);
  EXPECT_EQ(rig.lists(), 3u);
}

TEST(ReflectorTest, OverloadedServerIsAskedForTheSameVersionAgain) {
  ReflectorRig rig;
  rig.start();
  rig.clock.run_for(2s);
  int refusals = 2;
  rig.api.hook = [&](const http::Request& request) -> std::optional<http::Response> {
    if (request.target.find("limit=500") == std::string::npos || refusals-- <= 0) return std::nullopt;
    return testing::status_response(504, "Timeout", "the request took too long");
  };

  rig.api.send_raw(kDeployments, R"({"type":"ERROR","object":{"kind":"Status","code":500,"message":"oops"}})");
  rig.clock.run_for(10s);

  EXPECT_EQ(rig.api.count("GET /apis/apps/v1/deployments?limit=500&resourceVersion=101"), 3u);
}

TEST(ReflectorTest, GarbageInTheStreamLeadsToAList) {
  ReflectorRig rig;
  rig.start();
  rig.clock.run_for(2s);

  rig.api.send_raw(kDeployments, "{\"type\":\"ADDED\",\"obj");
  rig.clock.run_for(1s);

  EXPECT_EQ(rig.failures("garbage"), 1);
  EXPECT_EQ(rig.lists(), 2u);
}

TEST(ReflectorTest, UnknownEventsAreSkipped) {
  ReflectorRig rig;
  rig.start();

  rig.api.send_raw(kDeployments, R"({"type":"NEWS","object":{"metadata":{"resourceVersion":"999"}}})");
  rig.api.put(kDeployments, testing::deployment("b", 1));
  rig.clock.run_ready();

  EXPECT_EQ(rig.names(), "ab");
  EXPECT_EQ(rig.informer.revision(), 102);
  EXPECT_EQ(rig.lists(), 1u);
}

TEST(ReflectorTest, WatchThatOutlivesItsTimeLimitHasHungAndIsGivenUp) {
  ReflectorOptions options = ReflectorRig::without_jitter();
  options.shortest_watch = options.longest_watch = 60s;
  ReflectorRig rig(options);
  rig.api.ends_watches_in_time = false;
  rig.start();

  rig.clock.run_for(90s - 1ns);
  EXPECT_EQ(rig.watches(), 1u);
  rig.clock.run_for(1ns + 800ms);

  EXPECT_EQ(rig.failures("hung"), 1);
  EXPECT_EQ(rig.watches(), 2u);
  EXPECT_EQ(rig.lists(), 1u);
}

TEST(ReflectorTest, EndlessExpiryDoesNotSpin) {
  ReflectorRig rig;
  rig.api.hook = [](const http::Request& request) -> std::optional<http::Response> {
    if (request.target.find("watch=true") == std::string::npos) return std::nullopt;
    return testing::status_response(410, "Expired", "too old resource version");
  };
  rig.start();

  rig.clock.run_for(1min);

  EXPECT_LE(rig.lists(), 8u);
}

}  // namespace
}  // namespace scaler
