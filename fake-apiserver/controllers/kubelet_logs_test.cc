#include "fake-apiserver/controllers/kubelet_logs.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include "common/base/real_clock.h"
#include "common/base/scaled_clock.h"
#include "fake-apiserver/controllers/cluster_test_fixture.h"
#include "fake-apiserver/controllers/run_plan.h"

namespace fakeapi {
namespace {

struct Heard {
  std::string text;
  bool ended = false;
};

// Both must outlive the stream's end.
boost::asio::awaitable<void> hear(http::BodyStream& stream, Heard& heard) {
  for (;;) {
    const std::optional<std::string> chunk = co_await stream.next_chunk();
    if (!chunk) break;
    heard.text += *chunk;
  }
  heard.ended = true;
}

class KubeletLogsTest : public ClusterTest {
 protected:
  void start_pod(const Json& annotations, const Json& spec_extra = Json::object()) {
    ClusterOptions options = simple_options();
    options.scheduling_delay = base::Duration::zero();
    start(options);
    Json spec{{"containers", Json::array({{{"name", "app"}, {"image", "app:1"}}})}};
    spec.update(spec_extra);
    create(resources::kPods,
           {{"metadata", {{"name", "p"}, {"namespace", "default"}, {"annotations", annotations}}}, {"spec", spec}});
  }
  Json pod() const { return *store_.get(resources::kPods, {"default", "p"}).value(); }
  PodLogOptions app(bool previous = false) const {
    PodLogOptions options;
    options.container = "app";
    options.previous = previous;
    options.timestamps = false;
    return options;
  }
  std::vector<std::string> log(const PodLogOptions& options) const {
    std::vector<std::string> texts;
    for (const PodLogLine& line : container_log(pod(), options, clock_.now())) texts.push_back(line.text);
    return texts;
  }
};

using Lines = std::vector<std::string>;

TEST_F(KubeletLogsTest, AContainerTellsItsStartAndWhatItIsToldToRepeat) {
  start_pod({{kLogLineAnnotation, "tick"}, {kLogEveryAnnotation, "5s"}});
  clock_.run_for(2s + 11s);  // runs from the second second on
  EXPECT_EQ(log(app()), (Lines{"starting app (app:1)", "ready", "tick", "tick"}));
  const auto lines = container_log(pod(), app(), clock_.now());
  EXPECT_EQ(lines[2].at, kClusterStart + 7s);
  EXPECT_EQ(lines[3].at, kClusterStart + 12s);
}

TEST_F(KubeletLogsTest, TheRunBeforeIsToldOnDemand) {
  start_pod({{kRunsForAnnotation, "10s"}, {kExitCodeAnnotation, "3"}});
  clock_.run_for(2s + 10s + 1s + 3s);  // in its second run
  EXPECT_EQ(log(app(true)), (Lines{"starting app (app:1)", "ended with exit code 3"}));
  EXPECT_EQ(log(app()).front(), "starting app (app:1)");
  EXPECT_EQ(log(app()).size(), 2u);
}

TEST_F(KubeletLogsTest, AnotherContainerHasSaidNothing) {
  start_pod(Json::object());
  clock_.run_for(10s);
  PodLogOptions options = app();
  options.container = "other";
  EXPECT_TRUE(log(options).empty());
}

TEST_F(KubeletLogsTest, FollowingGivesEachNewLineOnceAndEndsWithTheContainer) {
  start_pod({{kLogLineAnnotation, "tick"}, {kLogEveryAnnotation, "5s"}, {kRunsForAnnotation, "20s"}},
            {{"restartPolicy", "Never"}});
  clock_.run_for(2s + 6s);
  KubeletLogs logs(store_, clock_);
  auto stream = logs.follow(pod(), app());
  ASSERT_TRUE(stream);
  Heard heard;
  boost::asio::co_spawn(clock_.executor(), hear(*stream, heard), boost::asio::detached);
  clock_.run_for(1min);
  EXPECT_TRUE(heard.ended);
  EXPECT_EQ(heard.text, "tick\ntick\ntick\nended with exit code 0\n");
  EXPECT_FALSE(logs.follow(pod(), app()));  // it has ended: nothing can follow
}

TEST_F(KubeletLogsTest, FollowingEndsWithThePod) {
  start_pod(Json::object());
  clock_.run_for(10s);
  KubeletLogs logs(store_, clock_);
  auto stream = logs.follow(pod(), app());
  Heard heard;
  boost::asio::co_spawn(clock_.executor(), hear(*stream, heard), boost::asio::detached);
  ASSERT_TRUE(store_.remove(resources::kPods, {"default", "p"}, {}));
  clock_.run_for(5s);
  EXPECT_TRUE(heard.ended);
}

TEST_F(KubeletLogsTest, WhatIsFollowedIsMadeFromWhereItWasHeardLast) {
  start_pod({{kLogLineAnnotation, "tick"}, {kLogEveryAnnotation, "1s"}});
  clock_.run_for(2s + 10h);
  EXPECT_EQ(container_log(pod(), app(), clock_.now()).size(), 36'002u);
  const auto lately = container_log(pod(), app(), clock_.now(), clock_.now() - 3s);
  EXPECT_EQ(lately.size(), 6u);  // two of the start
  EXPECT_EQ(lately.back().at, clock_.now());
}

// `until idle` ends although somebody follows a log.
TEST_F(KubeletLogsTest, ToFollowIsNothingThatAClockWouldBeMovedFor) {
  start_pod({{kLogLineAnnotation, "tick"}});
  clock_.run_for(1min);
  boost::asio::io_context context;
  const base::RealClock wall(context.get_executor());
  base::ScaledClock stepped(context, wall, clock_.now(), 0);
  KubeletLogs logs(store_, stepped);
  auto stream = logs.follow(pod(), app());
  ASSERT_TRUE(stream);
  Heard heard;
  boost::asio::co_spawn(context.get_executor(), hear(*stream, heard), boost::asio::detached);
  stepped.run_ready();
  EXPECT_FALSE(stepped.next_event());
  EXPECT_TRUE(stepped.next_due());
  EXPECT_FALSE(heard.ended);
  // What happens to the pod is told without any time passing.
  ASSERT_TRUE(store_.remove(resources::kPods, {"default", "p"}, {}, 0s));
  stepped.run_ready();
  EXPECT_TRUE(heard.ended);
  EXPECT_FALSE(stepped.next_due());
}

}  // namespace
}  // namespace fakeapi
