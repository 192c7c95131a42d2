#include "scaler/control/event_recorder.h"

#include <gtest/gtest.h>

#include "scaler/testing/app_world.h"

namespace scaler {
namespace {

using namespace std::chrono_literals;
using testing::Json;
using testing::kHpas;

constexpr char kEvents[] = "/api/v1/namespaces/default/events";

// Remembers what is sent to the collection of events.
struct EventRig : testing::Rig {
  EventRig() {
    api.hook = [this](const http::Request& request) -> std::optional<http::Response> {
      if (!request.target.starts_with(kEvents)) return std::nullopt;
      sent.emplace_back(request.method, Json::parse(request.body));
      if (answers_not_found && request.method == "PATCH") return testing::status_response(404, "NotFound", "gone");
      if (refuses) return testing::status_response(403, "Forbidden", "not you");
      return http::json_response(200, "{}");
    };
    tasks.spawn(recorder.run());
  }

  void record(const std::string& message, const std::string& name = "api") {
    EventSubject subject{"autoscaling/v2", "HorizontalPodAutoscaler", {}};
    subject.meta.key = {"default", name};
    subject.meta.uid = "u";
    recorder.record(std::move(subject), EventText{"horizontal-pod-autoscaler", true, "FailedGetScale", message});
    clock.run_ready();
  }

  bool answers_not_found = false;
  bool refuses = false;
  std::vector<std::pair<std::string, Json>> sent;
  KubeClient client{transport, clock, metrics, KubeClientOptions()};
  EventRecorder recorder{client, clock, log, metrics};
};

TEST(EventRecorderTest, ALikeEventIsCountedAndAnotherIsWritten) {
  EventRig rig;
  rig.record("not found");
  rig.clock.run_for(15s);
  rig.record("not found");
  rig.record("refused");

  ASSERT_EQ(rig.sent.size(), 3u);
  EXPECT_EQ(rig.sent[0].first, "POST");
  EXPECT_EQ(rig.sent[0].second["count"], 1);
  EXPECT_EQ(rig.sent[0].second["type"], "Warning");
  EXPECT_EQ(rig.sent[0].second["involvedObject"]["uid"], "u");
  EXPECT_EQ(rig.sent[1].first, "PATCH");
  EXPECT_EQ(rig.sent[1].second, Json::parse(R"({"count":2,"lastTimestamp":"2026-01-01T00:00:15Z"})"));
  EXPECT_EQ(rig.sent[2].first, "POST");
  EXPECT_EQ(rig.sent[2].second["message"], "refused");
}

TEST(EventRecorderTest, AnEventThatIsGoneIsWrittenAnewWithItsCount) {
  EventRig rig;
  rig.record("not found");
  rig.answers_not_found = true;
  rig.clock.run_for(1h);
  rig.record("not found");

  ASSERT_EQ(rig.sent.size(), 3u);
  EXPECT_EQ(rig.sent[2].first, "POST");
  EXPECT_EQ(rig.sent[2].second["count"], 2);
  EXPECT_EQ(rig.sent[2].second["firstTimestamp"], "2026-01-01T00:00:00Z");
}

TEST(EventRecorderTest, AnObjectThatCausesTooManyIsNotHeardForAWhile) {
  EventRig rig;
  for (int i = 0; i < 30; ++i) rig.record("message " + std::to_string(i));
  EXPECT_EQ(rig.sent.size(), 25u);
  EXPECT_EQ(rig.metrics.value("scaler_events_total", {{"outcome", "dropped"}}), 5);

  rig.record("about another", "web");
  EXPECT_EQ(rig.sent.size(), 26u);
  rig.clock.run_for(5min);
  rig.record("later");
  EXPECT_EQ(rig.sent.size(), 27u);
}

TEST(EventRecorderTest, ARefusalStopsNothing) {
  EventRig rig;
  rig.refuses = true;
  rig.record("not found");
  EXPECT_EQ(rig.metrics.value("scaler_events_total", {{"outcome", "failed"}}), 1);
  rig.refuses = false;
  rig.record("not found");
  EXPECT_EQ(rig.metrics.value("scaler_events_total", {{"outcome", "written"}}), 1);
  EXPECT_EQ(rig.sent[1].first, "POST");
}

TEST(HpaReporterTest, AStatusThatCouldNotBeWrittenIsAnErrorAndWrittenTheNextTime) {
  testing::World world;
  world.api.put(kHpas, testing::hpa("api", "api", 1, 10));
  world.use_cpu("500m");
  bool refuses = true;
  world.api.hook = [&refuses](const http::Request& request) -> std::optional<http::Response> {
    const bool status = request.method == "PATCH" && request.target.find("/status") != std::string::npos;
    if (!status || !refuses) return std::nullopt;
    return testing::status_response(422, "Invalid", "no");
  };
  world.start(testing::with_hpas());

  EXPECT_EQ(world.replicas(), 4);
  EXPECT_EQ(world.metrics.value("horizontal_pod_autoscaler_controller_reconciliations_total",
                                {{"action", "scale_up"}, {"error", "internal"}}),
            1);
  EXPECT_FALSE(world.api.object(kHpas, "default", "api").contains("status"));

  refuses = false;
  world.clock.run_for(15s);
  EXPECT_TRUE(world.api.object(kHpas, "default", "api").contains("status"));
}

}  // namespace
}  // namespace scaler
