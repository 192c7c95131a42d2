#include "fake-apiserver/daemon/flags.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace fakeapi {
namespace {

using namespace std::chrono_literals;

ParsedFlags parse(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "fake-apiserver");
  return parse_flags(static_cast<int>(arguments.size()), arguments.data());
}

TEST(FlagsTest, DefaultsServeAClusterOnALocalPort) {
  const auto parsed = parse({});
  ASSERT_TRUE(parsed.flags);
  EXPECT_EQ(parsed.flags->address, "127.0.0.1");
  EXPECT_EQ(parsed.flags->port, 8001);
  EXPECT_TRUE(parsed.flags->controllers);
  EXPECT_EQ(parsed.flags->cluster.node_pools.front().cpu, "16");
  EXPECT_EQ(parsed.flags->cluster.node_pools.front().max_nodes, parsed.flags->cluster.node_pools.front().nodes);
}

TEST(FlagsTest, ReadsNodesAndDurations) {
  const auto parsed =
      parse({"--port", "0", "--print-port", "--nodes", "2", "--max-nodes", "5", "--node-cpu", "500m",
             "--node-provisioning", "2m", "--history-age", "90s", "--no-watch-list", "--no-controllers"});
  ASSERT_TRUE(parsed.flags) << parsed.message;
  const Flags& flags = *parsed.flags;
  EXPECT_EQ(flags.port, 0);
  EXPECT_TRUE(flags.print_port);
  EXPECT_FALSE(flags.controllers);
  EXPECT_EQ(flags.cluster.node_pools.front().nodes, 2);
  EXPECT_EQ(flags.cluster.node_pools.front().max_nodes, 5);
  EXPECT_EQ(flags.cluster.node_pools.front().provisioning.scale, 2min);
  EXPECT_EQ(flags.server.store.history_age, 90s);
  EXPECT_FALSE(flags.server.router.reader.watch_list);
}

TEST(FlagsTest, WithKarpenterThePoolKeepsItsSizeAndTheMaximumIsForBoth) {
  const auto parsed = parse({"--nodes", "2", "--max-nodes", "5", "--node-profile", "karpenter"});
  ASSERT_TRUE(parsed.flags) << parsed.message;
  EXPECT_EQ(parsed.flags->cluster.node_pools.front().nodes, 2);
  EXPECT_EQ(parsed.flags->cluster.node_pools.front().max_nodes, 2);
  ASSERT_TRUE(parsed.flags->cluster.karpenter);
  EXPECT_EQ(parsed.flags->cluster.karpenter->max_nodes, 3);
  EXPECT_EQ(parse({"--node-profile", "karpenter"}).flags->cluster.karpenter->max_nodes, 100);
  EXPECT_FALSE(parse({"--nodes", "3", "--max-nodes", "2", "--node-profile", "karpenter"}).flags);
  EXPECT_FALSE(parse({"--max-nodes", "5"}).flags->cluster.karpenter);
}

TEST(FlagsTest, HistoryAgesOnlyOnAClockThatClientsShare) {
  EXPECT_EQ(parse({}).flags->server.store.history_age, 5min);
  EXPECT_GT(parse({"--speed", "60"}).flags->server.store.history_age, 24h * 365);
  EXPECT_GT(parse({"--stepped"}).flags->server.store.history_age, 24h * 365);
  EXPECT_EQ(parse({"--speed", "60", "--history-age", "1h"}).flags->server.store.history_age, 1h);
}

TEST(FlagsTest, AWrongCommandLineIsOneLineAndExitsWith2) {
  for (const std::vector<const char*>& arguments :
       std::vector<std::vector<const char*>>{{"--port", "x"},
                                             {"--port", "70000"},
                                             {"--unknown"},
                                             {"surplus"},
                                             {"--nodes", "-1"},
                                             {"--node-cpu", "many"},
                                             {"--node-memory", "1Xi"},
                                             {"--history-age", "soon"},
                                             {"--container-delay", "-1s"},
                                             {"--nodes", "3", "--max-nodes", "2"},
                                             {"--log-level", "loud"},
                                             {"--metric-resolution", "0"},
                                             {"--seed", "-1"},
                                             {"--history-events", "-1"},
                                             {"--record-body-limit", "-1"},
                                             {"--max-connections", "0"},
                                             {"--node-cpu", "0"},
                                             {"--node-memory", "0"},
                                             {"--controllers", "deploymnt"},
                                             {"--speed", "nan"},
                                             {"--speed", "inf"},
                                             {"--speed", "-1"},
                                             {"--speed", "60", "--stepped"},
                                             {"--port"}}) {
    const auto parsed = parse(arguments);
    EXPECT_FALSE(parsed.flags) << arguments[0];
    EXPECT_EQ(parsed.exit_code, 2) << arguments[0];
    EXPECT_EQ(std::count(parsed.message.begin(), parsed.message.end(), '\n'), 1) << parsed.message;
  }
}

TEST(FlagsTest, ComplaintsNameTheFlagAndWhatWasMeant) {
  EXPECT_EQ(parse({"--idle-horizon", "5"}).message,
            "fake-apiserver: --idle-horizon: \"5\" is not a duration such as 90s or 5m (see --help)\n");
  EXPECT_EQ(parse({"--seed", "-1"}).message,
            "fake-apiserver: --seed: \"-1\" is not a whole number from 0 on (see --help)\n");
  EXPECT_EQ(parse({"--controllers", "deploymnt"}).message,
            "fake-apiserver: --controllers: \"deploymnt\" is not a known controller; did you mean \"deployment\"?\n");
  EXPECT_NE(parse({"--sped", "3"}).message.find("did you mean --speed?"), std::string::npos);
}

TEST(FlagsTest, HelpGoesToStandardOutput) {
  const auto parsed = parse({"--help"});
  EXPECT_FALSE(parsed.flags);
  EXPECT_EQ(parsed.exit_code, 0);
  EXPECT_NE(parsed.message.find("--print-port"), std::string::npos);
}

}  // namespace
}  // namespace fakeapi
