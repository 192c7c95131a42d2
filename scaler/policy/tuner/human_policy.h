// HumanOperator: a person who raises the minReplicas of an HPA before each game and lowers it afterwards, now and then
// late, now and then not at all. A baseline for simulations: what a policy has to be better than.
//
// The person acts at drawn instants (shift_luck.h) and leaves the number alone in between. Raised is to the highest
// floor of the games that are on; lowered to what is left of these, or to `minReplicas`. A floor that nobody lowered
// stays until the next time that somebody lowers one. A write that fails is tried again at every round.
//
// Without `minReplicas`, lowered is to what the HPA had at first. Started when the HPA has the floor of a game, it
// cannot know what was there before, and lowers to 1. What fell due before the start is taken for done, but the floor
// of a game that is on is raised if it is missing.
//
// Not thread-safe; owned by one control loop.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "scaler/policy/policy.h"
#include "scaler/policy/policy_spec.h"
#include "scaler/policy/scaling/cron.h"
#include "scaler/policy/scaling/time_zone.h"
#include "scaler/policy/tuner/shift_luck.h"

namespace scaler {

class HumanPolicy final : public Policy {
 public:
  // REQUIRES: `spec.rules` is a HumanOperatorSpec that read_human() let through.
  HumanPolicy(const PolicySpec& spec, std::uint64_t seed);

  MetricNeeds needs() const override;
  Decision evaluate(const Observation& observation) override;
  void applied(const Decision& decision) override;
  void inherit(const Policy& previous) override;
  // The next instant at which the person acts, or was to act.
  std::optional<base::Time> next_wake(base::Time now) const override;

 private:
  enum class Deed { kRaise, kForgetToRaise, kLower, kForgetToLower };
  struct Action {
    base::Time at{};
    Deed deed = Deed::kRaise;
    std::size_t shift = 0;
    base::Time begins{};  // the game
    std::string why;
  };
  // A floor that was raised and not lowered yet.
  struct Floor {
    std::size_t shift = 0;
    base::Time begins{};
    bool left_behind = false;  // its lowering was forgotten
  };
  struct Course {
    ShiftSpec spec;
    std::optional<Cron> cron;
    std::optional<TimeZone> zone;
    std::optional<Game> next;  // the first game whose actions are not planned yet
  };

  std::optional<Game> game_after(const Course& course, base::Time begins) const;
  void begin(const HpaObservation& hpa, base::Time now);
  void remember_deeds(const HpaObservation& hpa, base::Time now);
  // Plans the games whose first action may come up before any later game is looked at.
  void plan(base::Time now);
  void plan_game(std::size_t shift, const Game& game);
  void add(Action action);
  void act(const Action& action, Decision& decision);
  int floor() const;
  void tell_shifts(Decision& decision) const;
  void write_floor(const HpaObservation& hpa, Decision& decision);

  const std::string name_;
  const std::string target_;
  const HumanOperatorSpec rules_;
  const base::Random person_;
  std::vector<Course> courses_;
  bool begun_ = false;           // with the first round
  std::optional<int> base_;      // the floor without a game, once it is known
  std::vector<Action> planned_;  // by time
  std::vector<Floor> floors_;
  std::optional<Action> undone_;  // acted, but not written yet
};

}  // namespace scaler
