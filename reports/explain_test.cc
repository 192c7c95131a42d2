#include "reports/explain.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "reports/testing/sample_run.h"

namespace report {
namespace {

using nlohmann::json;
using testing::ndjson;
using testing::sample_decision;
using testing::sample_policy;
using testing::sample_run;

// Asked for 8 at second 10, ready at 30; demand is above capacity from second 20 on.
json rising() {
  std::vector<double> arrivals(60, 300);
  std::vector<double> capacity(60, 400);
  for (std::size_t i = 20; i < 60; ++i) arrivals[i] = 1000;
  for (std::size_t i = 30; i < 60; ++i) capacity[i] = 800;
  json policy = sample_policy("predictive", arrivals, capacity);
  for (std::size_t i = 10; i < 60; ++i) policy["series"]["desired"][i] = 8;
  return policy;
}

json scale_up() {
  json decision = sample_decision("predictive", 10, 4, 8);
  decision["field"] = "replicas";
  decision["inputs"] = json::array({{{"metric", "rps"}, {"value", 11840}, {"target", 250}, {"wants", 10}},
                                    {{"metric", "cpu"}, {"value", 71}, {"target", 70}, {"unit", "%"}, {"wants", 5}}});
  decision["selected"] = "rps";
  decision["steps"] = json::array({{{"rule", "behavior.scaleUp.pods"},
                                    {"before", 10},
                                    {"after", 8},
                                    {"why", "4 of 4 pods used up"},
                                    {"param", "4 per 30s"},
                                    {"remaining", "0 of 4"}}});
  decision["unused"] = json::array({{{"rule", "cooldown"}, {"why", "last change 190s ago >= 60s"}},
                                    {{"rule", "schedule final"}, {"why", "starts 19:45"}}});
  decision["next"] = {{"when", "2026-09-26T09:20:40Z"}, {"why", "the budget of scaleUp.pods"}};
  return decision;
}

std::string explained(const std::vector<json>& decisions, const ExplainOptions& options) {
  const auto text = explain(sample_run({rising()}).dump(), ndjson(decisions), options);
  return text ? *text : "error: " + text.error().message;
}

TEST(ExplainTest, AChangeIsToldInFiveLines) {
  ExplainOptions options;
  options.at = "19:20:15";

  EXPECT_EQ(
      explained({scale_up()}, options),
      "19:20:10 api 4 -> 8  SCALE UP  (predictive)\n"
      "  asked    rps 11,840 / 250 per pod -> 10   cpu 71% / 70% -> 5   => rps wins\n"
      "  limited  10 -> 8  behavior.scaleUp.pods: 4 per 30s, 4 of 4 pods used up, left: 0 of 4 (next at 19:20:40: "
      "the budget of scaleUp.pods)\n"
      "  not used cooldown (last change 190s ago >= 60s), schedule final (starts 19:45)\n"
      "  expect   ready 19:20:30 (20s later), capacity 800 rps, still short 200 rps\n");
}

TEST(ExplainTest, TheMomentMayBeAClockAnInstantOrATimeSinceTheStart) {
  for (const char* at : {"19:20:10", "2026-09-26T19:20:10+10:00", "+10s", "+59s", "19:21"}) {
    ExplainOptions options;
    options.at = at;
    EXPECT_EQ(explained({scale_up()}, options).substr(0, 22), "19:20:10 api 4 -> 8  S") << at;
  }
}

TEST(ExplainTest, EqualDecisionsThatChangeNothingAreOneWithACount) {
  const std::vector<json> calm = {sample_decision("predictive", 0, 4, 4), sample_decision("predictive", 15, 4, 4),
                                  sample_decision("predictive", 30, 4, 4)};

  EXPECT_EQ(explained(calm, {}),
            "19:20:00 api 4  NO CHANGE  (predictive)  x3 same reason, 19:20:00 to 19:20:30\n"
            "  asked    cpu 71.5 / 70 per pod -> 4\n"
            "  limited  by nothing\n"
            "  not used -\n"
            "  expect   no change\n");
  ExplainOptions middle;
  middle.at = "19:20:20";
  EXPECT_EQ(explained(calm, middle).substr(0, 78),
            "19:20:15 api 4  NO CHANGE  (predictive)  x3 same reason, 19:20:00 to 19:20:30\n");
}

TEST(ExplainTest, InstantsNearTheRunAreToldOnItsClock) {
  json decision = scale_up();
  decision["steps"][0]["why"] = "panic since 2026-09-26T09:19:58Z, planned on 2026-09-19T09:30:00Z";

  EXPECT_NE(explained({decision}, {}).find("panic since 19:19:58, planned on 2026-09-19T09:30:00Z, left"),
            std::string::npos);
}

TEST(ExplainTest, WhatWasNotWrittenIsExpectedToDoNothing) {
  json refused = scale_up();
  refused["applied"] = {{"ok", false}, {"status", "conflict"}, {"latencyMs", 5}};

  EXPECT_NE(explained({refused}, {}).find("  expect   nothing: conflict\n"), std::string::npos);
}

TEST(ExplainTest, ATargetWithoutSeriesSaysSo) {
  json other = scale_up();
  other["target"] = "default/other";
  other["final"] = 9;

  EXPECT_NE(explained({other}, {}).find("  expect   not in the run's series\n"), std::string::npos);
}

TEST(ExplainTest, AMetricWithoutAValueTellsWhy) {
  json blind = sample_decision("predictive", 10, 4, 4);
  blind["inputs"] =
      json::array({{{"metric", "cpu"}, {"value", nullptr}, {"target", 70}, {"wants", nullptr}, {"note", "no answer"}}});
  blind["error"] = "invalid metrics (1 invalid out of 1)";

  EXPECT_NE(explained({blind}, {}).find("  asked    cpu has no value (no answer)   ! invalid metrics"),
            std::string::npos);
}

TEST(ExplainTest, AdviceIsNoChange) {
  json advice = sample_decision("predictive", 10, 20, 120);
  advice["field"] = "advice";
  advice["raw"] = 120;
  json again = advice;
  again["t"] = "2026-09-26T09:20:25Z";
  json none = sample_decision("predictive", 40, 20, 20);
  none["field"] = "advice";
  none["raw"] = nullptr;

  const std::string text = explained({advice, again, none}, {});

  EXPECT_EQ(text.substr(0, text.find('\n')),
            "19:20:10 api ADVISES 120  (predictive)  x2 same reason, 19:20:10 to 19:20:25");
  EXPECT_EQ(text.find("SCALE"), std::string::npos) << text;
  EXPECT_NE(text.find("19:20:40 api NO ADVICE  (predictive)\n"), std::string::npos) << text;
  EXPECT_NE(text.find("  expect   nothing is written"), std::string::npos) << text;
}

TEST(ExplainTest, OtherTargetsAndFieldsAreLeftOutWhenOneIsAskedFor) {
  json minimum = scale_up();
  minimum["target"] = "default/api-hpa";
  minimum["field"] = "minReplicas";
  ExplainOptions options;
  options.target = "api-hpa";

  const std::string only = explained({scale_up(), minimum}, options);

  EXPECT_EQ(only.find("api 4 -> 8"), std::string::npos);
  EXPECT_NE(only.find("api-hpa minReplicas 4 -> 8"), std::string::npos);
  EXPECT_NE(only.find("  expect   the HorizontalPodAutoscaler goes there in its next round\n"), std::string::npos);
}

TEST(ExplainTest, WhatCannotBeAnsweredIsSaidInOneLine) {
  ExplainOptions policy;
  policy.policy = "none";
  ExplainOptions late;
  late.at = "23:00:00";
  ExplainOptions nonsense;
  nonsense.at = "half past seven";
  ExplainOptions early;
  early.at = "+5s";

  EXPECT_EQ(explained({scale_up()}, policy), "error: the run has no policy \"none\"; it has predictive");
  EXPECT_EQ(explained({scale_up()}, late),
            "error: --at 23:00:00 is not within the run, which lasts from 19:20:00 to 19:50:00");
  EXPECT_EQ(explained({scale_up()}, nonsense),
            "error: --at must be a time of the scenario's clock (19:30:15), an RFC 3339 time or a time since the start "
            "(+10m15s), is \"half past seven\"");
  EXPECT_EQ(explained({scale_up()}, early), "error: no decision is recorded until 19:20:05");
}

}  // namespace
}  // namespace report
