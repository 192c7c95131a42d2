// A table that says how many replicas a total of one metric takes, for targets that are too slow to follow it.
//
// What is looked up is the total plus the surge that is expected while new pods start: total + perSecond * for. Below
// the first step the table has no opinion. Owned by one policy; not thread-safe.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "scaler/policy/scaling/scaling_spec.h"

namespace scaler {

class Ladder {
 public:
  // REQUIRES: the steps are strictly ascending, and there is at least one.
  explicit Ladder(LadderSpec spec) : spec_(std::move(spec)) {}

  const LadderSpec& spec() const { return spec_; }

  struct Answer {
    double looked_up = 0;
    std::optional<int> replicas;  // nullopt: below the first step
    std::string why;
  };
  // Remembers the step for the hysteresis of the next call.
  Answer ask(double total);

  void inherit(const Ladder& previous) { step_ = previous.step_; }

 private:
  // How many steps begin at or below `value`, each lowered by `part` of its `from`.
  std::size_t steps_below(double value, double part) const;

  LadderSpec spec_;
  std::size_t step_ = 0;  // how many steps were climbed in the last answer
};

}  // namespace scaler
