#include "sim/traffic/rate_profile.h"

#include <gtest/gtest.h>

namespace sim {
namespace {

using Point = RateProfile::Point;
constexpr Ticks kS = kSecond;

RateProfile linear(const std::vector<Point>& points) {
  return RateProfile::from_points(points, RateProfile::Interpolation::kLinear).value();
}
RateProfile step(const std::vector<Point>& points) {
  return RateProfile::from_points(points, RateProfile::Interpolation::kStep).value();
}
std::string error_of(const base::Result<RateProfile>& result) { return result ? "" : result.error().message; }

TEST(RateProfileTest, AConstantRateIntegratesToRateTimesTime) {
  const RateProfile profile = RateProfile::constant(100);

  EXPECT_DOUBLE_EQ(profile.rate_at(-5 * kS), 100);
  EXPECT_DOUBLE_EQ(profile.expected(-5 * kS, 10 * kS), 1500);
  EXPECT_DOUBLE_EQ(profile.expected(0, kMillisecond), 0.1);
}

TEST(RateProfileTest, LinearPointsIntegrateAsTrapezes) {
  const RateProfile profile = linear({{10 * kS, 100}, {20 * kS, 300}, {40 * kS, 0}});

  EXPECT_DOUBLE_EQ(profile.rate_at(15 * kS), 200);
  EXPECT_DOUBLE_EQ(profile.expected(10 * kS, 20 * kS), 2000);
  EXPECT_DOUBLE_EQ(profile.expected(10 * kS, 15 * kS), 750);
  EXPECT_DOUBLE_EQ(profile.expected(20 * kS, 30 * kS), (300 + 150) / 2.0 * 10);
  // The first rate before, the last after.
  EXPECT_DOUBLE_EQ(profile.expected(0, 10 * kS), 1000);
  EXPECT_DOUBLE_EQ(profile.expected(40 * kS, 400 * kS), 0);
}

TEST(RateProfileTest, StepPointsHoldUntilTheNext) {
  const RateProfile profile = step({{0, 10}, {5 * kS, 40}});

  EXPECT_DOUBLE_EQ(profile.rate_at(5 * kS - 1), 10);
  EXPECT_DOUBLE_EQ(profile.rate_at(5 * kS), 40);
  EXPECT_DOUBLE_EQ(profile.expected(0, 10 * kS), 250);
}

TEST(RateProfileTest, CountsAreSpreadOverTheirStepAndNothingIsOutside) {
  const std::vector<std::uint64_t> counts = {60, 120, 0, 30};
  const RateProfile profile = RateProfile::from_counts(counts, -kS, 60 * kS).value();

  EXPECT_DOUBLE_EQ(profile.rate_at(-kS), 1);
  EXPECT_DOUBLE_EQ(profile.expected(-kS, 59 * kS), 60);
  EXPECT_DOUBLE_EQ(profile.expected(59 * kS, 119 * kS), 120);
  EXPECT_DOUBLE_EQ(profile.expected(-100 * kS, 1000 * kS), 210);
  EXPECT_DOUBLE_EQ(profile.rate_at(-kS - 1), 0);
  EXPECT_DOUBLE_EQ(profile.rate_at(239 * kS), 0);
}

TEST(RateProfileTest, ScaleMultipliesTheIntegral) {
  const RateProfile profile = linear({{0, 100}, {10 * kS, 300}}).scaled(2.5).value();

  EXPECT_DOUBLE_EQ(profile.expected(0, 10 * kS), 5000);
  EXPECT_DOUBLE_EQ(profile.rate_at(-kS), 250);
}

TEST(RateProfileTest, PiecesCoverExactlyWhatIsAskedFor) {
  const RateProfile profile = linear({{10 * kS, 100}, {20 * kS, 300}, {40 * kS, 0}});
  Ticks at = 3 * kS;
  double expected = 0;
  profile.for_each_piece(3 * kS, 50 * kS, [&](const RateProfile::Piece& piece) {
    EXPECT_EQ(piece.begin, at);
    EXPECT_GT(piece.end, piece.begin);
    at = piece.end;
    expected += piece.expected();
  });

  EXPECT_EQ(at, 50 * kS);
  EXPECT_DOUBLE_EQ(expected, profile.expected(3 * kS, 50 * kS));
}

// from 100 s, around 200 s, to 250 s, 10-fold: the rate at 100 s is held to 190 s, 100 s ... 250 s of the profile play
// from 190 s to 205 s, the rate at 250 s is held to 250 s.
TEST(RateProfileTest, SqueezeSteepensAroundAFixedMoment) {
  const RateProfile slow = linear({{0, 0}, {1000 * kS, 1000}});
  const RateProfile profile =
      slow.squeezed({.from = 100 * kS, .around = 200 * kS, .to = 250 * kS, .factor = 10}).value();

  for (const Ticks t : {0, 50, 100}) EXPECT_DOUBLE_EQ(profile.rate_at(t * kS), static_cast<double>(t));
  for (const Ticks t : {101, 150, 190}) EXPECT_DOUBLE_EQ(profile.rate_at(t * kS), 100);
  EXPECT_DOUBLE_EQ(profile.rate_at(195 * kS), 150);
  EXPECT_DOUBLE_EQ(profile.rate_at(200 * kS), 200);
  EXPECT_DOUBLE_EQ(profile.rate_at(203 * kS), 230);
  for (const Ticks t : {205, 220, 250}) EXPECT_DOUBLE_EQ(profile.rate_at(t * kS), 250);
  for (const Ticks t : {251, 999}) EXPECT_DOUBLE_EQ(profile.rate_at(t * kS), static_cast<double>(t));
  // 90 s at 100, the ramp from 100 to 250 in 15 s, 45 s at 250.
  EXPECT_DOUBLE_EQ(profile.expected(100 * kS, 250 * kS), 9000 + 175 * 15 + 250 * 45);
}

TEST(RateProfileTest, SqueezeOfATraceKeepsItsRatesAndPlaysThemFaster) {
  const std::vector<std::uint64_t> counts = {1, 2, 3, 4, 5, 6, 7, 8};
  const RateProfile profile = RateProfile::from_counts(counts, 0, kS)
                                  .value()
                                  .squeezed({.from = 2 * kS, .around = 4 * kS, .to = 6 * kS, .factor = 4})
                                  .value();

  // Held at 3 from 2 s to 3.5 s, then 3 4 5 6 for a quarter second each, then held at 7 until 6 s.
  EXPECT_DOUBLE_EQ(profile.rate_at(2 * kS), 3);
  EXPECT_DOUBLE_EQ(profile.rate_at(3'600 * kMillisecond), 3);
  EXPECT_DOUBLE_EQ(profile.rate_at(3'750 * kMillisecond), 4);
  EXPECT_DOUBLE_EQ(profile.rate_at(4'000 * kMillisecond), 5);
  EXPECT_DOUBLE_EQ(profile.rate_at(4'250 * kMillisecond), 6);
  EXPECT_DOUBLE_EQ(profile.rate_at(4'500 * kMillisecond), 7);
  EXPECT_DOUBLE_EQ(profile.rate_at(5'999 * kMillisecond), 7);
  EXPECT_DOUBLE_EQ(profile.rate_at(7 * kS), 8);
  EXPECT_DOUBLE_EQ(profile.rate_at(8 * kS), 0);
  EXPECT_DOUBLE_EQ(profile.expected(2 * kS, 6 * kS), 3 * 1.5 + (3 + 4 + 5 + 6) * 0.25 + 7 * 1.5);
  EXPECT_DOUBLE_EQ(profile.expected(0, 100 * kS), 3 + 19.5 - 0.0 + 7 + 8);
}

TEST(RateProfileTest, TwoSqueezesDoNotDisturbEachOther) {
  const RateProfile slow = linear({{0, 0}, {1000 * kS, 1000}});
  const RateProfile once = slow.squeezed({100 * kS, 200 * kS, 250 * kS, 10}).value();
  const RateProfile twice = once.squeezed({500 * kS, 600 * kS, 700 * kS, 5}).value();

  for (Ticks t = 0; t <= 500; ++t) EXPECT_DOUBLE_EQ(twice.rate_at(t * kS), once.rate_at(t * kS));
  EXPECT_DOUBLE_EQ(twice.rate_at(590 * kS), 550);
  EXPECT_DOUBLE_EQ(twice.rate_at(701 * kS), 701);
}

TEST(RateProfileTest, SaysWhatIsWrong) {
  const auto points = [](std::vector<Point> p) {
    return error_of(RateProfile::from_points(p, RateProfile::Interpolation::kLinear));
  };
  EXPECT_EQ(points({}), "a profile needs a point");
  EXPECT_EQ(points({{0, 1}, {kS, -1}}), "point 2: the rate must be a number that is not negative");
  EXPECT_EQ(points({{0, 1}, {kS, 1}, {kS, 2}}), "point 3: times must increase");
  const RateProfile profile = RateProfile::constant(1);
  EXPECT_EQ(error_of(profile.scaled(-1)), "scale must be a number that is not negative");
  EXPECT_EQ(error_of(profile.squeezed({2, 1, 3, 2})), "squeeze: from, around and to must increase");
  EXPECT_EQ(error_of(profile.squeezed({1, 2, 3, 0.5})), "squeeze: factor must be at least 1");
  EXPECT_EQ(error_of(RateProfile::from_counts({}, 0, kS)), "a trace needs a row");
}

}  // namespace
}  // namespace sim
