#include "scaler/policy/tuner/shift_luck.h"

#include <cmath>

namespace scaler {
namespace {

// A delay beyond this is as good as never; it keeps a wild draw within the range of the clock.
constexpr double kLongestDelaySeconds = 365.0 * 86'400.0;

base::Duration whole_seconds(double s) {
  return std::chrono::seconds(static_cast<std::int64_t>(s < kLongestDelaySeconds ? s : kLongestDelaySeconds));
}

base::Duration delay_of(base::Random& random, base::Duration median, double sigma) {
  return whole_seconds(random.lognormal(base::seconds(median), sigma));
}

}  // namespace

ShiftLuck draw_luck(const HumanOperatorSpec& spec, const ShiftSpec& shift, const Game& game,
                    const base::Random& person) {
  base::Random random =
      person.fork(shift.name).fork(static_cast<std::uint64_t>(game.begins.time_since_epoch().count()));
  // All lots are drawn, always in this order, so that one setting does not change what another one draws.
  const bool forgets = random.uniform() < spec.forgets_probability;
  const bool late = random.uniform() < spec.late_probability;
  const bool forgets_to_lower = random.uniform() < spec.forgets_to_lower_probability;
  const base::Duration reaction = delay_of(random, spec.reaction_median, spec.reaction_sigma);
  const base::Duration lateness = delay_of(random, spec.late_median, spec.reaction_sigma);
  const base::Duration lowering = delay_of(random, spec.reaction_median, spec.reaction_sigma);

  ShiftLuck luck;
  if (forgets) return luck;
  luck.late = late;
  const base::Time raises = game.raise_planned(shift) + (late ? lateness : reaction);
  const base::Time end = game.lower_planned(shift);
  if (raises >= end) return luck;  // nobody raises the floor for a game that is over
  luck.raises = raises;
  if (!forgets_to_lower) luck.lowers = end + lowering;
  return luck;
}

base::Duration longest_lowering(const HumanOperatorSpec& spec) {
  return whole_seconds(base::seconds(spec.reaction_median) * std::exp(6.0 * spec.reaction_sigma));
}

}  // namespace scaler
