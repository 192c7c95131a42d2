#include "fake-apiserver/controllers/kubelet_logs.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "fake-apiserver/controllers/cluster_test_fixture.h"
#include "fake-apiserver/controllers/run_plan.h"

namespace fakeapi {
namespace {

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
  std::string heard;
  bool ended = false;
  const auto hear = [&]() -> boost::asio::awaitable<void> {
    for (;;) {
      const std::optional<std::string> chunk = co_await stream->next_chunk();
      if (!chunk) break;
      heard += *chunk;
    }
    ended = true;
  };
  boost::asio::co_spawn(clock_.executor(), hear, boost::asio::detached);
  clock_.run_for(1min);
  EXPECT_TRUE(ended);
  EXPECT_EQ(heard, "tick\ntick\ntick\nended with exit code 0\n");
  EXPECT_FALSE(logs.follow(pod(), app()));  // it has ended: nothing can follow
}

TEST_F(KubeletLogsTest, FollowingEndsWithThePod) {
  start_pod(Json::object());
  clock_.run_for(10s);
  KubeletLogs logs(store_, clock_);
  auto stream = logs.follow(pod(), app());
  bool ended = false;
  const auto hear = [&]() -> boost::asio::awaitable<void> {
    for (;;) {
      const std::optional<std::string> chunk = co_await stream->next_chunk();
      if (!chunk) break;
    }
    ended = true;
  };
  boost::asio::co_spawn(clock_.executor(), hear, boost::asio::detached);
  ASSERT_TRUE(store_.remove(resources::kPods, {"default", "p"}, {}));
  clock_.run_for(5s);
  EXPECT_TRUE(ended);
}

}  // namespace
}  // namespace fakeapi
