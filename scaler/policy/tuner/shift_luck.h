// What becomes of one game of a HumanOperator: when the person raises the floor and when they lower it, or that they
// forget. Delays are lognormal, in whole seconds, from the planned instant.
//
// Pure: the same seed, names and game give the same luck, whatever the other shifts are.
#pragma once

#include <optional>
#include <string>

#include "common/base/random.h"
#include "common/base/time.h"
#include "scaler/policy/tuner/tuner_spec.h"

namespace scaler {

struct ShiftLuck {
  std::optional<base::Time> raises;  // nullopt: forgotten, or not before the planned end
  bool late = false;
  std::optional<base::Time> lowers;  // nullopt: forgotten, or there is nothing to lower
};

struct Game {
  base::Time begins{};
  base::Time raise_planned(const ShiftSpec& shift) const { return begins - shift.lead; }
  base::Time lower_planned(const ShiftSpec& shift) const { return begins + shift.duration; }
};

// `person` is the stream of the policy.
ShiftLuck draw_luck(const HumanOperatorSpec& spec, const ShiftSpec& shift, const Game& game,
                    const base::Random& person);

// By when after the planned end the floor is lowered, unless it is forgotten: six standard deviations.
base::Duration longest_lowering(const HumanOperatorSpec& spec);

}  // namespace scaler
