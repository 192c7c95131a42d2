#include "fake-apiserver/controllers/event_expiry.h"

#include "fake-apiserver/controllers/cluster_test_fixture.h"

namespace fakeapi {
namespace {

class EventExpiryTest : public ClusterTest {
 protected:
  void post(const std::string& name, Json extra = Json::object()) {
    Json event{{"metadata", {{"name", name}, {"namespace", "default"}}}, {"reason", "Told"}};
    event.update(extra);
    create(resources::kEvents, std::move(event));
  }
  bool exists(const std::string& name) const { return store_.find(resources::kEvents, {"default", name}) != nullptr; }
};

TEST_F(EventExpiryTest, AClientsEventEndsAnHourAfterItWasWritten) {
  const EventExpiry expiry({}, store_, clock_);
  clock_.run_for(700ms);
  post("a");
  clock_.run_for(1h - 1ns);
  EXPECT_TRUE(exists("a"));
  clock_.run_for(1ns);
  EXPECT_FALSE(exists("a"));
}

TEST_F(EventExpiryTest, TheHourBeginsAnewWithEveryWrite) {
  const EventExpiry expiry({}, store_, clock_);
  post("a");
  post("b");
  clock_.run_for(50min);
  change(resources::kEvents, {"default", "a"}, [](Json& event) { event["count"] = 2; });
  clock_.run_for(10min);
  EXPECT_TRUE(exists("a"));
  EXPECT_FALSE(exists("b"));
  clock_.run_for(50min);
  EXPECT_FALSE(exists("a"));
}

TEST_F(EventExpiryTest, TooManyCostTheLeastRecentlyWritten) {
  const EventExpiry expiry({.limit = 3}, store_, clock_);
  for (const char* name : {"a", "b", "c"}) post(name);
  change(resources::kEvents, {"default", "a"}, [](Json& event) { event["count"] = 2; });
  post("d");
  EXPECT_EQ(store_.list(resources::kEvents).size(), 3u);
  EXPECT_TRUE(exists("a"));
  EXPECT_FALSE(exists("b"));
  ASSERT_TRUE(store_.remove(resources::kEvents, {"default", "a"}, {}));
  post("e");  // what somebody else deleted makes room
  EXPECT_TRUE(exists("c"));
}

TEST_F(EventExpiryTest, WhatWasThereBeforeIsAsOldAsItsTimesSay) {
  post("old");
  clock_.run_for(30min);
  post("told again", {{"lastTimestamp", base::format_rfc3339(clock_.now())}});
  post("from tomorrow", {{"lastTimestamp", base::format_rfc3339(clock_.now() + 24h)}});
  const EventExpiry expiry({}, store_, clock_);
  clock_.run_for(30min);
  EXPECT_FALSE(exists("old"));
  EXPECT_TRUE(exists("told again"));
  clock_.run_for(30min);
  EXPECT_FALSE(exists("told again"));
  EXPECT_FALSE(exists("from tomorrow"));
}

TEST_F(EventExpiryTest, RestoredEventsEndAsTheyWouldHave) {
  const EventExpiry expiry({}, store_, clock_);
  post("a");
  const Json a = *store_.find(resources::kEvents, {"default", "a"});
  clock_.run_for(40min);
  post("b");
  store_.restore(store_.revision() + 5, {{resources::kEvents, a}});
  EXPECT_TRUE(exists("a"));
  EXPECT_FALSE(exists("b"));
  clock_.run_for(20min);
  EXPECT_FALSE(exists("a"));
}

TEST_F(EventExpiryTest, AClusterLooksAfterTheEventsOfClients) {
  ClusterOptions options = simple_options();
  options.event_limit = 2;
  start(options);
  for (const char* name : {"a", "b", "c"}) post(name);
  EXPECT_FALSE(exists("a"));
  EXPECT_TRUE(exists("c"));
  clock_.run_for(1h);
  EXPECT_TRUE(store_.list(resources::kEvents).empty());
}

}  // namespace
}  // namespace fakeapi
