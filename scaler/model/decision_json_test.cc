#include "scaler/model/decision_json.h"

#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

namespace scaler {
namespace {

using namespace std::chrono_literals;

Decision scale_up() {
  Decision decision;
  decision.at = base::Time(std::chrono::seconds(1790415000));
  decision.policy = "predictive";
  decision.target = "default/api";
  decision.trigger = Trigger::kSchedule;
  decision.current = 12;
  decision.inputs.push_back({"cpu", 71.0, 15s, 70.0, std::nullopt, 13, ""});
  decision.inputs.push_back({"rps", std::nullopt, std::nullopt, 2.5, std::nullopt, std::nullopt, "no answer"});
  decision.selected = "cpu";
  decision.raw = 48;
  decision.steps.push_back({"behavior.scaleUp.pods", 48, 40, "28 pods per 30s"});
  decision.final = 40;
  decision.applied = {true, "patched", 12500us};
  return decision;
}

TEST(DecisionJsonTest, IsOneLineWithItsKeysInOrder) {
  EXPECT_EQ(to_json_line(scale_up()),
            R"({"t":"2026-09-26T09:30:00Z","policy":"predictive","target":"default/api","field":"replicas",)"
            R"("trigger":"schedule","current":12,"inputs":[)"
            R"({"metric":"cpu","value":71,"ageSeconds":15,"target":70,"wants":13},)"
            R"({"metric":"rps","value":null,"ageSeconds":null,"target":2.5,"wants":null,"note":"no answer"}],)"
            R"("selected":"cpu","raw":48,)"
            R"("steps":[{"rule":"behavior.scaleUp.pods","before":48,"after":40,"why":"28 pods per 30s"}],"final":40,)"
            R"("applied":{"ok":true,"status":"patched","latencyMs":12.5}})");
}

TEST(DecisionJsonTest, TellsBudgetsUnusedRulesAndTheNextChange) {
  Decision decision = scale_up();
  decision.inputs[0].average_milli = 710;
  decision.steps[0].param = "28 per 30s";
  decision.steps[0].remaining = "0 of 28";
  decision.unused.push_back({"cooldown.scaleUp", "last change 190s ago >= 60s"});
  decision.next = NextChange{decision.at + 30s, "the budget of scaleUp.pods"};
  decision.number = 7;
  decision.events.push_back({true, "FailedProcessHpaTuner", "no HPA"});

  const auto json = nlohmann::json::parse(to_json_line(decision));

  EXPECT_EQ(json.at("inputs")[0].at("unit"), "%");
  EXPECT_FALSE(json.at("inputs")[1].contains("unit"));
  EXPECT_EQ(json.at("steps")[0].at("param"), "28 per 30s");
  EXPECT_EQ(json.at("steps")[0].at("remaining"), "0 of 28");
  EXPECT_EQ(json.at("unused")[0].at("rule"), "cooldown.scaleUp");
  EXPECT_EQ(json.at("unused")[0].at("why"), "last change 190s ago >= 60s");
  EXPECT_EQ(json.at("next").at("when"), "2026-09-26T09:30:30Z");
  EXPECT_EQ(json.at("next").at("why"), "the budget of scaleUp.pods");
  EXPECT_EQ(json.at("id"), "predictive-7");
  EXPECT_EQ(json.at("events")[0].at("type"), "Warning");
  EXPECT_EQ(json.at("events")[0].at("reason"), "FailedProcessHpaTuner");
  EXPECT_EQ(json.at("events")[0].at("message"), "no HPA");
}

TEST(DecisionJsonTest, WhatIsAbsentIsNull) {
  const auto json = nlohmann::json::parse(to_json_line(Decision{}));

  EXPECT_TRUE(json.at("raw").is_null());
  EXPECT_TRUE(json.at("selected").is_null());
  EXPECT_TRUE(json.at("inputs").empty());
  EXPECT_TRUE(json.at("steps").empty());
  EXPECT_FALSE(json.contains("error"));
}

TEST(DecisionJsonTest, ErrorsAndNotesAppearWhenThereAreAny) {
  Decision decision;
  decision.error = "no \"metric\"\nat all";
  decision.note = "switched off";

  const std::string line = to_json_line(decision);

  EXPECT_EQ(line.find('\n'), std::string::npos);
  const auto json = nlohmann::json::parse(line);
  EXPECT_EQ(json.at("error").get<std::string>(), decision.error);
  EXPECT_EQ(json.at("note").get<std::string>(), "switched off");
}

TEST(DecisionJsonTest, EveryKeyIsThereEvenWithoutAValue) {
  Decision decision;
  decision.inputs.emplace_back();

  const auto json = nlohmann::json::parse(to_json_line(decision));

  for (const char* key :
       {"t", "policy", "target", "trigger", "current", "inputs", "selected", "raw", "steps", "final", "applied"}) {
    EXPECT_TRUE(json.contains(key)) << key;
  }
  for (const char* key : {"metric", "value", "ageSeconds", "target", "wants"}) {
    EXPECT_TRUE(json["inputs"][0].contains(key)) << key;
  }
  EXPECT_TRUE(json["selected"].is_null());
  EXPECT_TRUE(json["raw"].is_null());
}

TEST(DecisionJsonTest, NumbersThatJsonCannotHoldAreNull) {
  Decision decision;
  decision.inputs.push_back({"x", std::nan(""), std::nullopt, INFINITY, std::nullopt, std::nullopt, ""});

  const auto json = nlohmann::json::parse(to_json_line(decision));

  EXPECT_TRUE(json.at("inputs")[0].at("value").is_null());
  EXPECT_TRUE(json.at("inputs")[0].at("target").is_null());
}

TEST(DecisionJsonTest, BrokenUtf8IsReplaced) {
  Decision decision;
  decision.error = "\xff";

  EXPECT_NO_THROW(to_json_line(decision));
}

TEST(DecisionJsonTest, EveryTriggerHasAName) {
  EXPECT_EQ(to_string(Trigger::kLoop), "loop");
  EXPECT_EQ(to_string(Trigger::kSchedule), "schedule");
  EXPECT_EQ(to_string(Trigger::kEvent), "event");
  EXPECT_EQ(to_string(Trigger::kRest), "rest");
  EXPECT_EQ(to_string(Trigger::kPanic), "panic");
}

}  // namespace
}  // namespace scaler
