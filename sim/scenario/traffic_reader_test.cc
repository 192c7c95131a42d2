#include "sim/scenario/traffic_reader.h"

#include <gtest/gtest.h>

#include "sim/scenario/scenario_test_support.h"

namespace sim {
namespace {

using namespace std::chrono_literals;

constexpr Ticks kMinute = 60 * kSecond;

TEST(TrafficReaderTest, WithoutEntriesTheFirstWorkloadIsTheEntry) {
  const ScenarioFolder folder;
  const Scenario s = folder.load({});

  ASSERT_EQ(s.system.entries.size(), 1U);
  EXPECT_EQ(s.system.entries[0].name, "api");
  ASSERT_EQ(s.system.entries[0].routes.size(), 1U);
  EXPECT_EQ(s.system.entries[0].routes[0].service, 0U);
  ASSERT_EQ(s.system.sources.size(), 1U);
  EXPECT_EQ(s.system.sources[0].entry, 0U);
  EXPECT_EQ(s.system.sources[0].traffic.name, "all");
}

TEST(TrafficReaderTest, AWorkloadThatASourceNamesIsAnEntry) {
  const ScenarioFolder folder;
  NightText night;
  night.workloads = many_workloads({"name: api", "name: home"});
  night.traffic =
      "  traffic:\n    sources:\n      - {name: a, constant: {rps: 1}, entry: home}\n"
      "      - {name: b, constant: {rps: 2}}\n      - {name: c, constant: {rps: 3}, entry: home}\n";
  const Scenario s = folder.load(night);

  ASSERT_EQ(s.system.entries.size(), 2U);
  EXPECT_EQ(s.system.entries[s.system.sources[0].entry].name, "home");
  EXPECT_EQ(s.system.entries[s.system.sources[1].entry].name, "api");
  EXPECT_EQ(s.system.sources[2].entry, s.system.sources[0].entry);
}

TEST(TrafficReaderTest, ReadsEntriesWithRoutesAndShifts) {
  const ScenarioFolder folder;
  NightText night;
  night.workloads = many_workloads({"name: blue", "name: green"});
  night.traffic =
      "  traffic:\n"
      "    entries:\n"
      "      - name: front\n"
      "        strategy: weighted\n"
      "        full: 2.5\n"
      "        routes: [{workload: blue, roundTrip: 10ms}, {workload: green, roundTrip: 80ms, weight: 0}]\n"
      "        shifts: [{at: 10m, weights: {blue: 9, green: 1}}, {at: \"2026-09-26T19:40:00+10:00\", weights: {green: "
      "1}}]\n"
      "      - {name: near, strategy: nearest, routes: [{workload: green}]}\n"
      "    sources: [{name: all, constant: {rps: 10}}, {name: more, constant: {rps: 1}, entry: near}]\n";
  const Scenario s = folder.load(night);

  ASSERT_EQ(s.system.entries.size(), 2U);
  const Entry& front = s.system.entries[0];
  EXPECT_EQ(front.strategy, Entry::Strategy::kWeighted);
  EXPECT_DOUBLE_EQ(front.full, 2.5);
  ASSERT_EQ(front.routes.size(), 2U);
  EXPECT_EQ(front.routes[0].round_trip, 10 * kMillisecond);
  EXPECT_DOUBLE_EQ(front.routes[0].weight, 1);
  EXPECT_EQ(front.routes[1].service, 1U);
  EXPECT_DOUBLE_EQ(front.routes[1].weight, 0);
  ASSERT_EQ(front.shifts.size(), 2U);
  EXPECT_EQ(front.shifts[0].at, 10 * kMinute);
  EXPECT_EQ(front.shifts[0].weights, (std::vector<double>{9, 1}));
  EXPECT_EQ(front.shifts[1].at, 20 * kMinute);
  EXPECT_EQ(front.shifts[1].weights, (std::vector<double>{0, 1}));
  EXPECT_EQ(s.system.entries[1].strategy, Entry::Strategy::kNearest);
  EXPECT_EQ(s.system.sources[0].entry, 0U);
  EXPECT_EQ(s.system.sources[1].entry, 1U);
}

TEST(TrafficReaderTest, ReadsViewers) {
  const ScenarioFolder folder;
  NightText night;
  night.workloads = many_workloads({"name: auth", "name: api", "name: home"});
  night.traffic = one_source(
      "entry: auth, viewers: {starts: {profile: {points: [{at: 0s, perSecond: 5}, {at: 10m, perSecond: 500}]}}, "
      "startCalls: 7, startSpread: 10s, heartbeat: 30s, session: {mean: 2h, cv: 0.5}, "
      "reloads: [{at: 20m, share: 0.3, within: 5s, calls: 2}], exits: [{at: 25m, share: 0.9, within: 1m}], "
      "reaction: {slowerThan: 1s, probability: 0.5, after: 2s, within: 8s, maxReloads: 4, leaves: true}, "
      "heartbeatEntry: api, exitEntry: home}");
  const Scenario s = folder.load(night);

  ASSERT_EQ(s.system.viewers.size(), 1U);
  const ViewerOptions& v = s.system.viewers[0];
  EXPECT_EQ(v.name, "all");
  EXPECT_DOUBLE_EQ(v.starts.rate_at(10 * kMinute), 500);
  EXPECT_EQ(v.start_calls, 7U);
  EXPECT_EQ(v.start_spread, 10 * kSecond);
  EXPECT_EQ(v.heartbeat, 30 * kSecond);
  EXPECT_EQ(v.session_mean, 120 * kMinute);
  EXPECT_DOUBLE_EQ(v.session_cv, 0.5);
  ASSERT_EQ(v.reloads.size(), 1U);
  EXPECT_EQ(v.reloads[0].at, 20 * kMinute);
  EXPECT_DOUBLE_EQ(v.reloads[0].share, 0.3);
  EXPECT_EQ(v.reloads[0].within, 5 * kSecond);
  EXPECT_EQ(v.reloads[0].calls, 2U);
  ASSERT_EQ(v.exits.size(), 1U);
  EXPECT_EQ(v.exits[0].within, kMinute);
  ASSERT_TRUE(v.reaction);
  EXPECT_EQ(v.reaction->slower_than, kSecond);
  EXPECT_DOUBLE_EQ(v.reaction->probability, 0.5);
  EXPECT_EQ(v.reaction->after, 2 * kSecond);
  EXPECT_EQ(v.reaction->within, 8 * kSecond);
  EXPECT_EQ(v.reaction->max_reloads, 4U);
  EXPECT_TRUE(v.reaction->leaves);
  EXPECT_EQ(s.system.entries[v.start_entry].name, "auth");
  EXPECT_EQ(s.system.entries[v.heartbeat_entry].name, "api");
  EXPECT_EQ(s.system.entries[v.exit_entry].name, "home");
}

TEST(TrafficReaderTest, ReadsUsers) {
  const ScenarioFolder folder;
  NightText night;
  night.traffic = one_source(
      "users: {profile: {interpolation: step, points: [{at: 0s, users: 10}, {at: 1m, users: 50}]}, spawnRate: 2, "
      "think: {distribution: constant, mean: 1500ms}, startsThinking: false}");
  const Scenario s = folder.load(night);

  ASSERT_EQ(s.system.users.size(), 1U);
  const UserOptions& u = s.system.users[0];
  EXPECT_DOUBLE_EQ(u.count.rate_at(30 * kSecond), 10);
  EXPECT_DOUBLE_EQ(u.count.rate_at(90 * kSecond), 50);
  EXPECT_DOUBLE_EQ(u.spawn_rate, 2);
  EXPECT_EQ(u.think, UserOptions::Think::kConstant);
  EXPECT_EQ(u.think_mean, 1500 * kMillisecond);
  EXPECT_FALSE(u.starts_thinking);
}

TEST(TrafficReaderTest, ATraceOfUsersCountsThemWhateverItsStep) {
  const ScenarioFolder folder;
  folder.write("users.csv", "minute,count\n0,30\n1,45\n");
  NightText night;
  night.times = "  startTime: \"2026-09-26T19:20:00+10:00\"\n  duration: 2m\n";
  night.traffic = one_source("users: {trace: {file: users.csv, unit: perMinute, scale: 2}}");
  const Scenario s = folder.load(night);

  EXPECT_DOUBLE_EQ(s.system.users.at(0).count.rate_at(30 * kSecond), 60);
  EXPECT_DOUBLE_EQ(s.system.users.at(0).count.rate_at(90 * kSecond), 90);
}

TEST(TrafficReaderTest, ReadsClientsAndTheEdgeCache) {
  const ScenarioFolder folder;
  NightText night;
  night.traffic +=
      "    edgeCache: {hitRatio: 0.7, latency: 8ms}\n"
      "    arrivals: {process: gamma, dispersion: 2.5}\n"
      "    client:\n"
      "      timeout: 2s\n"
      "      retries: {max: 3, backoff: 200ms, budget: 0.1}\n"
      "      cancels: true\n"
      "      hedging: {after: 300ms, cancelLoser: false}\n"
      "      patience: {distribution: lognormal, mean: 5s, cv: 2}\n";
  const Scenario s = folder.load(night);

  EXPECT_DOUBLE_EQ(s.system.edge->hit_ratio, 0.7);
  EXPECT_EQ(s.system.edge->latency, 8 * kMillisecond);
  EXPECT_EQ(s.system.arrivals.process, ArrivalOptions::Process::kGamma);
  EXPECT_DOUBLE_EQ(s.system.arrivals.dispersion, 2.5);
  const SystemClient& client = s.system.client;
  EXPECT_EQ(client.attempts.timeout, 2 * kSecond);
  EXPECT_EQ(client.attempts.max_retries, 3U);
  EXPECT_EQ(client.attempts.backoff, 200 * kMillisecond);
  EXPECT_DOUBLE_EQ(*client.attempts.budget, 0.1);
  EXPECT_TRUE(client.attempts.cancels);
  EXPECT_EQ(client.hedging->after, 300 * kMillisecond);
  EXPECT_FALSE(client.hedging->cancel_loser);
  EXPECT_EQ(client.patience->distribution, ServiceTime::Distribution::kLognormal);
  EXPECT_EQ(client.patience->mean, 5 * kSecond);
  EXPECT_DOUBLE_EQ(client.patience->cv, 2);
}

TEST(TrafficReaderTest, APointMayBeATimeOfTheClock) {
  const ScenarioFolder folder;
  NightText night;
  night.traffic = one_source("profile: {points: [{at: 0s, rps: 0}, {at: \"2026-09-26T19:30:00+10:00\", rps: 100}]}");

  EXPECT_DOUBLE_EQ(folder.load(night).system.sources.at(0).traffic.profile.rate_at(5 * kMinute), 50);
}

TEST(TrafficReaderTest, AShorterNightKeepsTheWavesThatItDoesNotReach) {
  const ScenarioFolder folder;
  NightText night;
  night.traffic = one_source("viewers: {starts: {constant: {perSecond: 1}}, exits: [{at: 29m, share: 1}]}");
  Overrides overrides;
  overrides.duration = 1min;

  EXPECT_EQ(folder.load(night, overrides).system.viewers.at(0).exits.at(0).at, 29 * kMinute);
}

struct Case {
  const char* name;
  std::string traffic;
  const char* complaint;
  friend void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }
};

class RefusedTraffic : public testing::TestWithParam<Case> {};

TEST_P(RefusedTraffic, SaysWhatIsWrongAndWhere) {
  const ScenarioFolder folder;
  NightText night;
  night.workloads = many_workloads({"name: api", "name: home"});
  night.traffic = GetParam().traffic;

  const std::string complaint = folder.refusal(night);

  EXPECT_TRUE(complaint.starts_with("night.yaml:")) << complaint;
  EXPECT_NE(complaint.find(GetParam().complaint), std::string::npos) << complaint;
  EXPECT_EQ(complaint.find('\n'), std::string::npos);
}

std::string one_entry(const std::string& fields) {
  return "  traffic:\n    entries: [{name: front, " + fields + "}]\n    sources: [{name: all, constant: {rps: 1}}]\n";
}

std::string one_client(const std::string& fields) {
  return "  traffic:\n    sources: [{name: all, constant: {rps: 1}}]\n    client: {" + fields + "}\n";
}

TEST(TrafficReaderTest, AsManyViewersMayComeAsAreThereAtATime) {
  const ScenarioFolder folder;
  for (const char* starts : {"constant: {perSecond: 37000}}", "constant: {perSecond: 100000}}, session: {mean: 11m}",
                             "profile: {points: [{at: 0s, perSecond: 1000000}, {at: 10s, perSecond: 0}]}}, "
                             "session: {mean: 10h}"}) {
    NightText night;
    night.traffic = one_source("viewers: {starts: {" + std::string(starts) + "}");
    EXPECT_EQ(folder.load(night).system.viewers.size(), 1U) << starts;
  }
}

std::string eleven_sources_of_ten_million() {
  std::string text = "  traffic:\n    sources:\n";
  for (int i = 0; i < 11; ++i) text += "      - {name: s" + std::to_string(i) + ", constant: {rps: 10000000}}\n";
  return text;
}

std::string viewers_with_waves(int count) {
  std::string text = "viewers: {starts: {constant: {perSecond: 1}}, exits: [";
  for (int i = 0; i < count; ++i) text += (i == 0 ? "" : ", ") + std::string("{at: 1m, share: 0.1}");
  return text + "]}";
}

const char* const kStarts = "starts: {constant: {perSecond: 1}}";

INSTANTIATE_TEST_SUITE_P(
    All, RefusedTraffic,
    testing::Values(
        Case{"NoSource", "  traffic: {sources: []}\n", ":7:22: sources must hold at least one source"},
        Case{"NoKind", one_source("entry: api"),
             ":9:9: a source has exactly one of constant, profile, trace, viewers, users"},
        Case{"TwoKinds", one_source("constant: {rps: 1}, users: {constant: {users: 1}}"),
             "a source has exactly one of constant, profile, trace, viewers, users"},
        Case{"UnknownEntry", one_source("constant: {rps: 1}, entry: hone"),
             "entry must be one of api, home, is \"hone\"; did you mean \"home\"?"},
        Case{"RateAboveTheBound", one_source("constant: {rps: 100000001}"),
             "rps must be at most 10000000, is 100000001"},
        Case{"RatesTogetherAboveTheBound", eleven_sources_of_ten_million(),
             ":19:9: the sources up to this one may send 110000000 requests/s, more than 100 million"},
        Case{"NegativeRate", one_source("constant: {rps: -1}"), "rps must be at least 0, is -1"},
        Case{"RateThatIsNoNumber", one_source("constant: {rps: .nan}"), "rps must be a number"},
        Case{"ViewersInRequests", one_source("viewers: {starts: {constant: {rps: 1}}}"), "\"perSecond\" is missing"},
        Case{"TooManyStarts", one_source("viewers: {starts: {constant: {perSecond: 1000001}}}"),
             "perSecond must be at most 1000000"},
        Case{"ManyCallsOfManyStarts",
             one_source("viewers: {starts: {constant: {perSecond: 1000000}}, startCalls: 64, session: {mean: 60s}}") +
                 "      - {name: more, viewers: {starts: {constant: {perSecond: 1000000}}, startCalls: 64, "
                 "session: {mean: 60s}}}\n",
             "may send 128000000 requests/s, more than 100 million"},
        Case{"ViewersThatAllStay", one_source("viewers: {starts: {constant: {perSecond: 40000}}}"),
             "starts may bring 72000000 viewers at a time, more than the 67108864 that a source can hold"},
        Case{"ViewersThatStayLong",
             one_source("viewers: {starts: {constant: {perSecond: 100000}}, session: {mean: 15m}}"),
             "starts may bring 90000000 viewers at a time, more than the 67108864 that a source can hold"},
        Case{"TooManyWaves", one_source(viewers_with_waves(257)), "at most 256 waves of a kind"},
        Case{"NoCallAtTheStart", one_source("viewers: {" + std::string(kStarts) + ", startCalls: 0}"),
             "startCalls must be at least 1, is 0"},
        Case{"WaveAfterTheNight", one_source("viewers: {" + std::string(kStarts) + ", exits: [{at: 30m, share: 1}]}"),
             "at must be inside the night, from 0s to before 30m, is 30m"},
        Case{"WaveBeforeTheNight",
             one_source("viewers: {" + std::string(kStarts) +
                        ", reloads: [{at: \"2026-09-26T19:19:59+10:00\", share: 1}]}"),
             "at must be inside the night, from 0s to before 30m, is -1s"},
        Case{"WaveAThousandYearsAway",
             one_source("viewers: {" + std::string(kStarts) + ", reloads: [{at: \"2226-09-26T19:20:00Z\", share: 1}]}"),
             "at must be within ten years of startTime"},
        Case{"WaveWithoutMoment", one_source("viewers: {" + std::string(kStarts) + ", exits: [{at: soon, share: 1}]}"),
             "at must be a duration since the start, such as 10m, or a time with its offset"},
        Case{"ShareAboveOne", one_source("viewers: {" + std::string(kStarts) + ", exits: [{at: 1m, share: 1.01}]}"),
             "share must be at most 1, is 1.01"},
        Case{"ReactionWithoutShare", one_source("viewers: {" + std::string(kStarts) + ", reaction: {after: 1s}}"),
             "\"probability\" is missing"},
        Case{"HeartbeatTooFast", one_source("viewers: {" + std::string(kStarts) + ", heartbeat: 1ms}"),
             "heartbeat must be at least 100ms, is 1ms"},
        Case{"HugeSessionSpread",
             one_source("viewers: {" + std::string(kStarts) + ", session: {mean: 1h, cv: 1000000}}"),
             "cv must be at most 10"},
        Case{"NoThought", one_source("users: {constant: {users: 5}, think: {mean: 0s}}"),
             "mean must be at least 1ms, is 0s"},
        Case{"TooManyUsers", one_source("users: {constant: {users: 2000000}}"), "users must be at most 1000000"},
        Case{"EntryWithoutRoutes", one_entry("routes: []"), "routes must hold at least one route"},
        Case{"EntryToNowhere", one_entry("routes: [{workload: apis}]"),
             "workload must be one of api, home, is \"apis\"; did you mean \"api\"?"},
        Case{"EntryTwiceToOne", one_entry("routes: [{workload: api}, {workload: api}]"),
             "workload has a route of this entry already"},
        Case{"WeightsOfZero", one_entry("strategy: weighted, routes: [{workload: api, weight: 0}]"),
             "routes must not all have weight 0"},
        Case{"ShiftToNothing",
             one_entry("strategy: weighted, routes: [{workload: api}], shifts: [{at: 1m, weights: {api: 0}}]"),
             "weights must not all be 0"},
        Case{"ShiftToAnUnknown",
             one_entry("strategy: weighted, routes: [{workload: api}], shifts: [{at: 1m, weights: {api: 1, hom: 1}}]"),
             "unknown key \"hom\""},
        Case{"ShiftsOutOfOrder",
             one_entry("strategy: weighted, routes: [{workload: api}], shifts: [{at: 2m, weights: {api: 1}}, {at: 1m, "
                       "weights: {api: 1}}]"),
             "at must come after the shift before, at 2m"},
        Case{"ShiftsWithoutWeights", one_entry("routes: [{workload: api}], shifts: [{at: 1m, weights: {api: 1}}]"),
             "shifts need the strategy weighted"},
        Case{"HitRatioAboveOne", "  traffic: {sources: [{name: all, constant: {rps: 1}}], edgeCache: {hitRatio: 70}}\n",
             "hitRatio must be at most 1, is 70"},
        Case{"HedgingAfterTheTimeout", one_client("timeout: 1s, hedging: {after: 1s}"),
             "after must be shorter than the client's timeout"},
        Case{"ImpatientAtOnce", one_client("patience: {distribution: exponential, mean: 0s}"),
             "mean must be positive and at most 1h"},
        Case{"YearLongTimeout", one_client("timeout: 365d"), "timeout must be at most 31d, or none"}),
    [](const auto& c) { return c.param.name; });

}  // namespace
}  // namespace sim
