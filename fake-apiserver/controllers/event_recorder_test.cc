#include "fake-apiserver/controllers/event_recorder.h"

#include "fake-apiserver/controllers/cluster_test_fixture.h"
#include "fake-apiserver/controllers/event_expiry.h"

namespace fakeapi {
namespace {

class EventRecorderTest : public ClusterTest {
 protected:
  static Json pod(const std::string& name) {
    return {{"kind", "Pod"}, {"apiVersion", "v1"}, {"namespace", "default"}, {"name", name}, {"uid", name + "-uid"}};
  }
};

TEST_F(EventRecorderTest, ARepeatedEventIsCounted) {
  EventRecorder recorder({}, store_, clock_);
  recorder.warning(pod("p"), "default-scheduler", "FailedScheduling", "no room");
  clock_.run_for(90s);
  recorder.warning(pod("p"), "default-scheduler", "FailedScheduling", "no room");

  const auto all = store_.list(resources::kEvents);
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(int_at(*all[0], {"count"}), 2);
  EXPECT_EQ(text_at(*all[0], {"type"}), "Warning");
  EXPECT_EQ(text_at(*all[0], {"firstTimestamp"}), "2026-09-26T09:00:00Z");
  EXPECT_EQ(text_at(*all[0], {"lastTimestamp"}), "2026-09-26T09:01:30Z");
  EXPECT_EQ(text_at(*all[0], {"source", "component"}), "default-scheduler");
  EXPECT_EQ(text_at(*all[0], {"involvedObject", "name"}), "p");
}

TEST_F(EventRecorderTest, EventsOfTheSameInstantHaveNamesOfTheirOwn) {
  EventRecorder recorder({}, store_, clock_);
  recorder.normal(pod("p"), "kubelet", "Created", "a", "n1");
  recorder.normal(pod("p"), "kubelet", "Started", "a", "n1");
  recorder.normal(pod("q"), "kubelet", "Started", "a", "n1");
  ASSERT_EQ(store_.list(resources::kEvents).size(), 3u);
  EXPECT_EQ(text_at(*store_.list(resources::kEvents)[0], {"source", "host"}), "n1");
}

TEST_F(EventRecorderTest, AnEventThatSomebodyDeletedIsWrittenAgainWithItsCount) {
  EventRecorder recorder({}, store_, clock_);
  recorder.normal(pod("a"), "x", "R", "m");
  ASSERT_TRUE(store_.remove(resources::kEvents, name_of(*store_.list(resources::kEvents)[0]), {}));
  clock_.run_for(5s);
  recorder.normal(pod("a"), "x", "R", "m");
  ASSERT_EQ(events("a").size(), 1u);
  const ObjectPtr again = store_.list(resources::kEvents)[0];
  EXPECT_EQ(int_at(*again, {"count"}), 2);
  EXPECT_EQ(text_at(*again, {"firstTimestamp"}), "2026-09-26T09:00:00Z");
  EXPECT_EQ(text_at(*again, {"lastTimestamp"}), "2026-09-26T09:00:05Z");
}

TEST_F(EventRecorderTest, WhatHasEndedIsToldAnew) {
  const EventExpiry expiry({}, store_, clock_);
  EventRecorder recorder({}, store_, clock_);
  recorder.normal(pod("a"), "x", "R", "m");
  clock_.run_for(1h + 1s);
  EXPECT_TRUE(events("a").empty());
  recorder.normal(pod("a"), "x", "R", "m");
  ASSERT_EQ(events("a").size(), 1u);
  EXPECT_EQ(int_at(*store_.list(resources::kEvents)[0], {"count"}), 1);
}

// Ten of a kind: nine stand for themselves, the others count on one.
TEST_F(EventRecorderTest, FromTheTenthTextOnTheyShareOneEvent) {
  EventRecorder recorder({}, store_, clock_);
  for (int i = 1; i <= 12; ++i) {
    recorder.normal(pod("set"), "replicaset-controller", "SuccessfulCreate", "Created pod: " + std::to_string(i));
  }
  recorder.normal(pod("set"), "replicaset-controller", "SuccessfulCreate", "Created pod: 3");
  const auto told = events("set");
  ASSERT_EQ(told.size(), 10u);
  EXPECT_EQ(told[8], "SuccessfulCreate: Created pod: 9");
  EXPECT_EQ(told[9], "SuccessfulCreate: (combined from similar events): Created pod: 12");
  std::map<std::string, std::int64_t> counts;
  for (const ObjectPtr& event : store_.list(resources::kEvents)) {
    counts[text_at(*event, {"message"})] = int_at(*event, {"count"});
  }
  EXPECT_EQ(counts["(combined from similar events): Created pod: 12"], 3);
  EXPECT_EQ(counts["Created pod: 3"], 2);
}

TEST_F(EventRecorderTest, TextsAreAlikeForTenMinutesAfterTheLast) {
  EventRecorder recorder({}, store_, clock_);
  for (int i = 1; i <= 9; ++i) recorder.normal(pod("p"), "x", "R", std::to_string(i));
  clock_.run_for(10min);
  recorder.normal(pod("p"), "x", "R", "10");
  EXPECT_EQ(events("p").back(), "R: (combined from similar events): 10");
  clock_.run_for(10min + 1ns);
  recorder.normal(pod("p"), "x", "R", "11");
  EXPECT_EQ(events("p").back(), "R: 11");
}

TEST_F(EventRecorderTest, OtherReasonsTypesSourcesAndObjectsAreNotAlike) {
  EventRecorder recorder({}, store_, clock_);
  for (int i = 1; i <= 9; ++i) recorder.normal(pod("p"), "x", "R", std::to_string(i));
  recorder.normal(pod("p"), "x", "S", "10");
  recorder.warning(pod("p"), "x", "R", "10");
  recorder.normal(pod("p"), "y", "R", "10");
  recorder.normal(pod("p"), "x", "R", "10", "n1");
  recorder.normal(pod("q"), "x", "R", "10");
  EXPECT_EQ(store_.list(resources::kEvents).size(), 14u);
  for (const std::string& text : events()) EXPECT_EQ(text.find("combined"), std::string::npos) << text;
}

TEST_F(EventRecorderTest, OfOneObjectASourceIsHeardTwentyFiveTimesThenEveryFiveMinutes) {
  EventRecorder recorder({}, store_, clock_);
  const auto count = [&] { return int_at(*store_.list(resources::kEvents)[0], {"count"}); };
  for (int i = 0; i < 30; ++i) recorder.warning(pod("p"), "kubelet", "BackOff", "again", "n1");
  EXPECT_EQ(count(), 25);
  recorder.warning(pod("q"), "kubelet", "BackOff", "again", "n1");  // about another
  recorder.warning(pod("p"), "scheduler", "BackOff", "again");      // from another
  EXPECT_EQ(store_.list(resources::kEvents).size(), 3u);
  clock_.run_for(5min - 1ns);
  recorder.warning(pod("p"), "kubelet", "BackOff", "again", "n1");
  EXPECT_EQ(count(), 25);
  clock_.run_for(1ns);
  recorder.warning(pod("p"), "kubelet", "BackOff", "again", "n1");
  EXPECT_EQ(count(), 32);  // those that were not heard are counted
  recorder.warning(pod("p"), "kubelet", "BackOff", "again", "n1");
  EXPECT_EQ(count(), 32);
}

TEST_F(EventRecorderTest, WhatWasNotHeardAtFirstIsWrittenWhenItIs) {
  EventRecorder recorder({}, store_, clock_);
  for (int i = 0; i < 25; ++i) recorder.warning(pod("p"), "x", "R", "often");
  recorder.warning(pod("p"), "x", "Rare", "seldom");
  EXPECT_EQ(events("p").size(), 1u);
  clock_.run_for(5min);
  recorder.warning(pod("p"), "x", "Rare", "seldom");
  ASSERT_EQ(events("p").size(), 2u);
  EXPECT_EQ(events("p").back(), "Rare: seldom");
}

TEST_F(EventRecorderTest, SwitchedOffItWritesNothing) {
  ClusterOptions options = simple_options();
  options.events = false;
  start(options);
  create_deployment("web", {.replicas = 2});
  clock_.run_for(10s);
  EXPECT_TRUE(store_.list(resources::kEvents).empty());
  EXPECT_EQ(ready_pods(), 2u);
}

}  // namespace
}  // namespace fakeapi
