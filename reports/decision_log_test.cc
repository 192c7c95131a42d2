#include "reports/decision_log.h"

#include <gtest/gtest.h>

#include "reports/testing/sample_run.h"

namespace report {
namespace {

using nlohmann::json;
using testing::ndjson;
using testing::sample_decision;

RunFile two_policies() {
  json file = testing::sample_run({testing::sample_policy("a", {1}, {1}), testing::sample_policy("b", {1}, {1})});
  return *parse_run(file.dump());
}

TEST(DecisionLogTest, PlacesEachDecisionOnTheClockOfTheRunAndWithItsPolicy) {
  const auto log = parse_decisions(
      ndjson({sample_decision("b", 15, 2, 4), sample_decision("a", 30, 2, 3), sample_decision("b", 45, 4, 8)}),
      two_policies());

  ASSERT_TRUE(log) << log.error().message;
  ASSERT_EQ(log->at(0).size(), 1U);
  ASSERT_EQ(log->at(1).size(), 2U);
  EXPECT_EQ(log->at(0)[0]["at"], 30);
  EXPECT_EQ(log->at(1)[1]["at"], 45);
  EXPECT_EQ(log->at(1)[1]["final"], 8);
}

TEST(DecisionLogTest, TellsRunsOfTheSameNoChangeOnce) {
  const auto log = parse_decisions(ndjson({sample_decision("a", 0, 2, 2), sample_decision("a", 15, 2, 2),
                                           sample_decision("a", 30, 2, 2), sample_decision("a", 45, 2, 3)}),
                                   two_policies());

  ASSERT_TRUE(log) << log.error().message;
  ASSERT_EQ(log->at(0).size(), 2U);
  EXPECT_EQ(log->at(0)[0]["count"], 3);
  EXPECT_EQ(log->at(0)[0]["at"], 0);
  EXPECT_EQ(log->at(0)[0]["until"], 30);
  EXPECT_EQ(log->at(0)[1]["count"], 1);
}

TEST(DecisionLogTest, AnotherReasonForNoChangeIsToldApart) {
  json held = sample_decision("a", 15, 2, 2);
  held["steps"].push_back({{"rule", "cooldown"}, {"before", 3}, {"after", 2}, {"why", "too soon"}});
  json broken = sample_decision("a", 30, 2, 2);
  broken["error"] = "no metrics";

  const auto log = parse_decisions(ndjson({sample_decision("a", 0, 2, 2), held, broken}), two_policies());

  ASSERT_TRUE(log) << log.error().message;
  EXPECT_EQ(log->at(0).size(), 3U);
}

TEST(DecisionLogTest, TwoTargetsByTurnsDoNotHideThatEachRepeats) {
  json tuned = sample_decision("a", 1, 2, 2);
  tuned["target"] = "default/api-hpa";
  tuned["field"] = "minReplicas";
  json tuned_again = tuned;
  tuned_again["t"] = "2026-09-26T09:20:16Z";

  const auto log = parse_decisions(
      ndjson({sample_decision("a", 0, 2, 2), tuned, sample_decision("a", 15, 2, 2), tuned_again}), two_policies());

  ASSERT_TRUE(log) << log.error().message;
  ASSERT_EQ(log->at(0).size(), 2U);
  EXPECT_EQ(log->at(0)[0]["count"], 2);
  EXPECT_EQ(log->at(0)[1]["target"], "default/api-hpa");
  EXPECT_EQ(log->at(0)[1]["until"], 16);
}

TEST(DecisionLogTest, TheSameAdviceIsToldOnceAsNothingIsWritten) {
  std::vector<json> records;
  for (const int at : {0, 15, 30}) {
    records.push_back(sample_decision("a", at, 20, at == 30 ? 140 : 120));
    records.back()["field"] = "advice";
  }

  const auto log = parse_decisions(ndjson(records), two_policies());

  ASSERT_TRUE(log) << log.error().message;
  ASSERT_EQ(log->at(0).size(), 2U);
  EXPECT_EQ(log->at(0)[0]["count"], 2);
  EXPECT_EQ(log->at(0)[1]["final"], 140);
}

TEST(DecisionLogTest, ChangesAreNeverJoined) {
  const auto log =
      parse_decisions(ndjson({sample_decision("a", 0, 2, 3), sample_decision("a", 15, 2, 3)}), two_policies());

  ASSERT_TRUE(log) << log.error().message;
  EXPECT_EQ(log->at(0).size(), 2U);
}

TEST(DecisionLogTest, WithoutAStartTheEarliestDecisionMarksSecondZero) {
  RunFile run = two_policies();
  run.start.reset();

  const auto log = parse_decisions(ndjson({sample_decision("a", 40, 2, 3), sample_decision("b", 10, 2, 3)}), run);

  ASSERT_TRUE(log) << log.error().message;
  EXPECT_EQ(log->at(0)[0]["at"], 30);
  EXPECT_EQ(log->at(1)[0]["at"], 0);
}

TEST(DecisionLogTest, LeavesOutWallFieldsHoweverDeep) {
  json decision = sample_decision("a", 0, 2, 3);
  decision["wallNanos"] = 123;
  decision["applied"]["wallLatency"] = 9;
  decision["inputs"][0]["wallAge"] = 8;

  const auto log = parse_decisions(ndjson({decision}), two_policies());

  ASSERT_TRUE(log) << log.error().message;
  EXPECT_EQ(json(log->at(0)).dump().find("wall"), std::string::npos);
}

TEST(DecisionLogTest, SkipsEmptyLinesAndTakesALastLineWithoutItsEnd) {
  const std::string line = sample_decision("a", 0, 2, 3).dump();

  const auto log = parse_decisions("\n" + line + "\r\n\n" + line, two_policies());

  ASSERT_TRUE(log) << log.error().message;
  EXPECT_EQ(log->at(0).size(), 2U);
}

TEST(DecisionLogTest, NamesTheLineThatIsWrong) {
  json no_time = sample_decision("a", 0, 2, 3);
  no_time["t"] = "noon";
  const std::string good = sample_decision("a", 0, 2, 3).dump() + "\n";
  const struct {
    std::string line;
    const char* message;
  } cases[] = {
      {"{\"t\":", "decisions.ndjson:2: not a JSON object"},
      {"[]", "decisions.ndjson:2: not a JSON object"},
      {no_time.dump(), "decisions.ndjson:2: t must be a date and time as in RFC 3339"},
      {sample_decision("c", 0, 2, 3).dump(), "decisions.ndjson:2: policy \"c\" is not in run.json"},
  };
  for (const auto& bad : cases) {
    const auto log = parse_decisions(good + bad.line, two_policies());
    ASSERT_FALSE(log) << bad.line;
    EXPECT_EQ(log.error().message, bad.message);
  }
}

TEST(DecisionLogTest, ToleratesRecordsOfOddShape) {
  json odd = sample_decision("a", 0, 2, 2);
  odd["steps"] = json::array({1, "two"});
  odd["applied"] = "yes";
  odd["inputs"] = nullptr;

  const auto log = parse_decisions(ndjson({odd, odd}), two_policies());

  ASSERT_TRUE(log) << log.error().message;
  EXPECT_EQ(log->at(0)[0]["count"], 2);
}

}  // namespace
}  // namespace report
