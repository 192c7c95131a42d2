#include "scaler/app/flags.h"

#include <gtest/gtest.h>

namespace scaler {
namespace {

using namespace std::chrono_literals;

std::variant<DaemonFlags, FlagsMessage> parse(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "scaler");
  return parse_flags(static_cast<int>(arguments.size()), arguments.data());
}

TEST(FlagsTest, DefaultsFollowALocalProxy) {
  const auto parsed = parse({});

  const auto& flags = std::get<DaemonFlags>(parsed);
  EXPECT_EQ(flags.server, "http://127.0.0.1:8001");
  EXPECT_EQ(flags.address, "127.0.0.1");
  EXPECT_EQ(flags.port, 8443);
  EXPECT_EQ(flags.period, 15s);
  EXPECT_FALSE(flags.run_hpa_controller);
  EXPECT_FALSE(flags.dry_run);
  EXPECT_FALSE(flags.wait_for_api);
}

TEST(FlagsTest, ReadsEveryOption) {
  const auto parsed = parse({"--server",
                             "http://api:80",
                             "--namespace=night",
                             "--address",
                             "0.0.0.0",
                             "--port",
                             "0",
                             "--print-port",
                             "--policy",
                             "a.yaml",
                             "--policy",
                             "b.yaml",
                             "--run-hpa-controller",
                             "--dry-run",
                             "--force-ownership",
                             "--max-replicas",
                             "600",
                             "--period",
                             "5s",
                             "--wait-for-api",
                             "30s",
                             "--decision-service",
                             "http://d",
                             "--log-format",
                             "json",
                             "--log-level",
                             "debug"});

  const auto& flags = std::get<DaemonFlags>(parsed);
  EXPECT_EQ(flags.server, "http://api:80");
  EXPECT_EQ(flags.ns, "night");
  EXPECT_EQ(flags.port, 0);
  EXPECT_TRUE(flags.print_port);
  EXPECT_EQ(flags.policies, (std::vector<std::string>{"a.yaml", "b.yaml"}));
  EXPECT_TRUE(flags.run_hpa_controller && flags.dry_run && flags.force_ownership);
  EXPECT_EQ(flags.max_replicas, 600);
  EXPECT_EQ(flags.period, 5s);
  EXPECT_EQ(flags.wait_for_api, base::Duration(30s));
  EXPECT_EQ(flags.decision_service, "http://d");
  EXPECT_EQ(flags.log.format, base::LogFormat::kJson);
  EXPECT_EQ(flags.log.level, base::LogLevel::kDebug);
}

TEST(FlagsTest, HelpAndVersionAreNoErrors) {
  const auto help = std::get<FlagsMessage>(parse({"--help"}));
  EXPECT_EQ(help.code, kExitOk);
  EXPECT_NE(help.text.find("Examples:"), std::string::npos);
  EXPECT_NE(help.text.find("Exit codes:"), std::string::npos);

  const auto version = std::get<FlagsMessage>(parse({"--version"}));
  EXPECT_EQ(version.code, kExitOk);
  EXPECT_EQ(version.text, "scaler 0.1.0\n");
}

TEST(FlagsTest, ComplaintsAreOneLineAndExitTwo) {
  const std::vector<std::vector<const char*>> wrong{
      {"--port", "70000"},     {"--port", "x"},      {"--port"},
      {"--period", "15"},      {"--period", "-5s"},  {"--wait-for-api", "0s"},
      {"--log-format", "xml"}, {"--log-level=loud"}, {"stray"},
      {"--max-replicas", "0"}, {"--nonsense"},
  };
  for (const auto& arguments : wrong) {
    const auto parsed = parse(arguments);
    ASSERT_TRUE(std::holds_alternative<FlagsMessage>(parsed)) << arguments[0];
    const auto& message = std::get<FlagsMessage>(parsed);
    EXPECT_EQ(message.code, kExitInvalid) << arguments[0];
    EXPECT_EQ(message.text.find('\n'), message.text.size() - 1) << message.text;
    EXPECT_TRUE(message.text.starts_with("scaler: ")) << message.text;
  }
}

TEST(FlagsTest, ComplaintsSayWhatIsAllowed) {
  EXPECT_EQ(std::get<FlagsMessage>(parse({"--port", "70000"})).text,
            "scaler: --port: \"70000\" is not a port, which is a number from 0 to 65535; try: scaler --help\n");
  EXPECT_EQ(std::get<FlagsMessage>(parse({"--log-level", "x"})).text,
            "scaler: --log-level: \"x\" is not one of debug, info, warning, error, off; try: scaler --help\n");
}

TEST(FlagsTest, MisspeltOptionGetsASuggestion) {
  const auto message = std::get<FlagsMessage>(parse({"--dryrun"}));

  EXPECT_EQ(message.text, "scaler: unknown option \"--dryrun\", did you mean \"--dry-run\"?; try: scaler --help\n");
}

}  // namespace
}  // namespace scaler
