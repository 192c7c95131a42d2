#include "reports/run_file.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "reports/testing/sample_run.h"

namespace report {
namespace {

using nlohmann::json;
using testing::sample_policy;
using testing::sample_run;
using namespace std::chrono_literals;

json small_run() { return sample_run({sample_policy("hpa", {100, 200}, {300, 300})}); }

TEST(RunFileTest, ReadsTheContractAndTheFieldsBesideIt) {
  json file = small_run();
  file["events"] = json::array({{{"name", "gates"}, {"at", 60}},
                                {{"name", "kick-off"}, {"at", "11m30s"}},
                                {{"name", "end"}, {"at", "2026-09-26T09:50:00Z"}},
                                {{"name", "unreadable"}, {"at", "soon"}}});
  file["cost"] = {{"podHour", 0.04}, {"nodeHour", 0.68}};
  file["scenarioText"] = "kind: Scenario\n";
  file["policies"][0]["summary"]["timeToCapacitySeconds"] = 240;
  file["policies"][0]["summary"]["worstP99Ms"] = 3600000;

  const auto run = parse_run(file.dump());

  ASSERT_TRUE(run) << run.error().message;
  EXPECT_EQ(run->scenario, "spike");
  EXPECT_EQ(run->seed, 7U);
  EXPECT_EQ(run->duration, 1800);
  EXPECT_EQ(run->offset, 10h);
  EXPECT_EQ(run->slo->latency_ms, 2000);
  EXPECT_EQ(run->slo->column(), kP95);
  ASSERT_EQ(run->events.size(), 3U);
  EXPECT_EQ(run->events[1].at, 690);
  EXPECT_EQ(run->events[2].at, 1800);
  EXPECT_EQ(run->pod_hour_price, 0.04);
  EXPECT_EQ(run->policies[0].number("timeToCapacitySeconds"), 240);
  EXPECT_EQ(run->policies[0].number("worstP99Ms"), kFailedMs);
  EXPECT_EQ(run->policies[0].number("latencyMs.p99"), 90);
  EXPECT_EQ(run->policies[0].series[kArrivals], (std::vector<double>{100, 200}));
}

TEST(RunFileTest, NeedsOnlyTheContract) {
  json file = small_run();
  file.erase("startTime");
  file.erase("slo");

  const auto run = parse_run(file.dump());

  ASSERT_TRUE(run) << run.error().message;
  EXPECT_FALSE(run->start);
  EXPECT_FALSE(run->slo);
}

TEST(RunFileTest, TakesNullAsASecondWithoutASample) {
  json file = small_run();
  file["policies"][0]["series"]["p99Ms"][1] = nullptr;

  const auto run = parse_run(file.dump());

  ASSERT_TRUE(run) << run.error().message;
  EXPECT_TRUE(std::isnan(run->policies[0].series[kP99][1]));
}

TEST(RunFileTest, FindsTheObjectiveOfTheFirstPolicyToo) {
  json file = small_run();
  file.erase("slo");
  file["policies"][0]["slo"] = {{"latencyMs", 500}, {"percentile", 99}};

  const auto run = parse_run(file.dump());

  ASSERT_TRUE(run) << run.error().message;
  EXPECT_EQ(run->slo->percentile, "p99");
  EXPECT_EQ(run->slo->column(), kP99);
}

TEST(RunFileTest, ASampleLastsUntilTheNext) {
  Series series;
  series.t = {0, 1, 11};

  EXPECT_EQ(series.step(0), 1);
  EXPECT_EQ(series.step(1), 10);
  EXPECT_EQ(series.step(2), 10);
}

struct BadCase {
  const char* name;
  std::function<void(json&)> spoil;
  const char* message;
};
void PrintTo(const BadCase& bad, std::ostream* out) { *out << bad.name; }

class BadRunFileTest : public ::testing::TestWithParam<BadCase> {};

TEST_P(BadRunFileTest, IsRefusedByTheNameOfItsField) {
  json file = small_run();
  GetParam().spoil(file);

  const auto run = parse_run(file.dump());

  ASSERT_FALSE(run);
  EXPECT_EQ(run.error().code, base::ErrorCode::kInvalid);
  EXPECT_EQ(run.error().message, GetParam().message);
}

INSTANTIATE_TEST_SUITE_P(
    All, BadRunFileTest,
    ::testing::Values(
        BadCase{"List", [](json& f) { f = json::array(); }, "run.json: schemaVersion must be 1"},
        BadCase{"Version", [](json& f) { f["schemaVersion"] = 2; }, "run.json: schemaVersion must be 1"},
        BadCase{"VersionText", [](json& f) { f["schemaVersion"] = "1"; }, "run.json: schemaVersion must be 1"},
        BadCase{"NoPolicies", [](json& f) { f["policies"] = json::array(); },
                "run.json: policies must be an array that is not empty"},
        BadCase{"PolicyNumber", [](json& f) { f["policies"][0] = 3; }, "run.json: policies[0]: must be an object"},
        BadCase{"NoName", [](json& f) { f["policies"][0].erase("name"); },
                "run.json: policies[0]: name must be a text that is not empty"},
        BadCase{"NoSummary", [](json& f) { f["policies"][0].erase("summary"); },
                "run.json: policies[0]: summary must be an object"},
        BadCase{"NoSeries", [](json& f) { f["policies"][0].erase("series"); },
                "run.json: policies[0]: series must be an object"},
        BadCase{"NoColumn", [](json& f) { f["policies"][0]["series"].erase("ready"); },
                "run.json: policies[0]: series.ready must be an array"},
        BadCase{"TextInColumn", [](json& f) { f["policies"][0]["series"]["ready"][1] = "3"; },
                "run.json: policies[0]: series.ready[1] must be a number or null"},
        BadCase{"ShortColumn", [](json& f) { f["policies"][0]["series"]["ready"] = json::array({3}); },
                "run.json: policies[0]: series.ready has 1 entries, t has 2"},
        BadCase{"TimeStandsStill",
                [](json& f) {
                  f["policies"][0]["series"]["t"] = json::array({5, 5});
                },
                "run.json: policies[0]: series.t[1] must be later"},
        BadCase{"TimeMissing", [](json& f) { f["policies"][0]["series"]["t"][0] = nullptr; },
                "run.json: policies[0]: series.t[0] must be later"}));

TEST(RunFileTest, RefusesWhatIsNotJson) {
  for (const char* text : {"", "{", "run", "{\"schemaVersion\": 1,}"}) {
    const auto run = parse_run(text);
    ASSERT_FALSE(run) << text;
    EXPECT_EQ(run.error().message, "run.json: not JSON");
  }
}

}  // namespace
}  // namespace report
