#include "sim/cli/flags.h"

#include <gtest/gtest.h>

#include "sim/cli/exit_codes.h"

namespace sim {
namespace {

using namespace std::chrono_literals;

Flags parse(std::vector<const char*> words) {
  words.insert(words.begin(), "gamenight");
  return parse_flags(static_cast<int>(words.size()), words.data());
}

Message message(std::vector<const char*> words) {
  const auto flags = parse(std::move(words));
  return std::holds_alternative<Message>(flags) ? std::get<Message>(flags) : Message{"accepted", -1};
}

TEST(FlagsTest, ExplainTakesARunAndAMoment) {
  const auto flags = parse({"explain", "out/final", "--at", "19:30:15", "--policy", "p"});

  ASSERT_TRUE(std::holds_alternative<ExplainFlags>(flags)) << std::get<Message>(flags).text;
  EXPECT_EQ(std::get<ExplainFlags>(flags).run, "out/final");
  EXPECT_EQ(std::get<ExplainFlags>(flags).at, "19:30:15");
  EXPECT_EQ(std::get<ExplainFlags>(flags).policy, "p");
  EXPECT_EQ(message({"explain"}).code, kExitInvalid);
}

TEST(FlagsTest, RunTakesAScenarioAndManyPolicies) {
  const auto flags = parse({"run", "a.yaml", "--policy", "p.yaml", "--policy", "q.yaml", "--seed", "7", "--duration",
                            "2h15m", "--out", "o", "--jobs", "2", "--quiet"});

  ASSERT_TRUE(std::holds_alternative<RunFlags>(flags)) << std::get<Message>(flags).text;
  const RunFlags& run = std::get<RunFlags>(flags);
  EXPECT_EQ(run.scenario, "a.yaml");
  EXPECT_EQ(run.policies, (std::vector<std::string>{"p.yaml", "q.yaml"}));
  EXPECT_EQ(run.seed, 7U);
  EXPECT_EQ(run.duration, 135min);
  EXPECT_EQ(run.jobs, 2);
  EXPECT_TRUE(run.quiet);
}

TEST(FlagsTest, APolicyBeforeTheScenarioDoesNotSwallowIt) {
  const auto flags = parse({"run", "--policy", "p.yaml", "a.yaml"});

  ASSERT_TRUE(std::holds_alternative<RunFlags>(flags));
  EXPECT_EQ(std::get<RunFlags>(flags).scenario, "a.yaml");
}

TEST(FlagsTest, HelpAndVersionAreResults) {
  EXPECT_EQ(message({"--help"}).code, kExitOk);
  EXPECT_NE(message({"--help"}).text.find("Exit codes: 0 ok"), std::string::npos);
  EXPECT_NE(message({"run", "--help"}).text.find("--policy"), std::string::npos);
  EXPECT_EQ(message({"--version"}).text, "gamenight 0.1.0\n");
}

TEST(FlagsTest, MistakesAreNamedWithWhatWasMeant) {
  EXPECT_EQ(message({"rn"}).code, kExitInvalid);
  EXPECT_NE(message({"rn"}).text.find("unknown command \"rn\"; did you mean \"run\"?"), std::string::npos);
  EXPECT_NE(message({"run", "a.yaml", "--polcy=x"}).text.find("did you mean \"--policy\"?"), std::string::npos);
  EXPECT_EQ(message({"run"}).code, kExitInvalid);
  EXPECT_EQ(message({"run", "a.yaml", "--duration", "-3m"}).code, kExitInvalid);
  EXPECT_EQ(message({"run", "a.yaml", "--seed", "x"}).code, kExitInvalid);
  EXPECT_EQ(message({"run", "a.yaml", "--seed=-1"}).code, kExitInvalid);
  EXPECT_EQ(message({"run", "a.yaml", "--seed", "18446744073709551616"}).code, kExitInvalid);
  EXPECT_EQ(message({"run", "a.yaml", "--duration", "1500ms"}).code, kExitInvalid);
  EXPECT_EQ(message({"run", "a.yaml", "--jobs", "0"}).code, kExitInvalid);
  EXPECT_EQ(message({}).code, kExitInvalid);
}

TEST(FlagsTest, FidelityIsExactUnlessCohortIsAskedFor) {
  EXPECT_FALSE(std::get<RunFlags>(parse({"run", "a.yaml"})).cohort);
  EXPECT_TRUE(std::get<RunFlags>(parse({"run", "a.yaml", "--fidelity", "cohort"})).cohort);
  EXPECT_EQ(message({"run", "a.yaml", "--fidelity", "fluid"}).code, kExitInvalid);
}

TEST(FlagsTest, CatalogueAndValidateSayWhereTheirTablesGo) {
  const auto catalogue = std::get<CatalogueFlags>(parse({"catalogue", "nights", "--out", "t.md", "--jobs", "2"}));
  EXPECT_EQ(catalogue.folder, "nights");
  EXPECT_EQ(catalogue.out, "t.md");
  EXPECT_EQ(catalogue.jobs, 2);
  EXPECT_EQ(std::get<CatalogueFlags>(parse({"catalogue"})).folder, "scenarios");

  const auto validate = std::get<ValidateFlags>(parse({"validate", "--quick", "--groups", "ras", "--groups", "fluid"}));
  EXPECT_TRUE(validate.quick);
  EXPECT_EQ(validate.groups, (std::vector<std::string>{"ras", "fluid"}));
  EXPECT_TRUE(validate.out.empty());
}

TEST(FlagsTest, PoliciesRunTheSpikeUnlessOtherNightsAreNamed) {
  const auto usual = std::get<PoliciesFlags>(parse({"policies"}));
  EXPECT_EQ(usual.scenarios, std::vector<std::string>{"scenarios/grand-final.yaml"});
  EXPECT_EQ(usual.presets, "scenarios/policies");
  const auto others =
      std::get<PoliciesFlags>(parse({"policies", "--scenario", "a", "--scenario", "b", "--out", "t.md"}));
  EXPECT_EQ(others.scenarios, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(others.out, "t.md");
  EXPECT_EQ(message({"policies", "night.yaml"}).code, kExitInvalid);
}

}  // namespace
}  // namespace sim
