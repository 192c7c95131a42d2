#include "scaler/policy/tuner/human_policy.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "scaler/policy/policy_test_support.h"

namespace scaler {
namespace {

using namespace std::chrono_literals;
using testing::kStart;
using testing::utc;

constexpr base::Time kGame = kStart + 12h;

ShiftSpec shift(const std::string& name, base::Time at, int min) {
  ShiftSpec shift;
  shift.name = name;
  shift.at = at;
  shift.lead = 30min;
  shift.duration = 3h;
  shift.min_replicas = min;
  return shift;
}

// Nobody is late and nobody forgets, unless told.
HumanOperatorSpec human(std::vector<ShiftSpec> shifts) {
  HumanOperatorSpec spec;
  spec.shifts = std::move(shifts);
  spec.late_probability = 0;
  spec.forgets_probability = 0;
  return spec;
}

PolicySpec named(HumanOperatorSpec rules, const std::string& name = "human") {
  PolicySpec spec;
  spec.name = name;
  spec.target = {"autoscaling/v2", "HorizontalPodAutoscaler", "api-hpa"};
  spec.rules = std::move(rules);
  return spec;
}

// A night with one HPA: the policy is asked every 15 s and whenever it wants to be.
struct Night {
  explicit Night(HumanOperatorSpec rules, std::uint64_t seed = 1, int floor = 3)
      : policy(named(std::move(rules)), seed), min(floor) {}

  Decision ask(base::Time now) {
    Observation observation;
    observation.now = now;
    observation.hpa = HpaObservation{min, max, min, std::nullopt, std::nullopt};
    const Decision decision = policy.evaluate(observation);
    if (decision.final != decision.current && writes) {
      min = decision.final;
      policy.applied(decision);
      changes.push_back(decision);
    }
    EXPECT_EQ(testing::chain_fault(decision), "");
    if (!decision.note.empty()) notes.push_back(decision.note);
    return decision;
  }
  void run(base::Time from, base::Time until) {
    for (base::Time now = from; now <= until;) {
      ask(now);
      const auto wake = policy.next_wake(now);
      now = wake && *wake < now + 15s ? *wake : now + 15s;
    }
  }

  HumanPolicy policy;
  int min;
  int max = 1000;
  bool writes = true;
  std::vector<Decision> changes;
  std::vector<std::string> notes;
};

TEST(HumanPolicyTest, RaisesAfterThePlanAndLowersAfterTheEnd) {
  const HumanOperatorSpec rules = human({shift("final", kGame, 40)});
  Night night(rules);
  night.run(kStart, kStart + 24h);

  const ShiftLuck luck =
      draw_luck(rules, rules.shifts[0], {kGame}, base::Random(1).fork("HumanOperator").fork("default/human"));
  ASSERT_TRUE(luck.raises && luck.lowers);
  ASSERT_EQ(night.changes.size(), 2u);
  const Decision& raised = night.changes[0];
  EXPECT_EQ(raised.field, "minReplicas");
  EXPECT_EQ(raised.target, "default/api-hpa");
  EXPECT_EQ(raised.at, *luck.raises);
  EXPECT_GE(raised.at, kGame - 30min);
  EXPECT_EQ(raised.current, 3);
  EXPECT_EQ(raised.final, 40);
  ASSERT_EQ(raised.steps.size(), 1u);
  EXPECT_EQ(raised.steps[0].rule, "shift final");
  EXPECT_EQ(raised.steps[0].why.rfind("raised ", 0), 0u) << raised.steps[0].why;
  EXPECT_NE(raised.steps[0].why.find(" after the plan"), std::string::npos);
  const Decision& lowered = night.changes[1];
  EXPECT_EQ(lowered.at, *luck.lowers);
  EXPECT_GE(lowered.at, kGame + 3h);
  EXPECT_EQ(lowered.final, 3);
}

TEST(HumanPolicyTest, LowersToItsOwnMinimumIfItHasOne) {
  HumanOperatorSpec rules = human({shift("final", kGame, 40)});
  rules.min_replicas = 7;
  Night night(rules);
  night.run(kStart, kStart + 24h);

  EXPECT_EQ(night.min, 7);
  EXPECT_EQ(night.changes.size(), 2u);  // it is not touched before the first game
}

TEST(HumanPolicyTest, IsLateWhenTheLotFallsSo) {
  HumanOperatorSpec rules = human({shift("final", kGame, 40)});
  rules.late_probability = 1;
  rules.late_median = 90min;
  rules.reaction_sigma = 0.1;
  Night night(rules);
  night.run(kStart, kStart + 24h);

  ASSERT_EQ(night.changes.size(), 2u);
  EXPECT_GT(night.changes[0].at, kGame + 30min);
  EXPECT_EQ(night.changes[0].steps[0].why.rfind("late: raised ", 0), 0u);
}

TEST(HumanPolicyTest, TooLateIsNotAtAll) {
  HumanOperatorSpec rules = human({shift("final", kGame, 40)});
  rules.late_probability = 1;
  rules.late_median = 24h;
  rules.reaction_sigma = 0;
  Night night(rules);
  night.run(kStart, kStart + 48h);

  EXPECT_TRUE(night.changes.empty());
}

TEST(HumanPolicyTest, AForgottenGameIsToldAtItsPlan) {
  HumanOperatorSpec rules = human({shift("final", kGame, 40)});
  rules.forgets_probability = 1;
  Night night(rules);
  night.run(kStart, kStart + 24h);

  EXPECT_TRUE(night.changes.empty());
  ASSERT_EQ(night.notes.size(), 1u);
  EXPECT_EQ(night.notes[0], "shift final: forgotten, planned for 2026-01-01T11:30:00Z");
}

TEST(HumanPolicyTest, AFloorLeftBehindGoesWithTheNextOneThatIsLowered) {
  HumanOperatorSpec rules = human({shift("a", kGame, 40), shift("b", kGame + 24h, 20)});
  rules.forgets_to_lower_probability = 1;
  Night forgetful(rules);
  forgetful.run(kStart, kStart + 72h);
  EXPECT_EQ(forgetful.min, 40);
  EXPECT_EQ(forgetful.changes.size(), 1u);
  EXPECT_EQ(forgetful.notes.size(), 2u);

  // With a seed by which the first game's floor is forgotten and the second's is not.
  rules.forgets_to_lower_probability = 0.5;
  for (std::uint64_t seed = 1; seed < 100; ++seed) {
    const base::Random person = base::Random(seed).fork("HumanOperator").fork("default/human");
    const bool first = draw_luck(rules, rules.shifts[0], {kGame}, person).lowers.has_value();
    const bool second = draw_luck(rules, rules.shifts[1], {kGame + 24h}, person).lowers.has_value();
    if (first || !second) continue;
    Night night(rules, seed);
    night.run(kStart, kStart + 72h);
    ASSERT_EQ(night.changes.size(), 2u);
    EXPECT_EQ(night.changes[1].current, 40);
    EXPECT_EQ(night.changes[1].final, 3);
    EXPECT_GT(night.changes[1].at, kGame + 27h);
    return;
  }
  FAIL() << "no seed draws so";
}

TEST(HumanPolicyTest, GamesThatOverlapHoldTheHigherFloor) {
  Night night(human({shift("a", kGame, 40), shift("b", kGame + 1h, 20)}));
  night.run(kStart, kStart + 24h);

  ASSERT_EQ(night.changes.size(), 3u);
  EXPECT_EQ(night.changes[0].final, 40);
  EXPECT_EQ(night.changes[1].final, 20);
  EXPECT_EQ(night.changes[2].final, 3);
}

TEST(HumanPolicyTest, TheSameSeedGivesTheSameNightAndAnotherSeedAnother) {
  const auto night = [](std::uint64_t seed) {
    Night one(human({shift("final", kGame, 40)}), seed);
    one.run(kStart, kStart + 24h);
    return one.changes.at(0).at;
  };
  EXPECT_EQ(night(7), night(7));
  EXPECT_NE(night(7), night(8));
}

TEST(HumanPolicyTest, AShiftsLuckDoesNotHangOnTheOthers) {
  Night alone(human({shift("final", kGame, 40)}));
  Night among(human({shift("a", kGame - 6h, 10), shift("final", kGame, 40), shift("z", kGame + 6h, 10)}));
  alone.run(kStart, kStart + 24h);
  among.run(kStart, kStart + 24h);

  ASSERT_EQ(alone.changes.size(), 2u);
  ASSERT_EQ(among.changes.size(), 6u);
  EXPECT_EQ(among.changes[2].at, alone.changes[0].at);
  EXPECT_EQ(among.changes[3].at, alone.changes[1].at);
}

TEST(HumanPolicyTest, EveryGameOfACronHasItsOwnLuck) {
  ShiftSpec nightly = shift("nightly", kGame, 40);
  nightly.at.reset();
  nightly.cron = "30 19 * * *";
  nightly.time_zone = "Australia/Sydney";
  nightly.duration = 2h;
  Night night(human({nightly}));
  night.run(kStart, kStart + 5 * 24h);

  ASSERT_EQ(night.changes.size(), 10u);
  std::set<base::Duration> delays;
  for (std::size_t i = 0; i < 10; i += 2) {
    const base::Time plan = utc("2026-01-01T08:00:00Z") + (i / 2) * 24h;  // 19:00 in Sydney's summer
    EXPECT_GE(night.changes[i].at, plan);
    delays.insert(night.changes[i].at - plan);
  }
  EXPECT_EQ(delays.size(), 5u);
}

TEST(HumanPolicyTest, StartedDuringAGameThePersonHasActedOrActsInTime) {
  Night night(human({shift("final", kGame, 40)}));
  night.run(kGame + 1h, kGame + 5h);

  ASSERT_EQ(night.changes.size(), 2u);
  EXPECT_EQ(night.changes[0].at, kGame + 1h);
  EXPECT_EQ(night.min, 3);
}

TEST(HumanPolicyTest, RestartedDuringAGameThePersonKnowsOfItAndLowersAgain) {
  for (const bool has_minimum : {true, false}) {
    HumanOperatorSpec rules = human({shift("final", kGame, 40)});
    if (has_minimum) rules.min_replicas = 7;
    Night night(rules, 1, 40);
    night.run(kGame + 1h, kGame + 5h);

    ASSERT_EQ(night.changes.size(), 1u);
    EXPECT_GE(night.changes[0].at, kGame + 3h);
    EXPECT_EQ(night.min, has_minimum ? 7 : 1);  // what it was before nobody knows
  }
}

TEST(HumanPolicyTest, RestartedBetweenTheEndOfAGameAndItsLoweringThePersonStillLowers) {
  HumanOperatorSpec rules = human({shift("final", kGame, 40)});
  rules.min_replicas = 3;
  rules.reaction_median = 10min;
  const ShiftLuck luck =
      draw_luck(rules, rules.shifts[0], {kGame}, base::Random(1).fork("HumanOperator").fork("default/human"));
  ASSERT_TRUE(luck.lowers);
  ASSERT_GT(*luck.lowers, kGame + 3h + 1s);
  Night night(rules, 1, 40);
  night.run(kGame + 3h + 1s, kGame + 5h);

  ASSERT_EQ(night.changes.size(), 1u);
  EXPECT_EQ(night.changes[0].at, *luck.lowers);
  EXPECT_EQ(night.min, 3);
}

TEST(HumanPolicyTest, StartedAfterAGameThatNobodyRaisedForTheFloorIsLeftAlone) {
  HumanOperatorSpec rules = human({shift("final", kGame, 40)});
  rules.reaction_median = 10min;
  Night night(rules);
  night.run(kGame + 3h + 1s, kGame + 5h);

  EXPECT_TRUE(night.changes.empty());
}

TEST(HumanPolicyTest, WhatWasForgottenBeforeTheStartIsNotToldAnew) {
  HumanOperatorSpec rules = human({shift("final", kGame, 40)});
  rules.forgets_probability = 1;
  Night night(rules);
  night.run(kGame + 1h, kGame + 5h);

  EXPECT_TRUE(night.changes.empty());
  EXPECT_TRUE(night.notes.empty());
}

TEST(HumanPolicyTest, AnEditedPersonGoesOnAndKnowsTheFloorWithoutAGame) {
  HumanOperatorSpec rules = human({shift("final", kGame, 40)});
  Night before(rules);
  before.run(kStart, kGame);
  ASSERT_EQ(before.min, 40);
  rules.shifts.push_back(shift("encore", kGame + 24h, 60));
  Night heir(rules, 1, 40);
  heir.policy.inherit(before.policy);
  heir.run(kGame + 15s, kGame + 48h);

  ASSERT_EQ(heir.changes.size(), 3u);
  EXPECT_EQ(heir.changes[0].final, 3);
  EXPECT_EQ(heir.changes[1].final, 60);
  EXPECT_EQ(heir.changes[2].final, 3);
}

TEST(HumanPolicyTest, AnEditThatRaisesTheFloorOfAGameThatIsOnRaisesItAtOnce) {
  HumanOperatorSpec rules = human({shift("final", kGame, 40)});
  Night before(rules);
  before.run(kStart, kGame);
  rules.shifts[0].min_replicas = 60;
  Night heir(rules, 1, 40);
  heir.policy.inherit(before.policy);
  heir.run(kGame + 15s, kGame + 48h);

  ASSERT_EQ(heir.changes.size(), 2u);
  EXPECT_EQ(heir.changes[0].at, kGame + 15s);
  EXPECT_EQ(heir.changes[0].final, 60);
  EXPECT_EQ(heir.changes[1].final, 3);
}

TEST(HumanPolicyTest, AWriteThatFailsIsTriedAgain) {
  Night night(human({shift("final", kGame, 40)}));
  night.writes = false;
  night.run(kStart, kGame);
  EXPECT_EQ(night.ask(kGame + 1s).final, 40);
  night.writes = true;
  night.ask(kGame + 2s);
  EXPECT_EQ(night.min, 40);
}

TEST(HumanPolicyTest, InBetweenTheNumberIsLeftAlone) {
  Night night(human({shift("final", kGame, 40)}));
  night.run(kStart, kGame);
  ASSERT_EQ(night.min, 40);
  night.min = 12;  // somebody else's
  night.run(kGame + 15s, kGame + 2h);

  EXPECT_EQ(night.min, 12);
}

TEST(HumanPolicyTest, StaysWithinTheHpasMaximum) {
  Night night(human({shift("final", kGame, 40)}));
  night.max = 30;
  night.run(kStart, kGame);

  ASSERT_EQ(night.changes.size(), 1u);
  EXPECT_EQ(night.min, 30);
  EXPECT_EQ(testing::steps_of(night.changes[0]), "shift final 3>40; hpa.maxReplicas 40>30");
}

TEST(HumanPolicyTest, WithoutTheHpaThereIsNoDecision) {
  HumanPolicy policy(named(human({shift("final", kGame, 40)})), 1);
  Observation observation;
  observation.now = kStart;

  const Decision decision = policy.evaluate(observation);

  EXPECT_EQ(decision.final, decision.current);
  EXPECT_NE(decision.error, "");
}

TEST(ShiftLuckTest, DelaysAndLotsHaveTheirDistribution) {
  HumanOperatorSpec rules;
  rules.late_probability = 0.1;
  rules.forgets_probability = 0.02;
  rules.forgets_to_lower_probability = 0.25;
  rules.late_median = 15min;
  const ShiftSpec final = shift("final", kGame, 40);
  const base::Random person(42);
  const int games = 20'000;
  int forgotten = 0;
  int late = 0;
  int left_behind = 0;
  int in_two_minutes = 0;
  int raised_in_time = 0;
  for (int i = 0; i < games; ++i) {
    const Game game{kGame + i * 24h};
    const ShiftLuck luck = draw_luck(rules, final, game, person);
    if (!luck.raises) {
      ++forgotten;
      continue;
    }
    late += luck.late ? 1 : 0;
    left_behind += luck.lowers ? 0 : 1;
    if (luck.late) continue;
    ++raised_in_time;
    in_two_minutes += *luck.raises < game.raise_planned(final) + 2min ? 1 : 0;
  }
  // Four standard errors of a binomial share.
  const auto near = [](int count, int of, double share) {
    return std::abs(count - share * of) <= 4 * std::sqrt(share * (1 - share) * of);
  };
  EXPECT_TRUE(near(forgotten, games, 0.02)) << forgotten;
  EXPECT_TRUE(near(late, games - forgotten, 0.1)) << late;
  EXPECT_TRUE(near(left_behind, games - forgotten, 0.25)) << left_behind;
  EXPECT_TRUE(near(in_two_minutes, raised_in_time, 0.5)) << in_two_minutes;
}

}  // namespace
}  // namespace scaler
