#include "sim/traffic/viewer_source.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <tuple>

namespace sim {
namespace {

constexpr std::int64_t kSlicesPerSecond = kSecond / kSlice;

struct Call {
  Ticks at;
  ViewerCall kind;
  ViewerHandle viewer;
  auto operator<=>(const Call&) const = default;
};

std::vector<Call> take(ViewerSource& source, std::int64_t slice) {
  ViewerBatch batch;
  source.generate(slice, batch);
  std::vector<Call> calls;
  for (std::size_t i = 0; i < batch.size(); ++i) calls.push_back({batch.at[i], batch.kind[i], batch.viewer[i]});
  return calls;
}

std::vector<Call> run(ViewerSource& source, std::int64_t from_second, std::int64_t to_second) {
  std::vector<Call> all;
  for (std::int64_t slice = from_second * kSlicesPerSecond; slice < to_second * kSlicesPerSecond; ++slice) {
    const std::vector<Call> calls = take(source, slice);
    all.insert(all.end(), calls.begin(), calls.end());
  }
  return all;
}

std::uint64_t count(const std::vector<Call>& calls, ViewerCall kind, Ticks from = -kNever, Ticks to = kNever) {
  return static_cast<std::uint64_t>(std::count_if(
      calls.begin(), calls.end(), [&](const Call& c) { return c.kind == kind && c.at >= from && c.at < to; }));
}

// Five standard deviations of a Poisson count.
double margin(double expected) { return 5 * std::sqrt(expected) + 1; }

RateProfile burst(double rate, Ticks from, Ticks to) {
  const std::array<RateProfile::Point, 3> points = {{{from - 1, 0}, {from, rate}, {to, 0}}};
  return RateProfile::from_points(points, RateProfile::Interpolation::kStep).value();
}

ViewerOptions viewers(double starts_per_second) {
  ViewerOptions o;
  o.name = "stream";
  o.starts = RateProfile::constant(starts_per_second);
  return o;
}

ViewerSource source(const ViewerOptions& options, std::uint64_t seed = 1) { return {options, base::Random(seed)}; }

TEST(ViewerSourceTest, CallsLieInTheirSliceInOrder) {
  ViewerOptions o = viewers(500);
  o.heartbeat = 700 * kMillisecond;
  o.session_mean = 5 * kSecond;
  ViewerSource s = source(o);
  for (std::int64_t slice = -3; slice < 300; ++slice) {
    const std::vector<Call> calls = take(s, slice);
    EXPECT_TRUE(std::is_sorted(calls.begin(), calls.end(), [](const Call& a, const Call& b) { return a.at < b.at; }));
    for (const Call& call : calls) EXPECT_EQ(step_of(call.at, kSlice), slice);
  }
}

TEST(ViewerSourceTest, AStartMakesItsCallsInTheSpreadTheFirstAtOnce) {
  ViewerOptions o = viewers(0);
  o.starts = burst(200, 0, 10 * kSecond);
  o.start_calls = 4;
  o.start_spread = 3 * kSecond;
  o.reaction.emplace();  // so that calls name their viewer
  ViewerSource s = source(o);
  std::map<ViewerHandle, std::vector<Ticks>> by_viewer;
  for (const Call& call : run(s, -1, 14)) {
    EXPECT_EQ(call.kind, ViewerCall::kStart);
    by_viewer[call.viewer].push_back(call.at);
  }
  EXPECT_NEAR(static_cast<double>(by_viewer.size()), 2000, margin(2000));
  EXPECT_EQ(by_viewer.size(), s.started());
  double sum = 0;
  for (const auto& [viewer, at] : by_viewer) {
    ASSERT_EQ(at.size(), 4U);
    for (std::size_t i = 1; i < 4; ++i) {
      EXPECT_LT(at[i] - at[0], 3 * kSecond);
      sum += to_seconds(at[i] - at[0]) / 3;
    }
  }
  EXPECT_NEAR(sum / static_cast<double>(by_viewer.size()), 1.5, 0.05);  // uniform over three seconds
}

TEST(ViewerSourceTest, HeartbeatsComeAtViewersOverPeriod) {
  ViewerOptions o = viewers(0);
  o.starts = burst(1000, 0, 10 * kSecond);
  for (const Ticks period : {kSlice, 2345 * kMillisecond, 10 * kSecond, 200 * kSecond}) {
    o.heartbeat = period;
    ViewerSource s = source(o);
    run(s, 0, 11);
    const auto there = static_cast<double>(s.present());
    EXPECT_NEAR(there, 10'000, margin(10'000));
    const std::int64_t begin = 11 + period / kSecond;
    const std::vector<Call> calls = run(s, 11, begin + 10);
    const double expected = there * 10 / to_seconds(period);
    EXPECT_NEAR(static_cast<double>(count(calls, ViewerCall::kHeartbeat, begin * kSecond)), expected, margin(expected));
  }
}

TEST(ViewerSourceTest, AViewersHeartbeatsAreOnePeriodApartToTheTick) {
  ViewerOptions o = viewers(0);
  o.starts = burst(20, 0, kSecond);
  o.heartbeat = 1'234'567'891;
  ViewerSource s = source(o);
  std::map<ViewerHandle, std::vector<Ticks>> beats;
  std::map<ViewerHandle, Ticks> starts;
  for (const Call& call : run(s, 0, 300)) {
    if (call.kind == ViewerCall::kHeartbeat) beats[call.viewer].push_back(call.at);
    if (call.kind == ViewerCall::kStart) starts.emplace(call.viewer, call.at);
  }
  ASSERT_EQ(beats.size(), s.started());
  for (const auto& [viewer, at] : beats) {
    EXPECT_LE(at[0] - starts[viewer], *o.heartbeat);
    for (std::size_t i = 1; i < at.size(); ++i) EXPECT_EQ(at[i] - at[i - 1], *o.heartbeat);
    EXPECT_GT(at.back(), 300 * kSecond - *o.heartbeat);
  }
}

TEST(ViewerSourceTest, PresentFollowsStartsTimesMeanLength) {
  ViewerOptions o = viewers(200);
  o.session_mean = 20 * kSecond;
  o.session_cv = 0.5;
  for (const bool beats : {false, true}) {
    if (beats) o.heartbeat = 5 * kSecond;
    ViewerSource s = source(o);
    run(s, 0, 200);  // M/G/infinity: Poisson with mean 200/s * 20 s
    EXPECT_NEAR(static_cast<double>(s.present()), 4000, margin(4000));
    EXPECT_EQ(s.turned_away(), 0U);
  }
}

TEST(ViewerSourceTest, SlotsOfViewersWhoLeftAreUsedAgain) {
  ViewerOptions o = viewers(1000);
  o.heartbeat = 4 * kSecond;
  o.session_mean = 2 * kSecond;
  ViewerSource s = source(o);
  run(s, 0, 20);
  const std::uint64_t early = s.memory();
  run(s, 20, 200);
  EXPECT_LT(s.memory(), early * 3 / 2);
  EXPECT_NEAR(static_cast<double>(s.present()), 2000, margin(2000));
}

TEST(ViewerSourceTest, MemoryIsProportionalToTheViewers) {
  ViewerOptions o = viewers(0);
  o.starts = burst(50'000, 0, 4 * kSecond);
  o.heartbeat = 30 * kSecond;
  o.session_mean = 3600 * kSecond;
  ViewerSource s = source(o);
  run(s, 0, 60);
  EXPECT_GT(s.present(), 190'000U);
  EXPECT_LT(s.memory(), s.present() * 128);
}

TEST(ViewerSourceTest, AnExitWaveTakesItsShareWithinItsSpreadAndCallsTheHomeApi) {
  ViewerOptions o = viewers(0);
  o.starts = burst(1000, 0, 10 * kSecond);
  o.heartbeat = 2 * kSecond;
  o.start_spread = kSecond;
  o.exits = {{.at = 20 * kSecond, .share = 0.8, .within = 5 * kSecond, .calls = 3}};
  ViewerSource s = source(o);
  run(s, 0, 20);
  const auto before = static_cast<double>(s.present());
  const std::vector<Call> wave = run(s, 20, 27);
  const double gone = before - static_cast<double>(s.present());
  EXPECT_NEAR(gone, 0.8 * before, margin(0.16 * before));
  EXPECT_EQ(count(wave, ViewerCall::kExit), static_cast<std::uint64_t>(3 * gone));
  EXPECT_EQ(count(wave, ViewerCall::kExit, 20 * kSecond, 26 * kSecond), count(wave, ViewerCall::kExit));
  // Evenly: half of the first calls in half of the time, the others half a second later on average.
  const double half = 3 * gone * (2.5 - 2.0 / 3.0 * 0.5) / 5;
  EXPECT_NEAR(static_cast<double>(count(wave, ViewerCall::kExit, 0, 22'500 * kMillisecond)), half, margin(3 * half));
  const std::vector<Call> after = run(s, 27, 37);
  EXPECT_EQ(count(after, ViewerCall::kExit), 0U);
  const double beats = static_cast<double>(s.present()) * 5;
  EXPECT_NEAR(static_cast<double>(count(after, ViewerCall::kHeartbeat)), beats, margin(beats));
}

TEST(ViewerSourceTest, TwoExitWavesAtATimeTakeNobodyTwice) {
  ViewerOptions o = viewers(0);
  o.starts = burst(1000, 0, 5 * kSecond);
  const ViewerOptions::Wave wave = {.at = 10 * kSecond, .share = 1.0, .within = 0, .calls = 2};
  o.exits = {wave, wave};
  ViewerSource s = source(o);
  const std::vector<Call> calls = run(s, 0, 20);
  EXPECT_EQ(s.present(), 0U);
  EXPECT_EQ(count(calls, ViewerCall::kExit), 2 * s.started());
}

TEST(ViewerSourceTest, AReloadWaveRepeatsTheStartCalls) {
  ViewerOptions o = viewers(0);
  o.starts = burst(1000, 0, 10 * kSecond);
  o.start_calls = 5;
  o.start_spread = 2 * kSecond;
  o.reloads = {{.at = 15 * kSecond, .share = 0.3, .within = 4 * kSecond},
               {.at = 30 * kSecond, .share = 1.0, .within = 0, .calls = 1}};
  ViewerSource s = source(o);
  const std::vector<Call> calls = run(s, 0, 40);
  const auto there = static_cast<double>(s.started());
  EXPECT_EQ(count(calls, ViewerCall::kStart), 5 * s.started());
  const auto first = static_cast<double>(count(calls, ViewerCall::kReload, 15 * kSecond, 21 * kSecond));
  EXPECT_NEAR(first, 5 * 0.3 * there, 5 * margin(0.21 * there));
  EXPECT_EQ(std::fmod(first, 5.0), 0.0);
  EXPECT_EQ(count(calls, ViewerCall::kReload, 21 * kSecond, 30 * kSecond), 0U);
  EXPECT_EQ(count(calls, ViewerCall::kReload, 30 * kSecond, 30 * kSecond + 1), s.started());
}

TEST(ViewerSourceTest, AWaveBeforeTheFirstSliceDoesNotHappen) {
  ViewerOptions o = viewers(100);
  o.exits = {{.at = 5 * kSecond, .share = 1.0, .within = kSecond, .calls = 1}};
  ViewerSource s = source(o);
  EXPECT_EQ(count(run(s, 10, 20), ViewerCall::kExit), 0U);
  EXPECT_EQ(s.present(), s.started());
}

ViewerOptions reacting(double probability) {
  ViewerOptions o = viewers(0);
  o.starts = burst(4000, 0, kSecond);
  o.start_calls = 1;
  o.reaction = ViewerOptions::Reaction{.probability = probability, .after = 5 * kSecond, .within = 10 * kSecond};
  return o;
}

TEST(ViewerSourceTest, ABadAnswerIsFollowedByAReloadWithTheProbabilityInTheTime) {
  ViewerSource s = source(reacting(0.25));
  const std::vector<Call> starts = run(s, 0, 2);
  for (const Call& c : starts) s.answered_badly(2 * kSecond, c.kind, c.viewer);
  const double expected = 0.25 * static_cast<double>(starts.size());
  EXPECT_NEAR(static_cast<double>(s.reaction_reloads()), expected, margin(expected));
  const std::vector<Call> calls = run(s, 2, 30);
  EXPECT_EQ(count(calls, ViewerCall::kReload), s.reaction_reloads());
  EXPECT_EQ(count(calls, ViewerCall::kReload, 7 * kSecond, 17 * kSecond), s.reaction_reloads());
  EXPECT_NEAR(static_cast<double>(count(calls, ViewerCall::kReload, 7 * kSecond, 12 * kSecond)), expected / 2,
              margin(expected / 2));
}

TEST(ViewerSourceTest, AViewerThatIsAboutToReloadIgnoresFurtherBadAnswers) {
  ViewerSource s = source(reacting(1.0));
  const std::vector<Call> starts = run(s, 0, 2);
  for (int i = 0; i < 3; ++i) {
    for (const Call& c : starts) s.answered_badly(2 * kSecond + i, c.kind, c.viewer);
  }
  EXPECT_EQ(s.reaction_reloads(), starts.size());
  EXPECT_EQ(run(s, 2, 30).size(), starts.size());
}

// Answers every call badly from 2 s on; returns the reloads.
std::uint64_t all_bad(ViewerSource& s, std::int64_t seconds) {
  std::uint64_t reloads = 0;
  for (std::int64_t slice = 0; slice < seconds * kSlicesPerSecond; ++slice) {
    for (const Call& c : take(s, slice)) {
      reloads += static_cast<std::uint64_t>(c.kind == ViewerCall::kReload);
      s.answered_badly(c.at + kSecond, c.kind, c.viewer);
    }
  }
  return reloads;
}

TEST(ViewerSourceTest, AfterSoManyReloadsInARowAViewerStaysOrLeaves) {
  for (const bool leaves : {false, true}) {
    ViewerOptions o = reacting(1.0);
    o.reaction->max_reloads = 2;
    o.reaction->leaves = leaves;
    ViewerSource s = source(o);
    const std::uint64_t reloads = all_bad(s, 60);
    EXPECT_EQ(reloads, 2 * s.started());
    EXPECT_EQ(s.present(), leaves ? 0 : s.started());
    EXPECT_EQ(s.reaction_exits(), leaves ? s.started() : 0);
  }
}

TEST(ViewerSourceTest, AWholeStartAnsweredWellEndsTheRowOfReloads) {
  ViewerOptions o = reacting(1.0);
  o.start_calls = 2;
  o.start_spread = kSecond;
  o.reaction->max_reloads = 1;
  o.reaction->leaves = true;
  ViewerSource s = source(o);
  // Both calls of a start fail, both of a reload succeed, both of the next fail...: never two bad ones in a row.
  for (const Call& c : run(s, 0, 3)) s.answered_badly(3 * kSecond, c.kind, c.viewer);
  for (const Call& c : run(s, 3, 25)) s.answered_well(c.viewer);
  EXPECT_EQ(s.reaction_reloads(), s.started());
  for (ViewerHandle viewer = 0; viewer < s.started(); ++viewer) {
    s.answered_badly(25 * kSecond, ViewerCall::kHeartbeat, viewer);
  }
  EXPECT_EQ(s.reaction_reloads(), 2 * s.started());
  EXPECT_EQ(s.reaction_exits(), 0U);
  // One good answer of two is not enough.
  const std::vector<Call> again = run(s, 25, 50);
  for (const Call& c : again) s.answered_well(again.front().viewer == c.viewer ? c.viewer : kNoViewer);
  for (ViewerHandle viewer = 0; viewer < s.started(); ++viewer) {
    s.answered_badly(50 * kSecond, ViewerCall::kHeartbeat, viewer);
  }
  EXPECT_EQ(s.reaction_exits(), s.started() - 1);
}

TEST(ViewerSourceTest, AReactionThatComesTooLateFallsIntoTheNextSlice) {
  ViewerOptions o = reacting(1.0);
  o.reaction->after = 0;
  o.reaction->within = 0;
  ViewerSource s = source(o);
  const std::vector<Call> starts = run(s, 0, 10);
  for (const Call& c : starts) s.answered_badly(c.at, c.kind, c.viewer);
  const std::vector<Call> reloads = take(s, 10 * kSlicesPerSecond);
  EXPECT_EQ(reloads.size(), starts.size());
  for (const Call& c : reloads) EXPECT_EQ(c.at, 10 * kSecond);
}

TEST(ViewerSourceTest, AnswersForViewersWhoLeftChangeNothing) {
  ViewerOptions o = reacting(1.0);
  o.starts = RateProfile::constant(500);
  o.session_mean = 2 * kSecond;
  o.session_cv = 0;
  ViewerSource s = source(o);
  const std::vector<Call> old = run(s, 0, 2);
  run(s, 2, 60);  // the slots have other viewers now
  for (const Call& c : old) s.answered_badly(60 * kSecond, c.kind, c.viewer);
  for (const Call& c : old) s.answered_well(c.viewer);
  s.answered_badly(60 * kSecond, ViewerCall::kStart, kNoViewer);
  EXPECT_EQ(s.reaction_reloads(), 0U);
}

ViewerOptions everything() {
  ViewerOptions o = viewers(300);
  o.heartbeat = 3 * kSecond;
  o.session_mean = 15 * kSecond;
  o.reloads = {{.at = 12 * kSecond, .share = 0.5, .within = 2 * kSecond}};
  o.exits = {{.at = 20 * kSecond, .share = 0.5, .within = 2 * kSecond, .calls = 1}};
  return o;
}

TEST(ViewerSourceTest, TheSameSeedGivesTheSameCallsAndAnotherSeedOthers) {
  ViewerSource a = source(everything()), b = source(everything()), c = source(everything(), 2);
  const std::vector<Call> calls = run(a, 0, 30);
  EXPECT_EQ(calls, run(b, 0, 30));
  EXPECT_NE(calls, run(c, 0, 30));
}

using Moment = std::tuple<Ticks, ViewerCall>;
std::vector<Moment> moments(const std::vector<Call>& calls, Ticks from) {
  std::vector<Moment> out;
  for (const Call& c : calls) {
    if (c.at >= from) out.emplace_back(c.at, c.kind);
  }
  std::sort(out.begin(), out.end());
  return out;
}

TEST(ViewerSourceTest, WhatBadAnswersDoLeavesStartsAndOtherViewersAlone) {
  ViewerOptions o = everything();
  o.reaction = ViewerOptions::Reaction{.probability = 0.5, .after = kSecond, .within = kSecond, .leaves = true};
  o.reaction->max_reloads = 0;
  ViewerSource calm = source(o), shaken = source(o);
  std::vector<Call> without, with;
  for (std::int64_t slice = 0; slice < 40 * kSlicesPerSecond; ++slice) {
    const std::vector<Call> a = take(calm, slice), b = take(shaken, slice);
    without.insert(without.end(), a.begin(), a.end());
    with.insert(with.end(), b.begin(), b.end());
    for (const Call& c : b) {
      if (c.at < 10 * kSecond) shaken.answered_badly(c.at + kSecond, c.kind, c.viewer);
    }
  }
  EXPECT_GT(shaken.reaction_exits(), 1000U);
  // Viewers only left, so what is left of the calls is a part of what would have been.
  const std::vector<Moment> all = moments(without, 0), rest = moments(with, 0);
  EXPECT_LT(rest.size(), all.size() - 1000);
  EXPECT_TRUE(std::includes(all.begin(), all.end(), rest.begin(), rest.end()));
  // Those who came later never noticed.
  const auto starts = [](const std::vector<Call>& calls) { return count(calls, ViewerCall::kStart, 20 * kSecond); };
  EXPECT_EQ(starts(with), starts(without));
}

TEST(ViewerSourceTest, NothingAtAllComesOfARateOfZero) {
  ViewerOptions o = everything();
  o.starts = RateProfile::constant(0);
  ViewerSource s = source(o);
  EXPECT_TRUE(run(s, 0, 30).empty());
  EXPECT_EQ(s.present(), 0U);
}

TEST(ViewerSourceTest, ViewersToWhomNothingElseHappensAreNotStored) {
  ViewerOptions o = viewers(20'000);
  ViewerSource s = source(o);
  const std::vector<Call> calls = run(s, 0, 5);
  EXPECT_TRUE(std::all_of(calls.begin(), calls.end(), [](const Call& c) { return c.viewer == kNoViewer; }));
  EXPECT_NEAR(static_cast<double>(s.present()), 100'000, margin(100'000));
  run(s, 5, 25);
  EXPECT_LT(s.memory(), s.present() * 8);
}

TEST(ViewerSourceTest, AYearAwayAndAYearLongNothingOverflows) {
  constexpr Ticks kYear = 365 * 24 * 3600 * kSecond;
  ViewerOptions o = viewers(50);
  o.heartbeat = kYear;
  o.session_mean = kYear;
  o.session_cv = 1000;
  o.start_spread = kYear;
  o.reaction = ViewerOptions::Reaction{.probability = 1.0, .after = kYear, .within = kYear};
  o.exits = {{.at = 10 * kYear + kSecond, .share = 0.5, .within = kYear, .calls = 64}};
  ViewerSource s = source(o);
  const std::int64_t first = 10 * kYear / kSecond;
  for (const Call& c : run(s, first, first + 20)) {
    EXPECT_GE(c.at, 10 * kYear);
    EXPECT_LT(c.at, 10 * kYear + 20 * kSecond);
    s.answered_badly(c.at + kYear, c.kind, c.viewer);
  }
  EXPECT_NEAR(static_cast<double>(s.started()), 1000, margin(1000));
}

TEST(SliceWheelTest, GivesBackWhatWasPushedForTheSliceHoweverFarAhead) {
  SliceWheel wheel(-5000);
  std::vector<std::uint64_t> out;
  std::map<std::int64_t, std::uint64_t> expected;
  std::uint64_t record = 0;
  for (std::int64_t slice = -5000; slice < 30'000; ++slice) {
    for (const std::int64_t ahead : {0, 1, 2047, 2048, 2049, 4096, 10'000, 33 * (static_cast<int>(slice) & 7)}) {
      wheel.push(slice + ahead, ++record);
      expected[slice + ahead] += record;
    }
    ASSERT_EQ(wheel.next(), slice);
    wheel.take(out);
    std::uint64_t sum = 0;
    for (const std::uint64_t r : out) sum += r;
    ASSERT_EQ(sum, expected[slice]) << slice;
    expected.erase(slice);
  }
}

struct Bad {
  const char* name;
  void (*spoil)(ViewerOptions&);
};
void PrintTo(const Bad& bad, std::ostream* out) { *out << bad.name; }

class BadViewersTest : public ::testing::TestWithParam<Bad> {};

TEST_P(BadViewersTest, AreRefused) {
  ViewerOptions o = everything();
  o.reaction.emplace();
  ASSERT_TRUE(check_viewers(o));
  GetParam().spoil(o);
  const auto checked = check_viewers(o);
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().code, base::ErrorCode::kInvalid);
}

INSTANTIATE_TEST_SUITE_P(
    , BadViewersTest,
    ::testing::Values(
        Bad{"Rate", [](ViewerOptions& o) { o.starts = RateProfile::constant(1.1e7); }},
        Bad{"RateAtOnePoint", [](ViewerOptions& o) { o.starts = burst(1e9, 0, kSecond); }},
        Bad{"NoCalls", [](ViewerOptions& o) { o.start_calls = 0; }},
        Bad{"TooManyCalls", [](ViewerOptions& o) { o.start_calls = 65; }},
        Bad{"NegativeSpread", [](ViewerOptions& o) { o.start_spread = -1; }},
        Bad{"FastHeartbeat", [](ViewerOptions& o) { o.heartbeat = kSlice - 1; }},
        Bad{"ZeroHeartbeat", [](ViewerOptions& o) { o.heartbeat = 0; }},
        Bad{"NegativeSession", [](ViewerOptions& o) { o.session_mean = -1; }},
        Bad{"NanVariation", [](ViewerOptions& o) { o.session_cv = std::numeric_limits<double>::quiet_NaN(); }},
        Bad{"HugeVariation", [](ViewerOptions& o) { o.session_cv = 1e9; }},
        Bad{"ShareOverOne", [](ViewerOptions& o) { o.exits[0].share = 1.01; }},
        Bad{"NanShare", [](ViewerOptions& o) { o.reloads[0].share = std::numeric_limits<double>::quiet_NaN(); }},
        Bad{"NegativeWave", [](ViewerOptions& o) { o.reloads[0].within = -1; }},
        Bad{"ManyWaves", [](ViewerOptions& o) { o.reloads.resize(257); }},
        Bad{"Probability", [](ViewerOptions& o) { o.reaction->probability = -0.1; }},
        Bad{"NegativeAfter", [](ViewerOptions& o) { o.reaction->after = -1; }},
        Bad{"TooManyReloads", [](ViewerOptions& o) { o.reaction->max_reloads = 101; }}),
    [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace sim
