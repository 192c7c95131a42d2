#include "scaler/policy/tuner/tuner_reader.h"

#include <gtest/gtest.h>

#include "scaler/policy/policy_file.h"

namespace scaler {
namespace {

using namespace std::chrono_literals;

base::Result<PolicySpec> read(const std::string& annotations, const std::string& fields = "") {
  const std::string text = "apiVersion: webapp.streamotion.com.au/v1\nkind: HpaTuner\nmetadata:\n  name: t\n" +
                           annotations +
                           "spec:\n  scaleTargetRef: {kind: HorizontalPodAutoscaler, name: api}\n  maxReplicas: 20\n"
                           "  useDecisionService: true\n" +
                           fields;
  const auto documents = config::parse_yaml(text, "tuner.yaml");
  if (!documents) return documents.error();
  return read_policy(documents->front());
}

HpaTunerSpec rules(const std::string& annotations, const std::string& fields = "") {
  const auto policy = read(annotations, fields);
  EXPECT_TRUE(policy) << policy.error().message;
  return policy ? std::get<HpaTunerSpec>(policy->rules) : HpaTunerSpec();
}

std::string complaint(const std::string& annotations, const std::string& fields = "") {
  const auto policy = read(annotations, fields);
  return policy ? "" : policy.error().message;
}

HpaTunerSpec sample(const std::string& name, std::size_t objects) {
  const auto policies = load_policies("scaler/policy/tuner/testdata/" + name + ".yaml");
  EXPECT_TRUE(policies) << policies.error().message;
  if (!policies) return {};
  EXPECT_EQ(policies->size(), objects);
  return std::get<HpaTunerSpec>(policies->back().rules);
}

TEST(TunerReaderTest, DefaultsAreThoseOfTheKind) {
  const HpaTunerSpec tuner = rules("");

  EXPECT_EQ(tuner.min_replicas, 1);
  EXPECT_EQ(tuner.downscale_forbidden_window, 300s);
  EXPECT_EQ(tuner.upscale_forbidden_window_after_downscale, 300s);
  EXPECT_EQ(tuner.cpu_idling_percentage, 0);
  EXPECT_EQ(tuner.bugs, HpaTunerBugs{});
}

TEST(TunerReaderTest, EachFieldHasTheBoundsOfTheKind) {
  struct Field {
    const char* name;
    int least;
    int most;
  };
  for (const Field& field :
       {Field{"downscaleForbiddenWindowSeconds", 1, 6000}, Field{"upscaleForbiddenWindowAfterDownscaleSeconds", 1, 600},
        Field{"scaleUpLimitFactor", 1, 10}, Field{"scaleUpLimitMinimum", 1, 20}, Field{"cpuIdlingPercentage", 0, 90}}) {
    const auto with = [&](int value) {
      return complaint("", std::string("  ") + field.name + ": " + std::to_string(value) + "\n");
    };
    EXPECT_EQ(with(field.least), "");
    EXPECT_EQ(with(field.most), "");
    for (const int wrong : {field.least - 1, field.most + 1}) {
      EXPECT_EQ(with(wrong).rfind("tuner.yaml:9:", 0), 0u) << with(wrong);
      EXPECT_NE(with(wrong).find(field.name), std::string::npos);
    }
  }
}

TEST(TunerReaderTest, TheMistakesAreSwitchedOnByAnnotations) {
  EXPECT_TRUE(rules("  annotations: {gamenight/bug-unbounded-minimum: \"true\"}\n").bugs.unbounded_minimum);
  EXPECT_TRUE(rules("  annotations: {gamenight/bug-unchecked-status: \"true\"}\n").bugs.unchecked_status);
  EXPECT_TRUE(rules("  annotations: {gamenight/bug-garbage-is-zero: \"true\"}\n").bugs.garbage_is_zero);
  EXPECT_TRUE(rules("  annotations: {gamenight/bug-stamps-failed-updates: \"true\"}\n").bugs.stamps_failed_updates);
  EXPECT_EQ(rules("  annotations: {gamenight/bug-idle-threshold-code: \"true\"}\n").bugs.idle_divisor, 3);
  EXPECT_EQ(rules("  annotations: {gamenight/bug-idle-threshold-docs: \"true\"}\n").bugs.idle_divisor, 2);
  EXPECT_EQ(rules("  annotations: {gamenight/bug-unbounded-minimum: \"false\"}\n").bugs, HpaTunerBugs{});
  EXPECT_EQ(rules("  annotations: {team: streaming}\n").bugs, HpaTunerBugs{});
}

TEST(TunerReaderTest, AnUnknownMistakeOrValueIsRefusedAtItsPlace) {
  const std::string unknown = complaint("  annotations:\n    gamenight/bug-unbounded-minimun: \"true\"\n");
  EXPECT_EQ(unknown.rfind("tuner.yaml:6:", 0), 0u) << unknown;
  EXPECT_NE(unknown.find("did you mean \"gamenight/bug-unbounded-minimum\"?"), std::string::npos) << unknown;

  const std::string value = complaint("  annotations:\n    gamenight/bug-unchecked-status: \"yes\"\n");
  EXPECT_EQ(value.rfind("tuner.yaml:6:", 0), 0u) << value;
  EXPECT_NE(value.find("must be \"true\" or \"false\""), std::string::npos);

  const std::string both = complaint(
      "  annotations:\n    gamenight/bug-idle-threshold-code: \"true\"\n"
      "    gamenight/bug-idle-threshold-docs: \"true\"\n");
  EXPECT_EQ(both.rfind("tuner.yaml:7:", 0), 0u) << both;
}

TEST(TunerReaderTest, TheSamplesAreReadAsTheyAreMeant) {
  const HpaTunerSpec gam_proxy = sample("gam-proxy", 2);
  EXPECT_EQ(gam_proxy.downscale_forbidden_window, 600s);
  EXPECT_EQ(gam_proxy.upscale_forbidden_window_after_downscale, 300s);
  EXPECT_EQ(gam_proxy.min_replicas, 50);
  EXPECT_EQ(gam_proxy.max_replicas, 1000);
  EXPECT_TRUE(gam_proxy.use_decision_service);

  const HpaTunerSpec php = sample("php", 1);
  EXPECT_EQ(php.downscale_forbidden_window, 60s);
  EXPECT_EQ(php.cpu_idling_percentage, 5);
  EXPECT_EQ(php.min_replicas, 10);
  EXPECT_FALSE(php.use_decision_service);

  const HpaTunerSpec test = sample("test", 2);
  EXPECT_EQ(test.downscale_forbidden_window, 30s);
  EXPECT_EQ(test.upscale_forbidden_window_after_downscale, 600s);
  EXPECT_EQ(test.cpu_idling_percentage, 5);
  EXPECT_EQ(test.max_replicas, 20);
}

TEST(TunerReaderTest, TheSampleWithUnknownFieldsIsRefusedAtTheField) {
  const auto policies = load_policies("scaler/policy/tuner/testdata/unknown-fields.yaml");
  ASSERT_FALSE(policies);
  const std::string& message = policies.error().message;
  EXPECT_NE(message.find("unknown-fields.yaml:10:3:"), std::string::npos) << message;
  EXPECT_NE(message.find("cpuIdlingPercentage"), std::string::npos) << message;
}

}  // namespace
}  // namespace scaler
