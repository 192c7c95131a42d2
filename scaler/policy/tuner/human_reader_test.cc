#include "scaler/policy/tuner/human_reader.h"

#include <gtest/gtest.h>

#include "scaler/policy/policy_file.h"
#include "scaler/policy/policy_test_support.h"

namespace scaler {
namespace {

using namespace std::chrono_literals;
using testing::utc;

constexpr char kHead[] =
    "apiVersion: gamenight/v1\nkind: HumanOperator\nmetadata: {name: human}\nspec:\n"
    "  scaleTargetRef: {kind: HorizontalPodAutoscaler, name: api}\n";
constexpr char kFinal[] =
    "    - {name: final, at: \"2026-10-03T19:30:00+10:00\", lead: 30m, duration: 5h, minReplicas: 40}\n";

base::Result<PolicySpec> read(const std::string& text) {
  const auto documents = config::parse_yaml(text, "human.yaml");
  if (!documents) return documents.error();
  return read_policy(documents->front());
}

// A complaint about one shift, which is line 7.
std::string complaint(const std::string& shift, const std::string& rest = "") {
  const auto policy = read(std::string(kHead) + "  shifts:\n    - " + shift + "\n" + rest);
  return policy ? "" : policy.error().message;
}

TEST(HumanReaderTest, ReadsShiftsAndHabits) {
  const auto policy = read(std::string(kHead) + "  minReplicas: 4\n  shifts:\n" + kFinal +
                           "    - {name: friday, cron: \"30 19 * * 5\", timeZone: Australia/Sydney, duration: 4h, "
                           "minReplicas: 25}\n"
                           "  reaction: {median: 3m, sigma: 0.7}\n  late: {probability: 0.2, median: 20m}\n"
                           "  forgets: {probability: 0.05}\n  forgetsToLower: {probability: 0.3}\n");
  ASSERT_TRUE(policy) << policy.error().message;
  const auto& human = std::get<HumanOperatorSpec>(policy->rules);
  EXPECT_EQ(human.min_replicas, 4);
  ASSERT_EQ(human.shifts.size(), 2u);
  EXPECT_EQ(human.shifts[0].at, utc("2026-10-03T09:30:00Z"));
  EXPECT_EQ(human.shifts[0].lead, 30min);
  EXPECT_EQ(human.shifts[0].duration, 5h);
  EXPECT_EQ(human.shifts[0].min_replicas, 40);
  EXPECT_EQ(human.shifts[1].cron, "30 19 * * 5");
  EXPECT_EQ(human.shifts[1].time_zone, "Australia/Sydney");
  EXPECT_EQ(human.shifts[1].lead, 0s);
  EXPECT_EQ(human.reaction_median, 3min);
  EXPECT_EQ(human.reaction_sigma, 0.7);
  EXPECT_EQ(human.late_probability, 0.2);
  EXPECT_EQ(human.late_median, 20min);
  EXPECT_EQ(human.forgets_probability, 0.05);
  EXPECT_EQ(human.forgets_to_lower_probability, 0.3);
}

TEST(HumanReaderTest, HabitsHaveDefaults) {
  const auto policy = read(std::string(kHead) + "  shifts:\n" + kFinal);
  ASSERT_TRUE(policy) << policy.error().message;
  const auto& human = std::get<HumanOperatorSpec>(policy->rules);
  EXPECT_FALSE(human.min_replicas);
  EXPECT_EQ(human.reaction_median, 2min);
  EXPECT_EQ(human.reaction_sigma, 0.5);
  EXPECT_EQ(human.late_probability, 0.1);
  EXPECT_EQ(human.late_median, 15min);
  EXPECT_EQ(human.forgets_probability, 0.02);
  EXPECT_EQ(human.forgets_to_lower_probability, 0.0);
}

struct BadHuman {
  const char* name;
  const char* shift;
  const char* rest;
  const char* where;  // "line:"
  const char* says;
  friend void PrintTo(const BadHuman& c, std::ostream* out) { *out << c.name; }
};

class BadHumanTest : public ::testing::TestWithParam<BadHuman> {};

TEST_P(BadHumanTest, IsRefusedAtItsPlace) {
  const std::string message = complaint(GetParam().shift, GetParam().rest);
  EXPECT_EQ(message.rfind(std::string("human.yaml:") + GetParam().where, 0), 0u) << message;
  EXPECT_NE(message.find(GetParam().says), std::string::npos) << message;
}

constexpr char kGood[] = "{name: a, at: \"2026-10-03T09:30:00Z\", duration: 1h, minReplicas: 4}";

INSTANTIATE_TEST_SUITE_P(
    Inputs, BadHumanTest,
    ::testing::Values(
        BadHuman{"NoName", "{at: \"2026-10-03T09:30:00Z\", duration: 1h, minReplicas: 4}", "", "7:", "name"},
        BadHuman{"Neither", "{name: a, duration: 1h, minReplicas: 4}", "", "7:", "at (the game's beginning) and cron"},
        BadHuman{"Both", "{name: a, at: \"2026-10-03T09:30:00Z\", cron: \"0 0 * * *\", duration: 1h, minReplicas: 4}",
                 "", "7:", "at (the game's beginning) and cron"},
        BadHuman{"BadTime", "{name: a, at: tonight, duration: 1h, minReplicas: 4}", "", "7:", "at"},
        BadHuman{"ZoneOfATime", "{name: a, at: \"2026-10-03T09:30:00Z\", timeZone: UTC, duration: 1h, minReplicas: 4}",
                 "", "7:", "timeZone"},
        BadHuman{"BadCron", "{name: a, cron: \"61 0 * * *\", duration: 1h, minReplicas: 4}", "", "7:", "cron"},
        BadHuman{"BadZone", "{name: a, cron: \"0 0 * * *\", timeZone: Australia/Sidney, duration: 1h, minReplicas: 4}",
                 "", "7:", "Australia/Sydney"},
        BadHuman{"NoDuration", "{name: a, at: \"2026-10-03T09:30:00Z\", duration: 0s, minReplicas: 4}", "",
                 "7:", "must be positive"},
        BadHuman{"NoFloor", "{name: a, at: \"2026-10-03T09:30:00Z\", duration: 1h, minReplicas: 0}", "",
                 "7:", "minReplicas"},
        BadHuman{"Twice", kGood, "    - {name: a, cron: \"0 0 * * *\", duration: 1h, minReplicas: 4}\n",
                 "8:", "taken by another shift"},
        BadHuman{"Probability", kGood, "  late: {probability: 1.5}\n", "8:", "probability"},
        BadHuman{"Sigma", kGood, "  reaction: {sigma: -1}\n", "8:", "sigma"},
        BadHuman{"Median", kGood, "  reaction: {median: 0s}\n", "8:", "must be positive"},
        BadHuman{"Unknown", kGood, "  forget: {probability: 0.1}\n", "8:", "forgets"}),
    [](const auto& chosen) { return chosen.param.name; });

TEST(HumanReaderTest, WithoutAShiftOrForADeploymentItIsRefused) {
  const auto empty = read(std::string(kHead) + "  shifts: []\n");
  ASSERT_FALSE(empty);
  EXPECT_NE(empty.error().message.find("at least one shift"), std::string::npos);

  std::string text = std::string(kHead) + "  shifts:\n" + kFinal;
  text.replace(text.find("HorizontalPodAutoscaler"), 23, "Deployment");
  const auto wrong = read(text);
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().message.rfind("human.yaml:5:", 0), 0u) << wrong.error().message;
}

}  // namespace
}  // namespace scaler
