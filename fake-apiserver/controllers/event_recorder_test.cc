#include "fake-apiserver/controllers/event_recorder.h"

#include "fake-apiserver/controllers/cluster_test_fixture.h"

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

TEST_F(EventRecorderTest, TheOldestGoFirst) {
  EventRecorder recorder({.enabled = true, .limit = 3}, store_, clock_);
  for (const char* name : {"a", "b", "c", "d", "e"}) recorder.normal(pod(name), "x", "R", "m");
  EXPECT_EQ(store_.list(resources::kEvents).size(), 3u);
  EXPECT_TRUE(events("a").empty());
  EXPECT_EQ(events("e").size(), 1u);
  recorder.normal(pod("a"), "x", "R", "m");  // told anew, not counted up
  EXPECT_EQ(events("a").size(), 1u);
}

TEST_F(EventRecorderTest, AnHourIsEnough) {
  EventRecorder recorder({}, store_, clock_);
  recorder.normal(pod("a"), "x", "R", "m");
  clock_.run_for(1h + 1s);
  recorder.normal(pod("b"), "x", "R", "m");
  EXPECT_TRUE(events("a").empty());
  EXPECT_EQ(events("b").size(), 1u);
}

TEST_F(EventRecorderTest, AnEventThatSomebodyDeletedIsToldAnew) {
  EventRecorder recorder({}, store_, clock_);
  recorder.normal(pod("a"), "x", "R", "m");
  ASSERT_TRUE(store_.remove(resources::kEvents, name_of(*store_.list(resources::kEvents)[0]), {}));
  recorder.normal(pod("a"), "x", "R", "m");
  EXPECT_EQ(events("a").size(), 1u);
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
